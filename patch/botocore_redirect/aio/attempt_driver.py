"""The driver of an asynchronous attempt: it awaits each step that the attempt asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from botocore_redirect.hooks.attempt_driver import Raised, resume

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from botocore_redirect.attempt.steps import Step, Steps


async def run_attempt(
    attempt: Steps, perform: Callable[[Step], Awaitable[Any]], results: list[Any]
) -> Any:
    """Run an attempt as `hooks.attempt_driver.run_attempt` does.

    A cancellation is thrown into the attempt like any error, so that it restores what it has
    changed while the task is still the current one.
    """
    next(attempt)
    while True:
        try:
            step = resume(attempt, results)
        except StopIteration as end:
            return end.value
        try:
            results.append(await perform(step))
        except BaseException as error:  # noqa: BLE001  # a cancellation, too
            results.append(Raised(error))
