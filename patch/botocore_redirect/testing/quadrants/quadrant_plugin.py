"""A plugin of pytest that enters the quadrant of a file, and leaves it after all its fixtures."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Callable

import pytest

from botocore_redirect.testing.quadrants.quadrant import Quadrant, quadrant
from botocore_redirect.testing.sandbox import session_sandbox

if TYPE_CHECKING:
    from collections.abc import Generator

    from _pytest.runner import CallInfo


class QuadrantPlugin:
    """Bring the process into the quadrant that the file of a test declares, and prove it.

    The proofs come before the first fixture of the file, of whatever scope, and after the last one
    has ended. If the file is the last of its process, that includes the fixtures of the session.
    """

    def __init__(
        self, quadrant_of: Callable[[pytest.Item], Quadrant | None], subject: str | None
    ) -> None:
        self._quadrant_of = quadrant_of
        self._subject = subject
        self._current_file = ""
        self._exit_stack = ExitStack()
        self._error: BaseException | None = None

    # Not the first: pytest's own has decided by now whether the test is skipped.
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Enter the quadrant of a file with its first test that is not skipped."""
        try:
            declared = self._quadrant_of(item)
            if declared and self._current_file != _file_of(item):
                self._enter(declared, item)
        except Exception as error:
            self._error = error
            raise

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> Generator[None, Any, None]:
        """Leave the quadrant after the last test of the file."""
        outcome = yield
        if nextitem is None or _file_of(nextitem) != self._current_file:
            self._leave(outcome)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, None]:
        """Leave the quadrant if the run ended before the last test of the file."""
        outcome = yield
        self._leave(outcome)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: CallInfo[None]) -> Generator[None, Any, None]:
        """Report an error of the quadrant even for a test that is expected to fail."""
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
                    name=_file_of(item),
                )
            )
            self._exit_stack = entering.pop_all()
            self._current_file = _file_of(item)

    def _leave(self, outcome: Any) -> None:
        self._current_file = ""
        try:
            self._exit_stack.pop_all().close()
        except BaseException as error:  # noqa: BLE001 - it is raised by who called the hook
            error.__cause__ = outcome.excinfo[1] if outcome.excinfo else None
            self._error = error
            outcome.force_exception(error)


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
