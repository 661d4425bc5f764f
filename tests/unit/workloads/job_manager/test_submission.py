"""A job is submitted as a whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from unit.workloads.job_manager.instance_answers import TAGS, asked, shown
from workloads.job_machine import Machine
from workloads.job_manager import JobExists, JobManager
from workloads.job_name import JobName

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

HOME = {"Bucket": "bucket", "Prefix": "jobs/night/", "MaxKeys": 1}
MACHINE = Machine("ami-1")
BUSY = ClientError({"Error": {"Code": "RequestLimitExceeded", "Message": "no"}}, "Terminate...")
PATIENCE = {"Delay": 0.5, "MaxAttempts": 3}
DENIED = ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "RunInstances")


def test_a_job_is_its_script_then_its_instance_then_the_id_of_that(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock, machines: mock.MagicMock
) -> None:
    s3.answers("list_objects_v2", HOME)
    order = mock.Mock()
    created = mock.Mock(id="i-1")
    order.attach_mock(bucket.Object, "Object")
    order.attach_mock(machines.create_instances, "create_instances")
    order.attach_mock(created.wait_until_exists, "wait_until_exists")
    machines.create_instances.return_value = [created]
    assert jobs.submit("night", b"#!/bin/sh", MACHINE) == "i-1"
    assert order.mock_calls == [
        mock.call.Object("jobs/night/script"),
        mock.call.Object().put(Body=b"#!/bin/sh"),
        mock.call.create_instances(**mock_any_request()),
        mock.call.Object("jobs/night/instance"),
        mock.call.Object().put(Body=b"i-1"),
        mock.call.wait_until_exists(WaiterConfig=PATIENCE),
    ]


def mock_any_request() -> dict[str, Any]:
    return dict.fromkeys(MACHINE.request(JobName("bucket", "night"), "id"), mock.ANY)


FAILURES = [DENIED, KeyboardInterrupt()]


def hinder(bucket: mock.MagicMock, machines: mock.MagicMock, step: str, error: object) -> None:
    """Let a submission fail at this step, after the one before has succeeded."""
    created = mock.Mock(id="i-1")
    machines.create_instances.return_value = [created]
    if step == "script":
        bucket.Object.return_value.put.side_effect = error
    elif step == "machine":
        machines.create_instances.side_effect = error
    elif step == "instance":
        bucket.Object.return_value.put.side_effect = [None, error]
    else:
        created.wait_until_exists.side_effect = error


SUBMISSION = "1d3c3b0e-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def submission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uuid.uuid4", lambda: SUBMISSION)


def expect_submitted(ec2: Stub) -> None:
    """Show the instance that this submission made while nobody listened."""
    mine = {**TAGS, "job-manager/submission": SUBMISSION}
    theirs = {**TAGS, "job-manager/submission": "another"}
    found = [shown("i-0", "running", theirs), shown("i-1", "pending", mine)]
    answer = {"Reservations": [{"Instances": found}]}
    ec2.answers("describe_instances", asked(**{"job-manager/submission": SUBMISSION}), answer)


@pytest.mark.parametrize("error", FAILURES)
@pytest.mark.parametrize("step", ["script", "machine", "instance", "exists"])
def test_a_submission_that_fails_at_any_step_leaves_neither_objects_nor_an_instance(
    s3: Stub,
    ec2: Stub,
    jobs: JobManager,
    bucket: mock.MagicMock,
    machines: mock.MagicMock,
    step: str,
    error: BaseException,
) -> None:
    s3.answers("list_objects_v2", HOME)
    hinder(bucket, machines, step, error)
    found = machines.Instance.return_value
    made = machines.create_instances.return_value[0]
    if step in {"script", "machine"}:
        expect_submitted(ec2)
        made = found
    order = mock.Mock()
    order.attach_mock(made.terminate, "terminate")
    order.attach_mock(bucket.Object.return_value.delete, "delete")
    with pytest.raises(type(error)):
        jobs.submit("night", b"", MACHINE)
    # While its script is there, so is the job: that goes last.
    assert order.mock_calls == [mock.call.terminate(), mock.call.delete(), mock.call.delete()]
    removed = [call.args for call in bucket.Object.call_args_list[-2:]]
    assert removed == [("jobs/night/instance",), ("jobs/night/script",)]


def test_an_instance_that_ec2_does_not_know_yet_finds_no_script(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock, machines: mock.MagicMock
) -> None:
    s3.answers("list_objects_v2", HOME)
    hinder(bucket, machines, "exists", KeyboardInterrupt())
    unknown = {"Error": {"Code": "InvalidInstanceID.NotFound", "Message": "no"}}
    made = machines.create_instances.return_value[0]
    made.terminate.side_effect = ClientError(unknown, "TerminateInstances")
    with pytest.raises(KeyboardInterrupt):
        jobs.submit("night", b"", MACHINE)
    assert bucket.Object.return_value.delete.call_count == 2
    made.wait_until_terminated.assert_not_called()


@pytest.mark.parametrize("error", FAILURES)
def test_a_submission_whose_instance_cannot_be_ended_keeps_its_script_and_says_why(
    s3: Stub,
    jobs: JobManager,
    bucket: mock.MagicMock,
    machines: mock.MagicMock,
    error: BaseException,
) -> None:
    s3.answers("list_objects_v2", HOME)
    hinder(bucket, machines, "instance", error)
    made = machines.create_instances.return_value[0]
    made.terminate.side_effect = BUSY
    with pytest.raises(type(error)) as raised:
        jobs.submit("night", b"", MACHINE)
    assert raised.value is error
    assert raised.value.__cause__ is BUSY
    bucket.Object.return_value.delete.assert_not_called()


def test_an_interrupt_during_the_clean_up_is_an_interrupt(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock, machines: mock.MagicMock
) -> None:
    s3.answers("list_objects_v2", HOME)
    hinder(bucket, machines, "instance", DENIED)
    bucket.Object.return_value.delete.side_effect = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        jobs.submit("night", b"", MACHINE)
    machines.create_instances.return_value[0].terminate.assert_called_once_with()


def test_a_job_that_exists_is_not_overwritten(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock, machines: mock.MagicMock
) -> None:
    s3.answers("list_objects_v2", HOME, {"Contents": [{"Key": "jobs/night/logs/1"}]})
    with pytest.raises(JobExists, match="results are not overwritten"):
        jobs.submit("night", b"", MACHINE)
    bucket.Object.assert_not_called()
    machines.create_instances.assert_not_called()
