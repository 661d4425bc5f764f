"""The name of a job, with the keys of its objects and the tags of its instance."""

from __future__ import annotations

import re
from dataclasses import dataclass

BUCKET = "job-manager/bucket"  # the tags of its instance
JOB = "job-manager/job"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class JobName:
    """A job of a bucket, by names that cannot match those of others.

    A slash would reach into other jobs, EC2 takes `*`, `?` and a backslash for wildcards, and both
    names are part of a shell script.
    """

    bucket: str
    job: str

    def __post_init__(self) -> None:
        checked("bucket", self.bucket)
        checked("job", self.job)

    def __str__(self) -> str:
        return self.job

    def key(self, name: str = "") -> str:
        """Return the key of one of its objects, or the prefix of all."""
        return f"jobs/{self.job}/{name}"

    @property
    def url(self) -> str:
        """The URL below which all objects of the job are stored."""
        return f"s3://{self.bucket}/jobs/{self.job}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of its instance."""
        return {BUCKET: self.bucket, JOB: self.job}


def checked(what: str, name: str) -> str:
    """Return the name of a job or a bucket if it is valid; raise a ValueError otherwise."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot be the name of a {what}. Choose letters, digits, dots, dashes and"
            " underscores; the first is a letter or a digit."
        )
    return name
