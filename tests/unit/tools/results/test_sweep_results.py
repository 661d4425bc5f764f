"""What came of the contract on one release: passed, failed, or more than stock botocore can do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tools.results import sweep_results
from tools.results.sweep_results import SweepResult, make_result

SOURCES: Any = {"contract": "c1", "patch": "p1"}
FILES = {
    (False, False): "test_noredirect_unpatched.py",
    (False, True): "test_redirects_unpatched.py",
    (True, False): "test_noredirect_patched.py",
    (True, True): "test_redirects_patched.py",
}


def quadrants(*stores: str, failed: dict[tuple[bool, bool], str] | None = None) -> list[Any]:
    """Each quadrant on each store: two behaviours, of which one may fail."""
    return [
        {
            "file": file,
            "patched": key[0],
            "redirects": key[1],
            "store": store,
            "outcome": "passed",
            "failures": [],
            "tests": {
                f"test_it[{behaviour}-{store}]": (
                    "failed" if (failed or {}).get(key) == behaviour else "passed"
                )
                for behaviour in ("get_object", "select_object_content")
            },
        }
        for key, file in FILES.items()
        for store in stores
    ]


def result(found: list[Any], moto: str = "") -> SweepResult:
    versions = {"botocore": "1.35.45", "boto3": "1.35.45", "urllib3": "2.2.3"}
    run: Any = {
        "python": "3.12.1",
        "versions": {**versions, **({"moto": moto} if moto else {})},
        "quadrants": found,
    }
    return make_result(run, SOURCES)


def test_a_run_in_which_all_passed_is_green() -> None:
    green = result(quadrants("sockets", "in-process"), moto="5.2.5")
    assert (green["tests"], green["failed"], green["stock_fails"]) == (16, [], [])
    assert (green["moto"], green["python"], green["contract"]) == ("5.2.5", "3.12.1", "c1")
    assert sweep_results.is_green(green)
    assert result(quadrants("sockets"))["moto"] is None


def test_what_stock_botocore_fails_at_too_is_no_failure_of_the_patch() -> None:
    broken = dict.fromkeys(FILES, "select_object_content")
    found = result(quadrants("sockets", failed=broken))
    assert (found["stock_fails"], found["failed"]) == (["select_object_content"], [])
    assert (found["tests"], sweep_results.is_green(found)) == (4, True)


def test_what_the_patched_client_alone_fails_at_is_a_failure() -> None:
    broken = {(False, False): "select_object_content", (True, True): "get_object"}
    found = result(quadrants("sockets", failed=broken))
    assert found["failed"] == ["test_redirects_patched.py::test_it[get_object-sockets]"]
    assert not sweep_results.is_green(found)


def test_what_stock_botocore_fails_at_with_redirects_alone_is_a_failure() -> None:
    found = result(quadrants("sockets", failed={(False, True): "get_object"}))
    assert found["failed"] == ["test_redirects_unpatched.py::test_it[get_object-sockets]"]


def test_a_quadrant_that_did_not_run_on_a_store_is_a_failure() -> None:
    found = quadrants("sockets", "in-process")
    assert result(found[:-1], moto="5.2.5")["failed"] == [
        "patched, redirects: nothing passed, in-process"
    ]
    assert result(found[:-1])["failed"] == []


def test_a_crash_and_a_file_that_cannot_be_imported_are_failures() -> None:
    crashed = quadrants("sockets")
    crashed[0]["outcome"] = "crashed"
    assert result(crashed)["failed"] == ["unpatched, no redirects: crashed"]
    broken = quadrants("sockets")
    broken[2]["failures"] = [{"test": "test_noredirect_patched.py", "message": "", "details": ""}]
    assert result(broken)["failed"] == ["patched, no redirects: test_noredirect_patched.py"]


def test_a_run_without_tests_is_not_green() -> None:
    assert not sweep_results.is_green(result([]))


def test_the_digest_of_the_ids_says_whether_two_releases_ran_the_same_tests() -> None:
    same = result(quadrants("sockets", failed={(True, True): "get_object"}))
    assert result(quadrants("sockets"))["ids"] == same["ids"]
    more = quadrants("sockets")
    more[0]["tests"]["test_more"] = "passed"
    assert result(more)["ids"] != same["ids"]


def run(botocore: str, date: str = "2026-01-02", **changes: Any) -> Any:
    return {**result(quadrants("sockets")), "botocore": botocore, "date": date, **changes}


def test_of_each_class_the_last_result_counts() -> None:
    census = {"1.9.0": "1.9.0", "1.9.1": "1.9.0", "1.10.0": "1.10.0"}
    published = [run("1.9.0"), run("1.10.0", "2026-03-01", tests=1)]
    found = [run("1.9.1"), run("1.10.0", "2026-02-01", tests=2), run("2.0.0")]
    merged = sweep_results.merge(published, found, census)
    assert [(each["botocore"], each["tests"]) for each in merged] == [
        *(("1.9.1", 8), ("1.10.0", 1), ("2.0.0", 8))
    ]


def test_the_file_has_a_line_for_each_run_and_is_read_back(tmp_path: Path) -> None:
    sweep: Any = {"sources": SOURCES, "runs": [run("1.9.0"), run("1.10.0")]}
    path = tmp_path / "sweep.json"
    path.write_text(sweep_results.render(sweep))
    assert sweep_results.load(path) == sweep
    lines = path.read_text().splitlines()
    assert [line for line in lines if "botocore" in line] == [
        *(f"{json.dumps(sweep['runs'][0])},", json.dumps(sweep["runs"][1]))
    ]
    assert sweep_results.load(tmp_path / "missing.json")["runs"] == []


def test_the_results_of_this_machine_are_read_oldest_release_first(tmp_path: Path) -> None:
    folder = tmp_path / "build"
    assert sweep_results.read_build(folder) == []
    for release in ("1.10.0", "1.9.0"):
        sweep_results.write_build(run(release), folder)
    (folder / "1.9.0.log").write_text("no result")
    assert [each["botocore"] for each in sweep_results.read_build(folder)] == ["1.9.0", "1.10.0"]
    assert json.loads((folder / "1.9.0.json").read_text()) == run("1.9.0")


SUFFIXES = "patch/botocore_redirect/data/public_suffix_list.txt"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("tests/matrix/a.py", "patch/botocore_redirect/rules/b.py", SUFFIXES):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("def f():\n    return 1\n")
    return tmp_path


def test_comments_and_other_folders_do_not_make_a_result_stale(root: Path) -> None:
    before = sweep_results.digest_sources(root)
    (root / "tests/matrix/a.py").write_text('# one\ndef f():\n    """Two."""\n    return 1\n')
    other = root / "patch/botocore_redirect/commands/c.py"
    other.parent.mkdir()
    other.write_text("x = 1")
    assert sweep_results.digest_sources(root) == before


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("tests/matrix/a.py", "contract"),
        ("patch/botocore_redirect/rules/b.py", "patch"),
        (SUFFIXES, "patch"),
    ],
)
def test_other_code_makes_a_result_stale(root: Path, file: str, changed: str) -> None:
    before: Any = sweep_results.digest_sources(root)
    (root / file).write_text("def f():\n    return 2\n")
    after: Any = sweep_results.digest_sources(root)
    assert {name for name in before if before[name] != after[name]} == {changed}
    assert not sweep_results.is_current(run("1.9.0", **before), after)
    assert sweep_results.is_current(run("1.9.0", **after), after)
