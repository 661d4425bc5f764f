"""What is measured of the processes that these tests start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

_MEASURED_ELSEWHERE = ("inert/", "testing/test_page", "workers/test_ides")


@pytest.fixture(autouse=True)
def _same_words_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide a CI from the runs that a test starts: pytest's summary says more there."""
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module", autouse=True)
def _unmeasured(request: pytest.FixtureRequest) -> Iterator[None]:
    """Spare the processes of some files: coverage takes a third more, and finds no new line."""
    with pytest.MonkeyPatch.context() as patched:
        if any(part in request.path.as_posix() for part in _MEASURED_ELSEWHERE):
            patched.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
