"""The contract for stock botocore, other patches and ours: docs/conformance.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from textwrap import shorten

import nox

from tools.environments import install, store
from tools.environments.cells import ASYNCHRONOUS, LOCKS, PYTHON, Cell
from tools.results.outcomes import PASSED, QUADRANTS, ContractRun, QuadrantResult
from tools.sessions import matrix

PAGE = Path("docs/conformance.md")
AISTORE = "aistore"
GROUPS = ("core", "full")
_LOCK = LOCKS / "tests.txt"
_WIDTH = 160  # of what a test says: enough to know it again
_NAMED = 3  # of the behaviours that fail alike
_SHOWN = ("botocore", "boto3", "s3transfer", "urllib3", "moto", "pytest")
_SHOWN_ASYNCHRONOUS = ("aiobotocore", "botocore", "aiohttp", "httpx2")
_NORMALIZED = (
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
    #: The cell with the aiobotocore whose clients are used; None: those of boto3.
    cell: Cell | None = None

    @property
    def distribution(self) -> str:
        """The distribution that the patch is in."""
        return self.name.partition(".")[0]


def _list_asynchronous() -> list[Subject]:
    """List stock aiobotocore and ours, with each HTTP back end of the newest release."""
    release = ASYNCHRONOUS[-1].aiobotocore
    newest = [each for each in ASYNCHRONOUS if (each.aiobotocore, each.python) == (release, PYTHON)]
    named = [(f"aiobotocore with {cell.backend}", cell) for cell in newest]
    return [
        *(Subject("none", f"stock {name}", cell) for name, cell in named),
        *(Subject(OURS, f"`{OURS}` and {name}", cell) for name, cell in named),
    ]


OURS = "botocore_redirect"
SUBJECTS = (
    Subject("none", "stock botocore"),
    Subject(f"{AISTORE}.botocore_patch.botocore", f"the patch of `{AISTORE}`"),
    Subject(OURS, f"`{OURS}`"),
    *_list_asynchronous(),
)
Runs = Mapping[tuple[Subject, str], ContractRun]


def run(session: nox.Session) -> None:
    """Run both groups for each subject, and write the page."""
    install.install(session, session.env_dir, _LOCK)
    install.add_packages(session, session.env_dir, _LOCK, [AISTORE])
    url = store.start(session)
    began = datetime.now(timezone.utc)
    runs = {
        (subject, group): _run_contract(session, url, subject, group)
        for subject in SUBJECTS
        for group in GROUPS
    }
    PAGE.write_text(render_page(runs, f"{began:%Y-%m-%d}"), encoding="utf-8")
    session.log(f"{PAGE} is written.")
    ours = [run for (subject, _), run in runs.items() if subject.name == OURS]
    if not all(_has_passed(run) for run in ours):
        session.error(f"Ours does not keep its own contract: see {PAGE}")


def _run_contract(session: nox.Session, url: str, subject: Subject, group: str) -> ContractRun:
    options = [f"--subject={subject.name}", f"--group={group}"]
    python = "python"
    if subject.cell:  # aiobotocore pins an older botocore
        environment = install.BUILT / f"conformance-{subject.cell.name}"
        install.create(session, environment, subject.cell.python)
        install.install(session, environment, subject.cell.lock())
        options += subject.cell.pytest_options
        python = install.find_program(session, environment, "python")
    run = matrix.run_contract(session, url, *options, python=python)
    if run is None:
        session.error(f"The contract of {subject.title} did not run")
    return run


def _has_passed(run: ContractRun) -> bool:
    """Whether there are quadrants, and all of them passed."""
    return {each["outcome"] for each in run["quadrants"]} == {PASSED}


def render_page(runs: Runs, date: str) -> str:
    """Render the page of these runs; the same runs give the same page."""
    return (
        "\n".join([*_render_head(runs, date), *_render_table(runs), *_render_failures(runs)]) + "\n"
    )


def _render_head(runs: Runs, date: str) -> Iterator[str]:
    found = {subject: run for (subject, _), run in runs.items()}
    stock_run = found[SUBJECTS[0]]
    versions = _name_versions(_SHOWN, stock_run)
    named = [
        f"{subject.distribution} {run['versions'][subject.distribution]}"
        for subject, run in found.items()
        if not subject.cell and subject.distribution in run["versions"]
    ]
    asynchronous: dict[str, None] = {}
    for subject in SUBJECTS:
        if subject.cell:
            asynchronous.update(dict.fromkeys(_name_versions(_SHOWN_ASYNCHRONOUS, found[subject])))
    yield "# Conformance"
    yield ""
    yield "The contract was run for stock botocore, another patch, and this one, by"
    yield f"`nox -s conformance` on {date}, with Python {stock_run['python']},"
    yield f"{', '.join([*versions, *named])}; and for"
    yield f"{', '.join(asynchronous)}."
    yield ""
    yield "The numbers are the tests that passed, of those that ran, on both kinds of store;"
    yield "aiobotocore runs over sockets only."
    yield f"*core* is what the test suite of `{AISTORE}` asserts as well; *full* is everything. The"
    yield "unpatched quadrants show how stock clients work and fail: how, depends on the client."
    yield ""


def _name_versions(packages: tuple[str, ...], run: ContractRun) -> list[str]:
    return [f"{name} {found}" for name in packages if (found := run["versions"].get(name))]


def _render_table(runs: Runs) -> Iterator[str]:
    heads = [
        f"{'patched' if patched else 'unpatched'}, {'redirects' if redirects else 'no redirects'}"
        for patched, redirects in QUADRANTS
    ]
    yield f"| subject | group | {' | '.join(heads)} |"
    yield "| --- | --- |" + " --- |" * len(heads)
    for subject in SUBJECTS:
        for group in GROUPS:
            counts = [_count_passed(runs[subject, group], *quadrant) for quadrant in QUADRANTS]
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


def _render_failures(runs: Runs) -> Iterator[str]:
    for subject in SUBJECTS:
        yield ""
        yield f"## What fails: {subject.title}"
        found = _list_failures(runs[subject, GROUPS[-1]])
        yield "" if found else "\nNothing."
        heading = ""
        for (test, stores, said), names in found.items():
            if test != heading:
                yield from ([""] if heading else [])
                yield f"{test}:"
                yield ""
            heading = test
            yield f"- {_enumerate_names(names)} ({stores}): {said}"


def _enumerate_names(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:_NAMED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _list_failures(run: ContractRun) -> dict[tuple[str, str, str], list[str]]:
    """List the behaviours that failed, by test, stores and message.

    A behaviour that fails with another message on each store is listed for each.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for quadrant in run["quadrants"]:
        for failure in quadrant["failures"]:
            test, _, parameters = failure["test"].partition("[")
            name = parameters.rstrip("]").removeprefix(quadrant["store"]).strip("-")
            heading = test.removeprefix("test_").replace("_", " ").capitalize() or "The process"
            words = name.replace("-", " ") or "all"
            messages = found.setdefault((heading, words), {})
            messages[quadrant["store"]] = _normalize(failure["message"])
    alike: dict[tuple[str, str, str], list[str]] = {}
    for (heading, words), messages in sorted(found.items()):
        for message in {*messages.values()}:
            stores = " and ".join(sorted(each for each in messages if messages[each] == message))
            alike.setdefault((heading, stores, message), []).append(words)
    return dict(sorted(alike.items()))


def _normalize(message: str) -> str:
    for pattern, replacement in _NORMALIZED:
        message = pattern.sub(replacement, message)
    return shorten(message, _WIDTH, placeholder=" ...")
