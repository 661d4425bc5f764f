"""Jobs whose script, result and logs are objects in S3, and which run on instances of EC2.

    jobs = JobManager(boto3.session.Session(), "my-jobs")
    jobs.submit("night-1", b"#!/bin/sh ...", Machine("ami-..."))
    jobs.wait("night-1")
    for line in jobs.logs("night-1"): ...

All of a job is below `jobs/{job}/`: `script` is what it runs, `instance` is on what; the machine
writes `logs/...` while it runs, and at its end `result.json`. Names are not locked: of a name that
two submit at the same moment, both may run. Single requests go through the clients, and whatever
has a life of its own (an instance, a bucket's objects) through the resources. What AWS refuses is
botocore's `ClientError`; what goes wrong with a job is a `JobError`.
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
    """The base of what goes wrong with a job."""


class NoSuchJob(JobError):
    """Nobody submitted a job of that name."""


class JobExists(JobError):
    """There is a job of that name, and perhaps it has results."""


class NoInstance(JobError):
    """The job has no instance any more, so it cannot be started or stopped."""


class TookTooLong(JobError):
    """An instance did not come to the state that was waited for."""


class NotDeleted(JobError):
    """Some objects of the job could not be removed; they are in `keys`."""

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
    """Where a job is: its `state`, and the exit status of its script when that is known."""

    state: str
    exit_status: int | None = None


class JobManager:
    """Submit jobs and look after them. Who waits looks `checks` times, every `delay` seconds."""

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
        if checks < 1:
            raise ValueError(f"checks is {checks}; it must be at least 1.")
        self._name = checked("bucket", bucket)
        self._s3 = session.client("s3", endpoint_url=endpoint_url)
        self._instances = JobInstances(session.client("ec2", endpoint_url=endpoint_url))
        self._bucket = session.resource("s3", endpoint_url=endpoint_url).Bucket(bucket)
        self._machines = session.resource("ec2", endpoint_url=endpoint_url)
        self._patience: dict[str, Any] = {"Delay": delay, "MaxAttempts": checks}
        self._sleep = sleep

    def exists(self, key: str) -> bool:
        """Say whether there is an object; what may not be looked at is an error."""
        try:
            self._s3.head_object(Bucket=self._name, Key=key)
        except ClientError as error:
            if _code(error) in _MISSING:
                return False
            raise
        return True

    def has_prefix(self, prefix: str) -> bool:
        """Say whether any object is below a prefix, however many there are."""
        answer = self._s3.list_objects_v2(Bucket=self._name, Prefix=prefix, MaxKeys=1)
        return bool(answer.get("Contents"))

    def submit(self, job: str, script: bytes, machine: Machine) -> str:
        """Start a job and return the id of its instance.

        Where that fails, the instance is ended, and then the script is removed. An instance that
        EC2 does not show yet, as it made it while nobody listened, finds no script and ends itself.
        Where even that fails, or is interrupted, the job is there, to be deleted; what failed then
        is the cause of the error.
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
            # Until then EC2 may say that there is no such instance.
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
        """Return where a job is: pending, running, stopped, ..., or succeeded, failed or lost.

        What the script itself has said counts for more than what its machine does by now. A job
        is lost when its machine has ended without a word. One whose submission was killed may stay
        pending, as if it were still going on: delete it.
        """
        name = self._named(job)
        # EC2 first: the result is stored before the instance ends, and nobody may look in between.
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
        """Start the instance of a job that was stopped; its script runs from its beginning."""
        instance = self._live(self._named(job))
        instance.start()
        with _in_time(job):
            instance.wait_until_running(WaiterConfig=self._patience)

    def stop(self, job: str) -> None:
        """Stop the instance of a job; what it has on disk stays."""
        instance = self._live(self._named(job))
        instance.stop()
        with _in_time(job):
            instance.wait_until_stopped(WaiterConfig=self._patience)

    def wait(self, job: str) -> Status:
        """Wait until a job has ended, and return how."""
        # Not with EC2's waiter: to that, an instance that is still pending will never end.
        for _ in range(self._patience["MaxAttempts"]):
            status = self.status(job)
            if status.state in _ENDED:
                return status
            self._sleep(self._patience["Delay"])
        raise TookTooLong(f"The job {job} is still {status.state}. Wait again, or delete it.")

    def delete(self, job: str) -> None:
        """End a job, if it runs, and remove all that is stored of it."""
        name = self._named(job)
        found = self._instances.live(name.tags)
        if stored := self._instance_id(name):
            found += self._instances.known_as(stored, name.tags)
        for instance in sorted({each["InstanceId"] for each in found}):
            self._end(job, self._machines.Instance(instance))
        # S3 answers 200 also where it refused some of them.
        answers = self._bucket.objects.filter(Prefix=name.key()).delete()
        if refused := [error["Key"] for each in answers for error in each.get("Errors", [])]:
            raise NotDeleted(job, refused)

    def _named(self, job: str) -> JobName:
        return JobName(self._name, job)

    def _take_back(self, name: JobName, submission: str, made: list[Any]) -> None:
        asked = {**name.tags, SUBMISSION: submission}
        for instance in made or map(self._instance, self._instances.live(asked)):
            _terminate(instance)
        # The script last: while it is there, so is the job.
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
        else:  # somebody submits the job just now, or was killed at it
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
    """End an instance, and say whether EC2 knows it, so that its end can be waited for."""
    try:
        instance.terminate()
    except ClientError as error:
        if _code(error) == FORGOTTEN:
            return False
        raise
    return True


def _code(error: Any) -> str:
    return str(error.response["Error"]["Code"])
