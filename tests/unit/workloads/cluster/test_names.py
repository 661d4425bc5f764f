"""Names that EC2 takes for wildcards are refused before any request."""

from __future__ import annotations

from typing import Any, Callable
from unittest import mock

import pytest

from workloads.cluster.iam.documents import allowed
from workloads.cluster.jobs import JobSpec
from workloads.cluster_provider import ClusterProvider

Act = Callable[[ClusterProvider, str], Any]
OF_A_CLUSTER: list[Act] = [
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
OF_A_JOB: list[Act] = [
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
def test_a_name_that_could_match_others_is_refused(name: str, kind: str, act: Act) -> None:
    client = mock.Mock()
    client.meta.region_name = "us-east-1"
    provider = ClusterProvider(mock.Mock(**{"client.return_value": client}))
    with pytest.raises(ValueError, match=rf"^'.*' cannot be the name of a {kind}\. Choose"):
        act(provider, name)
    assert client.mock_calls == []
