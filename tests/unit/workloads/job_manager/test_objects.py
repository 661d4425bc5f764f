"""What the job manager asks of S3 through its client: existence, results, states."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from unit.workloads.job_manager.instance_answers import asked, expect_look, shown
from workloads.job_manager import JobManager, NoSuchJob, Status, TookTooLong

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

RESULT = {"Bucket": "bucket", "Key": "jobs/night/result.json"}
SCRIPT = {"Bucket": "bucket", "Key": "jobs/night/script"}
INSTANCE = {"Bucket": "bucket", "Key": "jobs/night/instance"}


class Body(StreamingBody):  # type: ignore[misc]  # botocore is untyped
    """A body of which the stub hands over this one, and no copy."""

    def __deepcopy__(self, memo: object) -> Body:
        return self


def expect_object(s3: Stub, asked: dict[str, str], content: bytes) -> Body:
    body = Body(io.BytesIO(content), len(content))
    s3.answers("get_object", asked, {"Body": body})
    return body


def expect_state(s3: Stub, ec2: Stub, *states: str) -> None:
    expect_object(s3, INSTANCE, b"i-1")
    expect_look(ec2, *[shown("i-1", state) for state in states], instance="i-1")


def expect_no_result(s3: Stub) -> None:
    s3.refuses("get_object", RESULT, "NoSuchKey")
    s3.answers("head_object", SCRIPT)


def test_everything_is_made_with_the_endpoint_that_was_given(
    aws: mock.Mock, jobs: JobManager
) -> None:
    assert isinstance(jobs, JobManager)
    made = [*aws.client.call_args_list, *aws.resource.call_args_list]
    assert made == [mock.call(name, endpoint_url="http://aws") for name in ["s3", "ec2"] * 2]


def test_an_object_that_is_there_exists(s3: Stub, jobs: JobManager) -> None:
    s3.answers("head_object", {"Bucket": "bucket", "Key": "key"})
    assert jobs.exists("key")


@pytest.mark.parametrize("code", ["404", "NoSuchKey", "NotFound"])
def test_an_object_that_is_missing_does_not_exist(s3: Stub, jobs: JobManager, code: str) -> None:
    s3.refuses("head_object", {"Bucket": "bucket", "Key": "key"}, code)
    assert not jobs.exists("key")


@pytest.mark.parametrize("code", ["403", "ExpiredToken", "SlowDown"])
def test_an_object_that_cannot_be_looked_at_is_not_said_to_be_missing(
    s3: Stub, jobs: JobManager, code: str
) -> None:
    s3.refuses("head_object", {"Bucket": "bucket", "Key": "key"}, code)
    with pytest.raises(ClientError, match=code):
        jobs.exists("key")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"Contents": [{"Key": "p/1"}], "IsTruncated": True}, True),
        ({"Contents": []}, False),
        ({}, False),
    ],
)
def test_a_prefix_is_looked_for_with_one_request_for_one_key(
    s3: Stub, jobs: JobManager, answer: dict[str, Any], expected: bool
) -> None:
    s3.answers("list_objects_v2", {"Bucket": "bucket", "Prefix": "p/", "MaxKeys": 1}, answer)
    assert jobs.has_prefix("p/") is expected


def test_a_prefix_that_may_not_be_listed_is_an_error(s3: Stub, jobs: JobManager) -> None:
    asked = {"Bucket": "bucket", "Prefix": "p/", "MaxKeys": 1}
    s3.refuses("list_objects_v2", asked, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        jobs.has_prefix("p/")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"status": 0}', Status("succeeded", 0)),
        (b'{"status": 3}', Status("failed", 3)),
    ],
)
def test_what_the_script_said_counts_for_more_than_its_instance(
    s3: Stub, ec2: Stub, jobs: JobManager, content: bytes, status: Status
) -> None:
    expect_state(s3, ec2, "terminated")
    body = expect_object(s3, RESULT, content)
    assert jobs.status("night") == status
    assert body._raw_stream.closed


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["pending"], "pending"),
        (["running"], "running"),
        (["stopped"], "stopped"),
        (["shutting-down"], "lost"),
        (["terminated"], "lost"),
        ([], "lost"),
    ],
)
def test_until_the_script_says_something_the_status_is_that_of_the_instance(
    s3: Stub, ec2: Stub, jobs: JobManager, states: list[str], expected: str
) -> None:
    expect_state(s3, ec2, *states)
    expect_no_result(s3)
    assert jobs.status("night") == Status(expected)


def test_a_job_whose_instance_ec2_has_forgotten_is_lost(
    s3: Stub, ec2: Stub, jobs: JobManager
) -> None:
    expect_object(s3, INSTANCE, b"i-1")
    ec2.refuses("describe_instances", asked("i-1"), "InvalidInstanceID.NotFound")
    expect_no_result(s3)
    assert jobs.status("night") == Status("lost")


def test_a_job_that_has_no_instance_yet_is_pending_and_not_lost(
    s3: Stub, ec2: Stub, jobs: JobManager
) -> None:
    s3.refuses("get_object", INSTANCE, "NoSuchKey")
    expect_look(ec2, shown("i-0", "terminated"))  # of an earlier job of this name
    expect_no_result(s3)
    assert jobs.status("night") == Status("pending")


def test_a_job_whose_instance_nobody_noted_is_found_by_its_tags(
    s3: Stub, ec2: Stub, jobs: JobManager
) -> None:
    s3.refuses("get_object", INSTANCE, "NoSuchKey")
    expect_look(ec2, shown("i-1", "running"))
    expect_no_result(s3)
    assert jobs.status("night") == Status("running")


def test_a_reservation_without_instances_is_passed_over(
    s3: Stub, ec2: Stub, jobs: JobManager
) -> None:
    answer = {"Reservations": [{"Instances": []}, {"Instances": [shown("i-1", "running")]}]}
    expect_object(s3, INSTANCE, b"i-1")
    ec2.answers("describe_instances", asked("i-1"), answer)
    expect_no_result(s3)
    assert jobs.status("night") == Status("running")


def test_a_job_that_nobody_submitted_is_said_to_be_none(
    s3: Stub, ec2: Stub, jobs: JobManager
) -> None:
    s3.refuses("get_object", INSTANCE, "NoSuchKey")
    expect_look(ec2)
    s3.refuses("get_object", RESULT, "NoSuchKey")
    s3.refuses("head_object", SCRIPT, "404")
    with pytest.raises(NoSuchJob, match="no job night in the bucket bucket"):
        jobs.status("night")


def test_a_result_that_may_not_be_read_is_an_error(s3: Stub, ec2: Stub, jobs: JobManager) -> None:
    expect_state(s3, ec2, "running")
    s3.refuses("get_object", RESULT, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        jobs.status("night")


def test_an_instance_that_may_not_be_looked_at_is_an_error(
    s3: Stub, ec2: Stub, jobs: JobManager
) -> None:
    expect_object(s3, INSTANCE, b"i-1")
    ec2.refuses("describe_instances", asked("i-1"), "UnauthorizedOperation")
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        jobs.status("night")


def test_who_waits_for_a_job_hears_how_it_ended(
    s3: Stub, ec2: Stub, jobs: JobManager, pauses: list[float]
) -> None:
    for state in ("pending", "running"):
        expect_state(s3, ec2, state)
        expect_no_result(s3)
    expect_state(s3, ec2, "running")
    expect_object(s3, RESULT, b'{"status": 0}')
    assert jobs.wait("night") == Status("succeeded", 0)
    assert pauses == [0.5, 0.5]


def test_who_waits_for_a_job_does_not_wait_for_ever(s3: Stub, ec2: Stub, jobs: JobManager) -> None:
    for _ in range(3):
        expect_state(s3, ec2, "running")
        expect_no_result(s3)
    with pytest.raises(TookTooLong, match="job night is still running"):
        jobs.wait("night")


@pytest.mark.parametrize("checks", [0, -1])
def test_who_would_never_look_is_told_so_when_the_manager_is_made(
    aws: mock.Mock, checks: int
) -> None:
    with pytest.raises(ValueError, match=f"checks is {checks}; it must be at least 1"):
        JobManager(aws, "bucket", checks=checks)
