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
from tools.sessions import coverage

FOLDER = install.BUILT / "shuffled"
SUITES = (
    *("tests/unit", "tests/isolation", "tests/wire", "tests/integration"),
    *("tests/matrix", "tests/dialects"),
)
_WORKERS = ("1", "2", "3", "auto")


def run(session: nox.Session) -> None:
    """Run the suites in many rounds; stop at the first red one, and say how to have it again."""
    options = _parser().parse_args(session.posargs)
    if strange := [suite for suite in options.suites if suite not in SUITES]:
        session.error(f"There is no suite {', '.join(strange)}: name some of {', '.join(SUITES)}")
    first: int = options.seed
    suites = options.suites or SUITES
    for number, seed in enumerate(range(first, first + options.rounds), 1):
        name = f"Round {number} of {options.rounds} (seed {seed})"
        green = _green(seed, suites)
        if green.exists():
            session.log(f"{name}: was green")
            continue
        began = time.monotonic()
        _round(session, suites, seed, name)
        green.touch()
        session.log(f"{name}: green, {time.monotonic() - began:.0f} s")


def of_round(root: Path, seed: int, suites: Iterable[str] = SUITES) -> Iterator[list[str]]:
    """Give what pytest is called with in one round: all files of each suite, and how many workers.

    The same seed and the same files give the same.
    """
    chance = random.Random(seed)  # noqa: S311 - it chooses an order
    for suite in suites:
        files = sorted(path.as_posix() for path in (root / suite).rglob("test_*.py"))
        if not files:
            continue
        chance.shuffle(files)
        # xdist would begin with the longest file.
        yield [*files, "-n", chance.choice(_WORKERS), "--no-loadscope-reorder"]


def _round(session: nox.Session, suites: Iterable[str], seed: int, name: str) -> None:
    arguments: list[str] = []
    try:
        for arguments in of_round(Path(), seed, suites):
            session.run("pytest", "-q", "-p", "no:cacheprovider", *arguments, silent=True)
    except nox.command.CommandFailed:
        session.error(
            f"{name}: red. Once more: nox -s shuffle -- --rounds 1 --seed {seed}"
            f" {' '.join(suites)}, or pytest {' '.join(arguments)}"
        )


def _green(seed: int, suites: Iterable[str]) -> Path:
    """Give the file that says that a round was green."""
    names = "-".join(Path(suite).name for suite in suites)
    return install.kept(FOLDER, *coverage.SOURCES) / f"{names}-{seed}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nox -s shuffle --", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("suites", nargs="*", help=f"some of {', '.join(SUITES)}")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first round")
    return parser
