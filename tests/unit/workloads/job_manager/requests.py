"""The requests for the job `night` and the answers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unit.workloads.stub import streamed
from workloads.job_machine import SUBMISSION

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

TAGS = {"job-manager/bucket": "bucket", "job-manager/job": "night"}
HOME = {"Bucket": "bucket", "Prefix": "jobs/night/", "MaxKeys": 1}
SCRIPT, INSTANCE, RESULT = (
    {"Bucket": "bucket", "Key": f"jobs/night/{name}"}
    for name in ("script", "instance", "result.json")
)
PATIENCE = {"Delay": 0.5, "MaxAttempts": 3}


def describe(instance: str | None = None, submission: str | None = None) -> dict[str, Any]:
    """Return the request for the instances of the job."""
    tags = {**TAGS, **({SUBMISSION: submission} if submission else {})}
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
    return {"Filters": filters, **({"InstanceIds": [instance]} if instance else {})}


def shown(name: str, state: str, tags: dict[str, str] = TAGS) -> dict[str, Any]:
    """Return the description of an instance."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"InstanceId": name, "State": {"Name": state}, "Tags": pairs}


def expect_instances(ec2: Stub, *found: dict[str, Any], instance: str | None = None) -> None:
    """Answer with these instances, each in its own reservation, the first of which is empty."""
    reservations = [{"Instances": []}, *({"Instances": [each]} for each in found)]
    ec2.answers("describe_instances", describe(instance), {"Reservations": reservations})


def expect_object(s3: Stub, place: dict[str, str], content: bytes | None) -> None:
    """Answer with the content of an object, or say that there is none."""
    if content is None:
        s3.refuses("get_object", place, "NoSuchKey")
    else:
        s3.answers("get_object", place, {"Body": streamed(content)})
