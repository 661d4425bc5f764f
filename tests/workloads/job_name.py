"""What a job is called, and what follows from that: where it is stored, and its machine's tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

BUCKET = "job-manager/bucket"  # the tags that say whose machine it is
JOB = "job-manager/job"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class JobName:
    """A job of a bucket, whose names can mean nobody else's.

    A slash would reach into other jobs, a filter of EC2 takes `*`, `?` and a backslash for more
    than what they are, and the machine says both names to a shell.
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
        """The URL below which all of the job is stored."""
        return f"s3://{self.bucket}/jobs/{self.job}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of its machine."""
        return {BUCKET: self.bucket, JOB: self.job}


def checked(what: str, name: str) -> str:
    """Return a name that can be one, of a job or of a bucket; it is a ValueError otherwise."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot be the name of a {what}. Choose letters, digits, dots, dashes and"
            " underscores; the first is a letter or a digit."
        )
    return name
