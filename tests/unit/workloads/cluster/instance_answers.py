"""What EC2 answers of the instance of a job."""

from __future__ import annotations

from typing import Any

from workloads.cluster.jobs import JOB, OUTCOME

ID = {"InstanceIds": ["i-1"]}


def instance(state: str, outcome: str | None = None, name: str = "night") -> dict[str, Any]:
    tags = [{"Key": JOB, "Value": name}]
    if outcome is not None:
        tags.append({"Key": OUTCOME, "Value": outcome})
    return {"InstanceId": "i-1", "State": {"Name": state}, "Tags": tags}


def found(*instances: dict[str, Any]) -> dict[str, Any]:
    return {"Reservations": [{"Instances": [each]} for each in instances]}
