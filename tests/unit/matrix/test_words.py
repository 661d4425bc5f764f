"""The command line of `python -m matrix`: which words are files, and which belong to pytest."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.config import get_config

from matrix import quadrants

FILE = "test_redirects_patched.py"


@pytest.mark.parametrize("option", ["--deselect", "--ignore", "--junitxml", "-k", "--time-limit"])
@pytest.mark.parametrize("value", [FILE, f"{FILE}::test_it", "."])
def test_the_value_of_an_option_is_no_file_to_run(option: str, value: str) -> None:
    assert quadrants.split([option, value, "a.py"]) == (["a.py"], [option, value])
    assert quadrants.split(["a.py", f"{option}={value}"]) == (["a.py"], [f"{option}={value}"])


@pytest.mark.parametrize("option", ["-x", "--lf", "--co", "--strict-markers"])
def test_what_follows_an_option_without_a_value_is_a_file_to_run(option: str) -> None:
    assert quadrants.split([option, FILE]) == ([FILE], [option])


def test_a_value_may_look_like_an_option_that_takes_one() -> None:
    assert quadrants.split(["-k", "-k", FILE]) == ([FILE], ["-k", "-k"])


def test_no_option_of_pytest_that_takes_a_value_is_unknown() -> None:
    parser: Any = get_config()._parser  # which has loaded nobody's plugin
    taking = set()
    for option in [
        each for group in [*parser._groups, parser._anonymous] for each in group.options
    ]:
        facts = option.attrs()
        if facts.get("action", "store") in {"store", "append"} and facts.get("nargs") is None:
            taking |= set(option.names())
    assert {"--ignore", "--deselect", "-k"} <= taking
    assert taking <= quadrants.WITH_VALUE, sorted(taking - quadrants.WITH_VALUE)
