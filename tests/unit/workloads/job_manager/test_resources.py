"""What the job manager does through resources: instances and the objects of a bucket."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError, WaiterError
from botocore.response import StreamingBody

from unit.workloads.job_manager.instance_answers import TAGS, asked, expect_look, shown
from workloads.job_machine import Machine
from workloads.job_manager import (
    JobManager,
    NoInstance,
    NoSuchJob,
    NotDeleted,
    TookTooLong,
)

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

HOME = {"Bucket": "bucket", "Prefix": "jobs/night/", "MaxKeys": 1}
SCRIPT = {"Bucket": "bucket", "Key": "jobs/night/script"}
MACHINE = Machine("ami-1")
PATIENCE = {"Delay": 0.5, "MaxAttempts": 3}
DENIED = ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "RunInstances")
TOO_LONG = WaiterError(name="instance", reason="Max attempts exceeded", last_response={})


@pytest.fixture
def instance(machines: mock.MagicMock) -> mock.MagicMock:
    """The instance of the job."""
    one: mock.MagicMock = machines.Instance.return_value
    return one


def test_logs_are_read_part_by_part_and_line_by_line(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock
) -> None:
    s3.answers("head_object", SCRIPT)
    contents = [b"one\ntwo\n", b"thr\xc3\xa9\xff"]
    bodies = [StreamingBody(io.BytesIO(content), len(content)) for content in contents]
    parts = [mock.Mock(**{"get.return_value": {"Body": body}}) for body in bodies]
    bucket.objects.filter.return_value = parts
    lines = jobs.logs("night")
    assert next(lines) == "one"
    parts[1].get.assert_not_called()
    assert [*lines] == ["two", "thr\u00e9\ufffd"]
    assert bucket.objects.filter.call_args == mock.call(Prefix="jobs/night/logs/")
    assert all(body._raw_stream.closed for body in bodies)


def test_who_reads_only_the_first_lines_leaves_no_connection_open(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock
) -> None:
    s3.answers("head_object", SCRIPT)
    body = StreamingBody(io.BytesIO(b"one\ntwo\n"), 8)
    bucket.objects.filter.return_value = [mock.Mock(**{"get.return_value": {"Body": body}})]
    lines: Any = jobs.logs("night")
    next(lines)
    lines.close()
    assert body._raw_stream.closed


def test_logs_of_no_job_are_not_just_empty(s3: Stub, jobs: JobManager) -> None:
    s3.refuses("head_object", SCRIPT, "404")
    with pytest.raises(NoSuchJob):
        next(jobs.logs("night"))


Act = Callable[[JobManager], Any]
CHANGES: dict[str, Act] = {
    "start": lambda jobs: jobs.start("night"),
    "stop": lambda jobs: jobs.stop("night"),
}


@pytest.mark.parametrize(("change", "state"), [("start", "running"), ("stop", "stopped")])
def test_an_instance_is_changed_and_then_waited_for(
    ec2: Stub,
    jobs: JobManager,
    machines: mock.MagicMock,
    instance: mock.MagicMock,
    change: str,
    state: str,
) -> None:
    expect_look(ec2, shown("i-0", "terminated"), shown("i-1", "stopping"))
    CHANGES[change](jobs)
    wait = getattr(mock.call, f"wait_until_{state}")
    assert instance.mock_calls == [getattr(mock.call, change)(), wait(WaiterConfig=PATIENCE)]
    machines.Instance.assert_called_once_with("i-1")


OTHERS = [{}, {**TAGS, "job-manager/bucket": "other"}, {**TAGS, "job-manager/job": "day"}]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "found",
    [
        [shown("i-1", "terminated"), shown("i-1", "shutting-down")],
        # EC2 would not answer with these; nobody else's machine hangs on that.
        [shown("i-1", "running", tags) for tags in OTHERS],
        [{"InstanceId": "i-1", "State": {"Name": "running"}}],
    ],
    ids=["ended", "of others", "without tags"],
)
def test_a_job_that_has_no_instance_of_its_own_cannot_be_changed(
    ec2: Stub, jobs: JobManager, machines: mock.MagicMock, change: str, found: list[dict[str, Any]]
) -> None:
    expect_look(ec2, *found)
    with pytest.raises(NoInstance, match="job night has no instance"):
        CHANGES[change](jobs)
    machines.Instance.assert_not_called()


@pytest.mark.parametrize(("change", "state"), [("start", "running"), ("stop", "stopped")])
def test_an_instance_that_does_not_change_is_not_waited_for_for_ever(
    ec2: Stub, jobs: JobManager, instance: mock.MagicMock, change: str, state: str
) -> None:
    expect_look(ec2, shown("i-1", "running"))
    getattr(instance, f"wait_until_{state}").side_effect = TOO_LONG
    with pytest.raises(TookTooLong, match=r"job night did not come.*Max attempts") as raised:
        CHANGES[change](jobs)
    assert raised.value.__cause__ is TOO_LONG


def expect_id(s3: Stub, content: bytes | None = b"i-1") -> None:
    stored = {"Bucket": "bucket", "Key": "jobs/night/instance"}
    if content is None:
        s3.refuses("get_object", stored, "NoSuchKey")
    else:
        s3.answers("get_object", stored, {"Body": StreamingBody(io.BytesIO(content), len(content))})


def expect_running(s3: Stub, ec2: Stub) -> None:
    """Show one running instance, by its tags and by the id that is stored."""
    expect_look(ec2, shown("i-1", "running"))
    expect_id(s3)
    expect_look(ec2, shown("i-1", "running"), instance="i-1")


def test_a_job_is_ended_before_its_objects_are_removed(
    s3: Stub, ec2: Stub, jobs: JobManager, bucket: mock.MagicMock, instance: mock.MagicMock
) -> None:
    expect_running(s3, ec2)
    order = mock.Mock()
    order.attach_mock(instance.terminate, "terminate")
    order.attach_mock(instance.wait_until_terminated, "wait")
    order.attach_mock(bucket.objects.filter, "filter")
    bucket.objects.filter.return_value.delete.return_value = [{"Deleted": []}]
    jobs.delete("night")
    assert order.mock_calls[:4] == [
        mock.call.terminate(),
        mock.call.wait(WaiterConfig=PATIENCE),
        mock.call.filter(Prefix="jobs/night/"),
        mock.call.filter().delete(),
    ]


@pytest.mark.parametrize(
    ("by_id", "by_tags", "ended"),
    [
        ("i-1", [], ["i-1"]),
        (None, ["i-2"], ["i-2"]),
        ("i-1", ["i-1", "i-2"], ["i-1", "i-2"]),
        (None, [], []),
    ],
)
def test_every_instance_of_a_job_is_ended_whether_ec2_finds_it_by_its_tags_yet_or_not(
    s3: Stub,
    ec2: Stub,
    jobs: JobManager,
    machines: mock.MagicMock,
    bucket: mock.MagicMock,
    by_id: str | None,
    by_tags: list[str],
    ended: list[str],
) -> None:
    expect_look(ec2, *[shown(name, "running") for name in by_tags])
    expect_id(s3, by_id.encode() if by_id else None)
    if by_id:
        expect_look(ec2, shown(by_id, "stopped"), instance=by_id)
    bucket.objects.filter.return_value.delete.return_value = []
    jobs.delete("night")
    assert machines.Instance.call_args_list == [mock.call(name) for name in ended]
    assert machines.Instance.return_value.terminate.call_count == len(ended)


@pytest.mark.parametrize("tags", OTHERS)
def test_an_instance_of_others_is_not_ended_though_an_object_names_it(
    s3: Stub,
    ec2: Stub,
    jobs: JobManager,
    machines: mock.MagicMock,
    bucket: mock.MagicMock,
    tags: dict[str, str],
) -> None:
    expect_look(ec2)
    expect_id(s3)
    expect_look(ec2, shown("i-1", "running", tags), instance="i-1")
    bucket.objects.filter.return_value.delete.return_value = []
    jobs.delete("night")
    machines.Instance.assert_not_called()


def test_a_job_whose_instance_ec2_has_forgotten_is_removed(
    s3: Stub, ec2: Stub, jobs: JobManager, bucket: mock.MagicMock, machines: mock.MagicMock
) -> None:
    expect_look(ec2)
    expect_id(s3)
    ec2.refuses("describe_instances", asked("i-1"), "InvalidInstanceID.NotFound")
    bucket.objects.filter.return_value.delete.return_value = []
    jobs.delete("night")
    machines.Instance.assert_not_called()
    bucket.objects.filter.return_value.delete.assert_called_once_with()


def test_an_instance_that_ec2_forgets_as_it_is_ended_is_not_waited_for(
    s3: Stub, ec2: Stub, jobs: JobManager, bucket: mock.MagicMock, instance: mock.MagicMock
) -> None:
    expect_running(s3, ec2)
    forgotten = {"Error": {"Code": "InvalidInstanceID.NotFound", "Message": "no"}}
    instance.terminate.side_effect = ClientError(forgotten, "TerminateInstances")
    bucket.objects.filter.return_value.delete.return_value = []
    jobs.delete("night")
    instance.wait_until_terminated.assert_not_called()
    bucket.objects.filter.return_value.delete.assert_called_once_with()


@pytest.mark.parametrize(
    ("step", "error", "raised"),
    [("terminate", DENIED, ClientError), ("wait_until_terminated", TOO_LONG, TookTooLong)],
)
def test_an_instance_that_does_not_end_keeps_its_objects(
    s3: Stub,
    ec2: Stub,
    jobs: JobManager,
    bucket: mock.MagicMock,
    instance: mock.MagicMock,
    step: str,
    error: Exception,
    raised: type[Exception],
) -> None:
    expect_running(s3, ec2)
    getattr(instance, step).side_effect = error
    with pytest.raises(raised):
        jobs.delete("night")
    bucket.objects.filter.assert_not_called()


def test_objects_that_s3_refuses_to_remove_are_named(
    s3: Stub, ec2: Stub, jobs: JobManager, bucket: mock.MagicMock
) -> None:
    expect_look(ec2)
    expect_id(s3, None)
    refused = {"Key": "jobs/night/script", "Code": "AccessDenied"}
    bucket.objects.filter.return_value.delete.return_value = [{}, {"Errors": [refused]}]
    with pytest.raises(NotDeleted, match=r"1 objects of the job night.*jobs/night/script") as left:
        jobs.delete("night")
    assert left.value.keys == ["jobs/night/script"]
