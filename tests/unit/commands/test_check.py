"""`python -m botocore_redirect check` says whether the installed botocore can be used."""

from __future__ import annotations

import dataclasses
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
from botocore_redirect.commands import records, source_digests
from botocore_redirect.commands.records import Records
from botocore_redirect.commands.source_digests import SHORT

HERE = botocore.__version__
INSTALLED = source_digests.digest_folder(Path(botocore.__file__).parent)
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
RUN = f"BOTOCORE_VERSION={HERE} MATRIX_PYTHON={PYTHON} nox -s matrix"
CELL = {"python": "3.11", "urllib3": "2.8.0"}
GET_RESPONSE = "endpoint.Endpoint._get_response"


def known(
    *ran: str,
    twins: tuple[str, ...] = (HERE,),
    digest: str = INSTALLED.digest,
    differs: dict[str, str | None] | None = None,
    others: dict[str, str | None] | None = None,
) -> Records:
    """What is on record: releases of the class of this one, one of another, and what ran."""
    state = {**INSTALLED.relied_on, **(differs or {})}
    functions: dict[str, str | None] = {**INSTALLED.functions, **state, **(others or {})}
    shortened = {name: each and each[:SHORT] for name, each in functions.items()}
    return Records(
        census={
            "asked": "2026-01-02",
            "releases": {"1.0.0": "1.0.0", **dict.fromkeys(twins, twins[0]), "1.99.9": None},
            "classes": {"1.0.0": {"digest": "other"}, twins[0]: {"digest": digest}},
            "functions": {n: {"1.0.0": "old", twins[0]: d} for n, d in state.items()},
        },
        functions={n: {"1.0.0": "old", twins[0]: d} for n, d in shortened.items()},
        proof={"cells": [{"botocore": release, **CELL} for release in ran]},
    )


def swept(release: str, *failed: str, stock_fails: tuple[str, ...] = ()) -> dict[str, Any]:
    ran = {"botocore": release, **CELL, "python": "3.11.7"}
    return {**ran, "failed": [*failed], "stock_fails": [*stock_fails]}


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute the digests of this botocore once, as each time takes most of a second."""
    digest_folder, here = source_digests.digest_folder, Path(botocore.__file__).parent
    monkeypatch.setattr(
        source_digests,
        "digest_folder",
        lambda path: INSTALLED if path == here else digest_folder(path),
    )


def test_a_release_on_which_the_contract_passed_is_proven() -> None:
    answer = checking.check(known=known(HERE))
    assert (answer.state, answer.proven_by) == ("proven", [HERE])
    assert answer.runs == [{"botocore": HERE, **CELL}]
    assert answer.says == (
        f"botocore {HERE} is proven, so it is fine to use: the contract passed on it."
    )
    assert answer.to_run is None


def test_a_release_that_only_the_sweep_ran_is_proven() -> None:
    answer = checking.check(known=dataclasses.replace(known(), sweep=[swept(HERE)]))
    assert (answer.state, answer.runs) == ("proven", [swept(HERE)])


def test_a_release_of_the_class_of_one_that_ran_is_proven_even_where_the_census_lacks_it() -> None:
    answer = checking.check(known=known("1.2.3", "1.0.0", twins=("1.2.3", "1.2.4")))
    assert (answer.state, answer.proven_by, answer.class_) == ("proven", ["1.2.3"], "1.2.3")
    assert "an S3 call runs the same code as in 1.2.3: the contract passed" in answer.says
    assert answer.unknown_functions == []


def test_what_stock_botocore_of_the_class_cannot_do_is_named() -> None:
    ran = [swept("1.2.3", stock_fails=("select_object_content",)), swept("1.0.0")]
    answer = checking.check(known=dataclasses.replace(known(twins=("1.2.3",)), sweep=ran))
    assert (answer.state, answer.stock_failures) == ("proven", ["select_object_content"])
    assert answer.says.endswith(
        "passed on that release, except for what stock botocore fails at, too:"
        " select_object_content."
    )
    assert "stock fails at  select_object_content" in answer.as_text()


def test_a_release_with_the_same_functions_relied_upon_is_compatible() -> None:
    other: dict[str, str | None] = {
        "useragent.UserAgentString.to_string": "another",
        "useragent.gone": "was",
    }
    answer = checking.check(known=known("1.2.3", twins=("1.2.3",), digest="before", others=other))
    assert (answer.state, answer.class_, answer.compared_with) == ("compatible", None, "1.2.3")
    assert answer.changed_functions == ["useragent.UserAgentString.to_string", "useragent.gone"]
    assert "fine to use, but it was not run: all functions that the patch relies on" in answer.says
    assert answer.says.endswith("differs: useragent.UserAgentString.to_string, useragent.gone.")
    assert answer.to_run == RUN
    assert f"in a checkout of botocore-redirect: {answer.to_run}" in answer.as_text()


def test_a_compatible_release_is_compared_with_the_nearest() -> None:
    younger = known("1.2.3", "999.0.0", twins=("1.2.3", "999.0.0"), digest="before")
    assert checking.check(known=younger).compared_with == "1.2.3"
    only = known("999.0.0", twins=("999.0.0",), digest="before")
    assert checking.check(known=only).compared_with == "999.0.0"


def test_of_the_nearest_two_it_is_compared_with_the_one_that_differs_less() -> None:
    both = known("1.2.3", "999.0.0", twins=("1.2.3",), digest="x", others={"useragent.a": "was"})
    both.census["releases"]["999.0.0"] = "999.0.0"
    both.census["classes"]["999.0.0"] = {"digest": "y"}
    both.functions["useragent.a"]["999.0.0"] = None
    answer = checking.check(known=both)
    assert (answer.compared_with, answer.changed_functions) == ("999.0.0", [])
    both.functions["useragent.a"]["999.0.0"] = "other"
    answer = checking.check(known=both)
    assert (answer.compared_with, answer.changed_functions) == ("1.2.3", ["useragent.a"])


def test_functions_that_changed_their_places_alone_have_no_names() -> None:
    answer = checking.check(known=known("1.2.3", twins=("1.2.3",), digest="before"))
    assert (answer.state, answer.changed_functions) == ("compatible", [])
    assert answer.says.endswith("Other code differs: the order of functions.")


@pytest.mark.parametrize("recorded", ["something else", None])
def test_a_release_in_which_a_function_relied_upon_changed_is_unsupported_and_it_is_named(
    recorded: str | None,
) -> None:
    before = known("1.2.3", twins=("1.2.3",), digest="x", differs={GET_RESPONSE: recorded})
    answer = checking.check(known=before)
    assert (answer.state, answer.compared_with) == ("unsupported", "1.2.3")
    assert answer.changed_functions == answer.unknown_functions == [GET_RESPONSE]
    assert f"do not use it: {GET_RESPONSE} is not as in 1.2.3, nor as in any" in answer.says
    assert answer.says.endswith("and the patch relies on it.")
    assert answer.to_run == RUN


def test_a_sentence_names_a_few_functions_and_the_table_all() -> None:
    differs: dict[str, str | None] = dict.fromkeys([*INSTALLED.relied_on][:5], "else")
    before = known("1.2.3", twins=("1.2.3",), digest="x", differs=differs)
    answer = checking.check(known=before)
    assert [*differs] == answer.changed_functions
    assert f"{', '.join([*differs][:3])}, 2 more are not as in 1.2.3" in answer.says
    assert ", ".join(differs) in answer.as_text()


def test_a_release_on_which_a_cell_failed_is_unsupported_though_others_passed() -> None:
    proof: dict[str, Any] = {**known(HERE).proof, "failed": [{"botocore": HERE, **CELL}]}
    answer = checking.check(known=dataclasses.replace(known(HERE), proof=proof))
    assert (answer.state, answer.proven_by) == ("unsupported", [])
    assert f"the contract failed on {HERE} (Python 3.11 with urllib3 2.8.0)." in answer.says


@pytest.mark.parametrize(("outcome", "state"), [("cells", "proven"), ("failed", "unsupported")])
def test_a_release_that_ran_before_the_census_read_it_is_as_it_came_out(
    outcome: str, state: str
) -> None:
    unread = known("1.2.3", twins=("1.2.3",), digest="x")
    proof = {**unread.proof, outcome: [*unread.proof.get(outcome, ()), {"botocore": HERE, **CELL}]}
    answer = checking.check(known=dataclasses.replace(unread, proof=proof))
    assert answer.state == state


def test_a_class_in_which_the_sweep_failed_is_unsupported_and_a_few_tests_are_named() -> None:
    tests = ("test_a", "test_b", "test_c", "test_d")
    ran = known("1.2.3", twins=("1.2.3", "1.2.4"))
    answer = checking.check(known=dataclasses.replace(ran, sweep=[swept("1.2.4", *tests)]))
    assert (answer.state, answer.proven_by) == ("unsupported", [])
    assert "failed on 1.2.4 (test_a, test_b, test_c, 1 more)." in answer.says


def test_the_answer_says_that_a_run_had_another_python_or_urllib3() -> None:
    here = {"python": "{}.{}.1".format(*sys.version_info), "urllib3": urllib3.__version__}
    cell = {"botocore": HERE, **here}
    elsewhere = dataclasses.replace(known(), proof={"cells": [{**cell, "python": "2.7"}]})
    exactly = dataclasses.replace(known(), proof={"cells": [cell]})
    assert "not with the Python and the urllib3" in checking.check(known=elsewhere).as_text()
    assert "not with the Python and the urllib3" not in checking.check(known=exactly).as_text()


def test_a_run_with_the_gil_was_another_python_for_one_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", {"Py_GIL_DISABLED": 1}.get)
    version = "{}.{}".format(*sys.version_info)
    for python, is_here in ((version, False), (f"{version}t", True)):
        assert checking._is_here({"python": python, "urllib3": urllib3.__version__}) is is_here


def test_changed_files_do_not_count_as_the_release() -> None:
    other: dict[str, str | None] = {"useragent.UserAgentString.to_string": "another"}
    answer = checking.check(known=known(HERE, digest="as published", others=other))
    assert (answer.state, answer.runs, answer.compared_with) == ("compatible", [], HERE)
    assert answer.changed_functions == [*other]
    assert answer.notes == [f"its files are not those of the botocore {HERE} of the census"]


def test_without_records_the_answer_is_no_and_says_what_is_missing() -> None:
    answer = checking.check(known=Records(missing=("census.json", "proof.json")))
    assert (answer.state, answer.unknown_functions) == ("unsupported", [])
    assert "nothing is on record here to compare it with" in answer.says
    assert answer.as_text().count("did not come with the package") == 2


def test_a_botocore_without_sources_is_judged_by_its_version_and_the_answer_says_so(
    tmp_path: Path,
) -> None:
    answer = checking.check(tmp_path, known("1.2.3", twins=("1.2.3", HERE)))
    assert (answer.state, answer.digest, answer.proven_by) == ("proven", None, ["1.2.3"])
    assert "holds no source of botocore" in answer.notes[0]
    assert "by the version number alone" in answer.notes[0]


def test_a_botocore_without_sources_that_the_census_lacks_is_unsupported(tmp_path: Path) -> None:
    answer = checking.check(tmp_path, known("1.2.3", twins=("1.2.3",)))
    assert (answer.state, answer.class_) == ("unsupported", None)


def test_without_botocore_there_is_nothing_to_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(botocore_redirect.commands, "check")
    monkeypatch.setitem(sys.modules, "botocore_redirect.commands.check", None)
    assert main(["check"]) == 1
    assert capsys.readouterr().err.startswith("botocore cannot be imported here, so there is")


def test_a_botocore_that_install_refuses_is_unsupported_whatever_is_on_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Endpoint, "create_request", None)
    answer = checking.check(known=known(HERE))
    assert answer.state == "unsupported"
    assert "Endpoint.create_request is not a function" in answer.says


def test_the_patched_state_does_not_matter_and_nothing_is_left_patched() -> None:
    before = dict(vars(Endpoint))
    answer = checking.check(known=known(HERE))
    assert dict(vars(Endpoint)) == before
    with botocore_redirect.install():
        patched = checking.check(known=known(HERE))
    assert dataclasses.replace(patched, surroundings=answer.surroundings) == answer
    assert patched.surroundings.other_patches == answer.surroundings.other_patches == []


@pytest.mark.parametrize(
    ("ran", "digest", "differs", "status"),
    [
        ((HERE,), INSTALLED.digest, {}, 0),
        (("1.2.3",), "before", {}, 0),
        (("1.2.3",), "before", {GET_RESPONSE: "else"}, 1),
    ],
    ids=["proven", "compatible", "unsupported"],
)
def test_the_command_answers_in_its_first_line_and_in_its_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ran: tuple[str, ...],
    digest: str,
    differs: dict[str, str | None],
    status: int,
) -> None:
    monkeypatch.setattr(
        records, "load", lambda: known(*ran, twins=ran, digest=digest, differs=differs)
    )
    assert main(["check"]) == status
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].startswith(f"botocore {HERE} is ")
    assert printed.err == ""


def test_the_json_answer_has_the_keys_that_the_matrix_reads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(records, "load", lambda: known(HERE))
    assert main(["check", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["botocore"], answer["state"]) == (HERE, "proven")
    assert (answer["class"], answer["proven_by"]) == (HERE, [HERE])
    assert (answer["unknown_functions"], answer["digest"]) == ([], INSTALLED.digest)
    assert answer["surroundings"]["aiobotocore"]
