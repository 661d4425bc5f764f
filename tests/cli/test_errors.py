"""What the AWS CLI says where a redirect is refused, or the plugin cannot work."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from botocore_redirect.testing import Redirect
from cli.conftest import AwsCli

if TYPE_CHECKING:
    from botocore_redirect.testing import RedirectingStore

#: A plugin of somebody who changes botocore.
BREAKER = """
import botocore.endpoint
def awscli_initialize(events):
    botocore.endpoint.create_request_object = None
"""


@pytest.fixture(autouse=True)
def _bucket(store: RedirectingStore) -> None:
    store.inspector.create_bucket("data")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("s3 cp file s3://data/new --no-progress", 1),
        ("s3api put-object --bucket data --key a", 255),
    ],
)
def test_a_refused_redirect_is_an_error_that_says_what_would_allow_it(
    aws: AwsCli, store: RedirectingStore, command: str, status: int
) -> None:
    store.redirect(Redirect.to("http://other.example"))
    (aws.home / "file").write_bytes(b"new")
    finished = aws.run(*command.split(" "))
    assert finished.status in (status, 254)  # 254: version 2
    assert "An error occurred (RedirectRefused) when calling the PutObject" in finished.errors
    assert "BOTOCORE_REDIRECT_TRUST=other.example" in finished.errors
    assert "Traceback" not in finished.errors
    assert store.inspector.snapshot() == {"data": {}}


def test_the_environment_sets_the_policy(aws: AwsCli, store: RedirectingStore) -> None:
    finished = aws.run("s3", "ls", "s3://data", BOTOCORE_REDIRECT_MAX_HOPS="0")
    assert "(TooManyRedirects)" in finished.errors
    assert finished.status not in (0, None)
    assert len(store.gateway.received) == 1


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("BOTOCORE_REDIRECT", "of", "BOTOCORE_REDIRECT='of' is neither 'on' nor 'off'"),
        ("BOTOCORE_REDIRECT_TRUST", "http://x", "the trust pattern 'http://x' can match no host"),
    ],
)
def test_a_policy_that_makes_no_sense_ends_the_command_with_one_message(
    aws: AwsCli, store: RedirectingStore, name: str, value: str, error: str
) -> None:
    finished = aws.run("s3", "ls", "s3://data", **{name: value})
    assert finished.status == 255
    (line,) = finished.errors.strip().splitlines()
    assert error in line
    assert store.gateway.received == []


def test_so_does_a_botocore_that_is_not_known(aws: AwsCli, store: RedirectingStore) -> None:
    (aws.home / "breaker.py").write_text(BREAKER, "utf-8")
    *folder, ours = aws.plugins.splitlines()
    folder = [f"{line}{os.pathsep}{aws.home}" for line in folder]  # where version 2 imports from
    plugins = "\n".join([*folder, "first = breaker", ours])
    finished = aws.run("s3", "ls", "s3://data", plugins=plugins, PYTHONPATH=str(aws.home))
    assert finished.status == 255
    (line,) = finished.errors.strip().splitlines()
    assert "is not built as botocore-redirect knows it, so nothing was patched" in line
    assert store.gateway.received == []


def test_the_kill_switch_is_said_and_leaves_the_command_to_fail(aws: AwsCli) -> None:
    finished = aws.run("s3", "ls", "s3://data", BOTOCORE_REDIRECT="off")
    assert finished.status == 255
    assert finished.errors.startswith("BOTOCORE_REDIRECT=off: redirects are not followed\n")
    assert "maximum recursion depth exceeded" in finished.errors
