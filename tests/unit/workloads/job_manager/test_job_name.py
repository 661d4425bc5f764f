"""No name of a job reaches the objects or the instances of others."""

from __future__ import annotations

from typing import Any, Callable
from unittest import mock

import pytest

from workloads.job_machine import Machine
from workloads.job_manager import JobManager
from workloads.job_name import JobName

INVALID = ["", "a/b", ".", "..", "a b", "night/", "night-*", "n?ght", "n\\ight", "night\n", "$(a)"]
METHODS: dict[str, Callable[[JobManager, str], Any]] = {
    "submit": lambda jobs, name: jobs.submit(name, b"", Machine("ami-1")),
    "status": JobManager.status,
    "logs": lambda jobs, name: next(jobs.logs(name)),
    "start": JobManager.start,
    "stop": JobManager.stop,
    "wait": JobManager.wait,
    "delete": JobManager.delete,
}


def test_keys_and_tags_contain_the_names_of_bucket_and_job() -> None:
    name = JobName("bucket", "night-1.a_B")
    assert name.key() == "jobs/night-1.a_B/"
    assert name.key("logs/1") == "jobs/night-1.a_B/logs/1"
    assert name.url == "s3://bucket/jobs/night-1.a_B"
    assert name.tags == {"job-manager/bucket": "bucket", "job-manager/job": "night-1.a_B"}


def test_the_table_has_every_method_that_takes_a_name() -> None:
    plain = {"exists", "has_prefix"}  # they take keys
    public = {name for name in vars(JobManager) if not name.startswith("_")}
    assert public - plain == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_name_is_refused_before_any_request(
    jobs: JobManager, bucket: mock.MagicMock, instances: mock.MagicMock, method: str, name: str
) -> None:
    with pytest.raises(ValueError, match=r"cannot be the name of a job\. Choose letters"):
        METHODS[method](jobs, name)
    assert bucket.mock_calls == instances.mock_calls == []


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_bucket_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a bucket"):
        JobName(name, "night")


def test_a_manager_refuses_an_invalid_bucket(aws: mock.Mock) -> None:
    with pytest.raises(ValueError, match=r"'team-\*' cannot be the name of a bucket"):
        JobManager(aws, "team-*")
