"""`nox -s upstream`, with a few small tests in the place of botocore's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import nox
import pytest
from tools.upstream import comparison, passes, proof
from tools.upstream.passes import Pass, PassError, Variant
from tools.upstream.plugins.botocore_mutants import MUTANTS

from isolation.upstream.cases import Session, write_tests

S3, STUB, OTHER = (f"tests/unit/test_{name}.py" for name in ("s3", "stub", "other"))
Run = Callable[..., Pass]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the tests, or some of them, in processes of their own."""
    tests = write_tests(tmp_path_factory.mktemp("botocore"))

    def run(*options: str, **how: Any) -> Pass:
        folder = tmp_path_factory.mktemp("results") / "pass"
        return passes.run(
            *(cast("nox.Session", Session()), "botocore", tests, folder, options), **how
        )

    return run


@pytest.fixture(scope="module")
def stock(run: Run) -> Pass:
    return run("-n0", "tests/unit")


@pytest.fixture(scope="module")
def patched(run: Run) -> Pass:
    return run("-n2", "--dist=load", "tests/unit", is_patched=True)


def test_the_patch_changes_nothing_and_the_calls_of_all_workers_prove_that_it_was_there(
    stock: Pass, patched: Pass
) -> None:
    assert not comparison.find_differences(stock, patched)
    assert not list(proof.find_problems(stock, patched, unsent=[STUB]))
    assert comparison.describe_tests(stock, patched) == (
        "11 of 11 tests are the same (8 passed, 2 failed, 1 skipped)."
    )
    assert comparison.describe_calls(patched) == (
        "4 calls of clients. 3 of 3 requests passed the patch, 3 of them to S3, in 1 files."
    )


def test_a_file_is_listed_as_unsent_if_and_only_if_it_sends_nothing(
    stock: Pass, patched: Pass
) -> None:
    (missing,) = proof.find_problems(stock, patched, unsent=[])
    assert f"{STUB} makes 1 calls, none passes the patch" in missing
    (wrong,) = proof.find_problems(stock, patched, unsent=[STUB, S3])
    assert f"{S3} is listed as `unsent`, but 3 of 3 calls pass" in wrong


def test_each_test_has_an_id_and_its_worst_outcome(stock: Pass) -> None:
    found = {name: result for name, result in stock.results.items() if name.startswith(OTHER)}
    assert {name: result.outcome for name, result in found.items()} == {
        f"{OTHER}::test_an_id[1_0]": "passed",
        f"{OTHER}::test_an_id[1_1]": "passed",
        f"{OTHER}::test_no_network": "passed",
        f"{OTHER}::test_nothing_of_the_environment": "passed",
        f"{OTHER}::test_cases": "failed",
        f"{OTHER}::TestSubtests::test_numbers": "failed",
        f"{OTHER}::TestSubtests::test_crt": "skipped",
    }
    assert found[f"{OTHER}::TestSubtests::test_crt"].message == "Skipped: no crt"


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_patch_is_noticed(mutant: str, run: Run, stock: Pass) -> None:
    broken = run("-n0", S3, is_patched=True, mutant=mutant)
    found = comparison.find_differences(stock, broken)
    different = {each.test.partition("::")[2] for each in found if each.file == S3}
    unproven = " ".join(proof.find_problems(stock, broken, unsent=[STUB]))
    expected = {
        "drop-header": "test_requests_name_the_client",
        "follow-nowhere": "test_an_answer_is_parsed",
        "swallow-exception": "test_an_exception_ends_the_call",
        "skip-s3": f"{S3}: 3 of 3 requests of S3 sent past the patch.",
        "uninstalled": "The patch was not installed in every process at the end of its pass.",
    }[mutant]
    assert expected in different or expected in unproven


def test_a_test_that_hangs_fails_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SECONDS_PER_TEST", 0.1)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_hangs.py").write_text(
        "import threading\ndef test_a(): threading.Event().wait()\ndef test_b(): pass\n"
    )
    session = cast("nox.Session", Session())
    options = ["-n0", "test_hangs.py"]
    found = passes.run(session, "botocore", tmp_path, tmp_path / "pass", options).results
    assert found["test_hangs.py::test_a"] == ("failed", "Failed: it took longer than 0.1 seconds")
    assert found["test_hangs.py::test_b"].outcome == "passed"


@pytest.mark.parametrize(
    ("variant", "executor"),
    [*zip(passes.VARIANTS["s3transfer"], ["ThreadPoolExecutor", "NonThreadedExecutor"])],
    ids=["threads", "serial"],
)
def test_the_calls_of_s3transfer_are_made_in_threads_or_one_after_the_other(
    variant: Variant, executor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USE_SERIAL_EXECUTOR", "1")  # a user's own
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_executor.py").write_text(
        "from s3transfer.futures import BoundedExecutor\n"
        f"def test_a(): assert BoundedExecutor(1, 1)._executor.__class__.__name__ == {executor!r}\n"
    )
    session = cast("nox.Session", Session())
    options = ["-n0", "test_executor.py"]
    found = passes.run(
        *(session, "s3transfer", tmp_path, tmp_path / "pass", options), variant=variant
    )
    assert found.results["test_executor.py::test_a"].outcome == "passed"


def test_an_incomplete_pass_has_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(tmp_path)
    # Named in full, as it is read from another folder than the one that the results are given for.
    log = re.escape(str(tmp_path / "pass" / "log.txt"))
    session = cast("nox.Session", Session())
    with pytest.raises(PassError, match=rf"over s3transfer's tests did not finish: .+ \({log}\)"):
        passes.run(session, "s3transfer", tmp_path, Path("pass"), ["-n0", "test_missing.py"])
