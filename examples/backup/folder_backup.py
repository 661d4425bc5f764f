"""Keep a folder in an S3 bucket: save what changed, verify it, restore it.

    python folder_backup.py save    FOLDER s3://BUCKET/PREFIX
    python folder_backup.py verify  FOLDER s3://BUCKET/PREFIX
    python folder_backup.py restore FOLDER s3://BUCKET/PREFIX

Credentials and region are those of boto3; `--endpoint-url` and `--ca` name a store that is not AWS.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

_BLOCK = 2**20
_DIGEST = "sha256"


class BackupError(Exception):
    """An error whose message is a sentence for the user."""


@dataclass
class Differences:
    """How a folder differs from its backup."""

    missing: list[str] = field(default_factory=list)  # in the folder, not in the backup
    changed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)  # in the backup, not in the folder

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.extra)


class Backup:
    """The backup of one folder, below a prefix of a bucket."""

    def __init__(self, s3: Any, bucket: str, prefix: str = "") -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def save(self, folder: Path) -> list[str]:
        """Upload new and changed files; return their names."""
        differences = self.verify(folder)
        saved = sorted(differences.missing + differences.changed)
        for name in saved:
            path = folder / name
            self._s3.upload_file(
                str(path),
                self._bucket,
                self._prefix + name,
                ExtraArgs={"Metadata": {_DIGEST: _digest(path)}},
            )
        return saved

    def verify(self, folder: Path) -> Differences:
        """Compare every file with the digest in the backup, without downloading it."""
        here = {path.relative_to(folder).as_posix() for path in _files(folder)}
        there = set(self.names())
        both = sorted(here & there)
        return Differences(
            missing=sorted(here - there),
            changed=[name for name in both if self._recorded(name) != _digest(folder / name)],
            extra=sorted(there - here),
        )

    def restore(self, folder: Path) -> list[str]:
        """Download all files; each appears under its name once it is complete."""
        names = self.names()
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            path = _inside(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent) as unfinished:
                fresh = Path(unfinished) / "fresh"
                self._s3.download_file(self._bucket, self._prefix + name, str(fresh))
                if _digest(fresh) != self._recorded(name):
                    raise BackupError(f"{name} is damaged in the backup, so it was not restored.")
                fresh.replace(path)
        return names

    def names(self) -> list[str]:
        """List the names of the files in the backup."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        # A key that ends in a slash is not a file: consoles make such keys to show a folder.
        return [key[len(self._prefix) :] for key in keys if not key.endswith("/")]

    def _recorded(self, name: str) -> str | None:
        head = self._s3.head_object(Bucket=self._bucket, Key=self._prefix + name)
        digest: str | None = head["Metadata"].get(_DIGEST)
        return digest


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise BackupError(f"{folder} is not a folder.")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _inside(folder: Path, name: str) -> Path:
    """Refuse a file that would be written outside of the folder, by its name or through a link."""
    path = folder / name
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise BackupError(f"The backup has a file {name!r}, which is outside of the folder.")
    return path


def _digest(path: Path) -> str:
    digest = hashlib.new(_DIGEST)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 0 if the folder and its backup are equal."""
    import botocore_redirect.auto  # noqa: F401, PLC0415 - only the program patches, not an import of this module

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Verbatim)
    parser.add_argument("action", choices=["save", "verify", "restore"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("backup", metavar="s3://BUCKET/PREFIX")
    parser.add_argument("--endpoint-url")
    parser.add_argument("--ca", help="a file that verifies the certificate of the endpoint")
    options = parser.parse_args(arguments)
    where = urlsplit(options.backup)
    if where.scheme != "s3" or not where.netloc:
        parser.error(f"{options.backup} is not an S3 URL; write it as s3://BUCKET/PREFIX.")
    s3 = boto3.client("s3", endpoint_url=options.endpoint_url, verify=options.ca)
    backup = Backup(s3, where.netloc, where.path)
    try:
        if options.action == "save":
            _say("saved", backup.save(options.folder))
        elif options.action == "restore":
            _say("restored", backup.restore(options.folder))
        differences = backup.verify(options.folder)
    except (BackupError, BotoCoreError, Boto3Error, ClientError, OSError) as error:
        print(f"{options.action}: {error}", file=sys.stderr)
        return 2
    for what, names in vars(differences).items():
        _say(what, names)
    return 1 if differences else 0


class _Verbatim(argparse.RawDescriptionHelpFormatter):
    """Print the description with its line breaks."""


def _say(what: str, names: list[str]) -> None:
    for name in names:
        print(f"{what} {name}")


if __name__ == "__main__":
    sys.exit(main())
