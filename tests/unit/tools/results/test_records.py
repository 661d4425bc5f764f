"""What was green stays green only while nothing that decides it has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from tools.environments import install
from tools.environments.cells import SYNCHRONOUS, Cell
from tools.results import records
from tools.results.outcomes import ContractRun

CELL = Cell(botocore="1.40.0")
VERSIONS = {"botocore": "1.40.0", "urllib3": "2.8.0", "moto": None}


def run(**changes: Any) -> dict[str, Any]:
    """What the report says where all four quadrants were green on the one store there is."""
    quadrants = [
        {
            "file": "test_it.py",
            "patched": patched,
            "redirects": redirects,
            "store": "sockets",
            "outcome": "passed",
            "tests": {"test_it": "passed"},
            "failures": [],
        }
        for patched in (False, True)
        for redirects in (False, True)
    ]
    return {"versions": VERSIONS, "quadrants": quadrants, **changes}


def skipped() -> dict[str, Any]:
    found = run()
    found["quadrants"][3]["tests"] = {"test_it": "skipped"}
    return found


def crashed() -> dict[str, Any]:
    found = run()
    found["quadrants"][0]["outcome"] = "crashed"
    return found


#: The files that decide how a cell comes out.
DECIDING = (
    "patch/botocore_redirect/hooks/endpoint.py",
    "tests/matrix/contract/behaviours.py",
    "tests/workloads/run_store.py",
    "tests/conftest.py",
    "tests/asynchronous/blocking.py",
    "tests/wire/signatures/sigv4.py",
    "tests/wire/bodies/payload.py",
    "pyproject.toml",
    "requirements/store.txt",
    "lock.txt",
    "env/pyvenv.cfg",
)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in (*DECIDING, "README.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{path}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def key() -> str:
    return records.cache_key(CELL, Path("lock.txt"), Path("env"))


@pytest.mark.parametrize(
    "path",
    [*DECIDING, "patch/botocore_redirect/new.py"],
)
def test_a_result_is_invalid_after_a_change_of_its_sources(repository: Path, path: str) -> None:
    before = key()
    (repository / path).write_text("other\n")
    assert key() != before


@pytest.mark.parametrize("path", ["README.md", "patch/botocore_redirect/__pycache__/lifecycle.pyc"])
def test_a_result_stays_valid_after_other_changes(repository: Path, path: str) -> None:
    before = key()
    (repository / path).parent.mkdir(exist_ok=True)
    (repository / path).write_text("other\n")
    assert key() == before


@pytest.mark.usefixtures("repository")
def test_a_result_is_invalid_once_the_cell_runs_more_of_the_contract() -> None:
    plain = next(cell for cell in SYNCHRONOUS if not cell.tags)
    tagged = replace(plain, tags=("quick",))
    keys = {records.cache_key(cell, Path("lock.txt"), Path("env")) for cell in (plain, tagged)}
    assert len(keys) == 2


def test_two_files_that_swap_their_content_are_a_change(repository: Path) -> None:
    (repository / "a").mkdir()
    (repository / "a/one").write_text("1")
    (repository / "a/two").write_text("2")
    before = install.digest(Path("a"))
    (repository / "a/one").write_text("2")
    (repository / "a/two").write_text("1")
    assert install.digest(Path("a")) != before


def make_record(contract_run: dict[str, Any] | None) -> records.Record:
    Path("lock.txt").write_text("botocore==1.40.0 \\\n    --hash=0\nurllib3==2.8.0 ; sys\n")
    return records.make_record(
        CELL, "key", cast("ContractRun | None", contract_run), lock=Path("lock.txt")
    )


@pytest.mark.usefixtures("repository")
def test_a_passed_record_is_valid_for_its_key_alone() -> None:
    records.write_record(CELL, make_record(run()))
    found = records.read_if_valid(CELL, "key")
    assert found
    assert found["run"] == run()
    assert records.read_if_valid(CELL, "another key") is None
    assert records.read_if_valid(Cell(botocore="1.40.1"), "key") is None


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("contract_run", "reason"),
    [
        (crashed(), ""),
        (None, "it ended before its quadrants began"),
        (run(quadrants=[]), "not every quadrant ran on every store"),
        (run(quadrants=run()["quadrants"][:3]), "not every quadrant ran on every store"),
        (run(versions={**VERSIONS, "moto": "5.0.0"}), "not every quadrant ran on every store"),
        (skipped(), "not every quadrant ran on every store"),
        (
            run(versions={**VERSIONS, "urllib3": "1.26.20"}),
            "urllib3 1.26.20 is installed, 2.8.0 is locked",
        ),
    ],
)
def test_a_record_with_failures_gaps_or_other_versions_is_never_valid(
    contract_run: dict[str, Any] | None, reason: str
) -> None:
    record = make_record(contract_run)
    assert (record["outcome"], record["reason"]) == ("failed", reason)
    records.write_record(CELL, record)
    assert records.read_if_valid(CELL, "key") is None


def test_a_record_has_the_digest_of_its_sources(repository: Path) -> None:
    before = make_record(run())["sources"]
    assert before == records.digest_sources(CELL, Path("lock.txt"))
    (repository / "tests/matrix/contract/behaviours.py").write_text("other\n")
    assert make_record(run())["sources"] != before


@pytest.mark.usefixtures("repository")
def test_a_deleted_record_is_gone_and_may_be_deleted_again() -> None:
    records.write_record(CELL, make_record(run()))
    records.delete_record(CELL)
    assert records.read_record(CELL) is None
    records.delete_record(CELL)


@pytest.mark.usefixtures("repository")
def test_a_truncated_record_is_not_read() -> None:
    records.write_record(CELL, make_record(run()))
    (path,) = records.CELLS.iterdir()
    path.write_text(path.read_text()[:-9])
    assert records.read_record(CELL) is None


@pytest.mark.usefixtures("repository")
def test_only_records_since_the_start_of_nox_belong_to_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records.write_record(CELL, make_record(run()))
    assert records.read_if_current(CELL)
    monkeypatch.setattr(records, "_STARTED", "9999")
    assert records.read_if_current(CELL) is None
