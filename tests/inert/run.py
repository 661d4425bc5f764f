"""Run unpatched and patched workers, compare their outcomes, and report the findings."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from pathlib import Path
from textwrap import shorten
from typing import Any

import botocore
import botocore.session

from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.testing.guards import subject
from botocore_redirect.testing.guards.proof import Contaminated
from botocore_redirect.testing.guards.subject import SubjectError
from inert import worker
from inert.compare import Findings, compare
from inert.worker import HarnessError, Service, Task

_SAME, _DIFFERENT, _USAGE, _UNPROVEN = 0, 1, 2, 2
_INTERVAL = 10.0  # seconds between two lines of progress
_SHOWN = 40
_WIDTH = 160


class UsageError(Exception):
    """An option has an impossible value."""


def main(arguments: list[str]) -> int:
    """Compare what the arguments name; return 0 (equal), 1 (different) or 2 (not proven)."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    try:
        subject.check(options.subject)
        tasks = _tasks(options)
        found = Findings()
        for each in _compared(tasks, options):
            found.add(each)
            _progress(found, len(tasks), began)
    except (UsageError, SubjectError) as error:
        print(error, file=sys.stderr)
        return _USAGE
    except (BrokenProcessPool, Contaminated, HarnessError) as error:
        print(f"Nothing is proven, as a worker could not go on: {error}", file=sys.stderr)
        return _USAGE
    seconds = time.monotonic() - began
    print(describe_findings(found, seconds))
    if options.json:
        facts = json.dumps(_facts(found, options, seconds), indent=1)
        options.json.write_text(f"{facts}\n", encoding="utf-8")
    if found.differences:
        return _DIFFERENT
    return _UNPROVEN if found.unproven else _SAME


def describe_findings(found: Findings, seconds: float) -> str:
    """Describe the findings for people."""
    lines = [str(each) for each in found.differences[:_SHOWN]]
    if found.differences[_SHOWN:]:
        lines.append(f"... and {len(found.differences) - _SHOWN} more differences.")
    for title, those in (
        ("Could not be sent, for a known reason", found.unsent),
        ("Answered with 200, and not understood, for a known reason", found.unread),
        ("Not proven", found.unproven),
    ):
        lines += [f"{title}:"] if those else []
        every = [f"    {where}: {shorten(why, _WIDTH)}" for where, why in sorted(those.items())]
        lines += every[:_SHOWN]
        lines += [f"    ... and {len(every) - _SHOWN} more."] if every[_SHOWN:] else []
    verdict = f"{len(found.differences):,} DIFFERENCES" if found.differences else "identical"
    if found.unproven:
        verdict = f"{verdict}, but {len(found.unproven):,} NOT PROVEN"
    lines.append(
        f"{found.operations:,} operations of {found.services:,} services, {found.comparisons:,}"
        f" answers: {verdict}; {found.followed:,} redirects followed; {len(found.unsent):,} could"
        f" not be sent. {seconds:.0f} s."
    )
    return "\n".join(lines)


def _tasks(options: argparse.Namespace) -> list[Task]:
    """List the services, those with the largest models first, as they take longest."""
    loader: Any = botocore.session.get_session().get_component("data_loader")
    known = loader.list_available_services("service-2")
    chosen = options.services.split(",") if options.services else known
    if unknown := sorted({*chosen} - {*known}):
        raise UsageError(
            f"botocore {botocore.__version__} has no service {', '.join(map(repr, unknown))}: name"
            " services as boto3.client() does, such as --services ec2,iam."
        )
    followed = _followed(options)
    sizes = {name: _size(loader, name) for name in chosen}
    return [
        Task(name, options.sample, name in followed)
        for name in sorted(sizes, key=lambda name: (-sizes[name], name))
    ]


def _followed(options: argparse.Namespace) -> frozenset[str]:
    if options.follows is not None:
        return frozenset(filter(None, options.follows.split(",")))
    return frozenset() if options.subject == subject.NONE else RedirectPolicy().services


def _size(loader: Any, service: str) -> int:
    version = loader.determine_latest_version(service, "service-2")
    return max(
        (
            file.stat().st_size
            for folder in loader.search_paths
            for file in Path(folder, service, version).glob("service-2.json*")
        ),
        default=0,
    )


def _compared(tasks: list[Task], options: argparse.Namespace) -> Iterator[Findings]:
    """Run the tasks unpatched and patched; yield each comparison as soon as possible."""
    workers = max(1, options.jobs // 2)
    fresh = multiprocessing.get_context("spawn")  # a new interpreter inherits nothing
    halves: dict[Task, dict[bool, Service]] = {task: {} for task in tasks}
    with ExitStack() as opened:
        waiting: dict[Future[Service], tuple[Task, bool]] = {}
        for patched in (False, True):
            pool = ProcessPoolExecutor(workers, fresh, worker.start, (patched, options.subject))
            opened.callback(pool.shutdown, cancel_futures=True)
            waiting |= {pool.submit(worker.run_service, task): (task, patched) for task in tasks}
        while waiting:
            for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                task, patched = waiting.pop(done)
                half = halves[task]
                half[patched] = done.result()
                if len(half) == len((False, True)):
                    del halves[task]
                    yield compare(half[False], half[True], followed=task.followed)


_last_progress = [time.monotonic()]


def _progress(found: Findings, services: int, began: float) -> None:
    now = time.monotonic()
    if now - _last_progress[0] < _INTERVAL:
        return
    _last_progress[0] = now
    print(
        f"{found.services} of {services} services, {found.operations:,} operations,"
        f" {len(found.differences)} differences; {now - began:.0f} s so far.",
        flush=True,
    )


def _facts(found: Findings, options: argparse.Namespace, seconds: float) -> dict[str, Any]:
    return {
        "botocore": botocore.__version__,
        "subject": options.subject,
        "sample": options.sample,
        "seconds": round(seconds, 1),
        "services": found.services,
        "operations": found.operations,
        "answers": found.comparisons,
        "followed": found.followed,
        "unsent": found.unsent,
        "unread": found.unread,
        "unproven": found.unproven,
        "differences": [{"where": each.where, "how": each.how} for each in found.differences],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inert",
        description="Send every operation of every service to a recording endpoint, patched and"
        " unpatched, and compare the requests and what the caller gets.",
        allow_abbrev=False,
    )
    parser.add_argument("--services", default="", help="only these, such as ec2,iam")
    parser.add_argument(
        "--sample", type=_positive, default=1, metavar="N", help="only every Nth operation"
    )
    parser.add_argument(
        "--subject",
        default=subject.OURS,
        help="the patch: botocore_redirect, none, MODULE whose import patches, or MODULE:CALLABLE"
        " that installs (default: %(default)s)",
    )
    parser.add_argument(
        "--follows",
        help="the services whose redirects it must follow, such as s3, or '' for none (default:"
        " those of the policy)",
    )
    parser.add_argument(
        "--jobs", type=_positive, default=os.cpu_count() or 1, help="how many processes, from 2"
    )
    parser.add_argument("--json", type=Path, help="write what was found to this file")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number
