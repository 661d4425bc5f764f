"""The sandbox from outside: each step in a fresh interpreter, where none is on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TRAP = "is older than the import of moto"


def drive(step: str) -> Any:
    driver = Path(__file__).with_name("sandbox_driver.py")
    # Its name has the words that a test looks for.
    environ = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    done = subprocess.run(
        [sys.executable, str(driver), step],
        env=environ,
        capture_output=True,
        text=True,
        timeout=600,  # the bound of a hang, not of a busy machine
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_neither_boto_nor_the_patch_is_imported() -> None:
    modules = drive("imports")
    kit = "botocore_redirect.testing"
    patch = [m for m in modules if m.startswith("botocore_redirect.") and not m.startswith(kit)]
    boto = [m for m in modules if m.partition(".")[0] in ("boto3", "botocore", "moto", "pytest")]
    assert (patch, boto) == ([], [])


def test_nested_sandboxes_leave_the_socket_module_as_it_was() -> None:
    assert drive("restored") == {"changed while on": True, "as before": True}


def test_what_somebody_wrapped_over_stays_and_the_guard_below_is_inert() -> None:
    seen = drive("wrapped_over")
    (warning,) = seen.pop("warnings")
    (about,) = seen.pop("about")
    assert warning.startswith("socket.getaddrinfo is <function wrapped_over.")
    assert Path(about).name == "sandbox_driver.py"
    assert seen == dict.fromkeys(seen, True)
    assert len(seen) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sendmsg")
def test_a_guard_that_somebody_kept_is_inert_once_the_sandbox_has_ended() -> None:
    assert drive("kept_guards") == {"sent": True, "outside": True}


def test_a_function_that_the_platform_lacks_is_not_made_up() -> None:
    assert drive("fewer_functions") == {"added": False, "looks up": False}


@pytest.mark.parametrize(
    ("step", "advice"),
    [
        (
            "client_before_moto",
            (f"{TRAP}, so no mock knows of it", "(a mock is on)", "moto.core.patch_client(client)"),
        ),
        ("client_before_moto_without_a_mock", (TRAP, "(a mock is not on either)")),
        ("session_before_moto", (TRAP,)),
        ("no_moto", ("start moto's mock_aws before the client is made",)),
        ("after_the_mock", ("No mock of moto is on",)),
        ("host_unknown_to_moto", ("let it pass",)),
    ],
)
def test_the_way_out_fits_what_happened(step: str, advice: tuple[str, ...]) -> None:
    pytest.importorskip("moto", reason="it is the trap of moto")
    told = drive(step)
    assert told.startswith("s3.ListBuckets wanted ")
    assert [words for words in advice if words not in told] == []


def test_a_client_that_was_handed_over_to_moto_is_not_refused() -> None:
    pytest.importorskip("moto", reason="it is the trap of moto")
    assert drive("patched_client") == ""
