"""What `nox -s upstream` makes of results: comparison, proof, summary, and its table."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from tools.environments import cells
from tools.upstream import comparison, known, proof, sources, summary
from tools.upstream.arguments import FOLDERS, Asked, count_workers
from tools.upstream.comparison import ABSENT, Difference
from tools.upstream.known import Known, TableError
from tools.upstream.passes import Outcome, Pass
from tools.upstream.sources import SourceError

PASSED = Outcome("passed")
FAILED = Outcome("failed", "AssertionError: 1 != 2")
FILE = "tests/unit/test_a.py"


def _pass(**results: Outcome) -> Pass:
    return Pass({f"{FILE}::{name}": outcome for name, outcome in results.items()})


def _calls(counts: Mapping[str, int], *, is_patched: bool = True) -> Pass:
    """A pass of one file, in which what is created and sent goes by the patch."""
    by_patch = {f"{name}_by_patch": n for name, n in counts.items() if not name.endswith("made")}
    return Pass({f"{FILE}::a": PASSED}, {FILE: Counter({**by_patch, **counts})}, is_patched)


def _problems(patched: Pass, stock: Pass | None = None, unsent: tuple[str, ...] = ()) -> list[str]:
    return list(proof.problems(stock or patched, patched, unsent))


ALL_SENT = {"made": 2, "created": 2, "sent": 2, "s3_made": 1, "s3_created": 1, "s3_sent": 1}


def test_tests_with_the_same_result_do_not_differ_whatever_they_said() -> None:
    stock, patched = _pass(a=PASSED, b=FAILED), _pass(a=PASSED, b=Outcome("failed", "at 0x1"))
    assert not comparison.differences(stock, patched)


def test_a_test_with_another_result_differs() -> None:
    found = comparison.differences(_pass(a=PASSED, b=PASSED), _pass(a=PASSED, b=FAILED))
    assert found == [Difference(f"{FILE}::b", PASSED, FAILED)]
    assert found[0].file == FILE


def test_a_test_that_one_pass_lacks_differs() -> None:
    found = comparison.differences(_pass(a=PASSED), _pass(b=PASSED))
    assert [(each.stock, each.patched) for each in found] == [(PASSED, ABSENT), (ABSENT, PASSED)]


def test_a_test_that_is_left_out_does_not_differ() -> None:
    assert not comparison.differences(_pass(a=PASSED), _pass(a=FAILED), {f"{FILE}::a"})


def test_an_error_of_collection_belongs_to_its_file() -> None:
    assert comparison.file_of(f"{FILE} (collection)") == FILE


def test_a_difference_that_is_gone_in_the_second_passes_is_unsteady() -> None:
    found = comparison.differences(_pass(a=PASSED, b=PASSED), _pass(a=FAILED, b=FAILED))
    again = comparison.still_different(found, _pass(a=PASSED, b=PASSED), _pass(a=FAILED, b=PASSED))
    assert [each.test for each in again] == [f"{FILE}::a"]


def test_requests_that_all_pass_the_patch_are_proof() -> None:
    assert not _problems(_calls(ALL_SENT))


def test_calls_that_end_before_they_are_sent_are_no_proof_against_the_patch() -> None:
    assert not _problems(_calls({**ALL_SENT, "created": 3, "s3_created": 2}))


@pytest.mark.parametrize("step", ["created", "sent", "s3_created", "s3_sent"])
def test_a_request_that_bypasses_the_patch_is_a_problem(step: str) -> None:
    patched = _calls(ALL_SENT)
    patched.calls[FILE][f"{step}_by_patch"] -= 1
    assert any("past the patch" in problem for problem in _problems(patched))


@pytest.mark.parametrize("kind", ["made", "created", "sent"])
def test_a_file_with_fewer_calls_than_without_the_patch_is_a_problem(kind: str) -> None:
    patched, stock = _calls(ALL_SENT), _calls(ALL_SENT)
    stock.calls[FILE][kind] += 1
    (problem,) = _problems(patched, stock)
    assert problem == f"{FILE}: 2 calls {kind} with the patch, 3 without it."


def test_a_file_whose_calls_are_gone_is_a_problem() -> None:
    gone = Pass({f"{FILE}::a": PASSED}, {}, is_patched=True)
    assert len(_problems(gone, _calls(ALL_SENT))) == 3


def test_the_patch_must_be_installed_at_the_end() -> None:
    (problem,) = _problems(_calls(ALL_SENT, is_patched=False))
    assert "not installed" in problem


@pytest.mark.parametrize(
    "calls", [{"made": 3}, {**ALL_SENT, "s3_created": 0, "s3_sent": 0}], ids=["none", "none of S3"]
)
def test_a_file_that_sends_nothing_is_listed_or_a_problem(calls: dict[str, int]) -> None:
    (problem,) = _problems(_calls(calls))
    assert "is not listed as `unsent`" in problem
    assert not _problems(_calls(calls), unsent=(FILE,))


@pytest.mark.parametrize("calls", [ALL_SENT, {}], ids=["sends", "makes no call"])
def test_a_listed_file_that_has_no_unsent_calls_is_a_problem(calls: dict[str, int]) -> None:
    (problem,) = _problems(_calls(calls), unsent=(FILE,))
    assert "is listed as `unsent`" in problem


def test_parts_of_files_need_not_send_what_the_whole_does() -> None:
    assert not list(proof.problems(_calls({"made": 3}), _calls({"made": 3}), (), is_whole=False))


def test_the_summary_shows_both_results_and_their_messages() -> None:
    lines = list(summary.of_differences("Different", [Difference("a", PASSED, FAILED)]))
    assert lines == [
        "Different: 1",
        "  a",
        "    without the patch: passed",
        "    with the patch:    failed: AssertionError: 1 != 2",
    ]


def test_the_summary_names_what_is_left_out_with_its_reason() -> None:
    both = _pass(a=PASSED, b=FAILED)
    lines = list(summary.of_tests(both, both, {f"{FILE}::b": "needs a clock"}))
    assert lines == [
        "1 of 2 tests are the same (1 passed).",
        f"Left out: {FILE}::b: needs a clock",
    ]


def test_the_table_is_read_for_one_release(tmp_path: Path) -> None:
    table = tmp_path / "table.toml"
    table.write_text(
        '[[unsent]]\nfiles = ["a", "b"]\nreason = "r"\n'
        '[[unsent]]\nfiles = ["c"]\nbotocore = ">=1.20"\nreason = "s"\n'
        '[[left-out]]\ntests = ["d"]\nreason = "t"\n'
    )
    assert known.load("1.13.50", table) == Known({"d": "t"}, {"a": "r", "b": "r"})
    assert known.load("1.44.5", table).unsent == {"a": "r", "b": "r", "c": "s"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[unsent]]\nfiles = ["a"]', "gives no reason"),
        ('[[skipped]]\nfiles = ["a"]\nreason = "r"', "which nothing reads"),
        (f'[[left-out]]\ntests = {["a"] * 21}\nreason = "r"', "leaves out 21 tests"),
    ],
)
def test_a_table_without_reasons_or_with_too_much_is_refused(
    text: str, why: str, tmp_path: Path
) -> None:
    table = tmp_path / "table.toml"
    table.write_text(text)
    with pytest.raises(TableError, match=why):
        known.load("1.44.5", table)


@pytest.mark.parametrize("cell", [*cells.OLD, cells.NEWEST_CELL], ids=lambda cell: cell.name)
def test_the_table_of_the_project_can_be_read_for_each_cell(cell: cells.Cell) -> None:
    assert known.load(sources.locked_release(cell.lock())).unsent


def test_all_tests_run_unless_some_are_named() -> None:
    assert Asked.of([]).options == [f"-n{count_workers()}", *FOLDERS]
    assert Asked.of([]).is_whole
    some = Asked.of(["--only", "tests/unit/test_a.py", "-n", "1"])
    assert some.options == ["-n1", "tests/unit/test_a.py"]
    assert (some.is_whole, some.is_of_whole_files) == (False, True)
    assert not Asked.of(["-k", "s3"]).is_of_whole_files
    assert not Asked.of(["--only", "tests/unit/test_a.py::test_b"]).is_of_whole_files


@pytest.mark.parametrize(
    ("cores", "gigabytes", "workers"), [(2, 24, 2), (4, 16, 3), (4, 4, 1), (8, 64, 8)]
)
def test_there_are_as_many_workers_as_the_memory_can_hold(
    cores: int, gigabytes: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": gigabytes * 1024**3 // 4096}
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    assert count_workers() == workers


def _sdist(path: Path, *names: str) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(f"botocore-1.2.3/{name}")
            member.size = 4
            archive.addfile(member, io.BytesIO(b"pass"))
    return path


def test_nothing_but_the_tests_is_unpacked(tmp_path: Path) -> None:
    names = ("setup.py", "botocore/__init__.py", "tests/__init__.py", "tests/unit/test_a.py")
    sdist = _sdist(tmp_path / "botocore-1.2.3.tar.gz", *names)
    sources.unpack_tests(sdist, tmp_path / "to")
    files = {str(path.relative_to(tmp_path / "to")) for path in tmp_path.rglob("to/**/*.*")}
    assert files == {"pytest.ini", "tests/__init__.py", "tests/unit/test_a.py"}


def test_a_source_distribution_without_tests_is_an_error(tmp_path: Path) -> None:
    sdist = _sdist(tmp_path / "botocore-1.2.3.tar.gz", "setup.py")
    with pytest.raises(SourceError, match="holds no tests"):
        sources.unpack_tests(sdist, tmp_path / "to")


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock with the hash of a source distribution, which `_download` then gives, once."""
    monkeypatch.chdir(tmp_path)
    sdist = _sdist(tmp_path / "botocore-1.2.3.tar.gz", "tests/test_a.py")
    checksum = hashlib.sha256(sdist.read_bytes()).hexdigest()
    monkeypatch.setattr(sources, "_download", lambda _, folder: sdist.rename(folder / sdist.name))
    path = tmp_path / "lock.txt"
    path.write_text(f"botocore==1.2.3 \\\n    --hash=sha256:{checksum}\nboto3==1.2.4\n")
    return path


def test_a_source_distribution_that_is_not_the_locked_one_is_refused(lock: Path) -> None:
    lock.write_text("botocore==1.2.3 \\\n    --hash=sha256:0\n")
    with pytest.raises(SourceError, match=r"botocore-1\.2\.3\.tar\.gz has another hash"):
        sources.fetch_tests(lock)
    assert not list((sources.FOLDER / "tests").iterdir())


def test_the_tests_of_a_release_are_fetched_once(lock: Path) -> None:
    folder = sources.fetch_tests(lock)
    assert (folder / "tests/test_a.py").is_file()
    assert sources.fetch_tests(lock) == folder
    assert [path.name for path in folder.parent.iterdir()] == ["1.2.3"]


def test_a_lock_without_botocore_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text("boto3==1.2.3\n")
    with pytest.raises(SourceError, match="pins no botocore"):
        sources.locked_release(tmp_path / "lock.txt")
