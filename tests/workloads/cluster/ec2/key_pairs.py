"""The key pair with which the owner of a cluster logs in to its nodes."""

from __future__ import annotations

from functools import partial
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.creation import Resource
from workloads.cluster.ec2.tagging import TaggedResources, owned_by
from workloads.cluster.undo import Undo


class KeyPairs:
    """Import public keys into EC2, and delete them."""

    def __init__(self, ec2: Any, call: Calls) -> None:
        self._ec2 = ec2
        self._call = call
        self._tagged = TaggedResources(ec2, call)

    def ensure(self, cluster: str, name: str, public_key: str, undo: Undo) -> None:
        """Import the key pair of a cluster, unless one of that name exists."""
        named = {"Name": "key-name", "Values": [name]}
        if self._found(named):
            return
        self._tagged.create(
            Resource(
                "key pair", name, partial(self._found, named, owned_by(cluster)), self._delete
            ),
            cluster,
            undo,
            "import_key_pair",
            lambda answer: answer["KeyName"],
            tagged_by=self._id,
            KeyName=name,
            PublicKeyMaterial=public_key.encode("ascii"),
        )

    def delete(self, cluster: str) -> None:
        """Delete the key pair that was imported for a cluster, if there is one."""
        for name in self._found(owned_by(cluster)):
            self._delete(name)

    def _found(self, *filters: dict[str, Any]) -> list[str]:
        answer = self._call(self._ec2.describe_key_pairs, Filters=[*filters])
        return [pair["KeyName"] for pair in answer["KeyPairs"]]

    def _id(self, name: str) -> str:
        answer = self._call(self._ec2.describe_key_pairs, KeyNames=[name])
        return str(answer["KeyPairs"][0]["KeyPairId"])

    def _delete(self, name: str) -> None:
        self._call(self._ec2.delete_key_pair, KeyName=name)
