"""Instances of jobs that fail or do not belong to the job, and bodies that must be closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError, WaiterError

from unit.workloads.job_manager.requests import (
    INSTANCE,
    PATIENCE,
    SCRIPT,
    TAGS,
    describe,
    expect_instances,
    expect_object,
    shown,
)
from unit.workloads.stub import streamed
from workloads.job_manager import JobManager, NoInstance, NotDeleted, TookTooLong

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

DENIED = ClientError({"Error": {"Code": "UnauthorizedOperation"}}, "TerminateInstances")
FORGOTTEN = ClientError({"Error": {"Code": "InvalidInstanceID.NotFound"}}, "TerminateInstances")
TOO_LONG = WaiterError(name="instance", reason="Max attempts exceeded", last_response={})
OTHERS = [{}, {**TAGS, "job-manager/bucket": "other"}, {**TAGS, "job-manager/job": "day"}]


@pytest.fixture
def instance(instances: mock.MagicMock) -> mock.MagicMock:
    """The instance of the job."""
    one: mock.MagicMock = instances.Instance.return_value
    return one


@pytest.fixture
def objects(bucket: mock.MagicMock) -> mock.MagicMock:
    """The objects of the job, which S3 deletes."""
    found: mock.MagicMock = bucket.objects.filter.return_value
    found.delete.return_value = [{"Deleted": []}]
    return found


@pytest.mark.parametrize("whole", [True, False])
def test_logs_are_decoded_line_by_line_and_their_bodies_closed(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock, whole: bool
) -> None:
    s3.answers("head_object", SCRIPT)
    bodies = [streamed(content) for content in (b"one\ntwo\n", b"thr\xc3\xa9\xff")]
    parts = [mock.Mock(**{"get.return_value": {"Body": body}}) for body in bodies]
    bucket.objects.filter.return_value = parts
    lines: Any = jobs.logs("night")
    assert next(lines) == "one"
    parts[1].get.assert_not_called()
    if whole:
        assert [*lines] == ["two", "thr\u00e9\ufffd"]
    lines.close()
    assert [body._raw_stream.closed for body in bodies] == [True, whole]


Act = Callable[[JobManager], Any]
CHANGES: list[tuple[str, Act, str]] = [
    ("start", lambda jobs: jobs.start("night"), "wait_until_running"),
    ("stop", lambda jobs: jobs.stop("night"), "wait_until_stopped"),
]


@pytest.mark.parametrize(("change", "act", "wait"), CHANGES)
def test_a_change_of_the_instance_is_waited_for_with_a_bound(
    ec2: Stub, jobs: JobManager, instance: mock.MagicMock, change: str, act: Act, wait: str
) -> None:
    expect_instances(ec2, shown("i-0", "terminated"), shown("i-1", "stopping"))
    getattr(instance, wait).side_effect = TOO_LONG
    with pytest.raises(TookTooLong, match=r"job night did not come.*Max attempts") as raised:
        act(jobs)
    assert raised.value.__cause__ is TOO_LONG
    waited = getattr(mock.call, wait)(WaiterConfig=PATIENCE)
    assert instance.mock_calls == [getattr(mock.call, change)(), waited]


@pytest.mark.parametrize(("change", "act", "wait"), CHANGES)
def test_an_instance_that_has_ended_or_is_of_others_is_not_changed(
    ec2: Stub, jobs: JobManager, instances: mock.MagicMock, change: str, act: Act, wait: str
) -> None:
    ended = [shown("i-1", "terminated"), shown("i-1", "shutting-down")]
    # EC2 would not list the others, but the filters of EC2 are not relied upon.
    others = [shown("i-1", "running", tags) for tags in OTHERS]
    untagged = {"InstanceId": "i-1", "State": {"Name": "running"}}
    expect_instances(ec2, *ended, *others, untagged)
    with pytest.raises(NoInstance, match="job night has no instance"):
        act(jobs)
    assert instances.Instance.mock_calls == [], (change, wait)


@pytest.mark.parametrize(
    ("by_id", "by_tags", "ended"),
    [
        ("i-1", [], ["i-1"]),
        (None, ["i-2"], ["i-2"]),
        ("i-1", ["i-1", "i-2"], ["i-1", "i-2"]),
        (None, [], []),
    ],
)
def test_deleting_ends_each_instance_before_it_removes_the_objects(
    s3: Stub,
    ec2: Stub,
    jobs: JobManager,
    instances: mock.MagicMock,
    objects: mock.MagicMock,
    by_id: str | None,
    by_tags: list[str],
    ended: list[str],
) -> None:
    expect_instances(ec2, *[shown(name, "running") for name in by_tags])
    expect_object(s3, INSTANCE, by_id.encode() if by_id else None)
    if by_id:
        expect_instances(ec2, shown(by_id, "stopped"), instance=by_id)
    order = mock.Mock()
    order.attach_mock(instances.Instance, "instance")
    order.attach_mock(objects.delete, "delete")
    jobs.delete("night")
    expected = []
    for name in ended:
        expected += [mock.call.instance(name), mock.call.instance().terminate()]
        expected += [mock.call.instance().wait_until_terminated(WaiterConfig=PATIENCE)]
    assert order.mock_calls[: len(expected) + 1] == [*expected, mock.call.delete()]


@pytest.mark.parametrize("tags", [*OTHERS, None])
def test_an_instance_that_only_an_object_names_is_left_alone(
    s3: Stub,
    ec2: Stub,
    jobs: JobManager,
    instances: mock.MagicMock,
    objects: mock.MagicMock,
    tags: dict[str, str] | None,
) -> None:
    expect_instances(ec2)
    expect_object(s3, INSTANCE, b"i-1")
    if tags is None:
        ec2.refuses("describe_instances", describe("i-1"), "InvalidInstanceID.NotFound")
    else:
        expect_instances(ec2, shown("i-1", "running", tags), instance="i-1")
    jobs.delete("night")
    instances.Instance.assert_not_called()
    objects.delete.assert_called_once_with()


@pytest.mark.parametrize(
    ("step", "error", "raised"),
    [
        ("terminate", FORGOTTEN, None),
        ("terminate", DENIED, ClientError),
        ("wait_until_terminated", TOO_LONG, TookTooLong),
    ],
)
def test_the_objects_are_removed_only_if_the_instance_has_ended(
    s3: Stub,
    ec2: Stub,
    jobs: JobManager,
    instance: mock.MagicMock,
    objects: mock.MagicMock,
    step: str,
    error: Exception,
    raised: type[Exception] | None,
) -> None:
    expect_instances(ec2, shown("i-1", "running"))
    expect_object(s3, INSTANCE, None)
    getattr(instance, step).side_effect = error
    if raised is None:
        jobs.delete("night")
        instance.wait_until_terminated.assert_not_called()
    else:
        with pytest.raises(raised):
            jobs.delete("night")
    assert objects.delete.called is (raised is None)


def test_objects_that_s3_refuses_to_remove_are_named(
    s3: Stub, ec2: Stub, jobs: JobManager, objects: mock.MagicMock
) -> None:
    expect_instances(ec2)
    expect_object(s3, INSTANCE, None)
    refused = {"Key": "jobs/night/script", "Code": "AccessDenied"}
    objects.delete.return_value = [{}, {"Errors": [refused]}]
    with pytest.raises(NotDeleted, match=r"1 objects of the job night.*jobs/night/script") as left:
        jobs.delete("night")
    assert left.value.keys == ["jobs/night/script"]
