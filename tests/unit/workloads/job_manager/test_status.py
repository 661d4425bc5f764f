"""The status of a job, by its objects and its instance, and waiting for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from unit.workloads.job_manager.requests import (
    INSTANCE,
    RESULT,
    SCRIPT,
    describe,
    expect_instances,
    expect_object,
    shown,
)
from workloads.job_manager import JobManager, NoSuchJob, Status, TookTooLong

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

KEY = {"Bucket": "bucket", "Key": "key"}


def expect_running(s3: Stub, ec2: Stub, result: bytes | None = None) -> None:
    expect_object(s3, INSTANCE, b"i-1")
    expect_instances(ec2, shown("i-1", "running"), instance="i-1")
    expect_object(s3, RESULT, result)
    if result is None:
        s3.answers("head_object", SCRIPT)


def test_all_clients_use_the_given_endpoint(aws: mock.Mock, jobs: JobManager) -> None:
    assert isinstance(jobs, JobManager)
    made = [*aws.client.call_args_list, *aws.resource.call_args_list]
    assert made == [mock.call(name, endpoint_url="http://aws") for name in ["s3", "ec2"] * 2]


@pytest.mark.parametrize("code", ["404", "NoSuchKey", "NotFound"])
def test_a_missing_object_does_not_exist(s3: Stub, jobs: JobManager, code: str) -> None:
    s3.refuses("head_object", KEY, code)
    assert not jobs.exists("key")


@pytest.mark.parametrize("code", ["403", "ExpiredToken", "SlowDown"])
def test_a_refusal_does_not_mean_that_an_object_is_missing(
    s3: Stub, ec2: Stub, jobs: JobManager, code: str
) -> None:
    s3.refuses("head_object", KEY, code)
    with pytest.raises(ClientError, match=code):
        jobs.exists("key")
    s3.refuses("get_object", INSTANCE, code)
    with pytest.raises(ClientError, match=code):
        jobs.status("night")
    expect_object(s3, INSTANCE, b"i-1")
    ec2.refuses("describe_instances", describe("i-1"), code)
    with pytest.raises(ClientError, match=code):
        jobs.status("night")


@pytest.mark.parametrize(
    ("instance", "listed", "result", "expected"),
    [
        ("i-1", ["pending"], None, Status("pending")),
        ("i-1", ["running"], None, Status("running")),
        ("i-1", ["stopped"], None, Status("stopped")),
        ("i-1", ["shutting-down"], None, Status("lost")),
        ("i-1", ["terminated"], None, Status("lost")),
        ("i-1", [], None, Status("lost")),
        # The result takes precedence over the state of the instance.
        ("i-1", ["terminated"], b'{"status": 0}', Status("succeeded", 0)),
        ("i-1", ["running"], b'{"status": 3}', Status("failed", 3)),
        # Without a stored id the instance is found by its tags.
        (None, ["running"], None, Status("running")),
        (None, ["terminated"], None, Status("pending")),  # that of an earlier job of this name
    ],
)
def test_the_status_is_that_of_the_result_or_of_the_instance(
    s3: Stub,
    ec2: Stub,
    jobs: JobManager,
    instance: str | None,
    listed: list[str],
    result: bytes | None,
    expected: Status,
) -> None:
    expect_object(s3, INSTANCE, instance.encode() if instance else None)
    expect_instances(ec2, *[shown("i-1", state) for state in listed], instance=instance)
    expect_object(s3, RESULT, result)
    if result is None:
        s3.answers("head_object", SCRIPT)
    assert jobs.status("night") == expected


def test_a_job_whose_instance_ec2_has_forgotten_is_lost(
    s3: Stub, ec2: Stub, jobs: JobManager
) -> None:
    expect_object(s3, INSTANCE, b"i-1")
    ec2.refuses("describe_instances", describe("i-1"), "InvalidInstanceID.NotFound")
    expect_object(s3, RESULT, None)
    s3.answers("head_object", SCRIPT)
    assert jobs.status("night") == Status("lost")


def test_logs_of_a_missing_job_are_an_error(s3: Stub, jobs: JobManager) -> None:
    s3.refuses("head_object", SCRIPT, "404")
    with pytest.raises(NoSuchJob, match="no job night in the bucket bucket"):
        next(jobs.logs("night"))


def test_a_wait_ends_with_the_job(
    s3: Stub, ec2: Stub, jobs: JobManager, pauses: list[float]
) -> None:
    for result in (None, None, b'{"status": 0}'):
        expect_running(s3, ec2, result)
    assert jobs.wait("night") == Status("succeeded", 0)
    assert pauses == [0.5, 0.5]


def test_a_wait_ends_after_the_last_check(s3: Stub, ec2: Stub, jobs: JobManager) -> None:
    for _ in range(3):
        expect_running(s3, ec2)
    with pytest.raises(TookTooLong, match="job night is still running"):
        jobs.wait("night")


def test_a_manager_that_would_never_check_is_refused(aws: Any) -> None:
    with pytest.raises(ValueError, match="checks is 0; it must be at least 1"):
        JobManager(aws, "bucket", checks=0)
