"""The sandbox of a run of pytest: all its users share it, and the last one to end leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from botocore_redirect.testing.sandbox import environment
from botocore_redirect.testing.sandbox.refused_calls import RefusedCall


class _SharedSandbox:
    def __init__(self) -> None:
        self.refused: list[RefusedCall] = []
        self._users = 0
        self._sandbox = ExitStack()

    @contextmanager
    def use(self) -> Iterator[list[RefusedCall]]:
        if not self._users:
            self.refused = self._sandbox.enter_context(environment.aws_sandbox())
        self._users += 1
        try:
            yield self.refused
        finally:
            self._users -= 1
            if not self._users:
                self._sandbox.close()


_SHARED = pytest.StashKey[_SharedSandbox]()


@contextmanager
def entered(config: pytest.Config) -> Iterator[list[RefusedCall]]:
    """Enter the sandbox of this run; give the list of refused calls."""
    with config.stash.setdefault(_SHARED, _SharedSandbox()).use() as refused:
        yield refused


def unreported(config: pytest.Config) -> list[RefusedCall]:
    """Return the list of refused calls that no report has shown yet."""
    return config.stash.setdefault(_SHARED, _SharedSandbox()).refused
