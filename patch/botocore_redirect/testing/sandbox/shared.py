"""The sandbox of a run of pytest: one for all who ask for it, whoever of them ends first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from botocore_redirect.testing.sandbox import environment
from botocore_redirect.testing.sandbox.refused_calls import Refusal


class _Shared:
    def __init__(self) -> None:
        self.refused: list[Refusal] = []
        self._users = 0
        self._entered = ExitStack()

    @contextmanager
    def used(self) -> Iterator[list[Refusal]]:
        if not self._users:
            self.refused = self._entered.enter_context(environment.aws_sandbox())
        self._users += 1
        try:
            yield self.refused
        finally:
            self._users -= 1
            if not self._users:
                self._entered.close()


_SHARED = pytest.StashKey[_Shared]()


@contextmanager
def entered(config: pytest.Config) -> Iterator[list[Refusal]]:
    """Be in the sandbox, which its last user leaves; what is given lists the refusals."""
    with config.stash.setdefault(_SHARED, _Shared()).used() as refused:
        yield refused


def refused(config: pytest.Config) -> list[Refusal]:
    """Give what was refused in this run and not told yet."""
    return config.stash.setdefault(_SHARED, _Shared()).refused
