"""The run store: the record of each run of a training job, in S3.

    store = RunStore(configuration(session))
    store.save(Run("acme", "run-1", "started", {"rate": 0.1}))

A run is one small JSON document at `runs/{organisation_id}/{run_id}/metadata.json`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

#: If this variable is set, to any value, runs are stored on the developer's machine.
DEVELOPMENT = "DEVELOPMENT"
_LOCAL = "http://127.0.0.1:9000"
_RUNS = "runs/"
_RECORD = "metadata.json"


class RunNotFound(Exception):
    """There is no record of this run."""


class UnreadableRun(Exception):
    """The object at the key of a record is not that record."""


@dataclass(frozen=True)
class Configuration:
    """Where the runs are stored, and the settings of the client."""

    session: Any
    bucket: str
    endpoint_url: str | None
    client: Config


def configuration(session: Any, endpoint_url: str | None = None) -> Configuration:
    """Choose between development and production by the current environment.

    In development the client fails at once; in production it retries.
    """
    if DEVELOPMENT in os.environ:
        hasty = Config(
            connect_timeout=2, retries={"max_attempts": 0}, s3={"addressing_style": "path"}
        )
        return Configuration(session, "runs-development", endpoint_url or _LOCAL, hasty)
    patient = Config(connect_timeout=10, retries={"max_attempts": 5})
    return Configuration(session, "runs-production", endpoint_url, patient)


@dataclass(frozen=True)
class Run:
    """One run of an organisation."""

    organisation_id: str
    run_id: str
    status: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _key(self.organisation_id, self.run_id)  # refuses ids that cannot be part of a key

    @property
    def key(self) -> str:
        """The key of the record of this run."""
        return _key(self.organisation_id, self.run_id)


class RunStore:
    """The buckets, the objects, and the records of runs in one of the buckets."""

    def __init__(self, configured: Configuration) -> None:
        self.bucket = configured.bucket
        self._s3 = configured.session.client(
            "s3", endpoint_url=configured.endpoint_url, config=configured.client
        )

    def buckets(self) -> list[str]:
        """List all buckets of the account."""
        return [bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]]

    def objects(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys below the prefix, page by page."""
        pages = self._s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"]

    def bucket_exists(self) -> bool:
        """Return whether the bucket of the runs exists."""
        return self._found(self._s3.head_bucket, Bucket=self.bucket)

    def object_exists(self, key: str) -> bool:
        """Return whether an object exists."""
        return self._found(self._s3.head_object, Bucket=self.bucket, Key=key)

    def prefix_exists(self, prefix: str) -> bool:
        """Return whether any key begins with this, with a single request for one key."""
        answer = self._s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix, MaxKeys=1)
        return bool(answer.get("Contents"))

    def make_prefix(self, prefix: str) -> str:
        """Create an empty object that shows the prefix as a folder; return its key."""
        key = prefix.rstrip("/") + "/"
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=b"")
        return key

    def save(self, run: Run) -> None:
        """Write the record of a run, or overwrite it."""
        self._s3.put_object(
            Bucket=self.bucket,
            Key=run.key,
            Body=json.dumps(asdict(run), sort_keys=True).encode(),
            ContentType="application/json",
        )

    def load(self, organisation_id: str, run_id: str) -> Run:
        """Read the record of a run."""
        key = _key(organisation_id, run_id)
        try:
            stored = self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if _code(error) == "NoSuchKey":
                raise RunNotFound(
                    f"{organisation_id} has no run {run_id!r}: {self.bucket} has no {key}."
                ) from error
            raise
        try:
            run = Run(**json.loads(stored))
        except (ValueError, TypeError) as error:
            raise UnreadableRun(f"{key} in {self.bucket} is no record of a run: {error}") from error
        if run.key != key:
            raise UnreadableRun(f"{key} in {self.bucket} is the record of another run: {run.key}.")
        return run

    def finish(self, organisation_id: str, run_id: str, status: str) -> Run:
        """Change the status in the record of a run.

        A run has one writer: concurrent changes are lost.
        """
        run = replace(self.load(organisation_id, run_id), status=status)
        self.save(run)
        return run

    def runs(self, organisation_id: str) -> list[str]:
        """List the ids of the runs that an organisation has records of."""
        prefix = _prefix(organisation_id)
        split = (key[len(prefix) :].partition("/") for key in self.objects(prefix))
        return [run_id for run_id, _, rest in split if run_id and rest == _RECORD]

    def delete(self, organisation_id: str, run_id: str) -> None:
        """Delete the record of a run, if there is one."""
        self._s3.delete_object(Bucket=self.bucket, Key=_key(organisation_id, run_id))

    def _found(self, ask: Any, **place: str) -> bool:
        try:
            ask(**place)
        except ClientError as error:
            if _code(error) == "404":  # a response without a body has no other code
                return False
            raise
        return True


def _key(organisation_id: str, run_id: str) -> str:
    _expect_one_word("run_id", run_id)
    return f"{_prefix(organisation_id)}{run_id}/{_RECORD}"


def _prefix(organisation_id: str) -> str:
    _expect_one_word("organisation_id", organisation_id)
    return f"{_RUNS}{organisation_id}/"


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _expect_one_word(name: str, value: str) -> None:
    if not value or "/" in value:
        raise ValueError(
            f"The {name} {value!r} cannot be a part of a key: it must not be empty, nor hold a"
            " slash."
        )
