"""Exceptions with a thousand others behind them."""

from __future__ import annotations

import pytest

from matrix.harness.error_chains import shorten_chain


def _chained(length: int) -> Exception:
    error = Exception("the first")
    for number in range(length):
        later = Exception(str(number))
        later.__context__ = error
        error = later
    return error


def _count(error: BaseException | None) -> int:
    number = 0
    while error is not None:
        number, error = number + 1, error.__cause__ or error.__context__
    return number


class _Group(Exception):
    """An exception group, which Python has since 3.11."""

    def __init__(self, *exceptions: BaseException) -> None:
        super().__init__()
        self.exceptions = exceptions


def test_a_chain_of_contexts_is_cut_after_those_that_are_read() -> None:
    error = _chained(3000)
    shorten_chain(error)
    assert _count(error) == 21


def test_a_short_chain_is_left_as_it_is() -> None:
    error = _chained(5)
    shorten_chain(error)
    assert _count(error) == 6


def test_a_context_is_cut_also_beside_a_cause() -> None:
    error = Exception()
    error.__cause__ = ValueError("the cause")
    error.__context__ = _chained(3000)
    shorten_chain(error)
    assert str(error.__cause__) == "the cause"
    assert _count(error.__context__) == 20


@pytest.mark.parametrize("around", [1, 2])
def test_the_exceptions_of_a_group_are_cut_and_those_of_a_group_in_it(around: int) -> None:
    inner = _chained(3000)
    error: Exception = inner
    for _ in range(around):
        error = _Group(ValueError(), error)
    shorten_chain(error)
    assert _count(inner) == 21 - around


def test_a_chain_that_is_a_cycle_ends() -> None:
    first, second = Exception(), Exception()
    first.__context__, second.__cause__ = second, first
    shorten_chain(first)
    assert first.__context__ is second
