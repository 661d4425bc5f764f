"""The whole comparison, on a few operations, of patches that are and are not inert."""

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
from inert import compare, worker
from inert import run as command

_TESTS = Path(__file__).parents[2]


def run(folder: Path, *arguments: str, command: str = "") -> tuple[int, str, dict[str, Any]]:
    """Run it; give its status, what it printed, and its JSON."""
    result = folder / "result.json"
    path = os.pathsep.join(
        [str(_TESTS), str(_TESTS / "isolation" / "inert"), os.environ.get("PYTHONPATH", "")]
    )
    done = subprocess.run(
        [
            sys.executable,
            *([command] if command else ["-m", "inert"]),
            *arguments,
            f"--json={result}",
        ],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    facts = json.loads(result.read_text("utf-8")) if result.is_file() else {}
    return done.returncode, done.stdout + done.stderr, facts


def places(facts: dict[str, Any]) -> list[str]:
    return [each["where"] for each in facts["differences"]]


def test_our_patch_is_found_inert_and_its_redirects_of_s3_followed(tmp_path: Path) -> None:
    status, said, facts = run(tmp_path, "--services=s3,sts", "--sample=50")
    assert status == 0, said
    assert places(facts) == []
    assert facts["answers"] > facts["followed"] > 0
    assert facts["answers"] > 4 * facts["operations"]
    assert "identical" in said


def test_a_patch_that_should_follow_and_does_not_is_found(tmp_path: Path) -> None:
    status, said, facts = run(tmp_path, "--services=s3", "--sample=99", "--subject=mutants:nothing")
    assert status == 1
    assert facts["followed"] == 0
    answers = {each.partition("/")[2] for each in places(facts)}
    assert {each.partition(",")[0] for each in answers} == {"301", "302", "307", "308"}
    assert "DIFFERENCES, but 1 NOT PROVEN" in said


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


def test_what_is_not_proven_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = compare.Compared(unproven={f"sts.{number}/200": "it broke" for number in range(50)})
    monkeypatch.setattr(command, "_compared", lambda *_: [found])
    assert command.main(["--subject=none", "--services=sts"]) == 2
    said = capsys.readouterr().out
    assert "sts.0/200: it broke" in said
    assert "... and 10 more." in said
    assert "identical, but 50 NOT PROVEN" in said


def test_many_differences_are_cut_and_counted() -> None:
    found = [compare.Difference(f"sts.{number:02}/200", "-one\n+other") for number in range(50)]
    said = command.conclusion(compare.Compared(differences=found), 1)
    assert "sts.39/200" in said
    assert "sts.40/200" not in said
    assert "... and 10 more differences." in said
    assert "50 DIFFERENCES" in said


_CONTAMINATED = """
import sys
import botocore.endpoint
from inert.run import main

botocore.endpoint.Endpoint._send_request = lambda *_: None
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


def test_an_unpatched_side_that_is_patched_proves_nothing(tmp_path: Path) -> None:
    main = tmp_path / "contaminated.py"  # the workers import it as well
    main.write_text(_CONTAMINATED)
    status, said, _ = run(tmp_path, "--services=sts", "--sample=99", command=str(main))
    assert status == 2
    assert "Nothing is proven" in said
    assert "_send_request is <lambda>()" in said


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--services=ec3", "no service 'ec3'"),
        ("--sample=0", "0 is not 1 or more"),
        ("--subject=there.is.none", "no module 'there'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    tmp_path: Path, argument: str, said: str
) -> None:
    status, output, _ = run(tmp_path, argument)
    assert status == 2
    assert said in output
    assert "Traceback" not in output
