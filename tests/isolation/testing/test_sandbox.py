"""The sandbox in a fresh interpreter, where moto was not imported before it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def drive(function: str) -> Any:
    driver = Path(__file__).with_name("sandbox_driver.py")
    # The name of this test has words that it looks for in the messages.
    environ = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    done = subprocess.run(
        [sys.executable, str(driver), function],
        env=environ,
        capture_output=True,
        text=True,
        timeout=600,  # the bound of a hang, not of a busy machine
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_kit_imports_neither_boto_nor_moto_nor_the_patch_and_its_sandbox_ends() -> None:
    seen = drive("imports")
    modules = seen["modules"]
    kit = "botocore_redirect.testing"
    assert f"{kit}.fixtures" in modules
    patch = [m for m in modules if m.startswith("botocore_redirect.") and not m.startswith(kit)]
    boto = [m for m in modules if m.partition(".")[0] in ("boto3", "botocore", "moto", "urllib3")]
    assert (patch, boto, seen["refused"]) == ([], [], False)


@pytest.fixture(scope="module")
def advice() -> dict[str, str]:
    pytest.importorskip("moto", reason="the advice depends on moto")
    answers: dict[str, str] = drive("advice")
    return answers


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("no moto", ("while moto's mock_aws is on",)),
        ("no mock", ("while moto's mock_aws is on",)),
        ("client before moto", ("older than the import of moto", "(a mock is on)")),
        ("client before moto, no mock", ("the import of moto", "(a mock is not on either)")),
        ("session before moto", ("older than the import of moto", "patch_client(client)")),
        ("unknown host", ("it does not answer for this host",)),
    ],
)
def test_the_error_says_how_to_keep_this_call_on_the_machine(
    advice: dict[str, str], case: str, words: tuple[str, ...]
) -> None:
    assert advice[case].startswith("s3.ListBuckets wanted ")
    assert [each for each in words if each not in advice[case]] == []


def test_a_client_that_was_handed_over_to_moto_is_not_refused(advice: dict[str, str]) -> None:
    assert advice["handed over"] == ""
