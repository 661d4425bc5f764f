"""What a bisection found, in words: nothing is said that was not seen."""

from __future__ import annotations

from tools.bisect.search import Found, Run
from tools.bisect.verdict import Difference, describe

SAME = Run({"put": "passed", "get": "passed"})
OTHER = Run({"put": "failed", "get": "passed"}, {"put": "AssertionError: 412"})


def found(**changes: object) -> Found:
    facts: dict[str, object] = {
        "last": "1.35.99",
        "first": "1.36.0",
        "before": SAME,
        "after": OTHER,
        "skipped": {},
        "unknown": (),
        "later": (),
        "probes": 14,
    }
    return Found(**{**facts, **changes})  # type: ignore[arg-type]  # a table's row is of any type


def test_the_answer_names_release_tests_functions_and_other_causes() -> None:
    difference = Difference(
        functions={"endpoint.Endpoint.create_request": True, "utils.merge": False},
        pins={"boto3": ("1.35.99", "1.36.0")},
    )

    lines = describe(found(), difference).splitlines()

    assert lines[0].startswith("botocore 1.36.0 is the first release")
    assert "1.35.99 is the last" in lines[0]
    assert lines[1:] == [
        "1 test changed:",
        "  passed on 1.35.99, failed on 1.36.0: AssertionError: 412",
        "    put",
        "Upstream functions that changed (* the patch relies on it):",
        "  * endpoint.Endpoint.create_request",
        "    utils.merge",
        "Other packages changed too, and the cause may be there: boto3 1.35.99 -> 1.36.0.",
    ]


def test_a_reason_that_many_tests_give_is_said_once() -> None:
    tests = [f"put[{number}]" for number in range(3)]
    green = Run(dict.fromkeys(tests, "passed"))
    red = Run(dict.fromkeys(tests, "failed"), dict.fromkeys(tests, "AssertionError: 412"))

    text = describe(found(before=green, after=red), Difference(functions={}, pins={}))

    assert text.count("AssertionError: 412") == 1
    assert [line.strip() for line in text.splitlines() if line.startswith("    ")] == tests


def test_functions_that_could_not_be_compared_are_not_called_unchanged() -> None:
    text = describe(found(), Difference(functions={}, pins={}, trouble="SyntaxError: no"))

    assert "cannot be said: SyntaxError: no" in text
    assert "No upstream function" not in text


def test_the_answer_says_what_it_cannot_know() -> None:
    skipped = {"1.35.98": "There is no botocore 1.35.98 for Python 3.9."}
    unsure = found(last="1.35.97", skipped=skipped, unknown=("1.35.98",), later=("get",))

    text = describe(unsure, Difference(functions={}, pins={}))

    assert "may also have come with 1.35.98, which cannot be probed." in text
    assert "No upstream function of the request path changed" in text
    assert "1 more test changed later" in text
    assert "--good 1.36.0" in text
    assert "There is no botocore 1.35.98 for Python 3.9." in text
