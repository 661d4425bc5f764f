"""What EC2 is asked for the instances of the job `night`, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

TAGS = {"job-manager/bucket": "bucket", "job-manager/job": "night"}


def asked(instance: str | None = None, **more: str) -> dict[str, Any]:
    """Ask for all of the job, or for the one of an id."""
    tags = {**TAGS, **more}
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
    return {"Filters": filters, **({"InstanceIds": [instance]} if instance else {})}


def shown(name: str, state: str, tags: dict[str, str] = TAGS) -> dict[str, Any]:
    """Describe an instance."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"InstanceId": name, "State": {"Name": state}, "Tags": pairs}


def expect_look(ec2: Stub, *found: dict[str, Any], instance: str | None = None) -> None:
    """Answer a look at the instances of the job, each in a reservation of its own."""
    answer = {"Reservations": [{"Instances": [each]} for each in found]}
    ec2.answers("describe_instances", asked(instance), answer)
