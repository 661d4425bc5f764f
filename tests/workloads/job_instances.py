"""Find the instances of jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

FORGOTTEN = "InvalidInstanceID.NotFound"
_LIVE = {"pending", "running", "stopping", "stopped"}


class JobInstances:
    """Find instances by their tags; one without all of the tags is never returned."""

    def __init__(self, ec2: Any) -> None:
        self._ec2 = ec2

    def live(self, tags: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the instances that are not terminated."""
        return [each for each in self._tagged(tags) if each["State"]["Name"] in _LIVE]

    def known_as(self, instance: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the instance with this id in any state, if EC2 still knows it."""
        try:
            return self._tagged(tags, InstanceIds=[instance])
        except ClientError as error:
            if error.response["Error"]["Code"] == FORGOTTEN:
                return []
            raise

    def _tagged(self, tags: Mapping[str, str], **more: Any) -> list[dict[str, Any]]:
        asked = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
        pages = self._ec2.get_paginator("describe_instances").paginate(Filters=asked, **more)
        found = [
            instance
            for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
        ]
        # The caller may terminate it, so its tags are compared exactly: EC2 filters by wildcards.
        return [each for each in found if tags.items() <= _tags_of(each).items()]


def _tags_of(instance: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
