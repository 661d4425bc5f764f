"""A job is submitted as a whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from unit.workloads.job_manager.requests import HOME, PATIENCE, TAGS, describe, shown
from workloads.job_machine import SUBMISSION, Machine
from workloads.job_manager import JobManager
from workloads.job_name import JobName

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

MACHINE = Machine("ami-1")
ID = "1d3c3b0e-0000-4000-8000-000000000000"
DENIED, BUSY, UNKNOWN = (
    ClientError({"Error": {"Code": code}}, "any")
    for code in ("UnauthorizedOperation", "RequestLimitExceeded", "InvalidInstanceID.NotFound")
)


@pytest.fixture(autouse=True)
def _first_request(s3: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uuid.uuid4", lambda: ID)
    s3.answers("list_objects_v2", HOME)


@pytest.fixture
def created(instances: mock.MagicMock) -> mock.Mock:
    """The instance that a submission creates."""
    one = mock.Mock(id="i-1")
    instances.create_instances.return_value = [one]
    return one


def test_a_submission_stores_the_script_and_then_creates_and_stores_the_instance(
    jobs: JobManager, bucket: mock.MagicMock, instances: mock.MagicMock, created: mock.Mock
) -> None:
    order = mock.Mock()
    order.attach_mock(bucket.Object, "Object")
    order.attach_mock(instances.create_instances, "create_instances")
    order.attach_mock(created.wait_until_exists, "wait_until_exists")
    assert jobs.submit("night", b"#!/bin/sh", MACHINE) == "i-1"
    assert order.mock_calls == [
        mock.call.Object("jobs/night/script"),
        mock.call.Object().put(Body=b"#!/bin/sh"),
        mock.call.create_instances(**MACHINE.request(JobName("bucket", "night"), ID)),
        mock.call.Object("jobs/night/instance"),
        mock.call.Object().put(Body=b"i-1"),
        mock.call.wait_until_exists(WaiterConfig=PATIENCE),
    ]


@pytest.mark.parametrize("error", [DENIED, KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["script", "create", "instance", "exists"])
def test_a_submission_that_fails_at_any_step_ends_its_instance_and_removes_its_objects(
    ec2: Stub,
    jobs: JobManager,
    bucket: mock.MagicMock,
    instances: mock.MagicMock,
    created: mock.Mock,
    step: str,
    error: BaseException,
) -> None:
    put = bucket.Object.return_value.put
    failing = {"create": instances.create_instances, "exists": created.wait_until_exists}
    failing.get(step, put).side_effect = [None, error] if step == "instance" else error
    ended = created
    if step in {"script", "create"}:
        # EC2 lists the instance of this submission, and that of another one.
        found = [shown("i-0", "running", {**TAGS, SUBMISSION: "another"})]
        found += [shown("i-1", "pending", {**TAGS, SUBMISSION: ID})]
        answer = {"Reservations": [{"Instances": found}]}
        ec2.answers("describe_instances", describe(submission=ID), answer)
        ended = instances.Instance.return_value
    order = mock.Mock()
    order.attach_mock(ended.terminate, "terminate")
    order.attach_mock(bucket.Object.return_value.delete, "delete")
    with pytest.raises(type(error)):
        jobs.submit("night", b"", MACHINE)
    # As long as the script exists, so does the job: it is removed last.
    assert order.mock_calls == [mock.call.terminate(), mock.call.delete(), mock.call.delete()]
    removed = [call.args for call in bucket.Object.call_args_list[-2:]]
    assert removed == [("jobs/night/instance",), ("jobs/night/script",)]


@pytest.mark.parametrize("error", [DENIED, KeyboardInterrupt()])
@pytest.mark.parametrize(("refusal", "removed"), [(UNKNOWN, 2), (BUSY, 0)])
def test_a_submission_keeps_its_script_if_its_instance_cannot_be_ended(
    jobs: JobManager,
    bucket: mock.MagicMock,
    created: mock.Mock,
    error: BaseException,
    refusal: ClientError,
    removed: int,
) -> None:
    created.wait_until_exists.side_effect = error
    created.terminate.side_effect = refusal
    with pytest.raises(type(error)) as raised:
        jobs.submit("night", b"", MACHINE)
    assert raised.value is error
    assert raised.value.__cause__ is (None if removed else refusal)
    assert bucket.Object.return_value.delete.call_count == removed
    created.wait_until_terminated.assert_not_called()


def test_an_interrupt_of_the_clean_up_is_raised(
    jobs: JobManager, bucket: mock.MagicMock, created: mock.Mock
) -> None:
    created.wait_until_exists.side_effect = DENIED
    bucket.Object.return_value.delete.side_effect = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        jobs.submit("night", b"", MACHINE)
    created.terminate.assert_called_once_with()
