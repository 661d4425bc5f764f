"""The fixtures of the kit, in one run of pytest with all cases of fixture_cases.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from isolation.testing import fixture_cases

for module in ("boto3", "trustme", "flask", "moto"):
    pytest.importorskip(module, reason="these tests need what `[testing]` installs")

_LINE = re.compile(
    r"^(PASSED|FAILED|ERROR|XFAIL) \S+::(\w+)(?:\[\w+\])?(?: - (.*))?$", re.MULTILINE
)


class Outcomes(dict["str", "list[tuple[str, str]]"]):
    """The outcomes of each test, such as PASSED, with their messages, by the name of the test."""

    def kinds(self, name: str) -> list[str]:
        return [kind for kind, _ in self[name]]

    def all_passed(self, *names: str) -> bool:
        return all(set(self.kinds(name)) == {"PASSED"} for name in names)


def _run(folder: Path, files: dict[str, str]) -> Outcomes:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        env={**os.environ, "COLUMNS": "2000", "AWS_ROLE_SESSION_NAME": "real"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    sys.stdout.write(done.stdout)  # pytest shows it if a test fails
    outcomes = Outcomes()
    for kind, name, message in _LINE.findall(done.stdout):
        outcomes.setdefault(name, []).append((kind, message))
    return outcomes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return _run(tmp_path_factory.mktemp("kit"), fixture_cases.FILES)


# -- aws_sandbox -----------------------------------------------------------------------------------


def test_a_test_without_the_sandbox_has_the_real_environment(outcomes: Outcomes) -> None:
    assert outcomes.all_passed("test_alone", "test_nothing_of_moto_is_in_this_process")


def test_a_test_whose_call_was_refused_fails_even_if_the_error_is_swallowed(
    outcomes: Outcomes,
) -> None:
    assert outcomes.kinds("test_swallows") == ["FAILED"]
    assert "::test_swallows wanted to reach 203.0.113.1:80" in outcomes["test_swallows"][0][1]
    assert outcomes.all_passed("test_leaves_on_purpose", "test_stays")


def test_a_refused_call_is_reported_once(outcomes: Outcomes) -> None:
    assert outcomes.kinds("test_calls") == ["FAILED"]
    assert "s3.ListBuckets in " in outcomes["test_calls"][0][1]
    assert outcomes.all_passed("test_stays_after_a_call")


def test_a_refused_call_is_an_error_of_a_test_that_skips(outcomes: Outcomes) -> None:
    assert outcomes.kinds("test_skips") == ["ERROR"]
    assert "::test_skips wanted to reach 203.0.113.1:80" in outcomes["test_skips"][0][1]


def test_a_refused_call_is_an_error_unless_it_is_the_expected_failure(outcomes: Outcomes) -> None:
    assert sorted(outcomes.kinds("test_is_expected_to_fail")) == ["ERROR", "XFAIL"]
    assert outcomes.kinds("test_is_expected_to_call") == ["XFAIL"]


def test_a_call_refused_in_a_teardown_is_an_error_of_the_last_test(
    outcomes: Outcomes,
) -> None:
    assert outcomes.all_passed("test_first")
    assert sorted(outcomes.kinds("test_last")) == ["ERROR", "PASSED"]


# -- redirecting_s3 --------------------------------------------------------------------------------


def test_each_test_has_an_empty_store_that_redirects(outcomes: Outcomes) -> None:
    assert len(outcomes["test_stores"]) == 2
    assert outcomes.all_passed("test_stores")


def test_the_stores_of_a_test_are_closed_at_its_end(outcomes: Outcomes) -> None:
    assert outcomes.all_passed("test_makes", "test_speaks_a_dialect", "test_both_have_ended")


def test_a_store_redirects_nothing_in_a_quadrant_without_redirects_unless_told(
    outcomes: Outcomes,
) -> None:
    assert outcomes.all_passed("test_follows_the_marker", "test_redirects_on_request")
    assert len(outcomes["test_follows_the_marker"]) == 2


def test_unused_steps_are_an_error_of_a_test_that_passed(outcomes: Outcomes) -> None:
    assert sorted(outcomes.kinds("test_leaves_steps")) == ["ERROR", "PASSED"]
    (message,) = [message for kind, message in outcomes["test_leaves_steps"] if kind == "ERROR"]
    assert "the gateway has HANG_UP left; targets[0] has SILENCE left." in message
    assert outcomes.all_passed("test_after_steps_were_left")


def test_unused_steps_and_responses_add_no_error_to_a_failure(outcomes: Outcomes) -> None:
    assert outcomes.kinds("test_fails_with_steps_left") == ["FAILED"]
    assert outcomes.kinds("test_fails_with_responses_left") == ["FAILED"]


# -- the other clients -----------------------------------------------------------------------------


def test_unused_responses_are_an_error_of_a_test_that_passed(
    outcomes: Outcomes,
) -> None:
    assert outcomes.all_passed("test_uses_responses")
    assert sorted(outcomes.kinds("test_leaves_responses")) == ["ERROR", "PASSED"]
    (message,) = [message for kind, message in outcomes["test_leaves_responses"] if kind == "ERROR"]
    assert "stubbed client of s3 was not asked for ListBuckets" in message


def test_a_mock_keeps_its_contents_for_its_scope(outcomes: Outcomes) -> None:
    names = ("test_moto_s3_begins_empty", "test_module_keeps", "test_session_keeps")
    assert [len(outcomes[name]) for name in names] == [2, 4, 2]
    assert outcomes.all_passed(*names)


def test_a_mock_inside_another_is_an_error(outcomes: Outcomes) -> None:
    assert outcomes.kinds("test_mock_in_mock") == ["ERROR"]
    assert "another mock of moto is on" in outcomes["test_mock_in_mock"][0][1]


def test_a_client_that_moto_cannot_mock_is_refused_with_the_reason(outcomes: Outcomes) -> None:
    assert outcomes.kinds("test_trap") == ["FAILED"]
    assert "is older than the import of moto" in outcomes["test_trap"][0][1]
