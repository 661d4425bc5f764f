"""The command of the comparison, on a few operations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NoReturn

import pytest

from botocore_redirect.testing.guards.proof import Contaminated
from inert import run as command
from inert import worker
from inert.compare import Difference, Findings

_TESTS = Path(__file__).parents[2]


def run(folder: Path, *arguments: str, command: str = "") -> tuple[int, str, dict[str, Any]]:
    """Run the command; return its status, its output, and its JSON."""
    result = folder / "result.json"
    path = os.pathsep.join([str(_TESTS), os.environ.get("PYTHONPATH", "")])
    program = [command] if command else ["-m", "inert"]
    done = subprocess.run(
        [sys.executable, *program, *arguments, f"--json={result}"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    facts = json.loads(result.read_text("utf-8")) if result.is_file() else {}
    return done.returncode, done.stdout + done.stderr, facts


def test_our_patch_is_found_inert_and_its_redirects_of_s3_followed(tmp_path: Path) -> None:
    status, output, facts = run(tmp_path, "--services=s3,sts", "--sample=50")
    assert status == 0, output
    assert facts["differences"] == []
    assert facts["answers"] > facts["followed"] > 0
    assert facts["answers"] > 4 * facts["operations"]
    assert "identical" in output


@pytest.mark.parametrize(
    "error",
    [
        BrokenProcessPool("it died"),
        Contaminated("ours was in it"),
        worker.HarnessError("sts: KeyError: 'x'"),
    ],
)
def test_a_worker_that_cannot_go_on_is_not_mistaken_for_a_difference(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(command, "_compared", broken)
    assert command.main(["--subject=none", "--services=sts"]) == 2
    assert str(error) in capsys.readouterr().err


def test_a_call_that_is_not_proven_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Findings(unproven={f"sts.{number}/200": "it broke" for number in range(50)})
    monkeypatch.setattr(command, "_compared", lambda *_: [found])
    assert command.main(["--subject=none", "--services=sts"]) == 2
    output = capsys.readouterr().out
    assert "sts.0/200: it broke" in output
    assert "... and 10 more." in output
    assert "identical, but 50 NOT PROVEN" in output


def test_many_differences_are_cut_and_counted() -> None:
    found = [Difference(f"sts.{number:02}/200", "-one\n+other") for number in range(50)]
    text = command.describe_findings(Findings(differences=found, unproven={"sts": "no"}), 1)
    assert "sts.39/200" in text
    assert "sts.40/200" not in text
    assert "... and 10 more differences." in text
    assert "50 DIFFERENCES, but 1 NOT PROVEN" in text


def test_differences_are_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Findings(differences=[Difference("sts.1/200", "-one")], unproven={"sts": "no"})
    monkeypatch.setattr(command, "_compared", lambda *_: [found])
    assert command.main(["--subject=none", "--services=sts"]) == 1
    assert "sts.1/200" in capsys.readouterr().out


_CONTAMINATED = """
import sys
import botocore.endpoint
from inert.run import main

botocore.endpoint.Endpoint._send_request = lambda *_: None
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


def test_an_unpatched_worker_that_is_patched_proves_nothing(tmp_path: Path) -> None:
    main = tmp_path / "contaminated.py"  # the workers import it as well
    main.write_text(_CONTAMINATED)
    status, output, _ = run(tmp_path, "--services=sts", "--sample=99", command=str(main))
    assert status == 2
    assert "Nothing is proven" in output
    assert "_send_request is <lambda>()" in output


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--services=ec3", "no service 'ec3'"),
        ("--sample=0", "0 is not 1 or more"),
        ("--subject=there.is.none", "no module 'there'"),
    ],
)
def test_an_impossible_option_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], argument: str, message: str
) -> None:
    try:
        status: object = command.main([argument])
    except SystemExit as ended:  # of argparse
        status = ended.code
    assert status == 2
    assert message in capsys.readouterr().err
