"""In which ways an operation is called: by which client, and what the endpoint answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inert import answers, clients

_RETRIED_EVERY = 10
#: What a client does with the endpoint that it chooses itself.
_BY_DEFAULT = (answers.OK, answers.REDIRECT)


class Way(NamedTuple):
    """One call of an operation: how it is named, the kind of client, and the answer."""

    label: str
    kind: str
    answer: str


def of(operation: Any, number: int, *, first: bool, followed: bool, patched: bool) -> Iterator[Way]:
    """List the ways of the operation at that place among those of its service.

    The first one is called in the most ways. One that sends a stream is retried wherever it is,
    as the patch may have a hand in how its body is sent again.
    """
    streams = operation.has_streaming_input
    yield from (Way(answer, clients.ONCE, answer) for answer in answers.ALWAYS)
    # Following it opens connections, which must not be those of the others.
    yield Way(answers.REDIRECT, clients.ELSEWHERE, answers.REDIRECT)
    for answer in _BY_DEFAULT:
        yield Way(f"{answer}, {clients.DEFAULT}", clients.DEFAULT, answer)
    if first or streams:
        yield from _retried(clients.known_retries(), answers.RETRIED)
    elif number % _RETRIED_EVERY == 0:
        yield from _retried(_usual(), answers.RETRIED)
    if first:
        yield from _retried(clients.known_retries(), answers.THROTTLED)
        for answer in (answers.CLOSED, answers.BROKEN):
            yield Way(answer, clients.ONCE, answer)
            yield Way(f"{answer}, {clients.LEGACY}", clients.LEGACY, answer)
        yield from (
            Way(f"{each}, {clients.LEGACY}", clients.LEGACY, each) for each in answers.ERRORS
        )
        yield Way(answers.UNTRUSTED, clients.VERIFYING, answers.UNTRUSTED)
        # What is done with 303 depends on the method, where redirects are followed.
        redirects = answers.REDIRECTS if followed else (*answers.REDIRECTS, answers.SEE_OTHER)
        yield from (Way(each, clients.ELSEWHERE, each) for each in redirects)
    if followed and streams:
        # Two calls of one client, which has made none before them.
        kind = f"{clients.ONCE} for {operation.name}"
        yield Way(answers.EARLY, kind, answers.EARLY)
        if patched:  # stock botocore may hang there
            yield Way(answers.AFTER_EARLY, kind, answers.AFTER_EARLY)
    if followed and (first or streams):
        for kind in _usual():
            label = f"{answers.AGAIN}, {kind}"
            yield Way(label, f"{clients.ELSEWHERE}, {kind}", answers.AGAIN)


def _retried(kinds: tuple[str, ...], answer: str) -> Iterator[Way]:
    yield from (Way(f"{answer}, {kind}", kind, answer) for kind in kinds)


def _usual() -> tuple[str, ...]:
    """Name standard mode, where botocore has it."""
    known = clients.known_retries()
    return (clients.STANDARD if clients.STANDARD in known else clients.LEGACY,)
