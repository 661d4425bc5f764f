"""The table of cells, and the cell that is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version
from tools.environments import cells
from tools.environments.cells import ASYNCHRONOUS, PINNED, PYTHONS, SYNCHRONOUS

ROOT = Path(__file__).parents[4]


def test_the_names_and_environments_of_the_cells_are_unique() -> None:
    names = Counter(cell.name for cell in PINNED)
    assert [name for name, count in names.items() if count > 1] == []
    # nox makes a path of a name by putting a dash where it finds anything else.
    assert len({name.replace(".", "-") for name in names}) == len(names)


def test_every_cell_has_a_lock_and_every_lock_a_cell() -> None:
    locks = {path.name for path in (ROOT / cells.LOCKS / "cells").iterdir()}
    assert locks == {cell.lock().name for cell in PINNED}


@pytest.mark.parametrize("cell", PINNED, ids=lambda cell: cell.name)
def test_a_lock_holds_what_its_cell_names(cell: cells.Cell) -> None:
    locked = (ROOT / cell.lock()).read_text("utf-8").splitlines()
    for package, version in cell.versions.items():
        assert any(line.startswith(f"{package}=={version} ") for line in locked), package
    assert all("--hash=" in line for line in locked if line.startswith("    "))


def test_the_default_python_runs_every_minor_of_botocore_from_1_13_on() -> None:
    run = {
        Version(cell.botocore).release[:2] for cell in SYNCHRONOUS if cell.python == cells.PYTHON
    }
    assert run >= {(1, minor) for minor in range(13, 45)}


@pytest.mark.parametrize("python", PYTHONS)
def test_each_python_runs_its_oldest_and_its_newest_and_most_run_two_between(python: str) -> None:
    of_python = [cell for cell in SYNCHRONOUS if cell.python == python]
    ends = python in {"3.14t", "3.15"}
    assert len({cell.botocore for cell in of_python}) >= (2 if ends else 4)
    assert next(cell for cell in of_python if "oldest" in cell.tags) is of_python[0]
    newest = [cell for cell in of_python if "newest" in cell.tags]
    assert {cell.botocore for cell in newest} == {of_python[-1].botocore}


def test_the_quick_cells_are_one_for_each_python_and_the_pair_that_users_ask_for() -> None:
    quick = [cell for cell in SYNCHRONOUS if "quick" in cell.tags]
    # 3.14 and later are not on every machine that runs .ci/run.
    assert {cell.python for cell in quick} == set(PYTHONS) - {"3.14", "3.14t", "3.15"}
    assert ("1.29.24", "1.26.24") in {(cell.botocore, cell.boto3) for cell in quick}


def test_cells_with_aiobotocore_run_the_oldest_the_newest_and_three_between() -> None:
    releases = [cell.aiobotocore for cell in ASYNCHRONOUS]
    assert releases[0] == "2.5.0"  # below, the patch refuses it
    assert len({*releases}) >= 5
    assert {cell.backend for cell in ASYNCHRONOUS} == {"aiohttp", "httpx", "httpx2"}
    quick = [cell for cell in ASYNCHRONOUS if "quick" in cell.tags]
    assert {tuple(cell.pytest_options) for cell in quick} == {
        ("--aiobotocore=aiohttp",),
        ("--aiobotocore=httpx",),
    }


@pytest.mark.parametrize("cell", ASYNCHRONOUS, ids=lambda cell: cell.name)
def test_a_cell_with_aiobotocore_holds_its_back_end_and_no_moto(cell: cells.Cell) -> None:
    locked = (ROOT / cell.lock()).read_text("utf-8")
    assert f"\n{cell.backend}==" in locked
    assert "\nmoto==" not in locked


def asked(facts: str = "a and [a.name, *a.pins, *a.in_process]", **variables: str) -> Any:
    """Ask for a cell by environment variables; give facts of it: its name, pins and moto."""
    code = "import json; from tools.environments.cells import *; a = ASKED;"
    code += f"print(json.dumps({facts}))"
    path = {"PATH": "", "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**path, **variables},
        capture_output=True,
        check=True,
    )
    return json.loads(shown.stdout)


def test_only_versions_in_variables_are_pinned() -> None:
    assert asked(BOTOCORE_VERSION="1.40.0", URLLIB3_VERSION="1.26.20") == [
        "botocore-1.40.0-urllib3-1.26.20-py3.11",
        "botocore==1.40.0",
        "urllib3==1.26.20",
        "moto[s3]>=4.2",
    ]
    assert asked(BOTO3_VERSION=" 1.26.24 ", MOTO_VERSION="5.0.0", MATRIX_PYTHON="3.9") == [
        "boto3-1.26.24-moto-5.0.0-py3.9",
        "boto3==1.26.24",
        "moto[s3]==5.0.0",
    ]


def test_the_own_tests_of_botocore_run_on_a_handful_of_cells_or_on_all_with_boto3() -> None:
    facts = "[len(UPSTREAM), UPSTREAM == SYNCHRONOUS]"
    assert asked(facts) == [6, False]
    assert asked(facts, UPSTREAM_CELLS="all") == [len(cells.SYNCHRONOUS), True]
    with pytest.raises(subprocess.CalledProcessError) as refused:
        asked(facts, UPSTREAM_CELLS="some")
    assert b"UPSTREAM_CELLS is 'some': set it to `all`" in refused.value.stderr


def test_a_cell_that_is_not_pinned_says_which_variables_ask_for_it() -> None:
    for variables in (
        {"BOTOCORE_VERSION": "1.38.0", "URLLIB3_VERSION": "2.6.3", "MATRIX_PYTHON": "3.13"},
        {"BOTOCORE_VERSION": "newest", "MATRIX_PYTHON": "3.14t"},
        {"AIOBOTOCORE_VERSION": "3.1.0", "AIOBOTOCORE_BACKEND": "httpx", "MATRIX_PYTHON": "3.12"},
        {
            "AIOBOTOCORE_VERSION": "newest",
            "AIOBOTOCORE_BACKEND": "aiohttp",
            "MATRIX_PYTHON": "3.13",
        },
    ):
        assert asked("a.variables", **variables) == variables


def test_a_python_without_the_gil_is_resolved_like_that_with_it() -> None:
    facts = "a and [a.name, a.python, a.language]"
    assert asked(facts, BOTOCORE_VERSION="1.44.5", MATRIX_PYTHON="3.14t") == [
        "botocore-1.44.5-py3.14t",
        "3.14t",
        "3.14",
    ]


@pytest.mark.parametrize(("release", "is_pinned"), [("1.44.5", True), ("1.44.4", False)])
def test_the_versions_of_a_pinned_cell_are_that_cell(release: str, *, is_pinned: bool) -> None:
    assert asked("a in PINNED", BOTOCORE_VERSION=release) is is_pinned


def test_newest_is_resolved_and_not_pinned() -> None:
    assert asked(BOTOCORE_VERSION="newest") == ["newest-py3.11", "moto[s3]>=4.2"]


def test_aiobotocore_is_asked_for_with_one_of_its_back_ends() -> None:
    assert asked(AIOBOTOCORE_VERSION="3.1.0") == [
        "aiobotocore-3.1.0-aiohttp-py3.11",
        "aiobotocore==3.1.0",
    ]
    assert asked(AIOBOTOCORE_VERSION="newest", AIOBOTOCORE_BACKEND="httpx2") == [
        "newest-httpx2-py3.11",
        "aiobotocore[httpx2]",
    ]
    assert asked(AIOBOTOCORE_VERSION="2.5.0", BOTOCORE_VERSION="1.29.70")[1:] == [
        "botocore==1.29.70",
        "aiobotocore==2.5.0",
    ]
    assert asked(AIOBOTOCORE_BACKEND="httpx") is None
    assert asked("a in PINNED", AIOBOTOCORE_VERSION="3.10.0") is True


def test_without_variables_and_with_a_python_alone_no_cell_is_asked_for() -> None:
    assert asked() is None
    assert asked(MATRIX_PYTHON="3.12", BOTOCORE_VERSION="") is None


def test_a_version_cannot_lead_out_of_the_folder_of_locks() -> None:
    assert asked(BOTOCORE_VERSION="../../etc")[0] == "botocore-.._.._etc-py3.11"


def test_the_whole_contract_runs_on_some_cell_of_each_python() -> None:
    whole = [cell for cell in SYNCHRONOUS if cells.runs_whole_contract(cell)]
    assert {cell.python for cell in whole} == {*PYTHONS}
    assert len(whole) < len(SYNCHRONOUS) / 3


def test_it_runs_on_every_cell_that_is_of_aiobotocore_or_not_pinned() -> None:
    plain = next(cell for cell in SYNCHRONOUS if not cell.tags)
    assert cells.choose_group(plain) == ["--group=common"]
    assert cells.choose_group(cells.Cell(botocore="1.38.0")) == []
    assert cells.choose_group(ASYNCHRONOUS[0]) == []
