"""Things of EC2 that have the tag of their cluster from the moment they are made."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

from workloads.cluster.calls import Calls
from workloads.cluster.errors import NotFound, NotYet
from workloads.cluster.making import Thing, make
from workloads.cluster.tags import tags_of
from workloads.cluster.undo import Undo


class Births:
    """Make things of EC2 for a cluster, by whose tag they are found again.

    A botocore before 1.17.15 does not know how. Then they get it in a call of their own; and what
    got none, as an answer was lost or an interrupt came between the two, is not found again.
    """

    def __init__(self, ec2: Any, call: Calls) -> None:
        self._ec2 = ec2
        self._call = call
        # EC2 does not find at once what it has made.
        self._change = partial(call.despite, (NotFound, NotYet))

    def make(
        self,
        thing: Thing,
        cluster: str,
        undo: Undo,
        operation: str,
        made: Callable[[Any], str],
        *,
        tagged_by: Callable[[str], str] = str,
        **parameters: Any,
    ) -> str:
        """Make a thing that is not there, and return its id, which `made` takes from the answer.

        `tagged_by` returns the id by which EC2 tags it, if that is another one.
        """
        at_birth = self._at_birth(operation, thing.kind.replace(" ", "-"), cluster)

        def create() -> str:
            answer = getattr(self._ec2, operation)(**parameters, **at_birth)
            return made(answer)

        found = make(thing, create, undo, self._call, self._change)
        if not at_birth:
            resource = tagged_by(found)
            self._change(self._ec2.create_tags, Resources=[resource], Tags=tags_of(cluster))
        return found

    def _at_birth(self, operation: str, kind: str, cluster: str) -> dict[str, Any]:
        meta = self._ec2.meta
        model = meta.service_model.operation_model(meta.method_to_api_mapping[operation])
        if "TagSpecifications" not in model.input_shape.members:
            return {}
        return {"TagSpecifications": [{"ResourceType": kind.lower(), "Tags": tags_of(cluster)}]}
