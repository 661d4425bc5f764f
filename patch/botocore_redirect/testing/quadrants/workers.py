"""Assign to each xdist worker what it collects: one quadrant file, or everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore_redirect.testing.quadrants.plan import Plan

KEY = "one_file"


def file_of(node: Any) -> str | None:
    """Return the file of a worker; "": nothing is left for it; None: it is an ordinary one."""
    file: str | None = node.workerinput[KEY]["file"]
    return file


def is_apart(node: Any) -> bool:
    """Whether a worker has a file of its own."""
    return bool(node.workerinput.get(KEY, {}).get("file"))


class Workers:
    """The workers of a run: ordinary ones first; each that ends is replaced by one for a file."""

    def __init__(self, plan: Plan, at_once: int) -> None:
        self.plan = plan
        self.ordinary = plan.ordinary(at_once)
        self._at_once = at_once
        self._to_begin = self.ordinary
        self._alive: set[Any] = set()
        #: The files that have had no worker yet.
        self.waiting = sorted(plan.files, key=lambda file: file not in plan.first)

    @property
    def have_others(self) -> bool:
        """Whether an ordinary worker is there, or about to be."""
        return self._to_begin > 0 or any(file_of(node) is None for node in self._alive)

    @property
    def startable(self) -> int:
        """How many workers can begin now."""
        wanted = self._to_begin + len(self._ready())
        return max(0, min(self._at_once - len(self._alive), wanted))

    def begin(self, node: Any, *, to_end: bool) -> None:
        """Tell a worker what it collects; nothing, if the run is to end."""
        given: dict[str, Any] = {"file": "", "arguments": [], "apart": []}
        if to_end:
            pass
        elif self._to_begin:
            self._to_begin -= 1
            given = {"file": None, "arguments": self.plan.others, "apart": self.plan.apart}
        elif ready := self._ready():
            file = ready[0]
            self.waiting.remove(file)
            given = {"file": file, "arguments": self.plan.files[file], "apart": []}
        node.workerinput[KEY] = given
        self._alive.add(node)

    def end(self, node: Any, *, is_replaced: bool) -> None:
        """Forget a worker; what replaces an ordinary one that crashed takes over its tests."""
        self._alive.discard(node)
        if is_replaced and file_of(node) is None:
            self._to_begin += 1

    def _ready(self) -> list[str]:
        """Give the files that wait for no other: first those for whose end others wait."""
        first = [file for file in self.waiting if file in self.plan.first]
        running = any(file_of(node) in self.plan.first for node in self._alive)
        return first if first or running else self.waiting


def is_ignored(path: Path, given: dict[str, Any]) -> bool:
    """Whether a worker leaves out a file or a folder, by what it was told."""
    path = path.resolve()
    if given["file"] is None:
        return str(path) in given["apart"]
    file = Path(given["file"])
    return path != file and path not in file.parents and path.name != "__init__.py"
