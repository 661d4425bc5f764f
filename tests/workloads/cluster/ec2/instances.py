"""Find, start, stop and terminate instances of EC2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.errors import NotFound


class Instances:
    """Find, start, stop and terminate instances; each call returns when that is done."""

    def __init__(self, ec2: Any, call: Calls) -> None:
        self._ec2 = ec2
        self._call = call

    def find(self, tags: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the instances that have all of these tags, in any state.

        In a value, `*` and `?` are wildcards of EC2.
        """
        asked = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
        return self._call.list_all(
            self._ec2, "describe_instances", "Reservations[].Instances[]", Filters=asked
        )

    def describe(self, instance: str) -> dict[str, Any]:
        """Describe an instance."""
        answer = self._call(self._ec2.describe_instances, InstanceIds=[instance])
        for reservation in answer["Reservations"]:
            for found in reservation["Instances"]:
                return dict(found)
        raise NotFound(f"There is no instance {instance}.")

    def start(self, instance: str) -> None:
        """Start a stopped instance."""
        self._call(self._ec2.start_instances, InstanceIds=[instance])
        self._call.wait_until(self._ec2, "instance_running", InstanceIds=[instance])

    def stop(self, instance: str) -> None:
        """Stop an instance; its disk is kept."""
        self._call(self._ec2.stop_instances, InstanceIds=[instance])
        self._call.wait_until(self._ec2, "instance_stopped", InstanceIds=[instance])

    def terminate(self, *instances: str) -> None:
        """Terminate instances."""
        self._call(self._ec2.terminate_instances, InstanceIds=[*instances])
        self._call.wait_until(self._ec2, "instance_terminated", InstanceIds=[*instances])
