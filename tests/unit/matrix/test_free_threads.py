"""Whether a free-threaded Python has the GIL after all."""

from __future__ import annotations

import sys
import sysconfig

import pytest

from matrix.harness import free_threads


@pytest.mark.parametrize(
    ("is_free_threaded", "has_gil", "is_fine"),
    [(0, True, True), (1, False, True), (1, True, False)],
)
def test_a_free_threaded_python_must_not_have_the_gil(
    monkeypatch: pytest.MonkeyPatch, is_free_threaded: int, *, has_gil: bool, is_fine: bool
) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", lambda _: is_free_threaded)
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: has_gil, raising=False)
    if is_fine:
        free_threads.check()
    else:
        with pytest.raises(AssertionError, match="has enabled the GIL"):
            free_threads.check()
