"""The driver of a synchronous attempt: it does each step that the attempt asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, NamedTuple

if TYPE_CHECKING:
    from botocore_redirect.attempt.steps import Step, Steps


class Raised(NamedTuple):
    """The result of a step that raised an error."""

    error: BaseException


def run_attempt(attempt: Steps, perform: Callable[[Step], Any], results: list[Any]) -> Any:
    """Run an attempt and return its outcome.

    `results` holds the result of its first step, to send the request, which the caller has done.
    The list is emptied, and no frame keeps an error: errors hold frames, frames hold bodies, and a
    cycle of them would live until the garbage collector finds it.
    """
    next(attempt)
    while True:
        try:
            step = resume(attempt, results)
        except StopIteration as end:
            return end.value
        try:
            results.append(perform(step))
        except BaseException as error:  # noqa: BLE001  # the attempt restores what it has changed
            results.append(Raised(error))


def resume(attempt: Steps, results: list[Any]) -> Step:
    """Give an attempt the result of its last step, or raise it there; return the next step."""
    if isinstance(results[-1], Raised):
        return attempt.throw(results.pop().error)
    return attempt.send(results.pop())
