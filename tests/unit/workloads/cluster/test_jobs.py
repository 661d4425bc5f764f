"""Jobs and their instances: what moto cannot show, as its instances change state at once."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable

import pytest
from botocore.stub import ANY

from workloads.cluster import errors
from workloads.cluster.ec2.instances import Instances
from workloads.cluster.ec2.network import Network
from workloads.cluster.ec2.tagging import OWNER, owned_by
from workloads.cluster.jobs import JOB, OUTCOME, Jobs, JobSpec

if TYPE_CHECKING:
    from pathlib import Path

    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls

NETWORK = Network("vpc-1", ("subnet-1", "subnet-2"), "sg-1")
SPEC = JobSpec("night", "#!/bin/sh\ntrain\n", "ami-1")
OF_CLUSTER = {"Filters": [owned_by("c")]}
OF_JOB = {"Filters": [owned_by("c"), {"Name": f"tag:{JOB}", "Values": ["night"]}]}
ID = {"InstanceIds": ["i-1"]}
CANCELLED = {"Resources": ["i-1"], "Tags": [{"Key": OUTCOME, "Value": "cancelled"}]}


@pytest.fixture
def jobs(ec2: Stub, call: Calls) -> Jobs:
    return Jobs(ec2.client, call, "c")


def instance(state: str, outcome: str | None = None, name: str = "i-1") -> dict[str, Any]:
    tags = [{"Key": JOB, "Value": "night"}]
    tags += [{"Key": OUTCOME, "Value": outcome}] if outcome else []
    return {"InstanceId": name, "State": {"Name": state}, "Tags": tags}


def found(*instances: dict[str, Any]) -> dict[str, Any]:
    return {"Reservations": [{"Instances": [each]} for each in instances]}


@pytest.mark.parametrize(
    ("cluster", "network", "spec", "same"),
    [
        ("c", NETWORK, SPEC, True),
        ("d", NETWORK, SPEC, False),
        ("c", replace(NETWORK, vpc="vpc-2"), SPEC, False),
        ("c", NETWORK, replace(SPEC, name="day"), False),
    ],
    ids=["itself", "of another cluster", "of a cluster that was created anew", "of another name"],
)
def test_only_the_same_job_has_the_same_client_token(
    ec2: Stub,
    call: Calls,
    monkeypatch: pytest.MonkeyPatch,
    cluster: str,
    network: Network,
    spec: JobSpec,
    same: bool,
) -> None:
    tokens = []

    def run_instances(**request: Any) -> dict[str, Any]:
        tokens.append(request["ClientToken"])
        return {"Instances": [{"InstanceId": "i-1"}]}

    monkeypatch.setattr(ec2.client, "run_instances", run_instances)
    for name, where, what in (("c", NETWORK, SPEC), (cluster, network, spec)):
        ec2.answers("describe_instances", {"Filters": ANY}, found())
        Jobs(ec2.client, call, name).submit(what, where, "c-jobs")
    assert (tokens[0] == tokens[1]) is same
    assert len(tokens[0]) == 64  # the longest that EC2 takes


@pytest.mark.parametrize(("status", "outcome"), [(0, "succeeded"), (3, "failed")])
def test_the_instance_runs_the_script_tags_its_outcome_and_shuts_down(
    tmp_path: Path, status: int, outcome: str
) -> None:
    log = tmp_path / "log"
    for name, body in {
        "curl": "echo i-1",
        "aws": f'echo aws "$@" >> {log}',
        "shutdown": f'echo shutdown "$@" >> {log}',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o700)
    script = f'#!/bin/sh\necho "it\'s \\$1 and {{braces}}" >> {log}\nexit {status}\n'
    text = JobSpec("night", script, "ami-1").user_data("eu-west-1")
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    subprocess.run(["/bin/sh", "-c", text], env=path, check=True)
    tag = f"Key={OUTCOME},Value={outcome}"
    assert log.read_text().splitlines() == [
        "it's $1 and {braces}",
        f"aws ec2 create-tags --region eu-west-1 --resources i-1 --tags {tag}",
        "shutdown -h now",
    ]


def test_a_script_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="of which EC2 takes 16384"):
        JobSpec("night", "x" * 16384, "ami-1").user_data("eu-west-1")
    script = JobSpec("night", "true", "ami-1").user_data("eu-west-1")
    assert base64.b64encode(b"true").decode() in script


@pytest.mark.parametrize(
    ("state", "outcome", "status"),
    [
        ("pending", None, "waiting"),
        ("running", None, "running"),
        ("stopping", None, "stopped"),
        ("stopped", None, "stopped"),
        ("shutting-down", "succeeded", "succeeded"),
        ("terminated", "succeeded", "succeeded"),
        ("running", "failed", "failed"),
        ("running", "cancelled", "running"),
        ("shutting-down", "cancelled", "cancelled"),
        ("terminated", "cancelled", "cancelled"),
        ("terminated", None, "lost"),
    ],
)
def test_the_outcome_takes_precedence_over_the_state_of_the_instance(
    ec2: Stub, jobs: Jobs, state: str, outcome: str | None, status: str
) -> None:
    bare = {**instance("running"), "Tags": [{"Key": OWNER, "Value": "c"}]}  # not of a job
    ec2.answers("describe_instances", OF_CLUSTER, found(bare, instance(state, outcome)))
    assert jobs.all() == {"night": status}


def test_a_wait_ends_with_the_job_or_after_the_last_check(
    ec2: Stub, jobs: Jobs, pauses: list[float]
) -> None:
    pending, ended = instance("pending"), instance("shutting-down", "succeeded")
    ec2.answers("describe_instances", OF_JOB, found(pending), found(ended))
    assert jobs.wait("night") == "succeeded"
    assert pauses == [0]
    ec2.answers("describe_instances", OF_JOB, *[found(instance("running"))] * 2)
    with pytest.raises(errors.NotReady, match="job night is still running"):
        jobs.wait("night")


@pytest.mark.parametrize(
    ("before", "tagged", "terminated"),
    [
        (instance("stopped"), True, True),
        (instance("stopped", "cancelled"), False, True),  # a termination that was refused
        (instance("running", "succeeded"), False, True),  # its outcome is kept
        (instance("shutting-down"), False, False),
        (instance("terminated"), False, False),
    ],
)
def test_cancelling_tags_a_job_without_an_outcome_and_ends_its_instance(
    ec2: Stub, jobs: Jobs, before: dict[str, Any], tagged: bool, terminated: bool
) -> None:
    ec2.answers("describe_instances", OF_JOB, found(before))
    if tagged:
        ec2.answers("create_tags", CANCELLED)
    if terminated:
        ec2.answers("terminate_instances", ID)
        ec2.answers("describe_instances", ID, found(instance("terminated")))
    jobs.cancel("night")


@pytest.mark.parametrize(
    "state", ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]
)
def test_ending_all_jobs_terminates_their_instances_and_removes_their_tags(
    ec2: Stub, jobs: Jobs, state: str
) -> None:
    ended = instance("terminated", name="i-0")
    ec2.answers("describe_instances", OF_CLUSTER, found(ended, instance(state)))
    if state != "terminated":
        ec2.answers("terminate_instances", ID)
        ec2.answers("describe_instances", ID, found(instance("terminated")))
    tags = {"Resources": ["i-0", "i-1"], "Tags": [{"Key": OWNER}]}
    ec2.refuses("delete_tags", tags, "UnauthorizedOperation")
    with pytest.raises(errors.PermissionDenied, match="DeleteTags"):
        jobs.end_all()


CHANGES: list[tuple[Callable[[Instances], None], str, str, str]] = [
    (lambda all_of: all_of.start("i-1"), "start_instances", "pending", "running"),
    (lambda all_of: all_of.stop("i-1"), "stop_instances", "stopping", "stopped"),
    (lambda all_of: all_of.terminate("i-1"), "terminate_instances", "shutting-down", "terminated"),
]


@pytest.mark.parametrize(("change", "operation", "before", "after"), CHANGES)
def test_a_change_of_state_is_waited_for(
    ec2: Stub,
    call: Calls,
    change: Callable[[Instances], None],
    operation: str,
    before: str,
    after: str,
) -> None:
    ec2.answers(operation, ID)
    ec2.answers("describe_instances", ID, found(instance(before)), found(instance(after)))
    change(Instances(ec2.client, call))


@pytest.mark.parametrize("answer", [{"Reservations": []}, {"Reservations": [{"Instances": []}]}])
def test_an_instance_that_ec2_has_forgotten_is_not_found(
    ec2: Stub, call: Calls, answer: dict[str, Any]
) -> None:
    ec2.answers("describe_instances", ID, answer)
    with pytest.raises(errors.NotFound, match="no instance i-1"):
        Instances(ec2.client, call).describe("i-1")
