"""The key pair through which the owner of a cluster logs in to its nodes."""

from __future__ import annotations

from functools import partial
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.making import Thing
from workloads.cluster.tagging import Births
from workloads.cluster.tags import owned_by
from workloads.cluster.undo import Undo


class KeyPairs:
    """Make public keys known to EC2, and forget those; the private ones never leave their owner."""

    def __init__(self, ec2: Any, call: Calls) -> None:
        self._ec2 = ec2
        self._call = call
        self._births = Births(ec2, call)

    def ensure(self, cluster: str, name: str, public_key: str, undo: Undo) -> None:
        """Make the key pair of a cluster; one of that name stays, whoever made it."""
        named = {"Name": "key-name", "Values": [name]}
        if self._found(named):
            return
        self._births.make(
            Thing("key pair", name, partial(self._found, named, owned_by(cluster)), self._delete),
            cluster,
            undo,
            "import_key_pair",
            lambda answer: answer["KeyName"],
            tagged_by=self._id,
            KeyName=name,
            PublicKeyMaterial=public_key.encode("ascii"),
        )

    def delete(self, cluster: str) -> None:
        """Forget the key pair that was made for a cluster, if there is one."""
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
