"""One rule for names: none reaches into the objects or the instances of others."""

from __future__ import annotations

from typing import Any, Callable
from unittest import mock

import pytest

from workloads.job_machine import Machine
from workloads.job_manager import JobManager
from workloads.job_name import JobName

STRANGE = ["", "a/b", ".", "..", "a b", "night/", "night-*", "n?ght", "n\\ight", "night\n", "$(a)"]
METHODS: dict[str, Callable[[JobManager, str], Any]] = {
    "submit": lambda jobs, name: jobs.submit(name, b"", Machine("ami-1")),
    "status": JobManager.status,
    "logs": lambda jobs, name: next(jobs.logs(name)),
    "start": JobManager.start,
    "stop": JobManager.stop,
    "wait": JobManager.wait,
    "delete": JobManager.delete,
}


def test_a_job_is_below_its_name_and_its_instances_say_bucket_and_job() -> None:
    name = JobName("bucket", "night-1.a_B")
    assert name.key() == "jobs/night-1.a_B/"
    assert name.key("logs/1") == "jobs/night-1.a_B/logs/1"
    assert name.url == "s3://bucket/jobs/night-1.a_B"
    assert name.tags == {"job-manager/bucket": "bucket", "job-manager/job": "night-1.a_B"}


def test_every_method_that_takes_a_name_is_in_the_table() -> None:
    plain = {"exists", "has_prefix"}  # they take keys
    public = {name for name in vars(JobManager) if not name.startswith("_")}
    assert public - plain == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", STRANGE)
def test_a_name_that_could_mean_others_is_refused_before_anything_is_asked(
    jobs: JobManager, bucket: mock.MagicMock, machines: mock.MagicMock, method: str, name: str
) -> None:
    with pytest.raises(ValueError, match=r"cannot be the name of a job\. Choose letters"):
        METHODS[method](jobs, name)
    assert bucket.mock_calls == machines.mock_calls == []


@pytest.mark.parametrize("name", STRANGE)
def test_a_bucket_whose_name_could_mean_others_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a bucket"):
        JobName(name, "night")


def test_a_manager_of_a_bucket_with_such_a_name_is_not_made(aws: mock.Mock) -> None:
    with pytest.raises(ValueError, match=r"'team-\*' cannot be the name of a bucket"):
        JobManager(aws, "team-*")
