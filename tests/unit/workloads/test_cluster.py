"""What moto cannot show of clusters: states that last, updates, and refusals."""

from __future__ import annotations

from typing import Any, Callable
from unittest import mock

import pytest

from unit.workloads.stub import Stub
from workloads.cluster import errors
from workloads.cluster.calls import Calls
from workloads.cluster.clusters import Clusters
from workloads.cluster.ec2.network import Network
from workloads.cluster.ec2.tagging import owned_by
from workloads.cluster.jobs import JOB, OUTCOME, Jobs, JobSpec
from workloads.cluster.spec import ClusterSpec, NodeGroupSpec
from workloads.cluster.undo import Undo
from workloads.cluster_provider import ClusterProvider

NETWORK = Network("vpc-1", ("subnet-1", "subnet-2"), "sg-1")
CLUSTER = {"name": "c"}
OF_CLUSTER = {"Filters": [owned_by("c")]}
OF_JOB = {"Filters": [owned_by("c"), {"Name": f"tag:{JOB}", "Values": ["night"]}]}
ID = {"InstanceIds": ["i-1"]}
OTHERS = ["audit", "authenticator", "controllerManager", "scheduler"]

# Specifications and names.


@pytest.mark.parametrize(
    ("make", "message"),
    [
        *(
            (lambda name=name: ClusterSpec(name), "the name of a cluster")
            for name in ("1st", "a_b")
        ),
        (lambda: ClusterSpec("c", cidr="10.0.0.0/24"), "has no room for subnets in 2 zones"),
        (lambda: NodeGroupSpec(nodes=9), "Choose at_least <= nodes <= at_most"),
        (lambda: JobSpec("*", "true", "ami-1"), "the name of a job"),
        (lambda: JobSpec("n", "x" * 16384, "ami-1").user_data("eu"), "of which EC2 takes 16384"),
    ],
)
def test_a_specification_that_aws_would_refuse_is_refused(
    make: Callable[[], Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("describe", ["*"]),
        ("network", ["*"]),
        ("ensure_policy", ["*", "reads", {}]),
        ("service_account", ["*", "web", "loader", {}]),
        ("operators", ["*", "arn:aws:iam::123456789012:root"]),
        ("submit", ["*", JobSpec("night", "true", "ami-1")]),
        *((method, ["*", "night"]) for method in ("job", "wait_for", "cancel")),
        *((method, ["c", "trainin?"]) for method in ("job", "wait_for", "cancel")),
        ("jobs", ["*"]),
        ("delete", ["*"]),
    ],
)
def test_a_name_that_ec2_takes_for_a_wildcard_is_refused(method: str, arguments: list[Any]) -> None:
    client = mock.Mock()
    client.meta.region_name = "us-east-1"
    provider = ClusterProvider(mock.Mock(**{"client.return_value": client}))
    with pytest.raises(ValueError, match=r"^'.*' cannot be the name of a (cluster|job)\. Choose"):
        getattr(provider, method)(*arguments)
    assert client.mock_calls == []


# Clusters and their network.


def active(*logs: str) -> dict[str, Any]:
    logging = {"clusterLogging": [{"types": [*logs], "enabled": True}]}
    tags = {"created-by": "cluster-provider"}
    return {"cluster": {"status": "ACTIVE", "tags": tags, "logging": logging}}


def updated(status: str, *reasons: str) -> dict[str, Any]:
    return {"update": {"status": status, "errors": [{"errorMessage": each} for each in reasons]}}


@pytest.mark.parametrize(
    ("found", "changed", "update", "message"),
    [
        ("api", False, {}, ""),
        ("audit", True, updated("Successful"), ""),
        ("audit", True, updated("Failed", "no access", "no room"), "is Failed: no access; no room"),
        ("audit", True, updated("Cancelled"), "c is Cancelled: EKS gives no reason"),
    ],
)
def test_logs_are_changed_if_they_differ_and_the_update_is_followed(
    eks: Stub, call: Calls, found: str, changed: bool, update: dict[str, Any], message: str
) -> None:
    eks.answers("describe_cluster", CLUSTER, active(found), active(found))
    if changed:
        changes = [{"types": ["api"], "enabled": True}, {"types": OTHERS, "enabled": False}]
        asked = {**CLUSTER, "logging": {"clusterLogging": changes}}
        eks.refuses("update_cluster_config", asked, "ResourceInUseException")
        eks.answers("update_cluster_config", asked, {"update": {"id": "u-1"}})
        followed = {**CLUSTER, "updateId": "u-1"}
        eks.refuses("describe_update", followed, "ResourceNotFoundException")
        eks.answers("describe_update", followed, updated("InProgress"), update)
    clusters, spec = Clusters(eks.client, call), ClusterSpec("c", logs=("api",))
    if message:
        with pytest.raises(errors.NotReady, match=message):
            clusters.ensure(spec, "role", NETWORK, Undo())
    else:
        clusters.ensure(spec, "role", NETWORK, Undo())


# Jobs.


def instance(state: str, outcome: str | None = None) -> dict[str, Any]:
    tags = [{"Key": JOB, "Value": "night"}]
    tags += [{"Key": OUTCOME, "Value": outcome}] if outcome else []
    return {"InstanceId": "i-1", "State": {"Name": state}, "Tags": tags}


def found(*instances: dict[str, Any]) -> dict[str, Any]:
    return {"Reservations": [{"Instances": [each]} for each in instances]}


@pytest.mark.parametrize(
    ("state", "outcome", "status", "steps"),
    [
        ("pending", None, "waiting", ["tag", "terminate"]),
        ("stopping", None, "stopped", ["tag", "terminate"]),
        ("shutting-down", "succeeded", "succeeded", []),
        ("running", "failed", "failed", ["terminate"]),  # an outcome that is known is kept
        ("running", "cancelled", "running", ["terminate"]),  # a termination that was refused
        ("terminated", "cancelled", "cancelled", []),
        ("terminated", None, "lost", []),
    ],
)
def test_a_job_has_the_outcome_or_the_state_of_its_instance_and_can_be_cancelled(
    ec2: Stub, call: Calls, state: str, outcome: str | None, status: str, steps: list[str]
) -> None:
    jobs = Jobs(ec2.client, call, "c")
    bare = {**instance("running"), "Tags": []}  # not of a job
    ec2.answers("describe_instances", OF_CLUSTER, found(bare, instance(state, outcome)))
    assert jobs.all() == {"night": status}
    ec2.answers("describe_instances", OF_JOB, found(instance(state, outcome)))
    if "tag" in steps:
        tags = [{"Key": OUTCOME, "Value": "cancelled"}]
        ec2.answers("create_tags", {"Resources": ["i-1"], "Tags": tags})
    if "terminate" in steps:
        ec2.answers("terminate_instances", ID)
        ec2.answers("describe_instances", ID, found(instance("terminated")))
    jobs.cancel("night")


def test_a_wait_for_a_job_ends_with_it_or_after_the_last_check(
    ec2: Stub, call: Calls, pauses: list[float]
) -> None:
    jobs = Jobs(ec2.client, call, "c")
    seen = [found(instance(state)) for state in ("pending", "terminated", "running", "running")]
    ec2.answers("describe_instances", OF_JOB, *seen)
    assert jobs.wait("night") == "lost"
    assert pauses == [0]
    with pytest.raises(errors.NotReady, match="job night is still running"):
        jobs.wait("night")


# Undoing.


def failing(error: BaseException) -> Callable[[], Any]:
    return mock.Mock(side_effect=error)


def test_an_undo_reports_the_steps_that_fail_and_takes_the_others() -> None:
    taken: list[int] = []
    undo = Undo()
    undo.add("first", lambda: taken.append(1))
    undo.add("VPC", failing(errors.PermissionDenied("no")))
    undo.add("role", failing(errors.NotFound("gone")))
    undo.add("last", lambda: taken.append(2))
    # A new resource that is not found is not gone: it may not be visible everywhere yet.
    with pytest.raises(errors.LeftBehind, match=r"^2 could .*role \(gone\); VPC \(no\)"), undo:
        raise ZeroDivisionError
    assert taken == [2, 1]
    undo.add("role", failing(errors.NotFound("gone")))
    undo.run()


def test_an_undo_that_is_interrupted_names_everything_left() -> None:
    inner, undo = Undo(), Undo()
    inner.add("subnet 1", failing(AssertionError("undone")))
    inner.add("subnet 2", failing(KeyboardInterrupt()))
    undo.add("role", failing(AssertionError("undone")))
    undo.add("network", inner.run)
    undo.add("key pair", failing(errors.PermissionDenied("no")))
    with pytest.raises(KeyboardInterrupt) as raised, undo:
        raise ZeroDivisionError
    left = raised.value.__cause__
    assert isinstance(left, errors.LeftBehind)
    assert left.things == ("key pair (no)", "subnet 2", "subnet 1", "role")
