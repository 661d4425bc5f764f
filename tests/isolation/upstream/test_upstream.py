"""`nox -s upstream`, with a few small tests in the place of botocore's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import nox
import pytest
from tools.upstream import passes, session
from tools.upstream.arguments import Asked
from tools.upstream.known import Known
from tools.upstream.passes import Pass, PassError
from tools.upstream.plugins.botocore_mutants import MUTANTS

from isolation.upstream.cases import Session, write_tests

FACTS = Known({}, {"tests/unit/test_stub.py": "a stub answers"})
S3 = "tests/unit/test_s3.py"


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tests(tmp_path_factory.mktemp("botocore"))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all tests of this file, so that stock runs once."""
    return tmp_path_factory.mktemp("results")


def _compare(tests: Path, results: Path, *words: str, facts: Known = FACTS) -> Session:
    run = Session()
    asked = Asked.of(["-n=0", *words])
    session.compare(cast("nox.Session", run), tests, results, asked, facts, stock_key="same")
    return run


def _run(tests: Path, results: Path, *options: str, **how: Any) -> Pass:
    return passes.run(cast("nox.Session", Session()), tests, results, options, **how)


def test_the_patch_changes_nothing_and_its_counts_are_printed(
    tests: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _compare(tests, results)
    assert len(run.runs) == 2
    assert ["botocore_redirect.auto" in command for command in run.runs] == [False, True]
    said = capsys.readouterr().out
    assert "11 of 11 tests are the same (8 passed, 2 failed, 1 skipped)." in said
    assert (
        "4 calls of clients. 3 of 3 requests passed the patch, 3 of them to S3, in 1 files." in said
    )


def test_stock_results_are_read_from_the_cache_and_the_output_says_so(
    tests: Path, results: Path
) -> None:
    _compare(tests, results)
    run = _compare(tests, results)
    assert len(run.runs) == 1
    assert "Without the patch, from the cache: 2 failed, 9 passed, 1 skipped" in run.said[0]
    assert len(_compare(tests, results, "--fresh").runs) == 2


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_patch_turns_the_run_red(
    mutant: str, tests: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError, match=r"tests differ and .* are not proven"):
        _compare(tests, results, f"--mutant={mutant}")
    said = capsys.readouterr().out
    expected = {
        "drop-header": f"{S3}::test_requests_name_the_client",
        "follow-nowhere": f"{S3}::test_an_answer_is_parsed",
        "swallow-exception": f"{S3}::test_an_exception_ends_the_call",
        "skip-s3": f"{S3}: 3 of 3 requests of S3 sent past the patch.",
        "uninstalled": "The patch was not installed in every process at the end of its pass.",
    }
    assert expected[mutant] in said


def test_a_file_that_sends_nothing_must_be_listed(
    tests: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError, match="0 tests differ and 1 things are not proven"):
        _compare(tests, results, facts=Known({}, {}))
    assert "tests/unit/test_stub.py makes 1 calls, none passes the patch" in capsys.readouterr().out


def test_a_listed_file_must_send_nothing(
    tests: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = Known({}, {**FACTS.unsent, S3: "wrong"})
    with pytest.raises(RuntimeError, match="0 tests differ and 1 things are not proven"):
        _compare(tests, results, facts=listed)
    assert f"{S3} is listed as `unsent`, but 3 of 3 calls pass" in capsys.readouterr().out


def test_a_part_is_compared_alone(tests: Path, tmp_path: Path) -> None:
    run = _compare(tests, tmp_path, "--only", S3, "-k", "answer")
    assert all(command[-1] == S3 for command in run.runs)
    assert len(passes.read(tmp_path / "patched").outcomes) == 1
    assert len(_compare(tests, tmp_path, "--only", S3, "-k", "answer").runs) == 2


def test_outcomes_have_ids_of_their_own_and_the_gravest_result(tests: Path, tmp_path: Path) -> None:
    found = _run(tests, tmp_path / "results", "-n0", "tests/unit/test_other.py")
    file = "tests/unit/test_other.py"
    outcomes = {name: outcome.result for name, outcome in found.outcomes.items()}
    assert outcomes == {
        f"{file}::test_an_id[1_0]": "passed",
        f"{file}::test_an_id[1_1]": "passed",
        f"{file}::test_no_network": "passed",
        f"{file}::test_nothing_of_the_environment": "passed",
        f"{file}::test_cases": "failed",
        f"{file}::TestSubtests::test_numbers": "failed",
        f"{file}::TestSubtests::test_crt": "skipped",
    }
    assert found.outcomes[f"{file}::TestSubtests::test_crt"].message == "Skipped: no crt"


def test_counts_of_all_workers_are_added(tests: Path, tmp_path: Path) -> None:
    found = _run(tests, tmp_path / "results", "-n2", "--dist=load", S3, is_patched=True)
    assert found.is_patched
    assert found.calls[S3]["s3_sent_by_patch"] == 3
    assert len(list((tmp_path / "results/calls").iterdir())) == 3


def test_a_test_that_hangs_fails_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SECONDS_PER_TEST", 0.1)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_hangs.py").write_text(
        "import threading\ndef test_a(): threading.Event().wait()\ndef test_b(): pass\n"
    )
    found = _run(tmp_path, tmp_path / "results", "-n1", "test_hangs.py").outcomes
    assert found["test_hangs.py::test_a"] == ("failed", "Failed: it took longer than 0.1 seconds")
    assert found["test_hangs.py::test_b"].result == "passed"


def test_a_pass_that_does_not_get_to_its_end_is_no_result(
    tests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # Named in full, as it is read from another folder than the one that the results are given for.
    log = re.escape(str(tmp_path / "results" / "log.txt"))
    with pytest.raises(PassError, match=rf"did not get to its end: .+ \({log}\)"):
        _run(tests, Path("results"), "-n0", "tests/unit/test_missing.py")
