"""The fixtures of the kit, in one run of pytest for all of them, and one with a configuration."""

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

pytest_plugins = ["pytester"]

_LINE = re.compile(
    r"^(PASSED|FAILED|ERROR|XFAIL) \S+::(\w+)(?:\[\w+\])?(?: - (.*))?$", re.MULTILINE
)


class Outcomes(dict["str", "list[tuple[str, str]]"]):
    """What pytest's summary says of each test: words, such as PASSED, with their messages."""

    def words(self, name: str) -> list[str]:
        return [word for word, _ in self[name]]

    def all_passed(self, *names: str) -> bool:
        return all(set(self.words(name)) == {"PASSED"} for name in names)


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
    sys.stdout.write(done.stdout)  # what pytest shows of a failure
    outcomes = Outcomes()
    for word, name, message in _LINE.findall(done.stdout):
        outcomes.setdefault(name, []).append((word, message))
    return outcomes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return _run(tmp_path_factory.mktemp("kit"), fixture_cases.FILES)


def test_each_fixture_says_what_it_gives(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["botocore_redirect.testing.fixtures"]')
    told = pytester.runpytest_inprocess("--fixtures", "-p", "no:cacheprovider").stdout.str()
    names = ("redirecting_s3", "make_redirecting_s3", "stubbed_client", "moto_s3")
    for name in (*names, "class_moto_s3", "module_moto_s3", "session_moto_s3", "aws_sandbox"):
        _, _, rest = told.partition(f"\n{name} ")
        assert rest
        assert "no docstring available" not in rest.partition("\n\n")[0]


# -- aws_sandbox -----------------------------------------------------------------------------------


def test_without_the_sandbox_all_is_as_it_was(outcomes: Outcomes) -> None:
    assert outcomes.all_passed("test_alone", "test_nothing_of_moto_is_in_this_process")


def test_a_test_that_tried_to_leave_fails_though_the_error_was_swallowed(
    outcomes: Outcomes,
) -> None:
    assert outcomes.words("test_swallows") == ["FAILED"]
    assert "::test_swallows wanted to reach 203.0.113.1:80" in outcomes["test_swallows"][0][1]
    assert outcomes.all_passed("test_means_it", "test_stays")


def test_a_refusal_that_nobody_swallowed_is_said_once(outcomes: Outcomes) -> None:
    assert outcomes.words("test_calls") == ["FAILED"]
    assert "s3.ListBuckets in " in outcomes["test_calls"][0][1]
    assert outcomes.all_passed("test_stays_after_a_call")


def test_a_refusal_is_not_forgotten_where_the_test_skips(outcomes: Outcomes) -> None:
    assert outcomes.words("test_skips") == ["ERROR"]
    assert "::test_skips wanted to reach 203.0.113.1:80" in outcomes["test_skips"][0][1]


def test_a_refusal_is_not_forgotten_where_another_failure_is_expected(outcomes: Outcomes) -> None:
    assert sorted(outcomes.words("test_is_expected_to_fail")) == ["ERROR", "XFAIL"]
    assert outcomes.words("test_is_expected_to_call") == ["XFAIL"]


def test_a_fixture_that_tried_to_leave_is_an_error_of_the_last_test_that_used_it(
    outcomes: Outcomes,
) -> None:
    assert outcomes.all_passed("test_first")
    assert sorted(outcomes.words("test_last")) == ["ERROR", "PASSED"]


# -- redirecting_s3 --------------------------------------------------------------------------------


def test_each_test_has_an_empty_store_that_redirects(outcomes: Outcomes) -> None:
    assert len(outcomes["test_stores"]) == 2
    assert outcomes.all_passed("test_stores")


def test_several_stores_are_made_in_a_test_and_end_with_it(outcomes: Outcomes) -> None:
    assert outcomes.all_passed("test_makes", "test_both_have_ended")


def test_the_store_does_not_patch(outcomes: Outcomes) -> None:
    assert outcomes.all_passed("test_stock")


def test_a_store_redirects_nothing_in_a_quadrant_without_redirects_unless_told(
    outcomes: Outcomes,
) -> None:
    assert outcomes.all_passed("test_follows_the_marker", "test_redirects_on_request")
    assert len(outcomes["test_follows_the_marker"]) == 2


def test_steps_that_were_not_taken_are_an_error_of_a_test_that_passed(outcomes: Outcomes) -> None:
    assert sorted(outcomes.words("test_leaves_steps")) == ["ERROR", "PASSED"]
    (told,) = [message for word, message in outcomes["test_leaves_steps"] if word == "ERROR"]
    assert "the gateway has HANG_UP left; targets[0] has SILENCE left." in told
    assert outcomes.all_passed("test_after_steps_were_left")


def test_a_failure_is_said_once_whatever_is_left(outcomes: Outcomes) -> None:
    assert outcomes.words("test_fails_with_steps_left") == ["FAILED"]
    assert outcomes.words("test_fails_with_answers_left") == ["FAILED"]


# -- the other clients -----------------------------------------------------------------------------


def test_written_answers_that_were_not_asked_for_are_an_error_of_a_test_that_passed(
    outcomes: Outcomes,
) -> None:
    assert outcomes.all_passed("test_asks")
    assert sorted(outcomes.words("test_forgets")) == ["ERROR", "PASSED"]
    (told,) = [message for word, message in outcomes["test_forgets"] if word == "ERROR"]
    assert "stubbed client of s3 was not asked for ListBuckets" in told


@pytest.mark.parametrize("scope", ["function", "class", "module", "session"])
def test_the_mock_keeps_what_is_stored_for_as_long_as_its_scope(
    outcomes: Outcomes, scope: str
) -> None:
    assert len(outcomes[f"test_{scope}_keeps"]) == 4
    assert outcomes.all_passed(f"test_{scope}_keeps")


def test_the_mock_of_a_session_outlives_a_module_and_that_of_a_module_does_not(
    outcomes: Outcomes,
) -> None:
    assert outcomes.all_passed("test_next_module", "test_next_module_of_the_session")


def test_a_mock_within_a_wider_one_is_an_error_and_not_full(outcomes: Outcomes) -> None:
    assert outcomes.words("test_mock_in_mock") == ["ERROR"]
    assert "another mock of moto is on" in outcomes["test_mock_in_mock"][0][1]


def test_a_client_from_before_the_mock_is_caught_with_an_explanation(outcomes: Outcomes) -> None:
    assert outcomes.words("test_trap") == ["FAILED"]
    assert "is older than the import of moto" in outcomes["test_trap"][0][1]
