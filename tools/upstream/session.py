"""The session: botocore's own tests on one cell, without the patch and with it."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nox

from tools.environments import install
from tools.environments.cells import LOCKS
from tools.upstream import comparison, known, passes, proof, sources, summary
from tools.upstream.arguments import Asked
from tools.upstream.comparison import Difference
from tools.upstream.passes import Pass

LOCK = LOCKS / "upstream.txt"
#: What botocore's tests import, beside pytest.
REQUIREMENTS = ["jsonschema<4.18", "mock", "nose"]  # later jsonschemas need what cells pin too
#: More unsteady tests than this are no chance.
MOST_UNSTEADY = 5
#: Files of this many tests that differ are run once more; with more, the patch is broken.
_MOST_RERUN = 200


@dataclass(frozen=True)
class Verdict:
    """What a comparison came to."""

    different: list[Difference]
    unsteady: list[Difference]


def run(session: nox.Session, lock: Path) -> None:
    """Compare the tests of the botocore that a lock pins; end the session where they differ."""
    asked = Asked.of(session.posargs)
    install.install(session, session.env_dir, lock, LOCK)
    try:
        tests = sources.fetch_tests(lock)
        facts = known.load(sources.locked_release(lock))
        results = sources.FOLDER / "results" / lock.stem
        compare(session, tests, results, asked, facts, stock_key=_stock_key(session, lock))
    except (sources.SourceError, known.TableError, passes.PassError) as error:
        session.error(str(error).rstrip("."))


def compare(
    session: nox.Session,
    tests: Path,
    results: Path,
    asked: Asked,
    facts: known.Known,
    *,
    stock_key: str,
) -> None:
    """Run both passes in the session's environment, print what they say, and judge it."""
    stock = _run_stock(session, tests, results / "stock", asked, stock_key)
    patched = _run(session, tests, results / "patched", asked, asked.options, is_patched=True)
    verdict = _judge(session, tests, results, asked, stock, patched, facts)
    unproven = list(proof.problems(stock, patched, facts.unsent, is_whole=asked.is_of_whole_files))
    lines = [
        *summary.of_tests(stock, patched, facts.left_out),
        summary.of_calls(patched),
        *unproven,
        *summary.of_differences("Differed once, and not when run again", verdict.unsteady),
        *summary.of_differences("Different", verdict.different),
    ]
    print("\n".join(["", *lines, ""]))
    if verdict.different or unproven:
        session.error(
            f"{len(verdict.different)} tests differ and {len(unproven)} things are not proven; what"
            f" pytest printed is in {results}"
        )
    if len(verdict.unsteady) > MOST_UNSTEADY:
        session.error(f"{len(verdict.unsteady)} unsteady tests are too many to be chance")


def _judge(
    session: nox.Session,
    tests: Path,
    results: Path,
    asked: Asked,
    stock: Pass,
    patched: Pass,
    facts: known.Known,
) -> Verdict:
    """Compare, and run the files of tests that differ once more, without and with the patch."""
    found = comparison.differences(stock, patched, facts.left_out)
    if not found or len(found) > _MOST_RERUN:
        return Verdict(found, [])
    options = [f"-n{asked.workers}", *sorted({each.file for each in found})]
    session.log(f"{len(found)} tests differ: their files run once more")
    again = [
        _run(session, tests, results / f"{name}-again", asked, options, is_patched=is_patched)
        for name, is_patched in (("stock", False), ("patched", True))
    ]
    different = comparison.still_different(found, *again)
    names = {each.test for each in different}
    return Verdict(different, [each for each in found if each.test not in names])


def _run_stock(
    session: nox.Session, tests: Path, results: Path, asked: Asked, stock_key: str
) -> Pass:
    """Run the tests without the patch, or read what they came to on the very same environment."""
    kept = results.with_name(f"stock-{stock_key}")
    if asked.is_whole and not asked.fresh and kept.is_dir():
        session.log(f"Without the patch, from the cache: {passes.last_line(kept)}")
        return passes.read(kept)
    found = _run(session, tests, results, asked, asked.options, is_patched=False)
    if asked.is_whole:
        for old in results.parent.glob("stock-*"):
            shutil.rmtree(old)
        results.rename(kept)
    return found


def _run(
    session: nox.Session,
    tests: Path,
    results: Path,
    asked: Asked,
    options: Sequence[str],
    *,
    is_patched: bool,
) -> Pass:
    began = time.monotonic()
    found = passes.run(
        *(session, tests, results, options),
        is_patched=is_patched,
        mutant=asked.mutant if is_patched else "",
    )
    which = "With" if is_patched else "Without"
    seconds = time.monotonic() - began
    session.log(f"{which} the patch, {seconds:.0f} s: {passes.last_line(results)}")
    return found


def _stock_key(session: nox.Session, lock: Path) -> str:
    """Return what the results without the patch depend on: never the patch itself."""
    # The hash of the source distribution is in the lock.
    files = install.digest(lock, LOCK, passes.PLUGINS)
    whole = f"{files}\0{install.interpreter(session.env_dir)}"
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
