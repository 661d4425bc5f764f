"""Jobs whose script, result and logs are objects in S3, and which run on instances of EC2.

    jobs = JobManager(boto3.session.Session(), "my-jobs")
    jobs.submit("night-1", b"#!/bin/sh ...", Machine("ami-..."))
    jobs.wait("night-1")
    for line in jobs.logs("night-1"): ...

All objects of a job are below `jobs/{job}/`: its `script`, the id of its `instance`, the `logs/...`
that this writes while it runs, and its `result.json`. Names are not locked: two submissions of one
name at the same moment may both run. Refusals of AWS are raised as botocore's `ClientError`, other
failures of a job as `JobError`.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Callable

from botocore.exceptions import ClientError, WaiterError

from workloads.job_instances import FORGOTTEN, JobInstances
from workloads.job_machine import SUBMISSION, Machine
from workloads.job_name import JobName, checked

_MISSING = {"404", "NoSuchKey", "NotFound"}
_GONE = {"shutting-down", "terminated"}
_ENDED = {"succeeded", "failed", "lost"}


class JobError(Exception):
    """The base of the errors of jobs."""


class NoSuchJob(JobError):
    """There is no job of that name."""


class JobExists(JobError):
    """There is a job of that name already."""


class NoInstance(JobError):
    """The job has no instance that could be started or stopped."""


class TookTooLong(JobError):
    """An instance did not reach a state in time."""


class NotDeleted(JobError):
    """Some objects of the job, listed in `keys`, could not be removed."""

    def __init__(self, job: str, keys: list[str]) -> None:
        super().__init__(job, keys)
        self.job = job
        self.keys = keys

    def __str__(self) -> str:
        return (
            f"{len(self.keys)} objects of the job {self.job} could not be removed:"
            f" {', '.join(self.keys)}. Delete the job again, with the permission to do so."
        )


@dataclass(frozen=True)
class Status:
    """The `state` of a job, and the exit status of its script once that is known."""

    state: str
    exit_status: int | None = None


class JobManager:
    """Submit and manage jobs. A wait looks `checks` times, every `delay` seconds."""

    def __init__(
        self,
        session: Any,
        bucket: str,
        endpoint_url: str | None = None,
        *,
        delay: float = 15.0,
        checks: int = 40,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = checked("bucket", bucket)
        self._s3 = session.client("s3", endpoint_url=endpoint_url)
        self._instances = JobInstances(session.client("ec2", endpoint_url=endpoint_url))
        self._bucket = session.resource("s3", endpoint_url=endpoint_url).Bucket(bucket)
        self._machines = session.resource("ec2", endpoint_url=endpoint_url)
        self._patience: dict[str, Any] = {"Delay": delay, "MaxAttempts": checks}
        self._sleep = sleep

    def exists(self, key: str) -> bool:
        """Return whether there is an object; a refusal is an error."""
        try:
            self._s3.head_object(Bucket=self._name, Key=key)
        except ClientError as error:
            if _code(error) in _MISSING:
                return False
            raise
        return True

    def has_prefix(self, prefix: str) -> bool:
        """Return whether any object is below a prefix, with a single request."""
        answer = self._s3.list_objects_v2(Bucket=self._name, Prefix=prefix, MaxKeys=1)
        return bool(answer.get("Contents"))

    def submit(self, job: str, script: bytes, machine: Machine) -> str:
        """Start a job and return the id of its instance.

        If that fails, the instance is terminated and the script is removed. An instance that EC2
        does not list yet finds no script and terminates itself. If the clean-up fails or is
        interrupted, the job remains and can be deleted; that failure is the cause of the error.
        """
        name = self._named(job)
        if self.has_prefix(name.key()):
            raise JobExists(
                f"There is a job {job} in the bucket {self._name}. Delete it, or choose another"
                " name: results are not overwritten."
            )
        submission = str(uuid.uuid4())
        request = machine.request(name, submission)
        made: list[Any] = []
        try:
            self._object(name, "script").put(Body=script)
            made += self._machines.create_instances(**request)
            self._object(name, "instance").put(Body=made[0].id.encode())
            # EC2 may not find a new instance at once.
            with _in_time(job):
                made[0].wait_until_exists(WaiterConfig=self._patience)
        except BaseException as error:
            try:
                self._take_back(name, submission, made)
            except Exception as failure:
                raise error from failure
            raise
        return str(made[0].id)

    def status(self, job: str) -> Status:
        """Return the status of a job: pending, running, stopped, ..., succeeded, failed or lost.

        The result of the script takes precedence over the state of the instance. A job is lost if
        its instance ended without a result. A job whose submission was killed may stay pending.
        """
        name = self._named(job)
        # EC2 first: the result is stored before the instance ends.
        state = self._state(name)
        exit_status = self._exit_status(name)
        if exit_status is not None:
            return Status("failed" if exit_status else "succeeded", exit_status)
        self._check_exists(name)
        return Status("lost" if state in _GONE else state)

    def logs(self, job: str) -> Iterator[str]:
        """Yield the lines that a job has logged so far, the oldest first."""
        name = self._named(job)
        self._check_exists(name)
        for part in self._bucket.objects.filter(Prefix=name.key("logs/")):
            with closing(part.get()["Body"]) as body:
                for line in body.iter_lines():
                    yield line.decode("utf-8", "replace")

    def start(self, job: str) -> None:
        """Start the stopped instance of a job; its script runs from the beginning."""
        instance = self._live(self._named(job))
        instance.start()
        with _in_time(job):
            instance.wait_until_running(WaiterConfig=self._patience)

    def stop(self, job: str) -> None:
        """Stop the instance of a job; its disk is kept."""
        instance = self._live(self._named(job))
        instance.stop()
        with _in_time(job):
            instance.wait_until_stopped(WaiterConfig=self._patience)

    def wait(self, job: str) -> Status:
        """Wait until a job has ended, and return its status."""
        # The waiter of EC2 gives up on an instance that is still pending.
        for _ in range(self._patience["MaxAttempts"]):
            status = self.status(job)
            if status.state in _ENDED:
                return status
            self._sleep(self._patience["Delay"])
        raise TookTooLong(f"The job {job} is still {status.state}. Wait again, or delete it.")

    def delete(self, job: str) -> None:
        """End a job, if it runs, and remove all of its objects."""
        name = self._named(job)
        found = self._instances.live(name.tags)
        if stored := self._instance_id(name):
            found += self._instances.known_as(stored, name.tags)
        for instance in sorted({each["InstanceId"] for each in found}):
            self._end(job, self._machines.Instance(instance))
        # S3 answers 200 even if it refused some of them.
        answers = self._bucket.objects.filter(Prefix=name.key()).delete()
        if refused := [error["Key"] for each in answers for error in each.get("Errors", [])]:
            raise NotDeleted(job, refused)

    def _named(self, job: str) -> JobName:
        return JobName(self._name, job)

    def _take_back(self, name: JobName, submission: str, made: list[Any]) -> None:
        asked = {**name.tags, SUBMISSION: submission}
        for instance in made or map(self._instance, self._instances.live(asked)):
            _terminate(instance)
        # The script last: as long as it exists, so does the job.
        self._object(name, "instance").delete()
        self._object(name, "script").delete()

    def _end(self, job: str, instance: Any) -> None:
        if _terminate(instance):
            with _in_time(job):
                instance.wait_until_terminated(WaiterConfig=self._patience)

    def _exit_status(self, name: JobName) -> int | None:
        result = self._read(name, "result.json")
        return None if result is None else int(json.loads(result)["status"])

    def _instance_id(self, name: JobName) -> str | None:
        stored = self._read(name, "instance")
        return None if stored is None else stored.decode()

    def _read(self, name: JobName, what: str) -> bytes | None:
        try:
            answer = self._s3.get_object(Bucket=self._name, Key=name.key(what))
        except ClientError as error:
            if _code(error) in _MISSING:
                return None
            raise
        with closing(answer["Body"]) as body:
            content: bytes = body.read()
        return content

    def _object(self, name: JobName, what: str) -> Any:
        return self._bucket.Object(name.key(what))

    def _check_exists(self, name: JobName) -> None:
        if not self.exists(name.key("script")):
            raise NoSuchJob(f"There is no job {name} in the bucket {self._name}.")

    def _state(self, name: JobName) -> str:
        """Return the state of a job's instance; one that EC2 has forgotten is terminated."""
        if stored := self._instance_id(name):
            found, otherwise = self._instances.known_as(stored, name.tags), "terminated"
        else:  # the submission is still running, or was killed
            found, otherwise = self._instances.live(name.tags), "pending"
        return str(found[0]["State"]["Name"]) if found else otherwise

    def _live(self, name: JobName) -> Any:
        for each in self._instances.live(name.tags):
            return self._instance(each)
        raise NoInstance(f"The job {name} has no instance that is pending, running or stopped.")

    def _instance(self, found: dict[str, Any]) -> Any:
        return self._machines.Instance(found["InstanceId"])


@contextmanager
def _in_time(job: str) -> Iterator[None]:
    try:
        yield
    except WaiterError as error:
        raise TookTooLong(
            f"The instance of the job {job} did not come to the state that was waited for: {error}."
        ) from error


def _terminate(instance: Any) -> bool:
    """Terminate an instance, and return whether EC2 knows it, so that one can wait for its end."""
    try:
        instance.terminate()
    except ClientError as error:
        if _code(error) == FORGOTTEN:
            return False
        raise
    return True


def _code(error: Any) -> str:
    return str(error.response["Error"]["Code"])
