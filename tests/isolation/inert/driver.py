"""Compares patches that are not inert with stock botocore, each in a process of its own.

    python inert_driver.py EVERY SERVICES SUBJECT...

prints one JSON object: for each subject what was found, or the error. The processes are forked
from one that has done nothing but import, which costs a tenth of a fresh interpreter.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from inert import worker
from inert.compare import compare
from inert.worker import Service, Task


def of(subject: str, tasks: list[Task], *, patched: bool = True) -> list[Service]:
    """Run one side."""
    forked = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, forked, worker.begin, (patched, subject)) as pool:
        return [*pool.map(worker.run, tasks)]


def found(subject: str, tasks: list[Task], stock: list[Service]) -> dict[str, Any]:
    """Say where a patched side differs, and what is not proven."""
    try:
        patched = of(subject, tasks)
    except Exception as error:  # noqa: BLE001 - what a test asks for
        return {"error": f"{type(error).__name__}: {error}"}
    both = zip(stock, patched, tasks)
    all_found = [compare(one, other, followed=task.followed) for one, other, task in both]
    return {
        "where": {each.where: each.how for one in all_found for each in one.differences},
        "unproven": {where: why for one in all_found for where, why in one.unproven.items()},
    }


def main(every: str, services: str, *subjects: str) -> None:
    """Print what was found of each subject."""
    tasks = [Task(name, int(every), name == "s3") for name in services.split(",")]
    stock = of("none", tasks, patched=False)
    print(json.dumps({each: found(each, tasks, stock) for each in subjects}))


if __name__ == "__main__":
    main(*sys.argv[1:])
