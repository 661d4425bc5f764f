"""Compare patches that are not inert with stock botocore, each in its own process.

    python driver.py GROUP...

where a group is `EVERY:SERVICE:SUBJECT,SUBJECT...`. It prints one JSON object with the findings of
each subject, or its error. The processes are forked from one that has only imported modules, which
costs a tenth of a fresh interpreter.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from botocore_redirect.testing.guards import baseline
from inert import worker
from inert.compare import compare
from inert.worker import Service, Task


def run(subject: str, task: Task, *, patched: bool = True) -> Service:
    """Run a task in a new worker."""
    forked = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, forked, worker.start, (patched, subject)) as pool:
        return pool.submit(worker.run_service, task).result()


def find(subject: str, task: Task, stock: Service) -> dict[str, Any]:
    """Return where a patched service differs, and what is not proven."""
    try:
        found = compare(stock, run(subject, task), followed=task.followed)
    except Exception as error:  # noqa: BLE001 - a test asks for it
        return {"error": f"{type(error).__name__}: {error}"}
    return {"where": [each.where for each in found.differences], "unproven": found.unproven}


def main(*groups: str) -> None:
    """Print the findings of each subject."""
    baseline.baseline()  # once for all
    findings = {}
    for group in groups:
        every, service, subjects = group.split(":", 2)
        task = Task(service, int(every), service == "s3")
        stock = run("none", task, patched=False)
        findings.update({each: find(each, task, stock) for each in subjects.split(",")})
    print(json.dumps(findings))


if __name__ == "__main__":
    main(*sys.argv[1:])
