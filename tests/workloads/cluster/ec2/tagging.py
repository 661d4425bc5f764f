"""Resources of EC2 that carry the tag of their cluster from their creation."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

from workloads.cluster.calls import Calls
from workloads.cluster.creation import Resource, create_once
from workloads.cluster.errors import NotFound, NotYet
from workloads.cluster.spec import check_name
from workloads.cluster.undo import Undo

OWNER = "cluster-provider/cluster"  # the tag that names the cluster


def owned_by(cluster: str) -> dict[str, Any]:
    """Return the filter that finds the resources of a cluster."""
    check_name("cluster", cluster)
    return {"Name": f"tag:{OWNER}", "Values": [cluster]}


def tags_of(cluster: str) -> list[dict[str, str]]:
    """Return the tags of a cluster's resources."""
    return [{"Key": OWNER, "Value": cluster}, {"Key": "Name", "Value": cluster}]


class TaggedResources:
    """Create resources of EC2 with the tag by which the cluster finds them again.

    A botocore before 1.17.15 cannot send tags with the creation, so a second call adds them. A
    resource whose second call is lost or interrupted is not found again.
    """

    def __init__(self, ec2: Any, call: Calls) -> None:
        self._ec2 = ec2
        self._call = call
        # For a moment EC2 does not find what it has just created.
        self._change = partial(call.retry_on, (NotFound, NotYet))

    def create(
        self,
        resource: Resource,
        cluster: str,
        undo: Undo,
        operation: str,
        id_in: Callable[[Any], str],
        *,
        tagged_by: Callable[[str], str] = str,
        **parameters: Any,
    ) -> str:
        """Create a resource that does not exist, and return its id, which `id_in` reads.

        `tagged_by` returns the id that EC2 wants for tagging, if that is another one.
        """
        tags = self._tags_at_creation(operation, resource.kind.replace(" ", "-"), cluster)

        def create() -> str:
            return id_in(getattr(self._ec2, operation)(**parameters, **tags))

        found = create_once(resource, create, undo, self._call, self._change)
        if not tags:
            tagged = tagged_by(found)
            self._change(self._ec2.create_tags, Resources=[tagged], Tags=tags_of(cluster))
        return found

    def _tags_at_creation(self, operation: str, kind: str, cluster: str) -> dict[str, Any]:
        meta = self._ec2.meta
        model = meta.service_model.operation_model(meta.method_to_api_mapping[operation])
        if "TagSpecifications" not in model.input_shape.members:
            return {}
        return {"TagSpecifications": [{"ResourceType": kind.lower(), "Tags": tags_of(cluster)}]}
