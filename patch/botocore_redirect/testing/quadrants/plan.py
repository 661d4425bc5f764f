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
    #: All files of the folders that are selected; ordinary workers do not collect them.
    quadrant_files: list[str]
    #: The arguments that may select something else, such as a doctest in a text file.
    other_arguments: list[str]
    #: Whether these reach beyond the folders.
    reaches_outside: bool
    #: The files for whose end the other files wait.
    first: frozenset[str] = frozenset()

    def count_ordinary_workers(self, max_workers: int) -> int:
        """Return how many workers share the other tests: one, if all are in the folders."""
        if not self.other_arguments:
            return 0
        return max_workers if self.reaches_outside else 1


def plan_run(
    config: pytest.Config, folders: Collection[Path], first: Collection[str] = ()
) -> Plan | None:
    """Plan a run from its arguments; return None if they select no file of the folders.

    The files that match one of the patterns `first` are those for which the others wait.
    """
    files: dict[str, list[str]] = {}
    other_arguments = []
    paths = [_resolve_argument(argument, config) for argument in config.args]
    for argument, path in zip(config.args, paths):
        if path.is_dir():
            other_arguments.append(argument)
            found = [*_test_files(path, folders, config)] if _overlaps(path, folders) else []
        elif path.suffix == ".py" and is_within(path, folders):
            found = [path]
        else:
            other_arguments.append(argument)
            found = []
        for file in dict.fromkeys(found):
            files.setdefault(str(file), []).append(argument)
    if not files:
        return None
    for argument, path in zip(config.args, paths):
        if not path.exists():
            raise pytest.UsageError(f"file or directory not found: {argument}")
    reaches_outside = any(not is_within(path, folders) for path in paths)
    matched = frozenset(file for file in files if any(map(Path(file).match, first)))
    return _keep_last_failed(
        Plan(files, [*files], other_arguments, reaches_outside, matched), paths, config
    )


def is_within(path: Path, folders: Collection[Path]) -> bool:
    """Whether a path is one of the folders, or in one."""
    return any(folder == path or folder in path.parents for folder in folders)


def is_test_file(path: Path, config: pytest.Config) -> bool:
    """Whether pytest collects a file as a module of tests without being told its name."""
    return path.suffix == ".py" and any(map(path.match, config.getini("python_files")))


def _resolve_argument(argument: str, config: pytest.Config) -> Path:
    name = argument.partition("::")[0]
    found = _find_module(name) if config.option.pyargs else None
    return (found or config.invocation_params.dir / name).resolve()


def _find_module(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except (AttributeError, ImportError, ValueError):  # it is a path, as pytest sees it
        return None
    if spec is None:
        return None
    places = [*(spec.submodule_search_locations or ()), spec.origin]
    return Path(places[0]) if places[0] else None


def _overlaps(path: Path, folders: Collection[Path]) -> bool:
    return is_within(path, folders) or any(path in folder.parents for folder in folders)


def _test_files(parent: Path, folders: Collection[Path], config: pytest.Config) -> Iterator[Path]:
    """Find what pytest may collect, without an import; the worker sees what it does collect."""
    for path in sorted(parent.iterdir()):
        found = path.resolve()
        if not _overlaps(found, folders) or config.hook.pytest_ignore_collect(
            collection_path=path, config=config
        ):
            continue
        if path.is_dir():
            yield from _test_files(path, folders, config)
        elif is_test_file(path, config):
            yield found


def _keep_last_failed(plan: Plan, paths: list[Path], config: pytest.Config) -> Plan:
    """Leave out files without failures, as a worker without any runs all its tests on `--lf`."""
    if not config.getoption("lf", default=False):
        return plan
    cache: Any = config.cache
    failed = {
        (config.rootpath / name.partition("::")[0]).resolve()
        for name in cache.get("cache/lastfailed", {})
    }
    again = {str(path) for path in failed if path.exists() and is_within(path, paths)}
    if not again:
        return plan
    return replace(
        plan,
        files={file: words for file, words in plan.files.items() if file in again},
        other_arguments=plan.other_arguments if again.difference(plan.quadrant_files) else [],
    )
