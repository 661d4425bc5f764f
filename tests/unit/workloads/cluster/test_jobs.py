"""Jobs and the instances that they run on."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable

import pytest
from botocore.stub import ANY

from unit.workloads.cluster.instance_answers import ID, found, instance
from workloads.cluster import errors
from workloads.cluster.jobs import JOB, OUTCOME, Jobs, JobSpec
from workloads.cluster.network import Network
from workloads.cluster.tags import OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls

NETWORK = Network("vpc-1", ("subnet-1", "subnet-2"), "sg-1")
SPEC = JobSpec("night", "#!/bin/sh\ntrain\n", "ami-1")
OWNED = {"Name": f"tag:{OWNER}", "Values": ["c"]}
OF_CLUSTER = {"Filters": [OWNED]}
OF_JOB = {"Filters": [OWNED, {"Name": f"tag:{JOB}", "Values": ["night"]}]}
RUN = {
    "ImageId": "ami-1",
    "InstanceType": "t3.small",
    "MinCount": 1,
    "MaxCount": 1,
    "SubnetId": "subnet-1",
    "SecurityGroupIds": ["sg-1"],
    "IamInstanceProfile": {"Name": "c-jobs"},
    "InstanceInitiatedShutdownBehavior": "terminate",
    "TagSpecifications": [
        {
            "ResourceType": "instance",
            "Tags": [{"Key": OWNER, "Value": "c"}, {"Key": JOB, "Value": "night"}],
        }
    ],
    "UserData": ANY,
    "ClientToken": ANY,
}


CANCELLED = {"Resources": ["i-1"], "Tags": [{"Key": OUTCOME, "Value": "cancelled"}]}
FORGET = {"Resources": ["i-0", "i-1"], "Tags": [{"Key": OWNER}]}


@pytest.fixture
def jobs(ec2: Stub, call: Calls) -> Jobs:
    return Jobs(ec2.client, call, "c")


def test_a_job_is_an_instance_that_is_tagged_from_its_birth(ec2: Stub, jobs: Jobs) -> None:
    ec2.answers("describe_instances", OF_JOB, found())
    ec2.answers("run_instances", RUN, {"Instances": [{"InstanceId": "i-1"}]})
    assert jobs.submit(SPEC, NETWORK, "c-jobs") == "i-1"


def test_a_job_that_was_submitted_is_not_run_again(ec2: Stub, jobs: Jobs) -> None:
    ec2.answers("describe_instances", OF_JOB, found(instance("terminated", "succeeded")))
    assert jobs.submit(SPEC, NETWORK, "c-jobs") == "i-1"


@pytest.mark.parametrize(
    ("cluster", "network", "spec", "same"),
    [
        ("c", NETWORK, SPEC, True),
        ("d", NETWORK, SPEC, False),
        ("c", replace(NETWORK, vpc="vpc-2"), SPEC, False),
        ("c", NETWORK, replace(SPEC, name="day"), False),
    ],
    ids=["itself", "of another cluster", "of a cluster that was made anew", "of another name"],
)
def test_two_who_submit_a_job_at_the_same_time_name_it_alike_and_no_other(
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
    for of, where, what in (("c", NETWORK, SPEC), (cluster, network, spec)):
        ec2.answers("describe_instances", {"Filters": ANY}, found())
        Jobs(ec2.client, call, of).submit(what, where, "c-jobs")
    assert (tokens[0] == tokens[1]) is same
    assert len(tokens[0]) == 64  # EC2 takes no more


def test_a_profile_that_ec2_has_not_heard_of_is_waited_for(
    ec2: Stub, jobs: Jobs, pauses: list[float]
) -> None:
    ec2.answers("describe_instances", OF_JOB, found())
    ec2.refuses("run_instances", RUN, "InvalidParameterValue", "Invalid IAM Instance Profile name")
    ec2.answers("run_instances", RUN, {"Instances": [{"InstanceId": "i-1"}]})
    assert jobs.submit(SPEC, NETWORK, "c-jobs") == "i-1"
    assert pauses == [1.0]


@pytest.mark.parametrize(("status", "outcome"), [(0, "succeeded"), (3, "failed")])
def test_the_instance_runs_the_script_says_how_it_ended_and_shuts_down(
    tmp_path: Path, status: int, outcome: str
) -> None:
    said = tmp_path / "said"
    for name, body in {
        "curl": "echo i-1",
        "aws": f'echo aws "$@" >> {said}',
        "shutdown": f'echo shutdown "$@" >> {said}',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o700)
    script = f'#!/bin/sh\necho "it\'s \\$1 and {{braces}}" >> {said}\nexit {status}\n'
    text = JobSpec("night", script, "ami-1").user_data("eu-west-1")
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    subprocess.run(["/bin/sh", "-c", text], env=path, check=True)
    printed, tag, end = said.read_text().splitlines()
    assert printed == "it's $1 and {braces}"
    assert tag == (
        "aws ec2 create-tags --region eu-west-1 --resources i-1"
        f" --tags Key={OUTCOME},Value={outcome}"
    )
    assert end == "shutdown -h now"


def test_a_script_that_is_too_long_is_refused_before_anything_is_asked() -> None:
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
def test_the_status_is_what_the_script_said_and_before_that_what_the_instance_does(
    ec2: Stub, jobs: Jobs, state: str, outcome: str | None, status: str
) -> None:
    ec2.answers("describe_instances", OF_JOB, found(instance(state, outcome)))
    assert jobs.status("night") == status


def test_a_job_that_nobody_submitted_is_not_found(ec2: Stub, jobs: Jobs) -> None:
    ec2.answers("describe_instances", OF_JOB, found())
    with pytest.raises(errors.NotFound, match="cluster c has no job night"):
        jobs.status("night")


def test_all_jobs_are_listed_by_name(ec2: Stub, jobs: Jobs) -> None:
    first, second = instance("running", name="one"), instance("terminated", "failed", name="two")
    ec2.answers("describe_instances", OF_CLUSTER, {**found(first), "NextToken": "more"})
    ec2.answers("describe_instances", {**OF_CLUSTER, "NextToken": "more"}, found(second))
    assert jobs.all() == {"one": "running", "two": "failed"}


def test_an_instance_of_the_cluster_that_runs_no_job_is_not_listed(ec2: Stub, jobs: Jobs) -> None:
    bare = {**instance("running"), "Tags": [{"Key": OWNER, "Value": "c"}]}
    ec2.answers("describe_instances", OF_CLUSTER, found(bare, instance("running")))
    assert jobs.all() == {"night": "running"}


def test_who_waits_for_a_job_hears_how_it_ended(ec2: Stub, jobs: Jobs, pauses: list[float]) -> None:
    ec2.answers("describe_instances", OF_JOB, found(instance("pending")))
    ec2.answers("describe_instances", OF_JOB, found(instance("shutting-down", "succeeded")))
    assert jobs.wait("night") == "succeeded"
    assert pauses == [0]


def test_who_waits_for_a_job_does_not_wait_for_ever(ec2: Stub, jobs: Jobs) -> None:
    for _ in range(2):
        ec2.answers("describe_instances", OF_JOB, found(instance("running")))
    with pytest.raises(errors.NotReady, match="job night is still running"):
        jobs.wait("night")


def test_a_job_that_is_cancelled_says_so(ec2: Stub, jobs: Jobs) -> None:
    ec2.answers("describe_instances", OF_JOB, found(instance("running")))
    ec2.answers("create_tags", CANCELLED)
    ec2.answers("terminate_instances", ID)
    ec2.answers("describe_instances", ID, found(instance("terminated", "cancelled")))
    jobs.cancel("night")


def test_a_job_that_outlived_its_cancellation_is_ended_by_the_next_one(
    ec2: Stub, jobs: Jobs
) -> None:
    ec2.answers("describe_instances", OF_JOB, found(instance("stopped")))
    ec2.answers("create_tags", CANCELLED)
    ec2.refuses("terminate_instances", ID, "UnauthorizedOperation")
    with pytest.raises(errors.PermissionDenied):
        jobs.cancel("night")
    ec2.answers("describe_instances", OF_JOB, found(instance("stopped", "cancelled")))
    ec2.answers("terminate_instances", ID)
    ec2.answers("describe_instances", ID, found(instance("terminated", "cancelled")))
    jobs.cancel("night")


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_a_job_that_has_ended_cannot_be_cancelled_any_more(
    ec2: Stub, jobs: Jobs, state: str
) -> None:
    ec2.answers("describe_instances", OF_JOB, found(instance(state)))
    jobs.cancel("night")


def test_a_job_that_has_said_how_it_ended_is_ended_and_not_renamed(ec2: Stub, jobs: Jobs) -> None:
    ec2.answers("describe_instances", OF_JOB, found(instance("running", "succeeded")))
    ec2.answers("terminate_instances", ID)
    ec2.answers("describe_instances", ID, found(instance("terminated", "succeeded")))
    jobs.cancel("night")


@pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped", "shutting-down"])
def test_jobs_that_still_live_are_ended_and_all_are_forgotten(
    ec2: Stub, jobs: Jobs, state: str
) -> None:
    gone = {**instance("terminated"), "InstanceId": "i-0"}
    ec2.answers("describe_instances", OF_CLUSTER, found(gone, instance(state)))
    ec2.answers("terminate_instances", ID)
    ec2.answers("describe_instances", ID, found(instance("terminated")))
    ec2.answers("delete_tags", FORGET)
    jobs.end_all()


def test_jobs_that_may_not_be_forgotten_say_so(ec2: Stub, jobs: Jobs) -> None:
    gone = {**instance("terminated"), "InstanceId": "i-0"}
    ec2.answers("describe_instances", OF_CLUSTER, found(gone, instance("terminated")))
    ec2.refuses("delete_tags", FORGET, "UnauthorizedOperation")
    with pytest.raises(errors.PermissionDenied, match="DeleteTags"):
        jobs.end_all()


def test_jobs_that_have_all_ended_are_only_forgotten(ec2: Stub, jobs: Jobs) -> None:
    ec2.answers("describe_instances", OF_CLUSTER, found(instance("terminated")))
    ec2.answers("delete_tags", {"Resources": ["i-1"], "Tags": [{"Key": OWNER}]})
    jobs.end_all()


def test_where_there_are_no_jobs_nothing_is_asked_of_them(ec2: Stub, jobs: Jobs) -> None:
    ec2.answers("describe_instances", OF_CLUSTER, found())
    jobs.end_all()


@pytest.mark.parametrize(
    ("act", "operation", "parameters"),
    [
        (lambda jobs: jobs.submit(SPEC, NETWORK, "c-jobs"), "run_instances", RUN),
        (lambda jobs: jobs.cancel("night"), "create_tags", CANCELLED),
        (lambda jobs: jobs.status("night"), "describe_instances", OF_JOB),
        (lambda jobs: jobs.end_all(), "describe_instances", OF_CLUSTER),
    ],
)
def test_what_is_not_allowed_says_so(
    ec2: Stub,
    jobs: Jobs,
    act: Callable[[Jobs], Any],
    operation: str,
    parameters: dict[str, Any],
) -> None:
    if operation != "describe_instances":
        there = [instance("running")] if operation == "create_tags" else []
        ec2.answers("describe_instances", OF_JOB, found(*there))
    ec2.refuses(operation, parameters, "UnauthorizedOperation")
    with pytest.raises(errors.PermissionDenied, match="permission"):
        act(jobs)
