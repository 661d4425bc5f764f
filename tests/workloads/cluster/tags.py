"""The tag that says to which cluster a thing of EC2 belongs."""

from __future__ import annotations

from typing import Any

from workloads.cluster.spec import check_name

OWNER = "cluster-provider/cluster"


def owned_by(cluster: str) -> dict[str, Any]:
    """Return the filter that finds what belongs to a cluster."""
    check_name("cluster", cluster)
    return {"Name": f"tag:{OWNER}", "Values": [cluster]}


def tags_of(cluster: str) -> list[dict[str, str]]:
    """Return the tags of what belongs to a cluster."""
    return [{"Key": OWNER, "Value": cluster}, {"Key": "Name", "Value": cluster}]
