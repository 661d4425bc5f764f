"""What may follow `nox -s upstream --`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass

from tools.upstream.plugins.botocore_mutants import MUTANTS

FOLDERS = ("tests/unit", "tests/functional")
#: The projects whose source distributions carry their tests.
PROJECTS = ("botocore", "s3transfer")
_GIGABYTES = 5  # of memory for one process with all of botocore's models and tests


@dataclass(frozen=True)
class Options:
    """Which tests, and against which patch."""

    only: tuple[str, ...] = ()
    expression: str = ""
    mutant: str = ""
    fresh: bool = False
    workers: int = 1
    project: str = ""

    @classmethod
    def of(cls, words: Sequence[str]) -> Options:
        """Read the command line."""
        given = make_parser().parse_args(words)
        return cls(
            *(tuple(given.only), given.k, given.mutant, given.fresh, given.workers, given.project)
        )

    @property
    def projects(self) -> tuple[str, ...]:
        """Whose tests run: those of one project, if it or some of its tests are named."""
        if self.project:
            return (self.project,)
        return PROJECTS if self.is_whole and not self.mutant else PROJECTS[:1]

    @property
    def is_whole(self) -> bool:
        """Whether all tests run."""
        return not self.only and not self.expression

    @property
    def has_whole_files(self) -> bool:
        """Whether each file that runs, runs all its tests."""
        return not self.expression and not any("::" in name for name in self.only)

    @property
    def for_pytest(self) -> list[str]:
        """The arguments for pytest."""
        chosen = ["-k", self.expression] if self.expression else []
        return [f"-n{self.workers}", *chosen, *(self.only or FOLDERS)]


def count_workers() -> int:
    """Return how many processes run at once: one for each core, as far as there is memory."""
    cores = os.cpu_count() or 1
    if not hasattr(os, "sysconf"):  # Windows
        return cores
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(cores, memory // (_GIGABYTES * 1024**3)))


def make_parser() -> argparse.ArgumentParser:
    """Describe the arguments of the session."""
    parser = argparse.ArgumentParser(
        prog="nox -s upstream --",
        description="Compare botocore's and s3transfer's own tests without and with the patch.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--project", default="", choices=PROJECTS, help="whose tests; by default those of both")
    add("--only", nargs="+", default=[], metavar="FILE", help="these files, folders or test ids")
    add("-k", default="", metavar="EXPR", help="the tests that `pytest -k` would select")
    add("-n", type=int, default=count_workers(), dest="workers", metavar="N", help="processes")
    add("--mutant", default="", choices=MUTANTS, help="break the patch: it must end in status 1")
    add(
        "--fresh",
        action="store_true",
        help="run the stock tests again, even if their results are cached",
    )
    return parser
