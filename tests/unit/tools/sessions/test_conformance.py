"""The page of what the contract says of each patch."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import nox
import pytest
from tools.sessions import conformance

STOCK, AISTORE, OURS, *ASYNCHRONOUS = conformance.SUBJECTS
SHOWN = (*conformance._SHOWN, *conformance._SHOWN_ASYNCHRONOUS)
VERSIONS = {name: "1.2.3" for name in SHOWN if name not in ("moto", "httpx2")}


def quadrant(*, patched: bool, redirects: bool, **more: Any) -> dict[str, Any]:
    tests = {"test_a": "passed", "test_b": "skipped"}
    known = {"store": "sockets", "outcome": "passed", "tests": tests, "failures": []}
    return {"patched": patched, "redirects": redirects, **known, **more}


def runs(
    *last: dict[str, Any], of: conformance.Subject = AISTORE
) -> dict[tuple[conformance.Subject, str], Any]:
    """Runs in which each quadrant passes one test, and where all is patched, `last` came out."""
    both = (False, True)
    fine = [quadrant(patched=p, redirects=r) for p in both for r in both]
    return {
        (subject, group): {
            "python": "3.11.7",
            "versions": {
                **VERSIONS,
                **({} if subject == STOCK else {subject.distribution: "4.5.6"}),
            },
            "quadrants": [*fine[:3], *(last if last and subject == of else fine[3:])],
        }
        for subject in conformance.SUBJECTS
        for group in conformance.GROUPS
    }


def failed(*messages: str, store: str = "sockets", test: str = "") -> dict[str, Any]:
    name = test or f"test_it_is_followed[{store}-307-get_object]"
    return quadrant(
        patched=True,
        redirects=True,
        store=store,
        outcome="failed",
        tests={name: "failed", "test_a": "passed"},
        failures=[{"test": name, "message": message} for message in messages],
    )


def lines(*last: dict[str, Any], of: conformance.Subject = AISTORE) -> list[str]:
    return conformance.render_page(runs(*last, of=of), "2026-01-02").splitlines()


def test_the_same_runs_make_the_same_page() -> None:
    assert conformance.render_page(runs(), "2026-01-02") == conformance.render_page(
        runs(), "2026-01-02"
    )


def test_the_head_names_the_date_and_every_version_that_there_is() -> None:
    head = "\n".join(lines()[:8])
    for words in (
        "2026-01-02",
        "Python 3.11.7",
        "botocore 1.2.3",
        "aistore 4.5.6",
        "aiohttp 1.2.3",
    ):
        assert words in head
    for words in ("moto", "none", "httpx2"):
        assert words not in head


def test_each_subject_and_group_has_a_row_of_what_passed_of_what_ran() -> None:
    rows = [line for line in lines() if line.startswith("| ")][2:]
    assert len(rows) == 2 * len(conformance.SUBJECTS)
    assert rows[0] == "| stock botocore | core | 1 of 1 | 1 of 1 | 1 of 1 | 1 of 1 |"


def test_both_stores_are_counted_together() -> None:
    page = lines(failed("no"), failed("no", store="in-process"))
    assert "| the patch of `aistore` | full | 1 of 1 | 1 of 1 | 1 of 1 | 2 of 4 |" in page


def test_a_process_that_crashed_is_shown_as_such() -> None:
    crashed = {**failed("crashed", test="test_a"), "outcome": "crashed"}
    assert [line for line in lines(crashed) if line.endswith("| 1 of 1, **crashed** |")]


def test_what_fails_is_listed_by_test_with_the_behaviour_and_its_stores() -> None:
    page = lines(failed("no luck"), failed("no luck", store="in-process"))
    at = page.index("## What fails: the patch of `aistore`")
    assert page[at + 2 : at + 5] == [
        "It is followed:",
        "",
        "- `307 get_object` (in-process and sockets): no luck",
    ]


def test_a_behaviour_that_fails_with_another_message_on_each_store_is_listed_for_each() -> None:
    page = lines(failed("no luck"), failed("no more", store="in-process"))
    at = page.index("It is followed:")
    assert page[at + 2 : at + 4] == [
        "- `307 get_object` (in-process): no more",
        "- `307 get_object` (sockets): no luck",
    ]


class Session:
    """As much of a nox session as runs the contract."""

    env_dir = Path("environment")

    def log(self, message: str) -> None:
        assert str(conformance.PAGE) in message

    def error(self, message: str) -> NoReturn:
        raise RuntimeError(message)


@pytest.mark.parametrize(
    ("quadrants", "is_kept"),
    [
        ([quadrant(patched=True, redirects=True)], True),
        ([quadrant(patched=True, redirects=True), failed("no")], False),
        ([], False),
    ],
)
def test_the_session_fails_unless_each_run_of_ours_has_quadrants_and_all_pass(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quadrants: list[dict[str, Any]],
    is_kept: bool,
) -> None:
    found = runs()
    found[OURS, "core"]["quadrants"] = quadrants
    monkeypatch.setattr(conformance, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(conformance, "install", SimpleNamespace(install=print, add_packages=print))
    monkeypatch.setattr(conformance, "store", SimpleNamespace(start=lambda _: "http://store"))
    monkeypatch.setattr(conformance, "_run_contract", lambda _s, _u, *key: found[key])
    session = cast("nox.Session", Session())
    with nullcontext() if is_kept else pytest.raises(RuntimeError, match="does not keep its own"):
        conformance.run(session)
    assert conformance.PAGE.is_file()


def test_a_subject_without_failures_says_nothing_failed() -> None:
    page = lines()
    assert page.count("Nothing.") == len(conformance.SUBJECTS)


def test_stock_aiobotocore_and_ours_are_shown_with_each_back_end() -> None:
    assert [each.title for each in ASYNCHRONOUS] == [
        "stock aiobotocore with aiohttp",
        "stock aiobotocore with httpx2",
        "`botocore_redirect` and aiobotocore with aiohttp",
        "`botocore_redirect` and aiobotocore with httpx2",
    ]


def test_behaviours_that_fail_alike_share_a_line_that_names_three() -> None:
    each = [failed("no", test=f"test_it[sockets-{name}]") for name in "edcba"]
    assert "- `a`, `b`, `c` and 2 more (sockets): no" in lines(*each)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("RecursionError: maximum recursion depth exceeded in x", "maximum recursion depth exceed"),
        ("Failed: Timeout (>20.0s) from pytest-timeout.", "was ended after 20 s"),
        ("worker 'gw3' crashed while running 'x'", "its process crashed while running"),
        ("at http://127.0.0.1:4711/contract-0123456789ab/key", "at http://STORE/BUCKET/key"),
        ("<object at 0x7f00aa>", "<object at 0x...>"),
        ("word " * 99, " ..."),
    ],
)
def test_the_page_masks_what_differs_from_run_to_run(said: str, shown: str) -> None:
    (line,) = [line for line in lines(failed(said)) if line.startswith("- `")]
    assert shown in line
    assert len(line) < 250


def test_a_crash_outside_of_any_test_is_listed_as_the_process() -> None:
    ended = failed("exit status 3", test="")
    ended["failures"] = [{"test": "", "message": "exit status 3"}]
    assert "The process:" in lines(ended)
