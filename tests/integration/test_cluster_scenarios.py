"""Whole runs against moto's server, over sockets: as the matrix runs them."""

from __future__ import annotations

from typing import Any

import pytest

from integration.conftest import session_of_eks
from workloads import scenarios_cluster


@pytest.fixture(scope="module")
def session() -> Any:
    return session_of_eks()


def test_a_cluster_from_its_creation_to_its_end(session: Any, server: str) -> None:
    assert scenarios_cluster.run_cluster_provider(session, server) == {
        "created": ["ACTIVE", ["workers"]],
        "same again": True,
        "subnets": 2,
        "listed": True,
        "roles of the service account": ["NAME-us-east-1-default-loader"],
        "jobs": [1, [["one", "running"], ["two", "stopped"]]],
        "cancelled": ["cancelled", "running"],
        "a job that is not": "NotFound",
        "after": [False, "NotFound"],
    }


def test_a_job_from_its_submission_to_its_end(session: Any, server: str) -> None:
    assert scenarios_cluster.run_job_manager(session, server) == {
        "before": [False, False],
        "submitted": [True, True],
        "states": ["running", "stopped", "running"],
        "ended": ["failed", 3],
        "logs": ["epoch 1", "epoch 2", "epoch 3 \u2713"],
        "deleted": [False, "NoSuchJob"],
    }


def test_a_run_with_a_given_name_can_be_repeated(session: Any, server: str) -> None:
    first = scenarios_cluster.run_job_manager(session, server, name="again")
    assert scenarios_cluster.run_job_manager(session, server, name="again") == first
