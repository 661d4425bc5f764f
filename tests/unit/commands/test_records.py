"""What came with the package: where it is read, and what it says of a release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect.commands import records
from botocore_redirect.commands.records import Records

FILES: dict[str, Any] = {
    "census.json": {"releases": {"1.0": "1.0"}, "classes": {"1.0": {"digest": "a"}}},
    "functions.json": {"endpoint.f": {"1.0": "x"}},
    "proof.json": {"cells": [{"botocore": "1.0"}]},
    "sweep.json": {"sources": {}, "runs": [{"botocore": "1.1", "failed": []}]},
}
WHOLE = Records(
    FILES["census.json"],
    FILES["functions.json"],
    FILES["proof.json"],
    FILES["sweep.json"]["runs"],
)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in a checkout, neither of which has any record."""
    package = tmp_path / "patch" / "botocore_redirect"
    package.mkdir(parents=True)
    (tmp_path / "requirements").mkdir()
    monkeypatch.setattr(records, "__file__", str(package / "commands" / "records.py"))
    monkeypatch.setattr("importlib.resources.files", lambda _: package)
    return package


def write(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in FILES.items():
        (folder / name).write_text(json.dumps(content))


def test_the_records_that_came_with_the_package_are_read(package: Path) -> None:
    write(package / "data")
    assert records.load() == WHOLE


def test_in_a_checkout_the_records_beside_the_package_are_read(package: Path) -> None:
    write(package.parents[1] / "requirements")
    assert records.load().missing == tuple(FILES)  # of anybody
    (package.parents[1] / "pyproject.toml").write_text("")
    assert records.load() == WHOLE


def test_a_damaged_record_is_a_missing_one(package: Path) -> None:
    write(package / "data")
    (package / "data" / "proof.json").write_text("{")
    assert records.load().missing == ("proof.json",)
    assert records.load().green_releases() == ["1.1"]


def test_a_release_that_failed_somewhere_is_not_green_and_a_failed_run_is_none() -> None:
    cell = {"python": "3.11", "urllib3": "2.0"}
    passed, failed = [{"botocore": each, **cell} for each in ("1.1", "1.2")]
    known = Records(
        proof={"cells": [passed, failed], "failed": [failed]},
        sweep=[{"botocore": "1.3", "failed": ["test_a"]}, {"botocore": "1.4", "failed": []}],
    )
    assert known.green_releases() == ["1.1", "1.4"]
    assert known.failed_releases() == {"1.2", "1.3"}
    assert [known.runs_of(each) for each in ("1.1", "1.3")] == [[passed], []]
    assert known.failures_of("1.2") == ["Python 3.11 with urllib3 2.0"]
    assert known.failures_of("1.3") == ["test_a"]


def test_the_functions_relied_upon_are_those_of_the_last_change_up_to_a_release() -> None:
    census = {
        "releases": {"1.0": "1.0", "1.1": "1.1", "1.2": None, "1.3": "1.3"},
        "functions": {"f": {"1.0": "x", "1.3": "y"}, "g": {"1.0": None}},
    }
    known = Records(census)
    assert known.relied_on("1.1") == {"f": "x", "g": None}
    assert known.relied_on("1.3") == {"f": "y", "g": None}
    assert known.relied_on("1.2") is None
    assert known.relied_on("1.4") is None


def test_the_functions_that_differ_from_a_release_are_named() -> None:
    census = {
        "releases": {"1.0": "1.0", "1.1": "1.1", "1.2": "1.1", "1.3": "1.3", "1.4": None},
        "classes": {"1.0": {}, "1.1": {}, "1.3": {}},
    }
    functions: dict[str, dict[str, str | None]] = {
        "same": {"1.0": "11111111"},
        "changed": {"1.0": "22222222", "1.1": "33333333"},
        "gone": {"1.0": None, "1.1": "44444444", "1.3": None},
        "later": {"1.3": "55555555"},
    }
    known = Records(census, functions)
    installed = {"same": "11111111-long", "changed": "22222222-long", "new": "6" * 16}
    assert known.changed_functions(installed, "1.2") == ["changed", "gone", "new"]
    assert known.changed_functions(installed, "1.0") == ["new"]
    assert known.changed_functions(installed, "1.4") == []
    assert Records(census).changed_functions(installed, "1.2") == []


def test_releases_are_sorted_by_number() -> None:
    assert sorted(["1.10.0", "1.9.0"], key=records.order) == ["1.9.0", "1.10.0"]


def test_what_came_with_this_checkout_names_the_code_of_each_class() -> None:
    """requirements/census.json and functions.json are of one piece."""
    known = records.load()
    assert known.missing == ()
    newest = [release for release, class_ in known.releases.items() if class_][-1]
    relied_on = known.relied_on(newest) or {}
    installed = {name: digest for name, digest in relied_on.items() if digest}
    changed = known.changed_functions(installed, newest)
    assert not {*relied_on} & {*changed}
