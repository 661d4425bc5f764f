"""All documents say the same of a full run, and a run of some cells changes none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tools.releases.status import Classes
from tools.results import compatibility, compatibility_page, proof, sweep_results
from tools.results.compatibility import BADGE, CENSUS, PAGE
from tools.results.proof import PROOF, REPORT, StaleError
from tools.results.sweep_results import SWEEP, Sweep

from unit.tools.releases.example_census import CLASS_OF, STATES

NO_SWEEP: Sweep = {"sources": {"contract": "c1", "patch": "p1"}, "runs": []}


def cell(botocore: str, python: str = "3.11", **changes: Any) -> Any:
    versions = {"botocore": botocore, "boto3": "1.0", "urllib3": "2.8.0", "moto": "5.2.5"}
    known = {
        "cell": f"botocore-{botocore}-py{python}",
        "python": python,
        "botocore": botocore,
        "boto3": "",
        "urllib3": "",
        "backend": "",
        "outcome": "passed",
        "asked": False,
        "run": {"versions": versions, "seconds": 8.5},
    }
    return {**known, **changes}


def failed(botocore: str) -> Any:
    return cell(botocore, outcome="failed")


class Pinned:
    boto3 = urllib3 = aiobotocore = backend = ""
    tags = ()

    def __init__(self, botocore: str, python: str = "3.11") -> None:
        self.botocore, self.python = botocore, python
        self.name = f"botocore-{botocore}-py{python}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository after a full run of two cells, with a census."""
    put(tmp_path / CENSUS, {"releases": CLASS_OF})
    put(tmp_path / REPORT, {"cells": [cell("1.13.50"), cell("1.14.11")]})
    return tmp_path


TABLE = [Pinned("1.13.50"), Pinned("1.14.11")]


def put(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))


def row_of(text: str, minor: str) -> list[str]:
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {minor} |")]
    return [value.strip() for value in row.strip("|").split("|")]


def described(*cells: Any) -> str:
    made = proof.make_proof({"cells": [*cells]})  # type: ignore[typeddict-item]  # only what is read
    return compatibility_page.render_page(made, NO_SWEEP, Classes(CLASS_OF, STATES))


def test_a_release_is_proven_compatible_or_unsupported() -> None:
    text = described(cell("1.13.50"), cell("1.14.11"))
    assert row_of(text, "1.13") == ["1.13", "1", "1.13.50", "", ""]
    assert row_of(text, "1.14") == ["1.14", "6", "1.14.11", "1.14.2", "1.14.1; 1.14.3"]
    assert "Of 7 releases since botocore 1.13.50, 4 are proven,\n1 are compatible" in text


def test_a_class_in_which_a_release_failed_proves_nothing() -> None:
    text = described(failed("1.14.10"), cell("1.14.11"))
    assert row_of(text, "1.14")[2:4] == ["1.14.10 **failed**, 1.14.11", ""]
    assert "## What failed" in text


def test_a_release_that_failed_on_one_python_is_not_green_by_another() -> None:
    text = described(cell("1.14.11"), cell("1.14.11", "3.13", outcome="failed"))
    assert row_of(text, "1.14")[2:4] == ["1.14.11 **failed**", ""]


def test_the_states_are_read_from_the_histories_of_the_functions() -> None:
    classes = Classes.of(
        {
            "releases": {"1.0": "1.0", "1.1": "1.1", "1.2": None, "1.3": "1.3"},
            "functions": {"a": {"1.0": "x", "1.3": "y"}, "b": {"1.0": None}},
        }
    )
    assert classes.states["1.0"] == classes.states["1.1"] != classes.states["1.3"]
    assert "1.2" not in classes.states


def test_a_run_of_some_cells_is_no_reason_to_call_the_documents_stale(root: Path) -> None:
    compatibility.update_documents(root)
    put(root / REPORT, {"cells": [cell("1.13.50"), cell("1.14.11", outcome="not run")]})
    compatibility.check_documents(root, TABLE)


def test_pythons_with_the_same_packages_share_a_row() -> None:
    text = described(cell("1.14.11", "3.10"), cell("1.14.11", "3.9"), cell("1.13.50"))
    assert "| 1.14.11 | 1.0 | 2.8.0 | 5.2.5 | 3.9, 3.10 |" in text


def asynchronous(outcome: str = "passed") -> Any:
    versions = {"botocore": "1.14.1", "boto3": "1.0", "aiobotocore": "3.0.0", "httpx2": "2.16.2"}
    name = "aiobotocore-3.0.0-httpx2-py3.11"
    run = {"versions": versions, "seconds": 8.5}
    return cell("", cell=name, backend="httpx2", outcome=outcome, run=run)


def test_a_cell_with_aiobotocore_is_listed_and_proves_nothing_of_boto3() -> None:
    text = described(cell("1.13.50"), asynchronous())
    assert "| 3.0.0 | httpx2 2.16.2 | 1.14.1 | 3.11 | passed |" in text
    assert "2 cells passed, 0 failed." in text
    assert row_of(text, "1.14")[2] == ""


def test_a_cell_with_aiobotocore_that_failed_is_counted() -> None:
    text = described(cell("1.13.50"), asynchronous("failed"))
    assert "| 3.0.0 | httpx2 2.16.2 | 1.14.1 | 3.11 | **failed** |" in text
    assert "1 cell passed, 1 failed." in text


def test_documents_without_a_cell_with_aiobotocore_are_stale(root: Path) -> None:
    compatibility.update_documents(root)
    pinned: Any = Pinned("", "3.11")
    pinned.aiobotocore, pinned.backend = "3.0.0", "httpx2"
    pinned.name = asynchronous()["cell"]
    with pytest.raises(StaleError, match=r"it lacks aiobotocore-3\.0\.0-httpx2-py3\.11"):
        compatibility.check_documents(root, [*TABLE, pinned])
    put(root / REPORT, {"cells": [cell("1.13.50"), cell("1.14.11"), asynchronous()]})
    compatibility.update_documents(root)
    compatibility.check_documents(root, [*TABLE, pinned])


def test_times_of_a_run_do_not_change_the_documents(root: Path) -> None:
    compatibility.update_documents(root)
    texts = {name: (root / name).read_text() for name in (PROOF, PAGE, BADGE)}
    slower = [cell("1.13.50", ended="2027-01-01", cached=True), cell("1.14.11")]
    slower[1]["run"]["seconds"] = 99.5
    put(root / REPORT, {"cells": slower})
    assert compatibility.update_documents(root) == []
    assert {name: (root / name).read_text() for name in texts} == texts


def test_the_proof_holds_the_green_cells_a_line_each(root: Path) -> None:
    compatibility.update_documents(root)
    published = json.loads((root / PROOF).read_text())
    assert list(published) == ["cells"]
    assert published["cells"][0] == {
        "python": "3.11",
        "botocore": "1.13.50",
        "boto3": "1.0",
        "urllib3": "2.8.0",
        "moto": "5.2.5",
    }
    assert len((root / PROOF).read_text().splitlines()) == 4 + len(published["cells"])


@pytest.mark.parametrize(
    "part",
    [
        cell("1.14.11", outcome="not run", run=None),
        cell("1.14.11", outcome="failed", run=None),
    ],
)
def test_a_part_of_the_matrix_changes_nothing_and_says_what_is_missing(
    root: Path, part: Any
) -> None:
    compatibility.update_documents(root)
    before = (root / PROOF).read_text()
    put(root / REPORT, {"cells": [cell("1.13.50"), part]})
    with pytest.raises(StaleError, match=r"1 cell of 2 did not run \(botocore-1\.14\.11-"):
        compatibility.update_documents(root)
    assert (root / PROOF).read_text() == before


def test_a_message_does_not_list_all_cells(root: Path) -> None:
    put(root / REPORT, {"cells": [cell(f"1.14.{n}", outcome="not run") for n in range(9)]})
    with pytest.raises(StaleError, match=r"\(botocore-1\.14\.0-.*-1\.14\.3-py3\.11, 5 more\)"):
        compatibility.update_documents(root)


def test_a_cell_that_was_asked_for_is_no_part_of_the_proof(root: Path) -> None:
    put(root / REPORT, {"cells": [cell("1.13.50"), cell("1.15.0", asked=True)]})
    compatibility.update_documents(root)
    assert "1.15.0" not in (root / PROOF).read_text()


def test_the_check_passes_right_after_an_update(root: Path) -> None:
    compatibility.update_documents(root)
    compatibility.check_documents(root, TABLE)
    (root / REPORT).unlink()
    compatibility.check_documents(root, TABLE)


@pytest.mark.parametrize("name", [PROOF, PAGE, BADGE])
def test_the_check_names_a_stale_file_and_the_command_that_helps(root: Path, name: Path) -> None:
    compatibility.update_documents(root)
    with (root / name).open("a") as file:
        file.write("\n")
    with pytest.raises(StaleError, match=rf"^{name} is stale: run `nox -s report -- --publish`"):
        compatibility.check_documents(root, TABLE)


def test_the_check_sees_a_new_release_in_the_census(root: Path) -> None:
    compatibility.update_documents(root)
    put(root / CENSUS, {"releases": {**CLASS_OF, "1.14.12": None}})
    (root / REPORT).unlink()
    with pytest.raises(StaleError, match=rf"^{PAGE} is stale"):
        compatibility.check_documents(root, TABLE)


def test_the_check_sees_a_cell_that_the_proof_does_not_know(root: Path) -> None:
    compatibility.update_documents(root)
    with pytest.raises(StaleError, match=r"lacks botocore-1\.14\.11-py3\.13: run `nox -s m"):
        compatibility.check_documents(root, [*TABLE, Pinned("1.14.11", "3.13")])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([cell("1.13.50"), cell("1.44.5")], "botocore 1.13 - 1.44 | 2 cells green"),
        ([cell("1.9.0"), failed("1.10.0")], "botocore 1.9 - 1.9 | 1 of 2 cells green"),
    ],
)
def test_the_badge_says_how_many_cells_are_green(cells: list[Any], words: str) -> None:
    svg = compatibility_page.render_badge(proof.make_proof({"cells": cells}))  # type: ignore[typeddict-item]  # as above
    assert f"<title>{words}</title>" in svg


def swept(botocore: str, *failed: str, **changes: Any) -> Any:
    result = {
        "botocore": botocore,
        "boto3": "1.0",
        "urllib3": "1.26.4",
        "s3transfer": "0.3",
        "moto": None,
        "python": "3.9.18",
        "date": "2026-01-02",
        "tests": 245,
        "ids": "i",
        "stock_fails": [],
        "failed": [*failed],
        "contract": "c1",
        "patch": "p1",
    }
    return {**result, **changes}


def page_of(*runs: Any) -> str:
    sweep: Sweep = {**NO_SWEEP, "runs": [*runs]}
    cells: Any = {"cells": [cell("1.13.50")]}
    made = proof.make_proof(cells)
    return compatibility_page.render_page(made, sweep, Classes(CLASS_OF, STATES))


def test_a_swept_release_proves_its_class() -> None:
    text = page_of(swept("1.14.2"), swept("1.14.11", stock_fails=["select_object_content"]))
    assert row_of(text, "1.14") == ["1.14", "6", "1.14.2, 1.14.11", "", "1.14.3"]
    assert "| 1.14.2 | 1.0 | 1.26.4 | none | 3.9.18 | 245 | 2026-01-02 |  |" in text
    assert "| 2026-01-02 | stock botocore fails at `select_object_content` |" in text


def test_the_page_says_how_many_runs_were_of_an_earlier_contract() -> None:
    text = page_of(swept("1.14.2", contract="older"), swept("1.14.11"))
    assert "2 releases passed: 1 with the present contract and patch,\n1 with earlier" in text


def test_a_swept_release_that_failed_is_listed_with_its_tests() -> None:
    text = page_of(swept("1.14.2", "test_a", "test_b"))
    assert "| 1.14.2 | 1.26.4 | 3.9.18 | `test_a`, `test_b` |" in text
    assert row_of(text, "1.14")[2] == "1.14.2 **failed**"
    assert "## The sweep" not in text


def test_results_of_a_sweep_are_added_without_a_run_of_the_matrix(root: Path) -> None:
    compatibility.update_documents(root)
    (root / REPORT).unlink()
    assert compatibility.publish_sweep(root, [swept("1.14.2")]) == [SWEEP, PAGE]
    assert compatibility.publish_sweep(root, [swept("1.14.11")]) == [SWEEP, PAGE]
    published = sweep_results.load(root / SWEEP)
    assert [run["botocore"] for run in published["runs"]] == ["1.14.2", "1.14.11"]
    compatibility.check_documents(root, TABLE)


def test_a_later_contract_does_not_make_the_documents_stale_but_the_next_page_says_it(
    root: Path,
) -> None:
    compatibility.update_documents(root)
    now = sweep_results.digest_sources(root)
    compatibility.publish_sweep(root, [swept("1.14.2", **now)])
    assert "1 with the present contract" in (root / PAGE).read_text()
    test = root / "tests" / "matrix" / "test_new.py"
    test.parent.mkdir(parents=True)
    test.write_text("def test_more(): pass\n")
    compatibility.check_documents(root, TABLE)
    assert compatibility.update_documents(root) == [SWEEP, PAGE]
    assert "0 with the present contract and patch,\n1 with earlier" in (root / PAGE).read_text()
