"""The specification of a cluster: its subnets, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from workloads.cluster.spec import ClusterSpec, NodeGroupSpec


@pytest.mark.parametrize("name", ["", "1st", "a_b", "x" * 39, "a b"])
def test_an_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a cluster"):
        ClusterSpec(name)


@pytest.mark.parametrize(
    ("cidr", "zones", "subnets"),
    [
        ("10.0.0.0/16", 2, ["10.0.0.0/24", "10.0.1.0/24"]),
        ("192.168.0.0/22", 3, ["192.168.0.0/24", "192.168.1.0/24", "192.168.2.0/24"]),
        ("192.168.0.0/28", 1, ["192.168.0.0/28"]),
    ],
)
def test_each_zone_has_a_subnet(cidr: str, zones: int, subnets: list[str]) -> None:
    assert ClusterSpec("c", cidr=cidr, zones=zones).subnets() == subnets


def test_a_network_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/24 has no room for subnets in 2 zones"):
        ClusterSpec("c", cidr="10.0.0.0/24")


@pytest.mark.parametrize(
    "sizes",
    [{"nodes": 9}, {"nodes": 0}, {"at_least": -1}, {"at_least": 3}, {"at_most": 1}],
)
def test_nodes_out_of_their_bounds_are_refused(sizes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Choose at_least <= nodes <= at_most"):
        NodeGroupSpec(**sizes)
