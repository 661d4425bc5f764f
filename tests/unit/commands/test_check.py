"""`python -m botocore_redirect check` reports what is known of the installed botocore."""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
import sysconfig
from pathlib import Path
from typing import Any

import botocore
import pytest
import urllib3
from botocore.endpoint import Endpoint

import botocore_redirect
from botocore_redirect.__main__ import main
from botocore_redirect.commands import check as checking
from botocore_redirect.commands import source_digests

HERE = botocore.__version__
INSTALLED = source_digests.digest_folder(Path(botocore.__file__).parent)
CELL = {"python": "3.11", "urllib3": "2.8.0"}


def known(
    *ran: str,
    twins: tuple[str, ...] = (HERE,),
    digest: str = INSTALLED.digest,
    differs: dict[str, str | None] | None = None,
) -> checking.PackagedRecords:
    """What is on record: releases of the class of this one, one of another, and what ran."""
    state = {**INSTALLED.relied_on, **(differs or {})}
    return checking.PackagedRecords(
        {
            "asked": "2026-01-02",
            "releases": {"1.0.0": "1.0.0", **dict.fromkeys(twins, twins[0]), "1.99.9": None},
            "classes": {"1.0.0": {"digest": "other"}, twins[0]: {"digest": digest}},
            "functions": {n: {"1.0.0": "old", twins[0]: d} for n, d in state.items()},
        },
        [{"botocore": release, **CELL} for release in ran],
    )


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute the digests of this botocore once, as each time takes most of a second."""
    digest_folder, here = source_digests.digest_folder, Path(botocore.__file__).parent
    monkeypatch.setattr(
        source_digests,
        "digest_folder",
        lambda path: INSTALLED if path == here else digest_folder(path),
    )


def test_a_release_that_ran_green_was_run() -> None:
    answer = checking.check(known=known(HERE))
    assert (answer.standing, answer.cells) == ("run", [{"botocore": HERE, **CELL}])
    assert answer.says.startswith(f"botocore {HERE} was run")


def test_a_release_of_the_class_of_one_that_ran_is_proven_even_where_the_census_lacks_it() -> None:
    answer = checking.check(known=known("1.2.3", "1.0.0", twins=("1.2.3", "1.2.4")))
    assert (answer.standing, answer.proven_by, answer.class_) == ("proven", ["1.2.3"], "1.2.3")
    assert "1.2.3, on which every behaviour was green" in answer.says
    assert answer.unknown_functions == []


def test_a_release_that_failed_on_one_cell_is_not_green_on_the_others() -> None:
    spoiled = dataclasses.replace(known(HERE), failed=({"botocore": HERE, **CELL},))
    answer = checking.check(known=spoiled)
    assert (answer.standing, answer.cells, answer.proven_by) == ("unknown", [], [])
    assert f"a behaviour failed on botocore {HERE}" in answer.as_text()


def test_a_class_with_a_failed_release_proves_nothing() -> None:
    ran = known("1.2.3", twins=("1.2.3", "1.2.4"))
    spoiled = dataclasses.replace(ran, failed=({"botocore": "1.2.4", **CELL},))
    assert checking.check(known=spoiled).standing == "unknown"


def test_the_answer_says_that_a_run_had_another_python_or_urllib3() -> None:
    here = {"python": "{}.{}".format(*sys.version_info), "urllib3": urllib3.__version__}
    elsewhere = dataclasses.replace(known(), cells=[{"botocore": HERE, **here, "python": "2.7"}])
    exactly = dataclasses.replace(known(), cells=[{"botocore": HERE, **here}])
    assert "not with the Python and the urllib3" in checking.check(known=elsewhere).as_text()
    assert "not with the Python and the urllib3" not in checking.check(known=exactly).as_text()


def test_a_run_with_the_gil_was_another_python_for_one_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", {"Py_GIL_DISABLED": 1}.get)
    version = "{}.{}".format(*sys.version_info)
    for python, is_here in ((version, False), (f"{version}t", True)):
        assert checking._is_here({"python": python, "urllib3": urllib3.__version__}) is is_here


def test_a_release_of_another_class_than_those_that_ran_is_unknown() -> None:
    answer = checking.check(known=known("1.0.0"))
    assert (answer.standing, answer.class_, answer.proven_by) == ("unknown", HERE, [])
    assert "as in no release that was" in answer.says


def test_the_answer_for_an_unknown_release_names_one_with_the_same_functions() -> None:
    answer = checking.check(known=known("1.2.3", twins=("1.2.3",), digest="before"))
    assert (answer.standing, answer.class_, answer.relied_on_as) == ("unknown", None, "1.2.3")
    assert "all that the patch relies on is as in 1.2.3" in answer.says


@pytest.mark.parametrize("recorded", ["something else", None])
def test_functions_that_no_recorded_release_has_in_this_form_are_named(
    recorded: str | None,
) -> None:
    name = "endpoint.Endpoint._get_response"
    answer = checking.check(known=known("1.0.0", digest="before", differs={name: recorded}))
    assert (answer.standing, answer.unknown_functions) == ("unknown", [name])
    assert name in answer.as_text()


def test_changed_files_do_not_count_as_the_release() -> None:
    answer = checking.check(known=known(HERE, digest="as published"))
    assert (answer.standing, answer.cells) == ("unknown", [])
    assert answer.notes == [f"its files are not those of the botocore {HERE} of the census"]


def test_without_records_the_answer_is_unknown_and_says_what_is_missing() -> None:
    answer = checking.check(known=checking.PackagedRecords({}, [], ("census.json", "proof.json")))
    assert (answer.standing, answer.unknown_functions) == ("unknown", [])
    assert "no run of the matrix is on record" in answer.says
    assert answer.as_text().count("did not come with the package") == 2


def test_a_botocore_without_sources_is_unknown_and_says_so(tmp_path: Path) -> None:
    answer = checking.check(tmp_path, known("1.2.3", twins=("1.2.3",)))
    assert (answer.standing, answer.digest) == ("unknown", None)
    assert "holds no source of botocore" in answer.notes[0]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in a checkout, neither of which has any record."""
    package = tmp_path / "patch" / "botocore_redirect"
    package.mkdir(parents=True)
    (tmp_path / "requirements").mkdir()
    monkeypatch.setattr(checking, "__file__", str(package / "commands" / "check.py"))
    monkeypatch.setattr("importlib.resources.files", lambda _: package)
    return package


def records(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "census.json").write_text(json.dumps(known().census))
    (folder / "proof.json").write_text(json.dumps({"cells": [{"botocore": HERE, **CELL}]}))


def test_the_records_that_came_with_the_package_are_read(package: Path) -> None:
    records(package / "data")
    loaded = checking.load()
    assert (loaded.census, loaded.missing) == (known().census, ())
    assert loaded.cells == [{"botocore": HERE, **CELL}]


def test_in_a_checkout_the_records_beside_the_package_are_read(package: Path) -> None:
    records(package.parents[1] / "requirements")
    assert checking.load().missing == ("census.json", "proof.json")  # of anybody
    (package.parents[1] / "pyproject.toml").write_text("")
    assert checking.load().missing == ()


def test_a_damaged_record_is_a_missing_one(package: Path) -> None:
    records(package / "data")
    (package / "data" / "proof.json").write_text("{")
    assert checking.load().missing == ("proof.json",)


def test_a_release_that_the_census_lacks_has_no_state() -> None:
    assert known().state_of("1.99.9") is None
    assert known().state_of(HERE) == INSTALLED.relied_on


def test_without_botocore_there_is_nothing_to_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(botocore_redirect.commands, "check")
    monkeypatch.setitem(sys.modules, "botocore_redirect.commands.check", None)
    assert main(["check"]) == 1
    assert capsys.readouterr().out.startswith("botocore cannot be imported here, so there is")


def test_a_botocore_that_install_refuses_is_unsupported_whatever_is_on_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Endpoint, "create_request", None)
    answer = checking.check(known=known(HERE))
    assert answer.standing == "unsupported"
    assert "Endpoint.create_request is not a function" in answer.says


def test_the_patched_state_does_not_matter_and_nothing_is_left_patched() -> None:
    before = dict(vars(Endpoint))
    answer = checking.check(known=known(HERE))
    assert dict(vars(Endpoint)) == before
    with botocore_redirect.install():
        assert checking.check(known=known(HERE)) == answer
    assert answer.hooked_by_others == []


def test_another_librarys_wrapper_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Endpoint._get_response

    @functools.wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs)

    monkeypatch.setattr(Endpoint, "_get_response", wrapper)
    monkeypatch.setattr(Endpoint, "create_request", functools.partial(Endpoint.create_request))
    named = checking.check(known=known(HERE)).hooked_by_others
    assert named == [
        "Endpoint.create_request (a functools object)",
        f"Endpoint._get_response (by {__file__})",
    ]


@pytest.mark.parametrize(("ran", "status"), [([HERE], 0), ([], 3)])
def test_the_command_answers_in_its_first_line_and_in_its_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ran: list[str],
    status: int,
) -> None:
    monkeypatch.setattr(checking, "load", lambda: known(*ran))
    assert main(["check"]) == status
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].startswith(f"botocore {HERE} ")
    assert printed.err == ""


def test_the_exit_statuses_are_those_that_are_documented() -> None:
    assert checking.STATUSES == {"run": 0, "proven": 0, "unsupported": 1, "unknown": 3}


def test_the_json_answer_has_the_keys_that_the_matrix_reads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checking, "load", lambda: known(HERE))
    assert main(["check", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["botocore"], answer["standing"]) == (HERE, "run")
    assert (answer["class"], answer["proven_by"]) == (HERE, [HERE])
    assert (answer["unknown_functions"], answer["digest"]) == ([], INSTALLED.digest)
