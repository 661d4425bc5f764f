"""Each release is in one of three states, which follows from what was run and from the census."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.releases.status import Classes, judge, render_table

from botocore_redirect.commands.states import MEANINGS
from unit.tools.releases.example_census import CLASS_OF, STATES

ROOT = Path(__file__).parents[4]
CLASSES = Classes(CLASS_OF, STATES)


def test_a_release_is_proven_compatible_or_unsupported() -> None:
    assert judge({"1.13.50", "1.14.11"}, set(), CLASSES) == {
        "1.13.50": "proven",
        "1.14.0": "proven",
        "1.14.1": "unsupported",
        "1.14.2": "compatible",
        "1.14.3": "unsupported",
        "1.14.10": "proven",
        "1.14.11": "proven",
    }


def test_a_failure_makes_the_whole_class_unsupported() -> None:
    states = judge({"1.13.50", "1.14.11"}, {"1.14.10"}, CLASSES)
    assert (states["1.14.10"], states["1.14.11"]) == ("unsupported", "unsupported")


def test_a_release_that_failed_on_one_python_is_not_green_by_another() -> None:
    assert judge({"1.14.11"}, {"1.14.11"}, CLASSES)["1.14.11"] == "unsupported"


def test_a_release_that_nobody_read_is_proven_if_it_was_run() -> None:
    assert judge({"1.14.3"}, set(), CLASSES)["1.14.3"] == "proven"


def test_the_table_counts_the_releases_and_lists_those_that_are_not_proven() -> None:
    lines = [*render_table({"1.13.50", "1.14.11"}, {"1.14.1"}, CLASSES)]
    assert lines[0] == "Of 7 releases since botocore 1.13.50, 4 are proven,"
    assert lines[1] == "0 are compatible, 3 are unsupported."
    assert lines[-2] == ("| 1.14 | 6 | 1.14.1 **failed**, 1.14.11 |  | 1.14.1 to 1.14.3 (3) |")
    assert lines[-1] == "| 1.13 | 1 | 1.13.50 |  |  |"


@pytest.mark.parametrize("page", ["README.md", "docs/matrix.md", "docs/compatibility.md"])
def test_the_pages_say_what_a_state_means_in_the_words_of_check(page: str) -> None:
    text = " ".join((ROOT / page).read_text("utf-8").split())
    for state, meaning in MEANINGS.items():
        assert f"**{state}**: {meaning}" in text
