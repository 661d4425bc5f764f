"""The job manager: states and failures that moto does not have.

A stub checks each request against the model of its service. A resource makes requests of its own
choice, so there a mock records which methods were called.
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError, WaiterError

from unit.workloads.stub import Stub, streamed
from workloads.job_machine import Machine
from workloads.job_manager import JobManager, NotDeleted, Status, TookTooLong
from workloads.job_name import JobName

FORGOTTEN = "InvalidInstanceID.NotFound"
GONE, DENIED = (ClientError({"Error": {"Code": code}}, "any") for code in (FORGOTTEN, "Denied"))
TOO_LONG = WaiterError(name="instance", reason="Max attempts exceeded", last_response={})
TAGS = {"job-manager/bucket": "bucket", "job-manager/job": "night"}
FILTERS = [{"Name": f"tag:{key}", "Values": [value]} for key, value in TAGS.items()]
SCRIPT = {"Bucket": "bucket", "Key": "jobs/night/script"}


class World:
    """A manager whose clients are stubbed and whose resources are mocks, and its job `night`."""

    def __init__(self, aws: mock.Mock, s3: Stub, ec2: Stub) -> None:
        self.s3, self.ec2 = s3, ec2
        self.bucket = mock.MagicMock(spec_set=["Object", "objects"])
        self.delete = self.bucket.objects.filter.return_value.delete
        self.delete.return_value = [{"Deleted": []}]
        self.created = mock.Mock(id="i-1")
        self.machines = mock.MagicMock(spec_set=["create_instances", "Instance"])
        self.machines.create_instances.return_value = [self.created]
        self.instance = self.machines.Instance.return_value
        resources = {"s3": mock.Mock(**{"Bucket.return_value": self.bucket}), "ec2": self.machines}
        aws.resource.side_effect = lambda service, **_: resources[service]
        self.pauses: list[float] = []
        self.jobs = JobManager(aws, "bucket", delay=0.5, checks=3, sleep=self.pauses.append)

    def expect_instances(self, *states: str, instance: str | None = None) -> None:
        """List an instance of the job in each of these states, and one of another job."""
        tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
        found = [{"InstanceId": "i-1", "State": {"Name": each}, "Tags": tags} for each in states]
        found += [{"InstanceId": "i-0", "State": {"Name": "running"}, "Tags": tags[:1]}]
        asked = {"Filters": FILTERS, **({"InstanceIds": [instance]} if instance else {})}
        answer = {"Reservations": [{"Instances": found}]}
        self.ec2.answers("describe_instances", asked, answer)

    def expect_object(self, name: str, content: bytes | None) -> None:
        """Answer with the content of an object, or say that there is none."""
        asked = {"Bucket": "bucket", "Key": f"jobs/night/{name}"}
        if content is None:
            self.s3.refuses("get_object", asked, "NoSuchKey")
        else:
            self.s3.answers("get_object", asked, {"Body": streamed(content)})


@pytest.fixture
def world(aws: mock.Mock, s3: Stub, ec2: Stub) -> World:
    return World(aws, s3, ec2)


METHODS: list[Callable[[JobManager, str], Any]] = [
    lambda jobs, name: jobs.submit(name, b"", Machine("ami-1")),
    JobManager.status,
    lambda jobs, name: next(jobs.logs(name)),
    JobManager.start,
    JobManager.stop,
    JobManager.wait,
    JobManager.delete,
    lambda _, name: JobName(name, "night"),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["", "a/b", "..", "night-*", "n?ght", "n\\ight", "a\n", "$(a)"])
def test_a_name_that_could_reach_other_jobs_is_refused_before_any_request(
    world: World, method: Callable[[JobManager, str], Any], name: str
) -> None:
    with pytest.raises(ValueError, match=r"cannot be the name of a (job|bucket)\. Choose letters"):
        method(world.jobs, name)
    assert world.bucket.mock_calls == world.machines.mock_calls == []


def test_a_refusal_does_not_mean_that_something_is_missing(world: World) -> None:
    world.s3.refuses("head_object", SCRIPT, "403")
    with pytest.raises(ClientError, match="403"):
        world.jobs.exists("jobs/night/script")
    world.expect_object("instance", b"i-1")
    asked = {"Filters": FILTERS, "InstanceIds": ["i-1"]}
    world.ec2.refuses("describe_instances", asked, "UnauthorizedOperation")
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        world.jobs.status("night")


@pytest.mark.parametrize(
    ("instance", "state", "result", "expected"),
    [
        ("i-1", "pending", None, Status("pending")),
        ("i-1", "shutting-down", None, Status("lost")),
        ("i-1", FORGOTTEN, None, Status("lost")),
        # The result takes precedence over the state of the instance.
        ("i-1", "terminated", b'{"status": 0}', Status("succeeded", 0)),
        ("i-1", "running", b'{"status": 3}', Status("failed", 3)),
        # Without a stored id the instance is found by its tags.
        (None, "running", None, Status("running")),
        (None, "terminated", None, Status("pending")),  # that of an earlier job of this name
    ],
)
def test_the_status_is_that_of_the_result_or_of_the_instance(
    world: World, instance: str | None, state: str, result: bytes | None, expected: Status
) -> None:
    world.expect_object("instance", instance.encode() if instance else None)
    if state == FORGOTTEN:
        asked = {"Filters": FILTERS, "InstanceIds": ["i-1"]}
        world.ec2.refuses("describe_instances", asked, FORGOTTEN)
    else:
        world.expect_instances(state, instance=instance)
    world.expect_object("result.json", result)
    if result is None:
        world.s3.answers("head_object", SCRIPT)
    assert world.jobs.status("night") == expected


def test_a_wait_ends_with_the_job_or_after_the_last_check(world: World) -> None:
    for result in (None, b'{"status": 0}', None, None, None):
        world.expect_object("instance", b"i-1")
        world.expect_instances("running", instance="i-1")
        world.expect_object("result.json", result)
        if result is None:
            world.s3.answers("head_object", SCRIPT)
    assert world.jobs.wait("night") == Status("succeeded", 0)
    assert world.pauses == [0.5]
    with pytest.raises(TookTooLong, match="job night is still running"):
        world.jobs.wait("night")


def test_a_change_of_the_instance_is_waited_for_with_a_bound(world: World) -> None:
    world.expect_instances("terminated", "stopping")
    world.instance.wait_until_running.side_effect = TOO_LONG
    with pytest.raises(TookTooLong, match=r"job night did not come.*Max attempts"):
        world.jobs.start("night")
    waited = mock.call.wait_until_running(WaiterConfig={"Delay": 0.5, "MaxAttempts": 3})
    assert world.instance.mock_calls == [mock.call.start(), waited]


@pytest.mark.parametrize(
    ("refusal", "timeout", "raised", "steps"),
    [
        (None, None, None, ["terminate", "wait", "delete"]),
        (GONE, None, None, ["terminate", "delete"]),
        (DENIED, None, ClientError, ["terminate"]),
        (None, TOO_LONG, TookTooLong, ["terminate", "wait"]),
    ],
)
def test_the_objects_are_removed_only_after_the_instance_has_ended(
    world: World, refusal: Any, timeout: Any, raised: Any, steps: list[str]
) -> None:
    world.expect_instances("running")
    world.expect_object("instance", b"i-2")
    world.expect_instances(instance="i-2")  # it is of another job, and left alone
    order = mock.Mock()
    order.attach_mock(world.instance.terminate, "terminate")
    order.attach_mock(world.instance.wait_until_terminated, "wait")
    order.attach_mock(world.delete, "delete")
    order.terminate.side_effect, order.wait.side_effect = refusal, timeout
    with pytest.raises(raised) if raised else contextlib.nullcontext():
        world.jobs.delete("night")
    world.machines.Instance.assert_called_once_with("i-1")
    assert [name for name, _, _ in order.mock_calls if "." not in name and "(" not in name] == steps


def test_objects_that_s3_refuses_to_remove_are_named(world: World) -> None:
    world.expect_instances()
    world.expect_object("instance", None)
    refused = {"Key": "jobs/night/script", "Code": "AccessDenied"}
    world.delete.return_value = [{}, {"Errors": [refused]}]
    with pytest.raises(NotDeleted, match=r"1 objects of the job night.*jobs/night/script"):
        world.jobs.delete("night")


@pytest.mark.parametrize("error", [DENIED, KeyboardInterrupt()])
@pytest.mark.parametrize(("refusal", "removed"), [(None, 2), (GONE, 2), (DENIED, 0)])
def test_a_submission_that_fails_ends_its_instance_and_then_removes_its_objects(
    world: World, error: BaseException, refusal: ClientError | None, removed: int
) -> None:
    asked = {"Bucket": "bucket", "Prefix": "jobs/night/", "MaxKeys": 1}
    world.s3.answers("list_objects_v2", asked)
    world.created.wait_until_exists.side_effect = error
    world.created.terminate.side_effect = refusal
    with pytest.raises(type(error)) as raised:
        world.jobs.submit("night", b"", Machine("ami-1"))
    assert raised.value is error
    assert raised.value.__cause__ is (None if removed else refusal)
    made = [mock.call(f"jobs/night/{name}") for name in ("script", "instance")]
    # As long as the script exists, so does the job: it is removed last.
    assert world.bucket.Object.call_args_list == [*made, *made[::-1][:removed]]
