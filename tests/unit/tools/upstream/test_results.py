"""What `nox -s upstream` makes of results: comparison, proof, summary, and its table."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import nox
import pytest
from tools.environments import install
from tools.upstream import comparison, passes, proof, session, sources, unsent
from tools.upstream.arguments import FOLDERS, Options, count_workers
from tools.upstream.comparison import ABSENT, Difference
from tools.upstream.passes import Pass, Result, Variant
from tools.upstream.session import Comparison
from tools.upstream.unsent import TableError

PASSED = Result("passed")
FAILED = Result("failed", "AssertionError: 1 != 2")
FILE = "tests/unit/test_a.py"


def _pass(**results: Result) -> Pass:
    return Pass({f"{FILE}::{name}": outcome for name, outcome in results.items()})


def _calls(counts: Mapping[str, int], *, is_patched: bool = True) -> Pass:
    """A pass of one file, in which what is created and sent goes by the patch."""
    by_patch = {f"{name}_by_patch": n for name, n in counts.items() if not name.endswith("made")}
    return Pass({f"{FILE}::a": PASSED}, {FILE: Counter({**by_patch, **counts})}, is_patched)


def _problems(patched: Pass, stock: Pass | None = None, unsent: tuple[str, ...] = ()) -> list[str]:
    return list(proof.find_problems(stock or patched, patched, unsent))


ALL_SENT = {"made": 2, "created": 2, "sent": 2, "s3_made": 1, "s3_created": 1, "s3_sent": 1}


@pytest.mark.parametrize(
    ("stock", "patched", "differing"),
    [
        ({"a": PASSED, "b": FAILED}, {"a": PASSED, "b": Result("failed", "at 0x1")}, {}),
        ({"a": PASSED, "b": PASSED}, {"a": PASSED, "b": FAILED}, {"b": (PASSED, FAILED)}),
        ({"a": PASSED}, {"b": PASSED}, {"a": (PASSED, ABSENT), "b": (ABSENT, PASSED)}),
    ],
)
def test_only_another_outcome_of_a_test_is_a_difference(
    stock: dict[str, Result], patched: dict[str, Result], differing: dict[str, Any]
) -> None:
    found = comparison.find_differences(_pass(**stock), _pass(**patched))
    expected = [Difference(f"{FILE}::{name}", *pair) for name, pair in differing.items()]
    assert found == expected
    assert all(each.file == FILE for each in found)


def test_an_error_of_collection_belongs_to_its_file() -> None:
    assert Difference(f"{FILE} (collection)", PASSED, ABSENT).file == FILE


@pytest.mark.parametrize("calls", [ALL_SENT, {**ALL_SENT, "created": 3, "s3_created": 2}])
def test_requests_that_pass_the_patch_are_proof_though_others_end_before(
    calls: dict[str, int],
) -> None:
    assert not _problems(_calls(calls))


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


def test_missing_calls_or_a_missing_patch_at_the_end_are_problems() -> None:
    gone = Pass({f"{FILE}::a": PASSED}, {}, is_patched=True)
    assert len(_problems(gone, _calls(ALL_SENT))) == 3
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


def test_selected_tests_may_send_fewer_calls_than_the_whole_file() -> None:
    assert not list(
        proof.find_problems(_calls({"made": 3}), _calls({"made": 3}), (), is_countable=False)
    )


def test_a_difference_is_printed_with_both_messages() -> None:
    assert [*comparison.describe_differences("Different", [Difference("a", PASSED, FAILED)])] == [
        "Different: 1",
        "  a",
        "    without the patch: passed",
        "    with the patch:    failed: AssertionError: 1 != 2",
    ]


def test_the_table_of_files_that_send_nothing_is_read_for_one_release(tmp_path: Path) -> None:
    table = tmp_path / "table.toml"
    table.write_text(
        '[[botocore]]\nfiles = ["a", "b"]\nreason = "r"\n'
        '[[botocore]]\nfiles = ["c"]\nreleases = ">=1.20"\nreason = "s"\n'
        '[[s3transfer]]\nfiles = ["d"]\nreason = "t"\n'
    )
    assert unsent.load("botocore", "1.13.50", table) == ["a", "b"]
    assert unsent.load("botocore", "1.44.5", table) == ["a", "b", "c"]
    assert unsent.load("s3transfer", "0.19.3", table) == ["d"]
    table.write_text('[[botocore]]\nfiles = ["a"]\n')
    with pytest.raises(TableError, match=r"The entry of a in .* gives no reason"):
        unsent.load("botocore", "1.44.5", table)
    assert unsent.load("botocore", "1.44.5")


def test_all_tests_run_unless_some_are_named() -> None:
    assert Options.of([]).for_pytest == [f"-n{count_workers()}", *FOLDERS]
    assert Options.of([]).is_whole
    some = Options.of(["--only", "tests/unit/test_a.py", "-n", "1"])
    assert some.for_pytest == ["-n1", "tests/unit/test_a.py"]
    assert (some.is_whole, some.has_whole_files) == (False, True)
    assert Options.of(["-k", "s3", "-n0"]).for_pytest == ["-n0", "-k", "s3", *FOLDERS]
    assert not Options.of(["-k", "s3"]).has_whole_files
    assert not Options.of(["--only", "tests/unit/test_a.py::test_b"]).has_whole_files


@pytest.mark.parametrize(
    ("words", "projects"),
    [
        ([], ["botocore", "s3transfer"]),
        (["--fresh"], ["botocore", "s3transfer"]),
        (["--project", "s3transfer"], ["s3transfer"]),
        (["--only", "tests/unit/test_a.py"], ["botocore"]),
        (["--project", "s3transfer", "--only", "tests/unit/test_a.py"], ["s3transfer"]),
        (["-k", "a"], ["botocore"]),
        (["--mutant", "skip-s3"], ["botocore"]),
    ],
)
def test_the_tests_of_both_projects_run_unless_some_are_named(
    words: list[str], projects: list[str]
) -> None:
    assert [*Options.of(words).projects] == projects


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


class Session:
    """As much of a nox session as a comparison needs."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def log(self, message: str) -> None:
        self.said.append(message)

    def error(self, message: str) -> NoReturn:
        raise RuntimeError(message)


class Passes:
    """Stands in for `passes.run`; `patched` are the results of the passes with the patch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        self.session = Session()
        self.names: list[str] = []
        self.variants: list[tuple[str, str, Variant]] = []
        self.patched = [PASSED]
        self.calls: list[dict[str, Counter[str]]] = []
        self.variant = Variant()
        monkeypatch.setattr(passes, "run", self._run)

    def compare(self, *words: str) -> None:
        self.names.clear()
        fake = cast("nox.Session", self.session)
        options = Options.of(["-n1", *words])
        Comparison(fake, "botocore", self.folder, self.folder, options, [], self.variant).run("key")

    def _run(
        self,
        _session: Any,
        project: str,
        _tests: Path,
        folder: Path,
        _options: Any,
        *,
        is_patched: bool,
        variant: Variant,
        **_mutant: str,
    ) -> Pass:
        self.names.append(folder.name)
        self.variants.append((project, folder.parent.name, variant))
        results = {f"{FILE}::a": self.patched.pop(0) if is_patched else PASSED}
        (folder / "calls").mkdir(parents=True, exist_ok=True)
        (folder / "log.txt").write_text("1 passed")
        (folder / "outcomes.json").write_text(json.dumps(results))
        return Pass(results, self.calls.pop(0) if self.calls else {}, is_patched)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Passes:
    return Passes(monkeypatch, tmp_path)


def test_the_results_without_the_patch_are_kept_for_the_next_run_of_all_tests(
    runs: Passes,
) -> None:
    for words, names in (
        ([], ["stock", "patched"]),
        ([], ["patched"]),
        (["--fresh"], ["stock", "patched"]),
        (["-k", "a"], ["stock", "patched"]),
    ):
        runs.patched = [PASSED]
        runs.compare(*words)
        assert runs.names == names
    assert "Without the patch, from the cache: 1 passed" in runs.session.said


def test_another_way_of_running_the_tests_is_another_stock_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, module = tmp_path / "lock.txt", tmp_path / "passes.py"
    for path in (lock, module):
        path.write_text("")
    (tmp_path / "pyvenv.cfg").write_text("version = 3.11.7")
    fake: Any = SimpleNamespace(env_dir=tmp_path)
    monkeypatch.setattr(passes, "__file__", str(module))
    before = session._stock_key(fake, lock)
    assert session._stock_key(fake, lock) == before
    module.write_text("_OPTIONS = ()")
    assert session._stock_key(fake, lock) != before


def test_files_with_tests_that_differ_run_again_and_fail_the_session_if_they_differ_again(
    runs: Passes, capsys: pytest.CaptureFixture[str]
) -> None:
    runs.patched = [FAILED, FAILED]
    with pytest.raises(RuntimeError, match="1 tests differ and 0 things are not proven"):
        runs.compare()
    assert runs.names == ["stock", "patched", "stock-again", "patched-again"]
    runs.patched = [FAILED, PASSED]
    runs.compare()
    assert "Differed once, and not when run again: 1" in capsys.readouterr().out


def test_the_tests_of_s3transfer_are_compared_with_threads_and_in_series(
    runs: Passes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lock.txt").write_text("s3transfer==0.19.3\n")
    monkeypatch.setattr(install, "install", lambda *_: None)
    monkeypatch.setattr(session, "_stock_key", lambda *_: "key")
    monkeypatch.setattr(sources, "fetch_tests", lambda *_: tmp_path)
    monkeypatch.setattr(sources, "FOLDER", tmp_path)
    runs.patched = [PASSED, PASSED]
    nox_session: Any = SimpleNamespace(
        posargs=["--project=s3transfer", "-n1"],
        env_dir=tmp_path,
        log=runs.session.log,
        error=runs.session.error,
    )
    session.run(nox_session, tmp_path / "lock.txt")
    assert runs.variants == [
        ("s3transfer", folder, Variant(folder, variable, folder == "serial"))
        for folder, variable in (("threads", ""), ("serial", "USE_SERIAL_EXECUTOR"))
        for _ in ("stock", "patched")
    ]


def test_where_threads_are_cancelled_only_requests_that_bypass_the_patch_are_a_problem(
    runs: Passes,
) -> None:
    def calls(made: int, by_patch: int) -> dict[str, Counter[str]]:
        return {FILE: Counter(made=made, sent=2, sent_by_patch=by_patch)}

    runs.variant = Variant("threads", is_countable=False)
    runs.calls = [calls(3, 0), calls(2, 2)]
    runs.compare("--fresh")
    runs.patched, runs.calls = [PASSED], [calls(2, 0), calls(2, 1)]
    with pytest.raises(RuntimeError, match="0 tests differ and 1 things are not proven"):
        runs.compare("--fresh")
    runs.variant, runs.patched, runs.calls = Variant(), [PASSED], [calls(3, 0), calls(2, 2)]
    with pytest.raises(RuntimeError, match="0 tests differ and 1 things are not proven"):
        runs.compare("--fresh")
