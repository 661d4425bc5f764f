"""Assign to each xdist worker what it collects: one quadrant file, or everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore_redirect.testing.quadrants.plan import Plan

WORKERINPUT_KEY = "one_file"


def assigned_file(node: Any) -> str | None:
    """Return the file of a worker; "" if none is left for it, None for an ordinary worker."""
    file: str | None = node.workerinput[WORKERINPUT_KEY]["file"]
    return file


def has_own_file(node: Any) -> bool:
    """Whether a worker has a file of its own."""
    return bool(node.workerinput.get(WORKERINPUT_KEY, {}).get("file"))


class Workers:
    """The workers of a run: ordinary ones first; each that ends is replaced by one for a file."""

    def __init__(self, plan: Plan, max_workers: int) -> None:
        self.plan = plan
        self.ordinary_count = plan.count_ordinary_workers(max_workers)
        self._max_workers = max_workers
        self._unstarted_ordinary = self.ordinary_count
        self._alive: set[Any] = set()
        #: The files that have had no worker yet.
        self.waiting = sorted(plan.files, key=lambda file: file not in plan.first)

    @property
    def has_ordinary(self) -> bool:
        """Whether an ordinary worker is there, or about to be."""
        return self._unstarted_ordinary > 0 or any(
            assigned_file(node) is None for node in self._alive
        )

    @property
    def startable(self) -> int:
        """How many workers can begin now."""
        wanted = self._unstarted_ordinary + len(self._ready_files())
        return max(0, min(self._max_workers - len(self._alive), wanted))

    def begin(self, node: Any, *, run_ends: bool) -> None:
        """Assign to a worker what it collects: nothing, if the run is about to end."""
        assignment: dict[str, Any] = {"file": "", "arguments": [], "excluded": []}
        if run_ends:
            pass
        elif self._unstarted_ordinary:
            self._unstarted_ordinary -= 1
            assignment = {
                "file": None,
                "arguments": self.plan.other_arguments,
                "excluded": self.plan.quadrant_files,
            }
        elif ready := self._ready_files():
            file = ready[0]
            self.waiting.remove(file)
            assignment = {"file": file, "arguments": self.plan.files[file], "excluded": []}
        node.workerinput[WORKERINPUT_KEY] = assignment
        self._alive.add(node)

    def end(self, node: Any, *, is_replaced: bool) -> None:
        """Forget a worker; what replaces an ordinary one that crashed takes over its tests."""
        self._alive.discard(node)
        if is_replaced and assigned_file(node) is None:
            self._unstarted_ordinary += 1

    def _ready_files(self) -> list[str]:
        """Return the files that may start now: the others wait for the end of the first ones."""
        first = [file for file in self.waiting if file in self.plan.first]
        running = any(assigned_file(node) in self.plan.first for node in self._alive)
        return first if first or running else self.waiting


def is_ignored(path: Path, assignment: dict[str, Any]) -> bool:
    """Whether a worker with this assignment leaves out a file or a folder."""
    path = path.resolve()
    if assignment["file"] is None:
        return str(path) in assignment["excluded"]
    file = Path(assignment["file"])
    return path != file and path not in file.parents and path.name != "__init__.py"
