"""Run the quadrants, some at a time, and write down what came out."""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import json
import os
import platform
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn, TextIO

import pytest

from botocore_redirect.testing import StoreProcess
from botocore_redirect.testing.guards import subject
from botocore_redirect.testing.guards.subject import SubjectError
from matrix import groups, outcome, processes, quadrants, warm
from matrix.outcome import Outcome
from matrix.quadrants import Run, UsageError

SOCKETS, IN_PROCESS = "sockets", "in-process"
BACKEND = "BOTOCORE_REDIRECT_STORE"
CONTROL = "BOTOCORE_REDIRECT_CONTROL"
_PACKAGES = ("botocore", "boto3", "s3transfer", "urllib3", "moto", "pytest")
_PASSED, _FAILED, _USAGE, _NOTHING = 0, 1, 2, 5
_POLL = 0.005


def main(arguments: list[str]) -> int:
    """Run what the arguments say; return 0 (passed), 1 (failed), 2 (usage) or 5 (no tests)."""
    began = time.monotonic()
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if options.patch_first and options.isolation != "fresh":
        parser.error(
            "--patch-first needs --isolation fresh: what is forked holds botocore already."
        )
    files, for_pytest = quadrants.split(rest)
    stores = [SOCKETS, IN_PROCESS] if options.store == "all" else [options.store]
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        runs = quadrants.runs(files, stores)
        subject.check(options.subject)
        with ExitStack() as opened:
            matrix = _Matrix(
                options, for_pytest, Path(opened.enter_context(tempfile.TemporaryDirectory()))
            )
            if SOCKETS in stores and not os.environ.get(BACKEND):
                os.environ[BACKEND] = opened.enter_context(StoreProcess(sys.executable)).url
                opened.callback(os.environ.pop, BACKEND)
            outcomes = [_told(each) for each in matrix.outcomes(runs) if not each.is_empty]
    except (UsageError, SubjectError, RuntimeError) as error:
        _say(str(error), sys.stderr)
        return _USAGE
    except KeyboardInterrupt:
        _say("Interrupted: what still ran was ended.", sys.stderr)
        return _USAGE
    seconds = time.monotonic() - began
    if options.json:
        facts = _facts(options, outcomes, seconds)
        options.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return _conclude(outcomes, seconds)


@dataclass
class _Running:
    run: Run
    process: processes.Process
    record: Path
    output: IO[bytes]
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


class _Matrix:
    """The runs that wait, and those that are under way."""

    def __init__(self, options: argparse.Namespace, for_pytest: list[str], scratch: Path) -> None:
        self._options = options
        self._for_pytest = for_pytest
        self._scratch = scratch
        self._forks = options.isolation == "fork"
        self._start: processes.Start = processes.forked if self._forks else processes.fresh
        self._patch_first: processes.Start = functools.partial(
            processes.fresh, program=("matrix.patch_first", options.subject)
        )
        self._running: list[_Running] = []
        self._warm_for: set[str] = set()
        self._parent = os.getppid()
        self._subject = subject.named(options.subject)

    def outcomes(self, runs: list[Run]) -> Iterator[Outcome]:
        """Run all; give each outcome as it is known. Whatever ends this, ends the processes."""
        waiting = list(runs)
        try:
            while waiting or self._running:
                while len(self._running) < self._options.jobs and (run := self._next(waiting)):
                    waiting.remove(run)
                    self._running.append(self._begin(run, len(runs) - len(waiting)))
                if os.getppid() != self._parent:  # nobody is left to tell
                    raise KeyboardInterrupt
                ended = [each for each in self._running if self._has_ended(each)]
                for each in ended:
                    self._running.remove(each)
                    yield self._end(each)
                if not ended:
                    time.sleep(_POLL)
        finally:
            for each in self._running:
                processes.kill(each.process)
                each.output.close()

    def _next(self, waiting: list[Run]) -> Run | None:
        """Choose what can begin now: a patched quadrant needs what unpatched ones observe."""
        not_ended = [*waiting, *(each.run for each in self._running)]
        return next(
            (
                run
                for run in waiting
                if run.store == waiting[0].store and not any(map(run.waits_for, not_ended))
            ),
            None,
        )

    def _begin(self, run: Run, number: int) -> _Running:
        if self._forks and run.store not in self._warm_for:
            warm.warm_up() if not self._warm_for else None
            warm.warm_up_moto() if run.store == IN_PROCESS else None
            self._warm_for.add(run.store)
        if self._forks:
            warm.expect_neutral(subject=self._subject)
        record = self._scratch / f"{number}.jsonl"
        output = (self._scratch / f"{number}.txt").open("w+b")
        arguments = [
            *("-p", "matrix.recorder", f"--record={record}", "-n0", f"--store={run.store}"),
            # With importlib, pytest 8 asks every finder for what the one of an old six lacks.
            *("-p", "no:cacheprovider", "--import-mode=prepend", *self._for_pytest, *run.arguments),
            # The guards; the subject was looked at already.
            *("-p", "botocore_redirect.testing.plugin", "-p", "no:subject-check"),
            f"--subject={self._options.subject}",
        ]
        # What is left as it is need not be known to the folder that is run.
        if self._options.group != groups.FULL:
            arguments.append(f"--group={self._options.group}")
        variables = {CONTROL: str(self._scratch)}
        is_first = self._options.patch_first and run.patched
        start = self._patch_first if is_first else self._start
        return _Running(run, start(arguments, variables, output), record, output)

    def _has_ended(self, each: _Running) -> bool:
        return each.process.poll() is not None or each.seconds > self._options.timeout

    def _end(self, each: _Running) -> Outcome:
        status: int | str | None = each.process.poll()
        if status is None:
            processes.kill(each.process)
            status = f"was ended, as it took more than {self._options.timeout:g} s,"
        each.output.seek(0)
        with each.output:
            said = each.output.read().decode("utf-8", "replace")
        if status == pytest.ExitCode.USAGE_ERROR:
            raise UsageError(said.strip())
        return outcome.read(each.run, each.record, said, status, each.seconds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m matrix",
        description="Run quadrant files, each on each store in a process of its own.",
        usage="%(prog)s [options] [FILE | FILE::test ...] [options of pytest, such as -k EXPR]",
        epilog="Write the value of a plugin's option with it, as in --option=FILE.",
        allow_abbrev=False,
    )
    parser.add_argument("--store", choices=[SOCKETS, IN_PROCESS, "all"], default="all")
    parser.add_argument(
        "--isolation",
        choices=["fork", "fresh"],
        default="fork" if sys.platform == "linux" else "fresh",
        help="fork each process from a warm one, or start a new interpreter (default: %(default)s)",
    )
    parser.add_argument(
        "--patch-first",
        action="store_true",
        help="install the patch before botocore and boto3 are imported; with --isolation fresh",
    )
    parser.add_argument(
        "--jobs", type=_positive, default=os.cpu_count() or 1, help="how many at once"
    )
    parser.add_argument(
        "--subject",
        default=subject.OURS,
        help="the patch under test: botocore_redirect, none, MODULE whose import patches, or"
        " MODULE:CALLABLE that installs (default: %(default)s)",
    )
    parser.add_argument(
        "--group",
        choices=[groups.CORE, groups.FULL],
        default=groups.FULL,
        help="of the contract: what the suite of the peer asserts as well, or all",
    )
    parser.add_argument("--json", type=Path, help="write what came out to this file")
    parser.add_argument(
        "--timeout", type=float, default=300.0, help="seconds that one process may take"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of processes: 1 or more")
    return number


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream, flush=True)


def _told(each: Outcome) -> Outcome:
    """Print one line for what passed, and the whole output of what did not."""
    if not each.passed:
        _say(each.output.rstrip())
        if each.outcome == "crashed":
            _say(each.failures[-1]["message"])
    _say(str(each))
    return each


def _facts(options: argparse.Namespace, outcomes: list[Outcome], seconds: float) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": sys.platform,
        "isolation": f"{options.isolation}, patch first"
        if options.patch_first
        else options.isolation,
        "subject": options.subject,
        "subject_version": _version(subject.named(options.subject).package or subject.NONE),
        "group": options.group,
        "versions": {package: _version(package) for package in _PACKAGES},
        "quadrants": [
            each.as_data()
            for each in sorted(outcomes, key=lambda each: (each.run.store, each.run.file))
        ],
        "seconds": round(seconds, 3),
        "cpu_seconds": round(sum(os.times()[:4]), 3),
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _conclude(outcomes: list[Outcome], seconds: float) -> int:
    results = [result for each in outcomes for result in each.tests.values()]
    red = [str(each.run) for each in outcomes if not each.passed]
    if red:
        _say(f"Failed: {', '.join(red)} ({len(results)} tests in {seconds:.1f} s)")
        return _FAILED
    if not results:
        _say("No test was selected.")
        return _NOTHING
    _say(f"Passed: {len(results)} tests in {seconds:.1f} s")
    return _PASSED
