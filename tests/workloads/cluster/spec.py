"""The specification of a cluster, validated when it is created."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

_AWS = "arn:aws:iam::aws:policy"
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,37}")  # with room for a region, and -operators


def check_name(kind: str, name: str) -> None:
    """Refuse a name of a cluster or a job that EC2 could take for a wildcard."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot be the name of a {kind}. Choose up to 38 letters, digits and dashes,"
            " of which the first is a letter."
        )


@dataclass(frozen=True)
class NodeGroupSpec:
    """The nodes of a cluster: `at_least` to `at_most`, and `nodes` at first."""

    name: str = "workers"
    instance_type: str = "t3.medium"
    nodes: int = 2
    at_least: int = 1
    at_most: int = 4
    disk: int = 20
    labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.at_least <= self.nodes <= self.at_most:
            raise ValueError(
                f"A node group of {self.nodes} is not between {self.at_least} and"
                f" {self.at_most}. Choose at_least <= nodes <= at_most."
            )

    @property
    def scaling(self) -> dict[str, int]:
        """The sizes as EKS names them."""
        return {"minSize": self.at_least, "maxSize": self.at_most, "desiredSize": self.nodes}


@dataclass(frozen=True)
class ClusterSpec:
    """A cluster with its own network. The owner of `public_key` may log in to the nodes."""

    name: str
    nodes: NodeGroupSpec = field(default_factory=NodeGroupSpec)
    version: str | None = None
    cidr: str = "10.0.0.0/16"
    zones: int = 2  # EKS wants two at least
    public_key: str | None = None
    logs: tuple[str, ...] = ()
    cluster_policies: tuple[str, ...] = (f"{_AWS}/AmazonEKSClusterPolicy",)
    node_policies: tuple[str, ...] = (
        f"{_AWS}/AmazonEKSWorkerNodePolicy",
        f"{_AWS}/AmazonEKS_CNI_Policy",
        f"{_AWS}/AmazonEC2ContainerRegistryReadOnly",
    )

    def __post_init__(self) -> None:
        check_name("cluster", self.name)
        if len(self.subnets()) < self.zones:
            raise ValueError(
                f"{self.cidr} has no room for subnets in {self.zones} zones. Choose a network of"
                " more addresses, like 10.0.0.0/16."
            )

    @property
    def key_pair(self) -> str:
        """The name of the key pair, prefixed because the plain name may exist already."""
        return f"cluster-provider-{self.name}"

    def subnets(self) -> list[str]:
        """Return the address blocks of the subnets, one for each zone."""
        whole = ipaddress.ip_network(self.cidr)
        parts = whole.subnets(new_prefix=max(24, whole.prefixlen))
        return [str(part) for _, part in zip(range(self.zones), parts)]
