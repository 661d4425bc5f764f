"""All tests again and again, their files in another order each time.

Rounds that were green on these very sources are not run again: with the same `--seed`, rounds that
were interrupted go on.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import nox

from tools.environments import install
from tools.sessions.usage import positive_int

FOLDER = install.BUILT / "shuffled"
SUITES = (
    *("tests/unit", "tests/isolation", "tests/wire", "tests/integration"),
    *("tests/matrix", "tests/dialects"),
)
#: What the tests run and read: those of the tools read the noxfile, the workflows and the pages.
SOURCES = (
    *map(Path, ("patch", "tests", "tools", "requirements", "docs", ".github")),
    *map(Path, ("pyproject.toml", "noxfile.py", "README.md", "CONTRIBUTING.md")),
)
_WORKERS = ("1", "2", "3", "auto")


def run(session: nox.Session) -> None:
    """Run the suites in many rounds; stop at the first red one, and say how to repeat it."""
    options = make_parser().parse_args(session.posargs)
    if strange := [suite for suite in options.suites if suite not in SUITES]:
        session.error(f"There is no suite {', '.join(strange)}: name some of {', '.join(SUITES)}")
    first: int = options.seed
    suites = options.suites or SUITES
    for number, seed in enumerate(range(first, first + options.rounds), 1):
        name = f"Round {number} of {options.rounds} (seed {seed})"
        marker = _green_marker(seed, suites)
        if marker.exists():
            session.log(f"{name}: was green")
            continue
        began = time.monotonic()
        _run_round(session, suites, seed, name)
        marker.touch()
        session.log(f"{name}: green, {time.monotonic() - began:.0f} s")


def make_round_arguments(
    root: Path, seed: int, suites: Iterable[str] = SUITES
) -> Iterator[list[str]]:
    """Yield pytest's arguments for each suite in one round: all its files, and how many workers.

    The same seed and the same files give the same arguments.
    """
    chance = random.Random(seed)  # noqa: S311 - it chooses an order
    for suite in suites:
        files = sorted(path.as_posix() for path in (root / suite).rglob("test_*.py"))
        if not files:
            continue
        chance.shuffle(files)
        # xdist would begin with the longest file.
        yield [*files, "-n", chance.choice(_WORKERS), "--no-loadscope-reorder"]


def _run_round(session: nox.Session, suites: Iterable[str], seed: int, name: str) -> None:
    arguments: list[str] = []
    try:
        for arguments in make_round_arguments(Path(), seed, suites):
            session.run("pytest", "-q", "-p", "no:cacheprovider", *arguments, silent=True)
    except nox.command.CommandFailed:
        session.error(
            f"{name}: red. Repeat it: nox -s shuffle -- --rounds 1 --seed {seed}"
            f" {' '.join(suites)}, or pytest {' '.join(arguments)}"
        )


def _green_marker(seed: int, suites: Iterable[str]) -> Path:
    """Return the file that says that a round was green."""
    names = "-".join(Path(suite).name for suite in suites)
    return install.keep_folder(FOLDER, *SOURCES) / f"{names}-{seed}"


def make_parser() -> argparse.ArgumentParser:
    """Describe the arguments of the session."""
    parser = argparse.ArgumentParser(
        prog="nox -s shuffle --",
        description="Run all tests again and again, their files in another order each time.",
        allow_abbrev=False,
    )
    add, now = parser.add_argument, int(time.time())
    add("suites", nargs="*", metavar="SUITE", help=f"some of {', '.join(SUITES)}")
    add("--rounds", type=positive_int, default=50, metavar="N", help="(default: %(default)s)")
    add("--seed", type=int, default=now, metavar="N", help="of the first round")
    return parser
