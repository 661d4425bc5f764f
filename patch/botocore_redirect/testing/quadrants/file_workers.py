"""A process per test file, for plain pytest: each file in a pytest-xdist worker of its own.

A monkey patch cannot be un-imported, so files that need a patched and an unpatched library must
never share a process. `pytest -n N` starts a worker for each file of the folders that pytest's
configuration names as `quadrants`; it collects and runs that file and no other. Ordinary workers
run all other files, and start first. There are never more than N workers at a time. Without xdist
(`-n 0`, `--pdb`) a run may hold one file of such a folder, and no second one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing.quadrants.fork_server import NotNeutral
from botocore_redirect.testing.quadrants.launchers import Launcher
from botocore_redirect.testing.quadrants.plan import is_test_file, is_within, plan_run
from botocore_redirect.testing.quadrants.scheduler import OneFileScheduler
from botocore_redirect.testing.quadrants.workers import (
    WORKERINPUT_KEY,
    Workers,
    assigned_file,
    is_ignored,
)

if TYPE_CHECKING:
    from collections.abc import Generator

# What xdist itself allows for each ordinary worker.
_RESTARTS = 4


class OneFilePerWorker:
    """A plugin of pytest that gives each test file of some folders a process of its own.

    Runs without a file of these folders are left alone.
    """

    def __init__(
        self, *folders: Path, first: Collection[str] = (), launcher: Launcher | None = None
    ) -> None:
        self._folders = [folder.resolve() for folder in folders]
        self._first = first
        self._launcher = launcher or Launcher()
        self._python = ""
        self._workers: Workers | None = None
        self._assignment: dict[str, Any] | None = None
        self._scheduler: OneFileScheduler | None = None
        self._session: Any = None
        self._ended_nodes: list[Any] = []
        self._reported: set[str] = set()

    # xdist makes its session in a pytest_configure that comes last: what it reads is set by then.
    def pytest_configure(self, config: pytest.Config) -> None:
        """Plan which worker collects what; in a worker, collect what the controller assigned."""
        worker_input = getattr(config, "workerinput", None)
        if worker_input is not None:
            self._assignment = worker_input.get(WORKERINPUT_KEY)
            config.args = self._assignment["arguments"] if self._assignment else config.args
        elif (
            self._folders
            and config.getoption("dist", "no") != "no"
            and not config.option.collectonly
        ):
            self._plan_workers(config)

    def pytest_report_header(self) -> str | None:
        """Say whether the workers of files are forked."""
        return f"quadrants: workers are {self._launcher.description}" if self._workers else None

    def pytest_unconfigure(self) -> None:
        """Stop the server that workers are forked from, if there is one."""
        self._launcher.stop()

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Ignore what is assigned to another worker."""
        return True if self._assignment and is_ignored(collection_path, self._assignment) else None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember the session: xdist keeps the count of one worker's tests in it, not of all."""
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse to run a file of the folders and another one in this process."""
        files = sorted({item.path for item in session.items})
        if (
            len(files) > 1
            and any(is_quadrant_file(file, session, self._folders) for file in files)
            and not session.config.option.collectonly
        ):
            folders = " ".join(_display_path(folder, session.config) for folder in self._folders)
            names = ", ".join(_display_path(file, session.config) for file in files)
            raise pytest.UsageError(
                f"{names} would share this process, and each needs one of its own, as a patch"
                f" cannot be un-imported. Run them with `pytest -n auto {folders}`, or one file"
                " at a time."
            )

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, None]:
        """Report the files that no worker ran, unless an error that ends the run does so."""
        outcome = yield
        if self._workers and outcome.excinfo is None:
            for file in self._workers.waiting:
                what = _display_path(Path(file), session.config)
                self._report_failure(
                    session.config, what, f"{what} was not run: no worker began with it."
                )

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Assign to a worker what it collects; a replacement gets the next file."""
        if self._workers:
            self._workers.begin(node, run_ends=_is_run_ending(node))

    @pytest.hookimpl(optionalhook=True, hookwrapper=True, tryfirst=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config) -> Generator[None, Any, None]:
        """Hand each worker of a file its tests; xdist's own scheduler has the ordinary workers."""
        if not self._workers:
            yield
            return
        if self._workers.ordinary_count:  # for how many collections it waits
            config.option.tx = ["popen"] * self._workers.ordinary_count
        outcome = yield
        plain = outcome.get_result() if self._workers.ordinary_count else None
        self._scheduler = OneFileScheduler(self._workers, plain, self._set_test_count)
        outcome.force_result(self._scheduler)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, report: Any) -> None:
        """List the tests that do not run because a test before them crashed their worker."""
        if self._scheduler and assigned_file(report.node):
            report.when = "call"  # else JUnit's report takes it for an error of the set-up
            report.longrepr = (
                f"{report.longrepr}\n{_describe_lost_tests(self._scheduler.lost_tests)}"
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodeready(self) -> None:
        """End the processes of workers that are done, which would last as long as the run."""
        for node in self._ended_nodes:
            if node.channel.isclosed():
                node.gateway.exit()
        self._ended_nodes = [node for node in self._ended_nodes if not node.channel.isclosed()]

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Start a worker for the next file, and report a worker that ended outside of any test."""
        if not (self._workers and self._scheduler):
            return
        run_ends = _is_run_ending(node)
        may_replace = self._scheduler.record_end(node)
        self._workers.end(node, is_replaced=may_replace and bool(error))
        if not error:
            self._ended_nodes.append(node)
        if run_ends:
            return
        self._report_silent_end(node, error)
        # xdist itself replaces one that crashed.
        for _ in range(self._workers.startable - bool(error)):
            node.gateway.spec.python = self._python or None
            _get_xdist_session(node.config)._clone_node(node)  # noqa: SLF001 - as after a crash

    def _report_silent_end(self, node: Any, error: object) -> None:
        """Report a worker that ended without a report: its files would be missing in silence."""
        is_unreported = (
            self._scheduler is not None and not self._scheduler.has_begun(node)
            if error
            # Such as a test that does not exist.
            else node.workeroutput["exitstatus"] == pytest.ExitCode.USAGE_ERROR
        )
        arguments = node.workerinput[WORKERINPUT_KEY]["arguments"]
        if not (is_unreported and arguments):
            return
        file = assigned_file(node)
        folders = [f"--ignore={_display_path(folder, node.config)}" for folder in self._folders]
        words = " ".join(arguments if file else [*arguments, *folders])
        what = _display_path(Path(file), node.config) if file else " ".join(arguments)
        how = "crashed" if error else f"ended with {node.workeroutput['exitstatus']}"
        message = (
            f"The worker of {what} {how} outside of any test: `pytest -n 0 {words}` shows more."
        )
        if message not in self._reported:  # each ordinary worker ends with the same message
            self._reported.add(message)
            self._report_failure(node.config, what, message)

    def _plan_workers(self, config: pytest.Config) -> None:
        plan = plan_run(config, self._folders, self._first)
        if not plan:
            return
        option = config.option
        if not option.numprocesses:
            folders = ", ".join(_display_path(folder, config) for folder in self._folders)
            raise pytest.UsageError(
                f"--tx {' '.join(option.tx)} cannot give each file of {folders} a worker of its"
                " own: use -n instead."
            )
        at_once = min(option.numprocesses, option.maxprocesses or option.numprocesses)
        self._workers = Workers(plan, at_once)
        ordinary = self._workers.ordinary_count
        try:
            self._python = self._launcher.start(len(plan.files))
        except NotNeutral as error:
            raise pytest.UsageError(str(error)) from error
        of_files = f"popen//python={self._python}" if self._python else "popen"
        others = min(at_once, ordinary) if plan.reaches_outside else 0
        option.tx = ["popen"] * others + [of_files] * (self._workers.startable - others)
        if option.maxworkerrestart is None:
            # A crash costs its own file. More than that would end the run of the others.
            option.maxworkerrestart = str(len(plan.files) + _RESTARTS * ordinary)
        if config.pluginmanager.hasplugin("_cov"):
            # With pytest-cov, a worker begins by deleting what those that have ended measured.
            params = config.invocation_params
            config.invocation_params = replace(params, args=("--cov-append", *params.args))

    @staticmethod
    def _report_failure(config: pytest.Config, node_id: str, message: str) -> None:
        report = pytest.CollectReport(node_id, "failed", message, [])
        config.hook.pytest_collectreport(report=report)

    def _set_test_count(self, tests: int) -> None:
        self._session.testscollected = tests


def is_quadrant_file(path: Path, session: pytest.Session, folders: list[Path]) -> bool:
    """Whether a file that is collected is one of these folders, as a module of tests."""
    return is_within(path.resolve(), folders) and (
        is_test_file(path, session.config) or (path.suffix == ".py" and session.isinitpath(path))
    )


def _get_xdist_session(config: pytest.Config) -> Any:
    return config.pluginmanager.get_plugin("dsession")


def _is_run_ending(node: Any) -> bool:
    """Whether xdist ends the run, or will when it has read how this worker ended."""
    session = _get_xdist_session(node.config)
    ended = getattr(node, "workeroutput", {})
    return bool(
        session.shuttingdown
        or getattr(session, "shouldstop", False)
        or ended.get("shouldfail")
        or ended.get("shouldstop")
        or ended.get("exitstatus") == pytest.ExitCode.INTERRUPTED
    )


def _describe_lost_tests(tests: list[str]) -> str:
    if not tests:
        return "It was the last test of its file."
    return f"Lost with it, as its file is not run again ({len(tests)}): {', '.join(tests)}"


def _display_path(path: Path, config: pytest.Config) -> str:
    try:
        return path.relative_to(config.rootpath.resolve()).as_posix()
    except ValueError:
        return str(path)
