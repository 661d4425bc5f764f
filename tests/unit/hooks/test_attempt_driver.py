"""The driver of an attempt: what it hands over, and what it does not keep."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from botocore_redirect.attempt.steps import Send, Steps
from botocore_redirect.hooks.attempt_driver import Raised, run_attempt


class Broken(Exception):
    """A connection that broke."""


def attempt(sent: list[Any]) -> Steps:
    """Send twice; note the result of each, or the error that it raised."""
    yield from note(Send(0, None), sent)
    yield from note(Send(1, None), sent)
    return "outcome"


def note(step: Send, sent: list[Any]) -> Steps:
    """Take a step, and note its result or the class of its error."""
    try:
        sent.append((yield step))
    except Broken as error:
        sent.append(type(error))


def perform(step: Any) -> Any:
    raise Broken(step.request)


def test_the_first_step_has_the_result_that_the_caller_got_for_it() -> None:
    for result, expected in (("answer", "answer"), (Raised(Broken()), Broken)):
        sent: list[Any] = []
        assert run_attempt(attempt(sent), perform, [result]) == "outcome"
        assert sent == [expected, Broken]


def reraise() -> Steps:
    yield Send(0, None)
    yield Send(1, None)


@pytest.mark.parametrize("results", [["answer"], [Raised(Broken())]], ids=["later", "first"])
def test_an_error_is_freed_with_the_call_that_it_ended(results: list[Any]) -> None:
    gc.disable()
    try:
        with pytest.raises(Broken) as raised:
            run_attempt(reraise(), perform, results)
        reference = weakref.ref(raised.value)
        del raised
        assert reference() is None
    finally:
        gc.enable()
