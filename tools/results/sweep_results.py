"""The results of a sweep: one line for each release, in requirements/sweep.json."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypedDict

from botocore_redirect.commands import source_digests
from tools.results.outcomes import FAILED, PASSED, ContractRun, QuadrantResult, version_key

SWEEP = Path("requirements/sweep.json")
BUILD = Path("build/sweep")

_PATCH = Path("patch/botocore_redirect")
#: The parts of the patch that act on a call.
_PATCH_SOURCES = (
    *(_PATCH / name for name in ("aio", "attempt", "hooks", "rules", "transport")),
    *(_PATCH / f"{name}.py" for name in ("after_import", "auto", "children", "environment")),
    *(_PATCH / f"{name}.py" for name in ("errors", "lifecycle", "policy", "state")),
    _PATCH / "data/public_suffix_list.txt",
)
_CONTRACT_SOURCES = (
    *map(Path, ("tests/matrix", "tests/workloads", "tests/conftest.py")),
    _PATCH / "testing",
)
_LENGTH = 12
_STORES = ("sockets", "in-process")


class Sources(TypedDict):
    """Digests of the sources of a result. Comments and docstrings do not change them."""

    contract: str
    patch: str


class SweepResult(Sources):
    """The result of the contract on one release."""

    botocore: str
    boto3: str
    urllib3: str
    s3transfer: str
    #: None where none fits beside the client: the contract ran over sockets alone.
    moto: str | None
    python: str
    date: str
    #: How many tests passed, and the digest of the ids of all that ran.
    tests: int
    ids: str
    #: Behaviours that stock botocore of this release fails at, without redirects; the patch cannot
    #: cure that, and is not blamed for it.
    stock_fails: list[str]
    #: The tests that failed for another reason.
    failed: list[str]


class Sweep(TypedDict):
    """The published results, and the sources that were current when they were published."""

    sources: Sources
    runs: list[SweepResult]


def digest_sources(root: Path = Path()) -> Sources:
    """Return the digests of the contract and of the patch, as they are now."""
    return {
        "contract": _digest_files(root, _CONTRACT_SOURCES),
        "patch": _digest_files(root, _PATCH_SOURCES),
    }


def make_result(run: ContractRun, sources: Sources) -> SweepResult:
    """Make the result of a run of the contract."""
    versions = run["versions"]
    outcomes = {name: outcome for each in run["quadrants"] for name, outcome in _tests(each)}
    stock_fails = _find_stock_failures(run["quadrants"])
    failed = [name for name, outcome in outcomes.items() if outcome == FAILED]
    failed = [name for name in failed if not _parameters(name) & stock_fails]
    failed += _find_missing(run)
    ids = "\n".join(sorted(outcomes))
    return {
        "botocore": versions.get("botocore", ""),
        "boto3": versions.get("boto3", ""),
        "urllib3": versions.get("urllib3", ""),
        "s3transfer": versions.get("s3transfer", ""),
        "moto": versions.get("moto") or None,
        "python": run["python"],
        "date": f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%d}",
        "tests": sum(outcome == PASSED for outcome in outcomes.values()),
        "ids": _digest(ids),
        "stock_fails": sorted(stock_fails),
        "failed": sorted(failed),
        **sources,
    }


def load(path: Path = SWEEP) -> Sweep:
    """Read the published results; there are none before the first sweep."""
    if not path.is_file():
        return {"sources": {"contract": "", "patch": ""}, "runs": []}
    sweep: Sweep = json.loads(path.read_text("utf-8"))
    return sweep


def render(sweep: Sweep) -> str:
    """Return the file of the results: a line for each run, so that a change is read as a diff."""
    runs = ",\n".join(json.dumps(run) for run in sweep["runs"])
    return f'{{\n"sources": {json.dumps(sweep["sources"])},\n"runs": [\n{runs}\n]\n}}\n'


def merge(
    published: Iterable[SweepResult],
    found: Iterable[SweepResult],
    by_release: Mapping[str, str | None],
) -> list[SweepResult]:
    """Join results: of each class, the last one counts."""
    by_class: dict[str, SweepResult] = {}
    for run in sorted((*published, *found), key=lambda run: run["date"]):
        by_class[by_release.get(run["botocore"]) or run["botocore"]] = run
    return sorted(by_class.values(), key=lambda run: version_key(run["botocore"]))


def is_green(run: SweepResult) -> bool:
    """Whether the patch did all that stock botocore of this release does."""
    return not run["failed"] and run["tests"] > 0


def is_current(run: SweepResult, sources: Sources) -> bool:
    """Whether a result is of these sources."""
    return (run["contract"], run["patch"]) == (sources["contract"], sources["patch"])


def write_build(run: SweepResult, folder: Path = BUILD) -> None:
    """Keep the result of a run for those that follow, and for `--publish`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run['botocore']}.json").write_text(f"{json.dumps(run)}\n", "utf-8")


def read_build(folder: Path = BUILD) -> list[SweepResult]:
    """Read the results of the runs on this machine, and those that were copied there."""
    files = folder.glob("*.json")
    found: list[SweepResult] = [json.loads(file.read_text("utf-8")) for file in files]
    return sorted(found, key=lambda run: version_key(run["botocore"]))


def _tests(result: QuadrantResult) -> Iterator[tuple[str, str]]:
    """Give the tests of a quadrant, by names that are unique in a run, with their outcomes."""
    for name, outcome in result["tests"].items():
        yield f"{result['file']}::{name}", outcome


def _find_stock_failures(quadrants: Iterable[QuadrantResult]) -> set[str]:
    """Name the behaviours that fail without the patch and without redirects."""
    control = [each for each in quadrants if not each["patched"] and not each["redirects"]]
    failed = [
        name for each in control for name, outcome in each["tests"].items() if outcome == FAILED
    ]
    return {part for name in failed for part in _parameters(name)}


def _parameters(test: str) -> set[str]:
    """Return the parameters of a test, without the store: one is the behaviour that it is about."""
    text = test.partition("[")[2].rstrip("]")
    return {*re.sub("|".join(_STORES), "", text).split("-")} - {""}


def _find_missing(run: ContractRun) -> Iterator[str]:
    """Name the quadrants in which nothing passed on a store, and those that crashed."""
    stores = _STORES if run["versions"].get("moto") else _STORES[:1]
    for patched in (False, True):
        for redirects in (False, True):
            of_quadrant = [
                each
                for each in run["quadrants"]
                if (each["patched"], each["redirects"]) == (patched, redirects)
            ]
            name = f"{'' if patched else 'un'}patched, {'' if redirects else 'no '}redirects"
            for store in stores:
                on_store = [each for each in of_quadrant if each["store"] == store]
                if not any(PASSED in each["tests"].values() for each in on_store):
                    yield f"{name}: nothing passed, {store}"
            if any(each["outcome"] == "crashed" for each in of_quadrant):
                yield f"{name}: crashed"
            yield from (
                f"{name}: {failure['test']}"
                for each in of_quadrant
                for failure in each["failures"]
                if failure["test"] not in each["tests"]  # no test: a file that cannot be imported
            )


def _digest_files(root: Path, paths: Iterable[Path]) -> str:
    parts = []
    for path in paths:
        whole = root / path
        files = [whole] if whole.is_file() else sorted(whole.rglob("*.py"))
        for file in files:
            name, content = file.relative_to(root).as_posix(), file.read_bytes()
            is_code = file.suffix == ".py"
            digest = source_digests.digest_source(content, name)[0] if is_code else _digest(content)
            parts.append(f"{name} {digest}")
    return _digest("\n".join(parts))


def _digest(content: str | bytes) -> str:
    if isinstance(content, str):
        content = content.encode()
    return hashlib.sha256(content).hexdigest()[:_LENGTH]
