"""The patches that people use, before ours and after it: each sees what it sees without ours.

Run by `nox -s guards`, whose environment holds them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect.testing import Gateway, Redirect
from guards.test_known_patches import PATCHES

# In `theirs` is the other patch. What the program found is the last line of its output.
_COMMON = """
import json, os, sys
URL, WHEN, SWITCH = sys.argv[1:]
if WHEN == "first":
    import theirs
import boto3, botocore_redirect
from botocore.config import Config

client = boto3.client(
    "s3", endpoint_url=URL, region_name="us-east-1", aws_access_key_id="user",
    aws_secret_access_key="secret",
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
)

def hops(key):
    metadata = client.head_object(Bucket="bkt", Key=key)["ResponseMetadata"]
    return len(metadata.get("Redirects", ()))

def switch_on():
    botocore_redirect.follow(client) if SWITCH == "follow" else botocore_redirect.install()

def switch_off():
    botocore_redirect.uninstall()
    botocore_redirect.unfollow(client)

found = {"plain": hops("plain")}
switch_on()
found["moved"] = hops("moved")
"""
_FOLLOWED = """
import theirs
found["with theirs"] = hops("moved")
found["installed"] = botocore_redirect.is_installed() == (SWITCH == "install")
switch_off()
found["without"] = hops("plain")
"""
_RECORDED = """
import vcr
if WHEN == "gone":
    switch_off()
try:
    with vcr.use_cassette("cassette.yaml", record_mode="none"):
        client.delete_object(Bucket="bkt", Key="plain")
except Exception as error:
    found["refused"] = "cassette" in str(error)
if WHEN != "gone":
    with vcr.use_cassette("recorded.yaml", record_mode="once"):
        found["recorded"] = hops("moved")
    with vcr.use_cassette("recorded.yaml", record_mode="none") as cassette:
        found["replayed"] = hops("moved"), cassette.play_count
"""
_END = """
print(json.dumps(found))
sys.stdout.flush()
os._exit(0)  # some of them would go on
"""


class Store:
    """A gateway that redirects what is asked for as `moved`, and its target, in this process."""

    def __init__(self, stack: ExitStack) -> None:
        plain = Redirect(200, location=None, body=b"content")
        self._target = stack.enter_context(Gateway("http://127.0.0.1:9", rule=plain))
        moved = Redirect(307, f"{self._target.url}/bkt/moved")
        self._gateway = stack.enter_context(
            Gateway(
                "http://127.0.0.1:9", rule=lambda each: moved if "moved" in each.path else plain
            )
        )
        self.url = self._gateway.url

    @property
    def received(self) -> list[str]:
        """What was asked for, first of the gateway and then of the target."""
        return [
            f"{each.method} {each.path.rpartition('/')[2]}"
            for server in (self._gateway, self._target)
            for each in server.received
        ]


@pytest.fixture
def store() -> Iterator[Store]:
    with ExitStack() as stack:
        yield Store(stack)


def run(folder: Path, program: str, theirs: str, *arguments: str) -> dict[str, Any]:
    (folder / "theirs.py").write_text(theirs, "utf-8")
    (folder / "program.py").write_text(_COMMON + program + _END, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "program.py", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# These answer instead of the gateway, or follow redirects themselves.
_OTHERS = {"vcrpy", "moto", "aistore"}


@pytest.mark.parametrize("switch", ["install", "follow"])
@pytest.mark.parametrize("when", ["first", "later"])
@pytest.mark.parametrize("name", [name for name in PATCHES if name not in _OTHERS])
def test_with_a_known_patch_redirects_are_followed(
    tmp_path: Path, store: Store, name: str, when: str, switch: str
) -> None:
    assert run(tmp_path, _FOLLOWED, PATCHES[name][0], store.url, when, switch) == {
        "plain": 0,
        "moved": 1,
        "with theirs": 1,
        "installed": True,
        "without": 0,
    }
    at_gateway = ["HEAD plain", "HEAD moved", "HEAD moved", "HEAD plain"]
    assert store.received == [*at_gateway, "HEAD moved", "HEAD moved"]


@pytest.mark.parametrize("switch", ["install", "follow"])
def test_a_cassette_gets_the_requests_of_a_client_that_was_used_before(
    tmp_path: Path, store: Store, switch: str
) -> None:
    assert run(tmp_path, _RECORDED, "", store.url, "there", switch) == {
        "plain": 0,
        "moved": 1,
        "refused": True,
        "recorded": 1,
        "replayed": [1, 2],
    }
    at_gateway = ["HEAD plain", "HEAD moved", "HEAD moved"]
    assert store.received == [*at_gateway, "HEAD moved", "HEAD moved"]


@pytest.mark.parametrize("switch", ["install", "follow"])
def test_a_cassette_gets_the_requests_of_a_client_that_was_followed(
    tmp_path: Path, store: Store, switch: str
) -> None:
    found = run(tmp_path, _RECORDED, "", store.url, "gone", switch)
    assert found == {"plain": 0, "moved": 1, "refused": True}
    assert store.received == ["HEAD plain", "HEAD moved", "HEAD moved"]
