"""The variants in which an operation is called: with which client and which answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inert.calls import answers, clients

_RETRIED_EVERY = 10


class Variant(NamedTuple):
    """One call of an operation: its label, the kind of client, and the answer."""

    label: str
    client: str
    answer: str


def list_variants(
    operation: Any, number: int, *, first: bool, followed: bool, patched: bool
) -> Iterator[Variant]:
    """List the variants of an operation, by its number among the operations of its service.

    The first operation has the most variants. Uploads of streams are always retried, as the patch
    takes part in sending their bodies again.
    """
    streams = operation.has_streaming_input
    yield from (Variant(answer, clients.ONCE, answer) for answer in answers.ALWAYS)
    # A client of its own: a followed redirect opens connections.
    yield Variant(answers.REDIRECT, clients.REDIRECTED, answers.REDIRECT)
    for answer in (answers.OK, answers.REDIRECT):
        yield Variant(f"{answer}, {clients.DEFAULT}", clients.DEFAULT, answer)
    if first or streams:
        yield from _retried(clients.retry_modes(), answers.RETRIED)
    elif number % _RETRIED_EVERY == 0:
        yield from _retried(_usual_mode(), answers.RETRIED)
    if first:
        yield from _of_the_first(followed=followed)
    if followed and streams:
        # Two calls of a new client.
        client = f"{clients.ONCE} for {operation.name}"
        yield Variant(answers.EARLY, client, answers.EARLY)
        if patched:  # stock botocore may hang there
            yield Variant(answers.AFTER_EARLY, client, answers.AFTER_EARLY)
    if followed and (first or streams):
        for mode in _usual_mode():
            label = f"{answers.AGAIN}, {mode}"
            yield Variant(label, f"{clients.REDIRECTED}, {mode}", answers.AGAIN)


def _of_the_first(*, followed: bool) -> Iterator[Variant]:
    yield from _retried(clients.retry_modes(), answers.THROTTLED)
    for answer in (answers.CLOSED, answers.BROKEN):
        yield Variant(answer, clients.ONCE, answer)
        yield from _retried((clients.LEGACY,), answer)
    for answer in answers.ERRORS:
        yield from _retried((clients.LEGACY,), answer)
    yield Variant(answers.UNTRUSTED, clients.VERIFYING, answers.UNTRUSTED)
    # Where redirects are followed, a 303 depends on the method.
    redirects = answers.REDIRECTS if followed else (*answers.REDIRECTS, answers.SEE_OTHER)
    yield from (Variant(each, clients.REDIRECTED, each) for each in redirects)


def _retried(modes: tuple[str, ...], answer: str) -> Iterator[Variant]:
    yield from (Variant(f"{answer}, {mode}", mode, answer) for mode in modes)


def _usual_mode() -> tuple[str, ...]:
    """Return standard mode, if this botocore has it."""
    known = clients.retry_modes()
    return (clients.STANDARD if clients.STANDARD in known else clients.LEGACY,)
