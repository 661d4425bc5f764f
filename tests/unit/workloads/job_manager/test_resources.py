"""What the job manager does through resources: instances and the objects of a bucket."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError, WaiterError
from botocore.response import StreamingBody

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
FILTERS = [
    {"Name": "tag:job-manager/job", "Values": ["night"]},
    {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
]
DENIED = ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "RunInstances")
TOO_LONG = WaiterError(name="instance", reason="Max attempts exceeded", last_response={})


@pytest.fixture
def instance(machines: mock.MagicMock) -> mock.MagicMock:
    """The instance of the job."""
    one = mock.MagicMock(id="i-1")
    machines.instances.filter.return_value = [one]
    machines.Instance.return_value = one
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
    jobs: JobManager,
    machines: mock.MagicMock,
    instance: mock.MagicMock,
    change: str,
    state: str,
) -> None:
    CHANGES[change](jobs)
    wait = getattr(mock.call, f"wait_until_{state}")
    assert instance.mock_calls == [getattr(mock.call, change)(), wait(WaiterConfig=PATIENCE)]
    machines.instances.filter.assert_called_once_with(Filters=FILTERS)


@pytest.mark.parametrize("change", CHANGES)
def test_a_job_whose_instance_is_gone_cannot_be_changed(
    jobs: JobManager, machines: mock.MagicMock, change: str
) -> None:
    machines.instances.filter.return_value = []
    with pytest.raises(NoInstance, match="job night has no instance"):
        CHANGES[change](jobs)


@pytest.mark.parametrize(("change", "state"), [("start", "running"), ("stop", "stopped")])
def test_an_instance_that_does_not_change_is_not_waited_for_for_ever(
    jobs: JobManager, instance: mock.MagicMock, change: str, state: str
) -> None:
    getattr(instance, f"wait_until_{state}").side_effect = TOO_LONG
    with pytest.raises(TookTooLong, match=r"job night did not come.*Max attempts") as raised:
        CHANGES[change](jobs)
    assert raised.value.__cause__ is TOO_LONG


def expect_id(s3: Stub, content: bytes | None = b"i-1") -> None:
    asked = {"Bucket": "bucket", "Key": "jobs/night/instance"}
    if content is None:
        s3.refuses("get_object", asked, "NoSuchKey")
    else:
        s3.answers("get_object", asked, {"Body": StreamingBody(io.BytesIO(content), len(content))})


def test_a_job_is_ended_before_its_objects_are_removed(
    s3: Stub,
    jobs: JobManager,
    machines: mock.MagicMock,
    bucket: mock.MagicMock,
    instance: mock.MagicMock,
) -> None:
    expect_id(s3)
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
    machines.instances.filter.assert_called_once_with(Filters=FILTERS)


@pytest.mark.parametrize(
    ("stored", "shown", "ended"),
    [
        (b"i-1", [], ["i-1"]),
        (None, ["i-2"], ["i-2"]),
        (b"i-1", ["i-1", "i-2"], ["i-1", "i-2"]),
        (None, [], []),
    ],
)
def test_every_instance_of_a_job_is_ended_whether_ec2_shows_it_or_not(
    s3: Stub,
    jobs: JobManager,
    machines: mock.MagicMock,
    bucket: mock.MagicMock,
    stored: bytes | None,
    shown: list[str],
    ended: list[str],
) -> None:
    expect_id(s3, stored)
    machines.instances.filter.return_value = [mock.Mock(id=name) for name in shown]
    bucket.objects.filter.return_value.delete.return_value = []
    jobs.delete("night")
    assert machines.Instance.call_args_list == [mock.call(name) for name in ended]
    assert machines.Instance.return_value.terminate.call_count == len(ended)


def test_a_job_whose_instance_ec2_has_forgotten_is_removed(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock, instance: mock.MagicMock
) -> None:
    expect_id(s3)
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
    jobs: JobManager,
    bucket: mock.MagicMock,
    instance: mock.MagicMock,
    step: str,
    error: Exception,
    raised: type[Exception],
) -> None:
    expect_id(s3)
    getattr(instance, step).side_effect = error
    with pytest.raises(raised):
        jobs.delete("night")
    bucket.objects.filter.assert_not_called()


def test_objects_that_s3_refuses_to_remove_are_named(
    s3: Stub, jobs: JobManager, machines: mock.MagicMock, bucket: mock.MagicMock
) -> None:
    expect_id(s3, None)
    machines.instances.filter.return_value = []
    refused = {"Key": "jobs/night/script", "Code": "AccessDenied"}
    bucket.objects.filter.return_value.delete.return_value = [{}, {"Errors": [refused]}]
    with pytest.raises(NotDeleted, match=r"1 objects of the job night.*jobs/night/script") as left:
        jobs.delete("night")
    assert left.value.keys == ["jobs/night/script"]
