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
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Callable

from botocore.exceptions import ClientError, WaiterError

from workloads.job_machine import JOB, SUBMISSION, Machine

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MISSING = {"404", "NoSuchKey", "NotFound"}
_FORGOTTEN = "InvalidInstanceID.NotFound"
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
        self._s3 = session.client("s3", endpoint_url=endpoint_url)
        self._ec2 = session.client("ec2", endpoint_url=endpoint_url)
        self._bucket = session.resource("s3", endpoint_url=endpoint_url).Bucket(bucket)
        self._machines = session.resource("ec2", endpoint_url=endpoint_url)
        self._name = bucket
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

        Where that fails, the script is removed, and the instance, too. One that EC2 does not show
        yet, as it made it while nobody listened, finds no script and ends itself. Where even that
        fails, the job is there, to be deleted.
        """
        if not _NAME.fullmatch(job):
            raise ValueError(
                f"{job!r} cannot be the name of a job. Choose letters, digits, dots, dashes and"
                " underscores; the first is a letter or a digit."
            )
        if self.has_prefix(_home(job)):
            raise JobExists(
                f"There is a job {job} in the bucket {self._name}. Delete it, or choose another"
                " name: results are not overwritten."
            )
        submission = str(uuid.uuid4())
        request = machine.request(job, f"s3://{self._name}/jobs/{job}", submission)
        made: list[Any] = []
        try:
            self._object(job, "script").put(Body=script)
            made += self._machines.create_instances(**request)
            self._object(job, "instance").put(Body=made[0].id.encode())
            # Until then EC2 may say that there is no such instance.
            with _in_time(job):
                made[0].wait_until_exists(WaiterConfig=self._patience)
        except BaseException as error:  # noqa: BLE001 - it is raised again, whatever it is
            try:
                self._object(job, "script").delete()
                self._object(job, "instance").delete()
                asked = _tagged(SUBMISSION, submission)
                for instance in made or self._machines.instances.filter(Filters=asked):
                    instance.terminate()
            finally:
                raise error
        return str(made[0].id)

    def status(self, job: str) -> Status:
        """Return where a job is: pending, running, stopped, ..., or succeeded, failed or lost.

        What the script itself has said counts for more than what its machine does by now. A job
        is lost when its machine has ended without a word.
        """
        # EC2 first: the result is stored before the instance ends, and nobody may look in between.
        state = self._state(job)
        exit_status = self._exit_status(job)
        if exit_status is not None:
            return Status("failed" if exit_status else "succeeded", exit_status)
        self._check_exists(job)
        return Status("lost" if state in _GONE else state)

    def logs(self, job: str) -> Iterator[str]:
        """Yield the lines that a job has logged so far, the oldest first."""
        self._check_exists(job)
        for part in self._bucket.objects.filter(Prefix=f"{_home(job)}logs/"):
            with closing(part.get()["Body"]) as body:
                for line in body.iter_lines():
                    yield line.decode("utf-8", "replace")

    def start(self, job: str) -> None:
        """Start the instance of a job that was stopped; its script runs from its beginning."""
        instance = self._instance(job)
        instance.start()
        with _in_time(job):
            instance.wait_until_running(WaiterConfig=self._patience)

    def stop(self, job: str) -> None:
        """Stop the instance of a job; what it has on disk stays."""
        instance = self._instance(job)
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
        found = {each.id for each in self._machines.instances.filter(Filters=_live(job))}
        for name in sorted(found.union(filter(None, [self._instance_id(job)]))):
            self._end(job, self._machines.Instance(name))
        # S3 answers 200 also where it refused some of them.
        answers = self._bucket.objects.filter(Prefix=_home(job)).delete()
        if refused := [error["Key"] for each in answers for error in each.get("Errors", [])]:
            raise NotDeleted(job, refused)

    def _end(self, job: str, instance: Any) -> None:
        try:
            instance.terminate()
        except ClientError as error:
            if _code(error) == _FORGOTTEN:
                return
            raise
        with _in_time(job):
            instance.wait_until_terminated(WaiterConfig=self._patience)

    def _exit_status(self, job: str) -> int | None:
        result = self._read(job, "result.json")
        return None if result is None else int(json.loads(result)["status"])

    def _instance_id(self, job: str) -> str | None:
        name = self._read(job, "instance")
        return None if name is None else name.decode()

    def _read(self, job: str, name: str) -> bytes | None:
        try:
            answer = self._s3.get_object(Bucket=self._name, Key=f"{_home(job)}{name}")
        except ClientError as error:
            if _code(error) in _MISSING:
                return None
            raise
        with closing(answer["Body"]) as body:
            content: bytes = body.read()
        return content

    def _object(self, job: str, name: str) -> Any:
        return self._bucket.Object(f"{_home(job)}{name}")

    def _check_exists(self, job: str) -> None:
        if not self.exists(f"{_home(job)}script"):
            raise NoSuchJob(f"There is no job {job} in the bucket {self._name}.")

    def _state(self, job: str) -> str:
        """Return the state of a job's instance; one that EC2 has forgotten is terminated."""
        name = self._instance_id(job)
        if name is None:
            return "pending"  # somebody submits the job just now
        try:
            answer = self._ec2.describe_instances(InstanceIds=[name])
        except ClientError as error:
            if _code(error) == _FORGOTTEN:
                return "terminated"
            raise
        found = [
            each for reservation in answer["Reservations"] for each in reservation["Instances"]
        ]
        return str(found[0]["State"]["Name"]) if found else "terminated"

    def _instance(self, job: str) -> Any:
        for instance in self._machines.instances.filter(Filters=_live(job)):
            return instance
        raise NoInstance(f"The job {job} has no instance that is pending, running or stopped.")


@contextmanager
def _in_time(job: str) -> Iterator[None]:
    try:
        yield
    except WaiterError as error:
        raise TookTooLong(
            f"The instance of the job {job} did not come to the state that was waited for: {error}."
        ) from error


def _home(job: str) -> str:
    return f"jobs/{job}/"


def _tagged(tag: str, value: str) -> list[dict[str, Any]]:
    return [{"Name": f"tag:{tag}", "Values": [value]}]


def _live(job: str) -> list[dict[str, Any]]:
    states = ["pending", "running", "stopping", "stopped"]
    return [*_tagged(JOB, job), {"Name": "instance-state-name", "Values": states}]


def _code(error: Any) -> str:
    return str(error.response["Error"]["Code"])
