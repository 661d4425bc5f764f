"""Jobs in a bucket and on instances, in one AWS: each test uses its own names."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
from botocore.exceptions import ClientError

from integration.conftest import REGION
from matrix.contract import models
from workloads.job_machine import Machine
from workloads.job_manager import JobExists, JobManager, NoInstance, NoSuchJob, Status

MACHINE = Machine("ami-12c6146b")
SCRIPT = b"#!/bin/sh\ntrain\n"


@pytest.fixture(scope="module")
def s3(account: Any) -> Any:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="jobs")
    return s3


@pytest.fixture
def jobs(account: Any, s3: Any) -> JobManager:
    assert s3
    return JobManager(account, "jobs", delay=0, checks=5)


@pytest.fixture(scope="module")
def others(account: Any, s3: Any) -> JobManager:
    """The jobs of another bucket in the same account."""
    s3.create_bucket(Bucket="others")
    return JobManager(account, "others", delay=0, checks=5)


def test_a_job_is_submitted_stopped_started_and_ended(jobs: JobManager, s3: Any) -> None:
    instance = jobs.submit("life", SCRIPT, MACHINE)
    assert instance.startswith("i-")
    assert jobs.status("life") == Status("running")
    jobs.stop("life")
    assert jobs.status("life") == Status("stopped")
    jobs.start("life")
    s3.put_object(Bucket="jobs", Key="jobs/life/result.json", Body=json.dumps({"status": 0}))
    assert jobs.wait("life") == Status("succeeded", 0)


def test_deleting_a_job_removes_only_its_own_objects(jobs: JobManager) -> None:
    jobs.submit("gone", SCRIPT, MACHINE)
    jobs.submit("gone2", SCRIPT, MACHINE)
    jobs.delete("gone")
    assert not jobs.has_prefix("jobs/gone/")
    assert jobs.exists("jobs/gone2/script")
    with pytest.raises(NoInstance):
        jobs.start("gone")
    with pytest.raises(NoSuchJob):
        jobs.status("gone")
    assert jobs.status("gone2") == Status("running")


@pytest.mark.parametrize("change", [JobManager.start, JobManager.stop])
def test_a_job_of_the_same_name_in_another_bucket_is_another_job(
    jobs: JobManager, others: JobManager, change: Callable[[JobManager, str], None]
) -> None:
    others.submit("same", SCRIPT, MACHINE)
    with pytest.raises(NoInstance):
        change(jobs, "same")
    jobs.submit("same", SCRIPT, MACHINE)
    jobs.delete("same")
    assert others.status("same") == Status("running")
    others.delete("same")


def test_an_instance_that_only_an_object_names_is_left_alone(
    account: Any, jobs: JobManager, others: JobManager, s3: Any
) -> None:
    foreign = others.submit("foreign", SCRIPT, MACHINE)
    bare = account.resource("ec2").create_instances(ImageId=MACHINE.image, MinCount=1, MaxCount=1)
    for instance in (foreign, bare[0].id):
        s3.put_object(Bucket="jobs", Key="jobs/foreign/script", Body=SCRIPT)
        s3.put_object(Bucket="jobs", Key="jobs/foreign/instance", Body=instance.encode())
        assert jobs.status("foreign") == Status("lost")
        jobs.delete("foreign")
    bare[0].reload()
    assert bare[0].state["Name"] == "running"
    assert others.status("foreign") == Status("running")


def test_a_prefix_of_many_objects_is_found(jobs: JobManager, s3: Any) -> None:
    for number in range(20):
        s3.put_object(Bucket="jobs", Key=f"many/{number}", Body=b"")
    assert jobs.has_prefix("many/")
    assert not jobs.has_prefix("many/x")


def test_logs_of_many_parts_are_one_stream_of_lines(jobs: JobManager, s3: Any) -> None:
    jobs.submit("logs", SCRIPT, MACHINE)
    for number in range(3):
        body = f"begin {number}\nend {number}\n".encode()
        s3.put_object(Bucket="jobs", Key=f"jobs/logs/logs/{number:04}", Body=body)
    assert [*jobs.logs("logs")] == [f"{what} {n}" for n in range(3) for what in ("begin", "end")]


def test_a_refused_instance_leaves_no_script(jobs: JobManager) -> None:
    with pytest.raises(ClientError, match=r"NoSuchEntity|InvalidParameterValue"):
        jobs.submit("broken", SCRIPT, Machine("ami-12c6146b", profile="nobody"))
    assert not jobs.has_prefix("jobs/broken/")


def test_a_missing_bucket_is_an_error_and_not_a_missing_prefix(account: Any) -> None:
    with pytest.raises(ClientError, match=r"NoSuchBucket"):
        JobManager(account, "missing").has_prefix("jobs/")


def interrupted(*operations: str) -> Any:
    """Return a session in which Ctrl-C comes before the answer of an operation is read."""
    session = models.session(region_name=REGION)

    def interrupt(**_: Any) -> None:
        raise KeyboardInterrupt

    for operation in operations:
        session.events.register(f"after-call.{operation}", interrupt)
    return session


def live(account: Any, job: str) -> list[str]:
    asked = [{"Name": "tag:job-manager/job", "Values": [job]}]
    found = account.client("ec2").describe_instances(Filters=asked)["Reservations"]
    states = [each["State"]["Name"] for one in found for each in one["Instances"]]
    return [state for state in states if state not in {"shutting-down", "terminated"}]


@pytest.mark.parametrize("operation", ["s3.PutObject", "ec2.RunInstances", "ec2.DescribeInstances"])
def test_a_submission_whose_answer_is_lost_leaves_nothing(
    account: Any, jobs: JobManager, operation: str
) -> None:
    hasty = JobManager(interrupted(operation), "jobs", delay=0, checks=5)
    with pytest.raises(KeyboardInterrupt):
        hasty.submit("hasty", SCRIPT, MACHINE)
    assert not jobs.has_prefix("jobs/hasty/")
    assert live(account, "hasty") == []


@pytest.mark.parametrize("operation", ["ec2.TerminateInstances", "s3.DeleteObject"])
def test_a_job_whose_submission_could_not_be_undone_can_be_deleted(
    account: Any, jobs: JobManager, operation: str
) -> None:
    hasty = JobManager(interrupted("ec2.RunInstances", operation), "jobs", delay=0, checks=5)
    with pytest.raises(KeyboardInterrupt):
        hasty.submit("half", SCRIPT, MACHINE)
    assert jobs.status("half").state != "lost"
    with pytest.raises(JobExists):
        jobs.submit("half", SCRIPT, MACHINE)
    jobs.delete("half")
    assert not jobs.has_prefix("jobs/half/")
    assert live(account, "half") == []


def test_a_job_whose_instance_can_be_neither_stored_nor_ended_can_be_deleted(
    account: Any, jobs: JobManager
) -> None:
    session = models.session(region_name=REGION)

    def refuse(request: Any, **_: Any) -> None:
        if request.method == "POST" or request.url.endswith("/instance"):
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "no"}}, "any")

    for operation in ("s3.PutObject", "ec2.TerminateInstances"):
        session.events.register(f"request-created.{operation}", refuse)
    with pytest.raises(ClientError, match="SlowDown"):
        JobManager(session, "jobs", delay=0, checks=5).submit("unnoted", SCRIPT, MACHINE)
    assert jobs.status("unnoted") == Status("running")
    with pytest.raises(JobExists):
        jobs.submit("unnoted", SCRIPT, MACHINE)
    jobs.delete("unnoted")
    assert live(account, "unnoted") == []


def test_a_job_that_ec2_does_not_list_yet_is_neither_lost_nor_left(account: Any) -> None:
    session = models.session(region_name=REGION)
    hidden = iter(range(2))

    def hide(parsed: Any, **_: Any) -> None:
        if next(hidden, None) is not None:
            parsed["Reservations"] = []

    session.events.register("after-call.ec2.DescribeInstances", hide)
    jobs = JobManager(session, "jobs", delay=0, checks=5)
    jobs.submit("late", SCRIPT, MACHINE)
    assert jobs.status("late") == Status("running")
    hidden = iter(range(1))
    jobs.delete("late")
    assert live(account, "late") == []
