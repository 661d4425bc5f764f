"""A process per test file, for plain pytest: each file in a pytest-xdist worker of its own.

A monkey patch cannot be un-imported, so files that need a patched and an unpatched library must
never share a process. Register it in the `conftest.py` above the folder that needs it:

    def pytest_configure(config):
        config.pluginmanager.register(OneFilePerWorker(Path(__file__).parent / "quadrants"))

Then `pytest -n N` starts a worker for each file, whatever N is. A worker collects and runs its own
file and no other, and N of them run tests at a time. Without xdist (`-n 0`, `--pdb`) a run may hold
one file of such a folder, and no second one.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .one_file_scheduler import OneFileScheduler

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = "one_file_arguments"
_INTERRUPTED = "keyboard-interrupt"


class OneFilePerWorker:
    """A plugin of pytest that gives each test file of a run a process of its own.

    It acts on runs that hold a file below `folder`, and then on all files of such a run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._arguments: dict[str, list[str]] = {}
        self._started: set[str] = set()
        self._scheduler: OneFileScheduler | None = None
        self._session: pytest.Session | None = None

    # xdist makes its session in a pytest_configure that comes last: what it reads is set by then.
    def pytest_configure(self, config: pytest.Config) -> None:
        """Plan a worker for each file; in a worker, leave nothing but its own file to collect."""
        given = getattr(config, "workerinput", None)
        if given is not None:
            config.args = given.get(_KEY, config.args)
        elif config.getoption("dist", "no") != "no" and not config.option.collectonly:
            self._plan(config)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember the session: xdist keeps the count of one worker's tests in it, not of all."""
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse to run several files in this process."""
        files = sorted({item.path for item in session.items})
        if (
            len(files) > 1
            and any(self._folder in file.parents for file in files)
            and not session.config.option.collectonly
        ):
            folder = _shown(self._folder, session.config)
            names = ", ".join(_shown(file, session.config) for file in files)
            raise pytest.UsageError(
                f"{names} would share this process, and each needs one of its own, as a patch"
                f" cannot be un-imported. Run them with `pytest -n auto {folder}`, or one file"
                " at a time."
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker which file is its own; one that replaces a crashed worker gets none."""
        file = getattr(node.gateway.spec, "one_file", None)
        if file is not None:
            node.workerinput[_KEY] = [] if file in self._started else self._arguments[file]
            self._started.add(file)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config) -> OneFileScheduler | None:
        """Hand each worker the tests that it collected."""
        if not self._arguments:
            return None
        at_once = min(
            config.option.numprocesses, config.option.maxprocesses or len(self._arguments)
        )
        self._scheduler = OneFileScheduler(set(self._arguments), at_once, self._count)
        return self._scheduler

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, report: pytest.TestReport, sched: object) -> None:
        """Say which tests were lost with the one that ended its worker."""
        if sched is self._scheduler and self._scheduler is not None:
            lost = self._scheduler.lost
            report.longrepr = f"{report.longrepr}\n{_not_run(lost)}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Report a worker that ended with no test to blame: else its file would just be missing."""
        file = getattr(node.gateway.spec, "one_file", None)
        if file is None or self._scheduler is None or error == _INTERRUPTED:
            return
        unsaid = (
            not self._scheduler.is_running(node)
            if error
            # Such as a test that does not exist: only a worker's own terminal would say so.
            else node.workeroutput["exitstatus"] == pytest.ExitCode.USAGE_ERROR
        )
        if node.workerinput[_KEY] and unsaid:
            words = " ".join(self._arguments[file])
            how = "crashed" if error else f"ended with {node.workeroutput['exitstatus']}"
            nodeid = _shown(Path(file), node.config)
            node.config.hook.pytest_collectreport(
                report=pytest.CollectReport(
                    nodeid,
                    "failed",
                    f"The worker of {nodeid} {how} outside of any test: `pytest -n 0 {words}`"
                    " shows more.",
                    [],
                )
            )

    def _plan(self, config: pytest.Config) -> None:
        arguments = _by_file(config)
        if not any(self._folder in Path(file).parents for file in arguments):
            return
        if not config.option.numprocesses:
            raise pytest.UsageError(
                f"--tx {' '.join(config.option.tx)} cannot give each file of"
                f" {_shown(self._folder, config)} a worker of its own: use -n instead."
            )
        self._arguments = arguments
        config.option.tx = [f"popen//one_file={file}" for file in arguments]
        if config.option.maxworkerrestart is None:
            # A crash costs its own file. More than that would end the run of the others.
            config.option.maxworkerrestart = str(len(arguments))
        if config.pluginmanager.hasplugin("_cov"):
            # With pytest-cov, a worker begins by deleting what those that have ended measured.
            given = config.invocation_params
            config.invocation_params = replace(given, args=("--cov-append", *given.args))

    def _count(self, tests: int) -> None:
        if self._session is not None:
            self._session.testscollected = tests


def _by_file(config: pytest.Config) -> dict[str, list[str]]:
    """Give the arguments that select something in each file, by the file's path."""
    found: dict[str, list[str]] = {}
    for argument in config.args:
        name, separator, rest = argument.partition("::")
        path = (config.invocation_params.dir / name).resolve()
        if not path.exists():
            raise pytest.UsageError(f"file or directory not found: {argument}")
        for file in _test_files(path, config) if path.is_dir() else [path]:
            found.setdefault(str(file), []).append(f"{file}{separator}{rest}")
    return _last_failed(found, config)


def _test_files(folder: Path, config: pytest.Config) -> Iterator[Path]:
    """Find what pytest would collect, without an import."""
    patterns = config.getini("python_files")
    ignored = config.hook.pytest_ignore_collect
    wanted = (
        path
        for path in sorted(folder.iterdir())
        if not ignored(collection_path=path, config=config)
    )
    for path in wanted:
        if path.is_dir():
            yield from _test_files(path, config)
        elif path.suffix == ".py" and any(fnmatch(path.name, pattern) for pattern in patterns):
            yield path


def _last_failed(found: dict[str, list[str]], config: pytest.Config) -> dict[str, list[str]]:
    """Leave out the files without a failure, which a worker alone would run whole on `--lf`."""
    if not config.getoption("lf", default=False):
        return found
    cache: Any = config.cache
    failed = {
        str((config.rootpath / name.partition("::")[0]).resolve())
        for name in cache.get("cache/lastfailed", {})
    }
    return {file: words for file, words in found.items() if file in failed} or found


def _not_run(tests: list[str]) -> str:
    if not tests:
        return "It was the last test of its file."
    return f"Lost with it, as its file is not run again ({len(tests)}): {', '.join(tests)}"


def _shown(path: Path, config: pytest.Config) -> str:
    try:
        return path.relative_to(config.rootpath.resolve()).as_posix()
    except ValueError:
        return str(path)
