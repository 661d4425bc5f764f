"""`nox -s sweep`: choose the releases, run several at a time, and publish the results."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import nox

from tools.environments import install, store
from tools.environments.cells import SYNCHRONOUS, runs_whole_contract
from tools.results import compatibility, sweep_results
from tools.results.outcomes import format_duration
from tools.results.proof import StaleError, load_proof
from tools.results.sweep_results import Sources, SweepResult
from tools.sweep import plan
from tools.sweep.arguments import make_parser
from tools.sweep.environment import EnvironmentFailedError
from tools.sweep.plan import Task
from tools.sweep.runner import NotRunError, Runner


def run(session: nox.Session) -> None:
    """Run, list or publish, as the arguments of the session say."""
    options = make_parser().parse_args(session.posargs)
    try:
        _run(session, options)
    except StaleError as error:
        session.error(str(error).rstrip("."))


def _run(session: nox.Session, options: argparse.Namespace) -> None:
    if options.publish:
        changed = compatibility.publish_sweep(Path(), sweep_results.read_build())
        session.log(f"Changed: {', '.join(map(str, changed)) or 'nothing'}.")
        return
    census = json.loads(compatibility.CENSUS.read_text("utf-8"))
    sources = sweep_results.digest_sources()
    try:
        tasks = find_tasks(options, census, sources)
    except ValueError as error:
        session.error(str(error).rstrip("."))
    if options.only_list:
        print("\n".join(map(str, tasks)) or "Every class was run.")
        return
    if not tasks:
        session.log("Every class of this part was run.")
        return
    digests = {name: each["digest"] for name, each in census["classes"].items()}
    runner = Runner(install.build_wheel(session), store.start(session), sources, digests)
    failed = _run_all(session, tasks, options.jobs, runner)
    if failed:
        session.error(
            f"{len(failed)} of {len(tasks)} releases failed: {_join(failed)}. What their tests"
            f" printed is in {sweep_results.BUILD}; the next sweep runs them again"
        )
    session.log(f"All passed. `nox -s sweep -- --publish` writes {sweep_results.SWEEP}.")


def find_tasks(options: argparse.Namespace, census: dict[str, Any], sources: Sources) -> list[Task]:
    """Return what is to be run; raise ValueError for a release that the census lacks."""
    by_release = census["releases"]
    proof = load_proof(Path())
    ranges = plan.find_ranges(SYNCHRONOUS)
    tasks = plan.make_tasks(by_release, SYNCHRONOUS[0].botocore, ranges, proof["cells"])
    if options.releases:
        return plan.choose(tasks, options.releases, by_release)
    published = [run for run in sweep_results.load()["runs"] if sweep_results.is_green(run)]
    here = [run for run in sweep_results.read_build() if sweep_results.is_current(run, sources)]
    green = [run for run in here if sweep_results.is_green(run)]
    red = {run["botocore"] for run in here if not sweep_results.is_green(run)}
    green += [r for r in published if not options.stale or sweep_results.is_current(r, sources)]
    in_cells = {row["botocore"] for row in proof["cells"]}
    in_cells &= {cell.botocore for cell in SYNCHRONOUS if runs_whole_contract(cell)}
    in_cells -= {row["botocore"] for row in proof["failed"]}
    done = [*in_cells, *(run["botocore"] for run in green if run["botocore"] not in red)]
    return plan.select(tasks, map(by_release.get, done), options.shard)


def _run_all(session: nox.Session, tasks: Sequence[Task], jobs: int, runner: Runner) -> list[Task]:
    """Run the tasks, log a line for each, and return those that failed."""
    started = time.monotonic()
    failed: list[Task] = []
    pool = ThreadPoolExecutor(jobs)
    try:
        waiting = {pool.submit(runner.run, task): task for task in tasks}
        while waiting:
            ended = wait(waiting, return_when=FIRST_COMPLETED).done
            for future in [each for each in waiting if each in ended]:
                task = waiting.pop(future)
                said, passed = _describe(future)
                failed += [] if passed else [task]
                done, spent = len(tasks) - len(waiting), time.monotonic() - started
                rest = format_duration(spent / done * len(waiting))
                left = f", about {rest} left" if waiting else ""
                session.log(
                    f"{done} of {len(tasks)}, {len(failed)} failed, {format_duration(spent)} so"
                    f" far{left}:"
                    f" botocore {task.release} on Python {task.python}: {said}"
                )
    finally:
        pool.shutdown(cancel_futures=True)
    return failed


def _describe(future: Future[SweepResult]) -> tuple[str, bool]:
    """Describe how a run ended, and say whether it passed."""
    try:
        result = future.result()
    except (NotRunError, EnvironmentFailedError) as error:
        return f"not run: {error}", False
    libraries = f"urllib3 {result['urllib3']}, moto {result['moto'] or 'none'}"
    if not sweep_results.is_green(result):
        return f"{len(result['failed'])} FAILED with {libraries}: {_join(result['failed'])}", False
    unable = "".join(f"; stock botocore fails at {name}" for name in result["stock_fails"])
    return f"{result['tests']} tests passed with {libraries}{unable}", True


def _join(items: Sequence[object], most: int = 5) -> str:
    more = [f"{len(items) - most} more"] if len(items) > most else []
    names = [item.release if isinstance(item, Task) else str(item) for item in items[:most]]
    return ", ".join([*names, *more])
