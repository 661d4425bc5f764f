"""The contract for stock botocore, the patch of `aistore` and ours: docs/conformance.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from textwrap import shorten

import nox

from tools.environments import install, store
from tools.environments.cells import LOCKS
from tools.results.outcomes import ContractRun, QuadrantResult
from tools.sessions import matrix

PAGE = Path("docs/conformance.md")
AISTORE = "aistore"
GROUPS = ("core", "full")
_LOCK = LOCKS / "tests.txt"
_WIDTH = 160  # of what a test says: enough to know it again
_SHOWN = ("botocore", "boto3", "s3transfer", "urllib3", "moto", "pytest")
_MASKS = (
    (re.compile(r".*maximum recursion depth exceeded.*"), "maximum recursion depth exceeded"),
    (re.compile(r"^.*Timeout \(>([\d.]+?)(\.0)?s\).*"), r"was ended after \1 s"),
    (re.compile(r"worker 'gw\d+' crashed"), "its process crashed"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://STORE"),
    (re.compile(r"contract-[0-9a-f]{12}"), "BUCKET"),
    (re.compile(r"0x[0-9a-f]+"), "0x..."),
)


@dataclass(frozen=True)
class Subject:
    """One patch, as `--subject` takes it, and what the page calls it."""

    name: str
    title: str


SUBJECTS = (
    Subject("none", "stock botocore"),
    Subject(f"{AISTORE}.botocore_patch.botocore", f"the patch of `{AISTORE}`"),
    Subject("botocore_redirect", "`botocore_redirect`"),
)
_QUADRANTS = [(patched, redirects) for patched in (False, True) for redirects in (False, True)]


def run(session: nox.Session) -> None:
    """Run both groups for each subject, and write the page."""
    install.install(session, session.env_dir, _LOCK)
    install.add(session, session.env_dir, _LOCK, [AISTORE])
    url = store.start(session)
    began = datetime.now(timezone.utc)
    runs = {
        (subject.name, group): _run_contract(session, url, subject.name, group)
        for subject in SUBJECTS
        for group in GROUPS
    }
    PAGE.write_text(render_page(runs, f"{began:%Y-%m-%d}"), encoding="utf-8")
    session.log(f"{PAGE} is written.")
    ours = [runs[SUBJECTS[-1].name, group] for group in GROUPS]
    if any(each["outcome"] != "passed" for one in ours for each in one["quadrants"]):
        session.error(f"Ours does not keep its own contract: see {PAGE}")


def _run_contract(session: nox.Session, url: str, subject: str, group: str) -> ContractRun:
    run = matrix.run_contract(session, url, f"--subject={subject}", f"--group={group}")
    if run is None:
        session.error(f"The contract of {subject} did not run")
    return run


def render_page(runs: Mapping[tuple[str, str], ContractRun], date: str) -> str:
    """Render the page of these runs, by subject and group; the same runs give the same page."""
    return (
        "\n".join([*_render_head(runs, date), *_render_table(runs), *_render_failures(runs)]) + "\n"
    )


def _render_head(runs: Mapping[tuple[str, str], ContractRun], date: str) -> Iterator[str]:
    some = next(iter(runs.values()))
    versions = [f"{name} {found}" for name in _SHOWN if (found := some["versions"].get(name))]
    patches = {name.partition(".")[0]: run["versions"] for (name, _), run in runs.items()}
    named = [f"{name} {found[name]}" for name, found in patches.items() if name in found]
    yield "# Conformance"
    yield ""
    yield "The contract was run for stock botocore, another patch, and this one, by"
    yield f"`nox -s conformance` on {date}, with Python {some['python']},"
    yield f"{', '.join([*versions, *named])}."
    yield ""
    yield "The numbers are the tests that passed, of those that ran, on both kinds of store."
    yield f"*core* is what the test suite of `{AISTORE}` asserts as well; *full* is everything. The"
    yield "unpatched quadrants show how stock botocore works and fails; they are the same for all."
    yield ""


def _render_table(runs: Mapping[tuple[str, str], ContractRun]) -> Iterator[str]:
    heads = [
        f"{'patched' if patched else 'unpatched'}, {'redirects' if redirects else 'no redirects'}"
        for patched, redirects in _QUADRANTS
    ]
    yield f"| subject | group | {' | '.join(heads)} |"
    yield "| --- | --- |" + " --- |" * len(heads)
    for subject in SUBJECTS:
        for group in GROUPS:
            counts = [
                _count_passed(runs[subject.name, group], *quadrant) for quadrant in _QUADRANTS
            ]
            yield f"| {subject.title} | {group} | {' | '.join(counts)} |"


def _count_passed(run: ContractRun, patched: bool, redirects: bool) -> str:  # noqa: FBT001 - what a quadrant is
    ours = [each for each in run["quadrants"] if _is_quadrant(each, patched, redirects)]
    results = [result for each in ours for result in each["tests"].values()]
    failed = results.count("failed")
    passed = results.count("passed")
    crashed = ", **crashed**" if any(each["outcome"] == "crashed" for each in ours) else ""
    return f"{passed} of {passed + failed}{crashed}"


def _is_quadrant(quadrant: QuadrantResult, patched: bool, redirects: bool) -> bool:  # noqa: FBT001 - the two sides of a quadrant
    return (quadrant["patched"], quadrant["redirects"]) == (patched, redirects)


def _render_failures(runs: Mapping[tuple[str, str], ContractRun]) -> Iterator[str]:
    for subject in SUBJECTS:
        yield ""
        yield f"## What fails: {subject.title}"
        found = _list_failures(runs[subject.name, GROUPS[-1]])
        yield "" if found else "\nNothing."
        heading = ""
        for test, name, stores, said in found:
            if test != heading:
                yield from ([""] if heading else [])
                yield f"{test}:"
                yield ""
            heading = test
            yield f"- `{name}` ({stores}): {said}"


def _list_failures(run: ContractRun) -> list[tuple[str, str, str, str]]:
    """Give the test, the behaviour, the stores and what was said, of each that failed."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for quadrant in run["quadrants"]:
        for failure in quadrant["failures"]:
            test, _, parameters = failure["test"].partition("[")
            name = parameters.rstrip("]").removeprefix(quadrant["store"]).strip("-")
            heading = test.removeprefix("test_").replace("_", " ").capitalize() or "The process"
            words = name.replace("-", " ") or "all"
            stores = found.setdefault((heading, words), {})
            stores[quadrant["store"]] = _mask_variable_parts(failure["message"])
    return [
        (heading, words, " and ".join(sorted(stores)), stores[min(stores)])
        for (heading, words), stores in sorted(found.items())
    ]


def _mask_variable_parts(message: str) -> str:
    for pattern, replacement in _MASKS:
        message = pattern.sub(replacement, message)
    return shorten(message, _WIDTH, placeholder=" ...")
