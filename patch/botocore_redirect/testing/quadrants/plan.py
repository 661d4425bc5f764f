"""Split the arguments of a run into quadrant files and the rest."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Plan:
    """Which arguments of the command line are for whom."""

    #: For each file that gets a worker: the arguments that lead to it.
    files: dict[str, list[str]]
    #: All files of the folders that were asked for: no other worker collects them.
    apart: list[str]
    #: The arguments that may lead to something else, too, such as a doctest in a text file.
    others: list[str]
    #: Whether these reach beyond the folders.
    beyond: bool
    #: The files for whose end the other files wait.
    first: frozenset[str] = frozenset()

    def ordinary(self, at_once: int) -> int:
        """Return how many workers share all else; what a folder holds besides is little."""
        if not self.others:
            return 0
        return at_once if self.beyond else 1


def plan(
    config: pytest.Config, folders: Collection[Path], first: Collection[str] = ()
) -> Plan | None:
    """Read the arguments; None: there is no file of the folders among what they select.

    The files that match one of the patterns `first` are those for which the others wait.
    """
    files: dict[str, list[str]] = {}
    others = []
    paths = [_path(argument, config) for argument in config.args]
    for argument, path in zip(config.args, paths):
        if path.is_dir():
            others.append(argument)
            found = [*_test_files(path, folders, config)] if _is_near(path, folders) else []
        elif path.suffix == ".py" and is_within(path, folders):
            found = [path]
        else:
            others.append(argument)
            found = []
        for file in dict.fromkeys(found):
            files.setdefault(str(file), []).append(argument)
    if not files:
        return None
    for argument, path in zip(config.args, paths):
        if not path.exists():
            raise pytest.UsageError(f"file or directory not found: {argument}")
    beyond = any(not is_within(path, folders) for path in paths)
    matched = frozenset(file for file in files if any(map(Path(file).match, first)))
    return _last_failed(Plan(files, [*files], others, beyond, matched), paths, config)


def is_within(path: Path, folders: Collection[Path]) -> bool:
    """Whether a path is one of the folders, or in one."""
    return any(folder == path or folder in path.parents for folder in folders)


def is_test_file(path: Path, config: pytest.Config) -> bool:
    """Whether pytest collects a file as a module of tests, though nobody names it."""
    return path.suffix == ".py" and any(map(path.match, config.getini("python_files")))


def _path(argument: str, config: pytest.Config) -> Path:
    name = argument.partition("::")[0]
    found = _module(name) if config.option.pyargs else None
    return (found or config.invocation_params.dir / name).resolve()


def _module(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except (AttributeError, ImportError, ValueError):  # it is a path, as pytest sees it
        return None
    if spec is None:
        return None
    places = [*(spec.submodule_search_locations or ()), spec.origin]
    return Path(places[0]) if places[0] else None


def _is_near(path: Path, folders: Collection[Path]) -> bool:
    return is_within(path, folders) or any(path in folder.parents for folder in folders)


def _test_files(parent: Path, folders: Collection[Path], config: pytest.Config) -> Iterator[Path]:
    """Find what pytest may collect, without an import; the worker sees what it does collect."""
    for path in sorted(parent.iterdir()):
        found = path.resolve()
        if not _is_near(found, folders) or config.hook.pytest_ignore_collect(
            collection_path=path, config=config
        ):
            continue
        if path.is_dir():
            yield from _test_files(path, folders, config)
        elif is_test_file(path, config):
            yield found


def _last_failed(asked: Plan, paths: list[Path], config: pytest.Config) -> Plan:
    """Leave out what holds no failure: a worker that has none to run on `--lf` runs all it has."""
    if not config.getoption("lf", default=False):
        return asked
    cache: Any = config.cache
    failed = {
        (config.rootpath / name.partition("::")[0]).resolve()
        for name in cache.get("cache/lastfailed", {})
    }
    again = {str(path) for path in failed if path.exists() and is_within(path, paths)}
    if not again:
        return asked
    return replace(
        asked,
        files={file: words for file, words in asked.files.items() if file in again},
        others=asked.others if again.difference(asked.apart) else [],
    )
