"""A process per test file, for plain pytest: each file in a pytest-xdist worker of its own.

A monkey patch cannot be un-imported, so files that need a patched and an unpatched library must
never share a process. `pytest -n N` starts a worker for each file of the folders that pytest's
configuration names as `quadrants`; it collects and runs that file and no other. Whatever else was
asked for is for ordinary workers, which begin. There are never more than N workers at a time.
Without xdist (`-n 0`, `--pdb`) a run may hold one file of such a folder, and no second one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing.quadrants.fork_server import NotNeutral
from botocore_redirect.testing.quadrants.plan import is_test_file, is_within, plan
from botocore_redirect.testing.quadrants.programs import Program
from botocore_redirect.testing.quadrants.scheduler import OneFileScheduler
from botocore_redirect.testing.quadrants.workers import KEY, Workers, file_of, is_ignored

if TYPE_CHECKING:
    from collections.abc import Generator

# What xdist itself allows for each ordinary worker.
_RESTARTS = 4


class OneFilePerWorker:
    """A plugin of pytest that gives each test file of some folders a process of its own.

    Runs without a file of these folders are left alone.
    """

    def __init__(
        self, *folders: Path, first: Collection[str] = (), program: Program | None = None
    ) -> None:
        self._folders = [folder.resolve() for folder in folders]
        self._first = first
        self._program = program or Program()
        self._python = ""
        self._workers: Workers | None = None
        self._given: dict[str, Any] | None = None
        self._scheduler: OneFileScheduler | None = None
        self._session: Any = None
        self._ended: list[Any] = []
        self._said: set[str] = set()

    # xdist makes its session in a pytest_configure that comes last: what it reads is set by then.
    def pytest_configure(self, config: pytest.Config) -> None:
        """Plan who collects what; in a worker, collect what it was told."""
        given = getattr(config, "workerinput", None)
        if given is not None:
            self._given = given.get(KEY)
            config.args = self._given["arguments"] if self._given else config.args
        elif (
            self._folders
            and config.getoption("dist", "no") != "no"
            and not config.option.collectonly
        ):
            self._plan(config)

    def pytest_report_header(self) -> str | None:
        """Say which program the workers of files are."""
        return f"quadrants: workers are {self._program.name}" if self._workers else None

    def pytest_unconfigure(self) -> None:
        """End what the workers were started with."""
        self._program.stop()

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave to each worker what is its own."""
        return True if self._given and is_ignored(collection_path, self._given) else None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember the session: xdist keeps the count of one worker's tests in it, not of all."""
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse to run a file of the folders and another one in this process."""
        files = sorted({item.path for item in session.items})
        if (
            len(files) > 1
            and any(is_one_file(file, session, self._folders) for file in files)
            and not session.config.option.collectonly
        ):
            folders = " ".join(_shown(folder, session.config) for folder in self._folders)
            names = ", ".join(_shown(file, session.config) for file in files)
            raise pytest.UsageError(
                f"{names} would share this process, and each needs one of its own, as a patch"
                f" cannot be un-imported. Run them with `pytest -n auto {folders}`, or one file"
                " at a time."
            )

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, None]:
        """Report the files that had no turn, where nothing else says that the run ended early."""
        outcome = yield
        if self._workers and outcome.excinfo is None:
            for file in self._workers.waiting:
                what = _shown(Path(file), session.config)
                self._fail(session.config, what, f"{what} was not run: no worker began with it.")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker what it collects; one that replaces a crashed worker gets what is next."""
        if self._workers:
            self._workers.begin(node, to_end=_is_to_end(node))

    @pytest.hookimpl(optionalhook=True, hookwrapper=True, tryfirst=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config) -> Generator[None, Any, None]:
        """Hand each worker of a file its tests; xdist's own scheduler has the ordinary workers."""
        if not self._workers:
            yield
            return
        if self._workers.ordinary:  # for how many collections it waits
            config.option.tx = ["popen"] * self._workers.ordinary
        outcome = yield
        plain = outcome.get_result() if self._workers.ordinary else None
        self._scheduler = OneFileScheduler(self._workers, plain, self._count)
        outcome.force_result(self._scheduler)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, report: Any) -> None:
        """Say which tests were lost with the one that ended its worker."""
        if self._scheduler and file_of(report.node):
            report.when = "call"  # else JUnit's report takes it for an error of the set-up
            report.longrepr = f"{report.longrepr}\n{_not_run(self._scheduler.lost)}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodeready(self) -> None:
        """End the processes of workers that have ended, else they would last as long as the run."""
        for node in self._ended:
            if node.channel.isclosed():
                node.gateway.exit()
        self._ended = [node for node in self._ended if not node.channel.isclosed()]

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Start a worker for the next file, and report a worker that ended outside of any test."""
        if not (self._workers and self._scheduler):
            return
        to_end = _is_to_end(node)
        may_replace = self._scheduler.know_end(node)
        self._workers.end(node, is_replaced=may_replace and bool(error))
        if not error:
            self._ended.append(node)
        if to_end:
            return
        self._report(node, error)
        # xdist itself replaces one that crashed.
        for _ in range(self._workers.startable - bool(error)):
            node.gateway.spec.python = self._python or None
            _session_of(node.config)._clone_node(node)  # noqa: SLF001 - as after a crash

    def _report(self, node: Any, error: object) -> None:
        """Report what only the worker's own terminal would say: else its files would be missing."""
        unsaid = (
            self._scheduler is not None and not self._scheduler.has_begun(node)
            if error
            # Such as a test that does not exist.
            else node.workeroutput["exitstatus"] == pytest.ExitCode.USAGE_ERROR
        )
        arguments = node.workerinput[KEY]["arguments"]
        if not (unsaid and arguments):
            return
        file = file_of(node)
        folders = [f"--ignore={_shown(folder, node.config)}" for folder in self._folders]
        words = " ".join(arguments if file else [*arguments, *folders])
        what = _shown(Path(file), node.config) if file else " ".join(arguments)
        how = "crashed" if error else f"ended with {node.workeroutput['exitstatus']}"
        said = f"The worker of {what} {how} outside of any test: `pytest -n 0 {words}` shows more."
        if said not in self._said:  # each ordinary worker has the same to say
            self._said.add(said)
            self._fail(node.config, what, said)

    def _plan(self, config: pytest.Config) -> None:
        asked = plan(config, self._folders, self._first)
        if not asked:
            return
        option = config.option
        if not option.numprocesses:
            folders = ", ".join(_shown(folder, config) for folder in self._folders)
            raise pytest.UsageError(
                f"--tx {' '.join(option.tx)} cannot give each file of {folders} a worker of its"
                " own: use -n instead."
            )
        at_once = min(option.numprocesses, option.maxprocesses or option.numprocesses)
        self._workers = Workers(asked, at_once)
        ordinary = self._workers.ordinary
        try:
            self._python = self._program.start(len(asked.files))
        except NotNeutral as error:
            raise pytest.UsageError(str(error)) from error
        of_files = f"popen//python={self._python}" if self._python else "popen"
        others = min(at_once, ordinary) if asked.beyond else 0
        option.tx = ["popen"] * others + [of_files] * (self._workers.startable - others)
        if option.maxworkerrestart is None:
            # A crash costs its own file. More than that would end the run of the others.
            option.maxworkerrestart = str(len(asked.files) + _RESTARTS * ordinary)
        if config.pluginmanager.hasplugin("_cov"):
            # With pytest-cov, a worker begins by deleting what those that have ended measured.
            given = config.invocation_params
            config.invocation_params = replace(given, args=("--cov-append", *given.args))

    @staticmethod
    def _fail(config: pytest.Config, what: str, said: str) -> None:
        report = pytest.CollectReport(what, "failed", said, [])
        config.hook.pytest_collectreport(report=report)

    def _count(self, tests: int) -> None:
        self._session.testscollected = tests


def is_one_file(path: Path, session: pytest.Session, folders: list[Path]) -> bool:
    """Whether a file that is collected is one of these folders, as a module of tests."""
    return is_within(path.resolve(), folders) and (
        is_test_file(path, session.config) or (path.suffix == ".py" and session.isinitpath(path))
    )


def _session_of(config: pytest.Config) -> Any:
    return config.pluginmanager.get_plugin("dsession")


def _is_to_end(node: Any) -> bool:
    """Whether xdist ends the run, or will when it has read how this worker ended."""
    session = _session_of(node.config)
    ended = getattr(node, "workeroutput", {})
    return bool(
        session.shuttingdown
        or getattr(session, "shouldstop", False)
        or ended.get("shouldfail")
        or ended.get("shouldstop")
        or ended.get("exitstatus") == pytest.ExitCode.INTERRUPTED
    )


def _not_run(tests: list[str]) -> str:
    if not tests:
        return "It was the last test of its file."
    return f"Lost with it, as its file is not run again ({len(tests)}): {', '.join(tests)}"


def _shown(path: Path, config: pytest.Config) -> str:
    try:
        return path.relative_to(config.rootpath.resolve()).as_posix()
    except ValueError:
        return str(path)
