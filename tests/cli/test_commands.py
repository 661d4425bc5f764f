"""The commands of the AWS CLI for S3, where the store redirects each request."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.conftest import AwsCli, mismatches

if TYPE_CHECKING:
    from botocore_redirect.testing import RedirectingStore

MEBIBYTE = 1 << 20
#: Moments, as the AWS CLI and as S3 write them.
VARYING = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.+:\dZ]*|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ GMT"
)
QUIET = "--no-progress"
TAGS = "TagSet=[{Key=a,Value=b}]"
DELETED = "Objects=[{Key=api},{Key=copied/b}]"

COMMANDS = [
    "s3 mb s3://made",
    f"s3 cp folder/a s3://data/one {QUIET}",
    f"s3 cp s3://data/one down {QUIET}",
    f"s3 cp s3://data/one s3://made/one {QUIET}",
    f"s3 sync folder s3://data/tree {QUIET}",
    f"s3 sync s3://data/tree tree {QUIET}",
    f"s3 sync s3://data/tree s3://made/tree {QUIET}",
    "s3 ls",
    "s3 ls s3://data",
    "s3 ls s3://data --recursive --summarize",
    f"s3 mv s3://made/one s3://made/moved {QUIET}",
    f"s3 mv down s3://data/moved {QUIET}",
    "s3 rm s3://data/one",
    "s3 rm s3://data/tree --recursive",
    "s3api put-object --bucket data --key api --body folder/a --metadata a=b",
    "s3api get-object --bucket data --key api got",
    "s3api head-object --bucket data --key api",
    "s3api copy-object --bucket data --key copied/b --copy-source data/api",
    f"s3api put-object-tagging --bucket data --key api --tagging {TAGS}",
    "s3api get-object-tagging --bucket data --key api",
    "s3api list-objects-v2 --bucket data --prefix copied",
    f"s3api delete-objects --bucket data --delete {DELETED}",
    "s3api list-buckets --query Buckets[].Name",
    "s3 rb s3://made --force",
]


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and ".aws" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def _run_all(aws: AwsCli, store: RedirectingStore) -> list[Any]:
    """Run all commands; return what each printed, stored and wrote."""
    store.inspector.forget()
    store.inspector.create_bucket("data")
    for path in aws.home.iterdir():
        path.unlink() if path.is_file() else shutil.rmtree(path)
    (aws.home / "folder/deeper").mkdir(parents=True)
    for name in ("a", "b c", "deeper/d+e;f"):
        (aws.home / "folder" / name).write_bytes(name.encode() * 1000)
    outcomes = []
    for command in COMMANDS:
        finished = aws.run(*command.split(" "))
        assert (finished.status, finished.errors) == (0, ""), command
        # Files are transferred in threads.
        lines = sorted(VARYING.sub("NOW", finished.output).splitlines())
        outcomes.append((command, lines, store.inspector.snapshot(), _files(aws.home)))
    return outcomes


def test_commands_print_store_and_write_what_they_do_without_redirects(
    aws: AwsCli, store: RedirectingStore
) -> None:
    store.relay()
    direct = _run_all(aws, store)
    store.redirect()
    store.clear()
    for redirected, expected in zip(_run_all(aws, store), direct):
        assert redirected == expected
    assert all(received.redirected for received in store.gateway.received)
    assert sum(len(each.received) for each in store.targets) == len(store.gateway.received)
    assert mismatches(store) == []


def test_a_large_file_goes_in_parts_both_ways(aws: AwsCli, store: RedirectingStore) -> None:
    store.inspector.create_bucket("data")
    content = bytes(range(256)) * (100 * MEBIBYTE // 256)
    (aws.home / "large").write_bytes(content)
    assert aws.run("s3", "cp", "large", "s3://data/large", QUIET).status == 0
    sent = [each for target in store.targets for each in target.received]
    assert sum("partNumber" in each.query for each in sent) == 13
    assert store.inspector.snapshot() == {"data": {"large": content}}
    store.clear()
    assert aws.run("s3", "cp", "s3://data/large", "down", QUIET).status == 0
    assert (aws.home / "down").read_bytes() == content
    assert sum(len(target.received) for target in store.targets) > 13
    assert mismatches(store) == []


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (f"s3 cp file s3://data/new {QUIET}", "maximum recursion depth exceeded"),
        ("s3 rm s3://data/old", "maximum recursion depth exceeded"),
        ("s3api delete-object --bucket data --key old", "maximum recursion depth exceeded"),
        ("s3 ls", "expected string or bytes-like object, got 'NoneType'"),
    ],
)
def test_without_the_plugin_commands_fail_and_nothing_changes(
    aws: AwsCli, store: RedirectingStore, command: str, error: str
) -> None:
    store.inspector.create_bucket("data")
    store.inspector.put("data", "old", b"old")
    (aws.home / "file").write_bytes(b"new")
    finished = aws.run(*command.split(" "), plugins="")
    assert finished.status not in (0, None)
    assert error in finished.errors
    assert store.inspector.snapshot() == {"data": {"old": b"old"}}
