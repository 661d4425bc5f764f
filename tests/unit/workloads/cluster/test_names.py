"""Names that EC2 takes for those of many: it knows wildcards."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from workloads.cluster.documents import allowed
from workloads.cluster.jobs import JobSpec
from workloads.cluster_provider import ClusterProvider

OF_A_CLUSTER: list[Callable[[ClusterProvider, str], Any]] = [
    lambda provider, name: provider.describe(name),
    lambda provider, name: provider.network(name),
    lambda provider, name: provider.ensure_policy(name, "reads", allowed("s3:GetObject")),
    lambda provider, name: provider.service_account(name, "web", "loader", allowed("s3:Get*")),
    lambda provider, name: provider.operators(name, "arn:aws:iam::123456789012:root"),
    lambda provider, name: provider.submit(name, JobSpec("night", "true", "ami-1")),
    lambda provider, name: provider.job(name, "night"),
    lambda provider, name: provider.jobs(name),
    lambda provider, name: provider.wait_for(name, "night"),
    lambda provider, name: provider.cancel(name, "night"),
    lambda provider, name: provider.delete(name),
]
OF_A_JOB: list[Callable[[ClusterProvider, str], Any]] = [
    lambda provider, name: provider.submit("c", JobSpec(name, "true", "ami-1")),
    lambda provider, name: provider.job("c", name),
    lambda provider, name: provider.wait_for("c", name),
    lambda provider, name: provider.cancel("c", name),
]


@pytest.mark.parametrize("name", ["*", "trainin?", ""])
@pytest.mark.parametrize(
    ("kind", "act"),
    [*(("cluster", act) for act in OF_A_CLUSTER), *(("job", act) for act in OF_A_JOB)],
)
def test_what_may_stand_for_many_names_is_refused_before_anything_is_asked(
    provider: ClusterProvider,
    name: str,
    kind: str,
    act: Callable[[ClusterProvider, str], Any],
) -> None:
    with pytest.raises(ValueError, match=rf"^'.*' cannot be the name of a {kind}\. Choose"):
        act(provider, name)
