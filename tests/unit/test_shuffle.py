"""The suites in random order: all files, each round another order, and the same again by seed."""

from __future__ import annotations

from pathlib import Path

from tools import shuffle

ROOT = Path(__file__).parents[2]


def _files(arguments: list[str]) -> list[str]:
    return [argument for argument in arguments if argument.endswith(".py")]


def test_a_round_holds_every_test_file_once_but_those_of_another_environment() -> None:
    chosen = [name for each in shuffle.of_round(ROOT, 1) for name in _files(each)]
    files = {path.as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    guards = {path.as_posix() for path in (ROOT / "tests/guards").rglob("test_*.py")}
    assert sorted(chosen) == sorted(files - guards)


def test_a_round_runs_each_suite_by_itself() -> None:
    for arguments in shuffle.of_round(ROOT, 1):
        suites = {Path(name).relative_to(ROOT).parts[:2] for name in _files(arguments)}
        assert len(suites) == 1


def test_the_seed_decides_the_order() -> None:
    first, again, other = (list(shuffle.of_round(ROOT, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
