"""Where a run of pytest enters a quadrant and leaves it: around all fixtures of the file."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Callable

import pytest

from botocore_redirect.testing.quadrants.quadrant import Quadrant, quadrant
from botocore_redirect.testing.sandbox import session_sandbox

if TYPE_CHECKING:
    from collections.abc import Generator

    from _pytest.runner import CallInfo


class Guard:
    """A plugin of pytest that makes the process what the file of a test declares, and proves it.

    Before any fixture of the first test of the file is made, of whatever scope; and after all of
    them have ended, with those of the session if the file is the last of its process.
    """

    def __init__(
        self, declared: Callable[[pytest.Item], Quadrant | None], subject: str | None
    ) -> None:
        self._declared = declared
        self._subject = subject
        self._file = ""
        self._entered = ExitStack()
        self._error: BaseException | None = None

    # Not the first: pytest's own has decided by now whether the test is skipped.
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Enter the quadrant of a file with its first test that is not skipped."""
        try:
            declared = self._declared(item)
            if declared and self._file != _file(item):
                self._enter(declared, item)
        except Exception as error:
            self._error = error
            raise

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> Generator[None, Any, None]:
        """Leave it with the last test of the file."""
        outcome = yield
        if nextitem is None or _file(nextitem) != self._file:
            self._leave(outcome)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, None]:
        """Leave it where the run was ended in the midst of a file."""
        outcome = yield
        self._leave(outcome)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: CallInfo[None]) -> Generator[None, Any, None]:
        """Say what is wrong with the process, also where the test is expected to fail."""
        outcome = yield
        report: pytest.TestReport = outcome.get_result()
        if call.excinfo and call.excinfo.value is self._error:
            report.outcome = "failed"
            vars(report).pop("wasxfail", None)

    def _enter(self, declared: Quadrant, item: pytest.Item) -> None:
        with ExitStack() as entering:
            entering.enter_context(session_sandbox.entered(item.config))
            entering.enter_context(
                quadrant(
                    patched=declared.patched,
                    redirects=declared.redirects,
                    subject=self._subject,
                    name=_file(item),
                )
            )
            self._entered = entering.pop_all()
            self._file = _file(item)

    def _leave(self, outcome: Any) -> None:
        self._file = ""
        try:
            self._entered.pop_all().close()
        except BaseException as error:  # noqa: BLE001 - it is raised by who called the hook
            error.__cause__ = outcome.excinfo[1] if outcome.excinfo else None
            self._error = error
            outcome.force_exception(error)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
