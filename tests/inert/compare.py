"""Compare what came of a service on both sides."""

from __future__ import annotations

from dataclasses import dataclass, field

from inert.answers import (
    AFTER_EARLY,
    EARLY,
    FOLLOWED,
    OK,
    REDIRECT,
    THROTTLED,
    TRIED_TWICE,
    UNTRUSTED,
)
from inert.clients import ADAPTIVE, DEFAULT
from inert.diff import diff
from inert.following import Following, unlike_anew
from inert.known import is_known
from inert.outcome import Outcome
from inert.worker import Service


@dataclass(frozen=True)
class Difference:
    """Where the sides differ, and how."""

    where: str
    how: str

    def __str__(self) -> str:
        """Write it down, below its place."""
        return f"{self.where}\n" + "\n".join(f"    {line}" for line in self.how.splitlines())


@dataclass
class Compared:
    """What was found, of one service or of all."""

    services: int = 0
    operations: int = 0
    comparisons: int = 0
    followed: int = 0
    #: Operations that never reached the wire, and answers of 200 that were not understood; with a
    #: reason that is known.
    unsent: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    #: What was the same on both sides, perhaps, but did not show what it should.
    unproven: dict[str, str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Compared) -> None:
        """Put what was found elsewhere to what was found."""
        self.services += other.services
        self.operations += other.operations
        self.comparisons += other.comparisons
        self.followed += other.followed
        self.unsent.update(other.unsent)
        self.unread.update(other.unread)
        self.unproven.update(other.unproven)
        self.differences += other.differences


def compare(stock: Service, patched: Service, *, followed: bool) -> Compared:
    """Compare a service; where its redirects are followed, see that they were."""
    found = Compared(services=1, operations=len(stock.outcomes))
    differ = found.differences.append
    if stock.problem or patched.problem:
        found.unproven[stock.name] = f"no client: {stock.problem or patched.problem}"
        if stock.problem != patched.problem:
            how = diff(stock.problem, patched.problem)
            differ(Difference(f"{stock.name}: the making of the client", how))
        return found
    if stock.handlers != patched.handlers:
        how = diff("\n".join(stock.handlers), "\n".join(patched.handlers))
        differ(Difference(f"{stock.name}: the event handlers of the client", how))
    following = Following() if followed else None
    for name in sorted({*stock.outcomes, *patched.outcomes}):
        where = f"{stock.name}.{name}"
        here, there = stock.outcomes.get(name, {}), patched.outcomes.get(name, {})
        for answer in [*here, *(answer for answer in there if answer not in here)]:
            found.comparisons += 1
            for side in (here, there):
                _judge(found, where, answer, side.get(answer))
            how = _unlike(answer, here, there, following)
            if how:
                differ(Difference(f"{where}/{answer}", how))
            elif followed and _redirects(answer):
                found.followed += bool(there[answer].requests)
    if (
        followed
        and not found.followed
        and any(REDIRECT in each for each in stock.outcomes.values())
    ):
        found.unproven[stock.name] = "none of its redirects was followed"
    return found


def _unlike(
    answer: str, here: dict[str, Outcome], there: dict[str, Outcome], following: Following | None
) -> str:
    """Say how the patched side's outcome differs from what it has to be."""
    if following and answer in there:
        if _redirects(answer):
            return following.unlike(answer, there)
        if answer == AFTER_EARLY:
            return unlike_anew(there)
    return diff(*(str(side.get(answer, "nothing")) for side in (here, there)))


def _redirects(answer: str) -> bool:
    """Tell whether the answer is one that has to be followed, where redirects are."""
    return answer.startswith(FOLLOWED) and not _is_by_default(answer)


def _judge(found: Compared, where: str, answer: str, outcome: Outcome | None) -> None:
    """See whether a call, on either side, did what it was made for."""
    if outcome is None:
        return
    if not outcome.requests and is_known(outcome.raised):
        found.unsent[where] = outcome.raised
    elif not outcome.requests and is_known(outcome.raised, by_default=_is_by_default(answer)):
        found.unsent[f"{where}, {DEFAULT}"] = outcome.raised
    elif answer.startswith((OK, *TRIED_TWICE)) and is_known(outcome.raised):
        found.unread[f"{where}/{answer}"] = outcome.raised
    elif why := _flaw(answer, outcome):
        found.unproven[f"{where}/{answer}"] = why


def _flaw(answer: str, outcome: Outcome) -> str:
    """Say why a call is no proof; nothing if it did what it was made for."""
    first = "".join(outcome.requests[:1])
    # Nobody can tell why a HEAD fails, as there is no body to say that it was throttled.
    is_told = not (answer.startswith(THROTTLED) and first.startswith("HEAD "))
    is_retried = answer.startswith(TRIED_TWICE) and is_told
    flaws = (
        (answer != UNTRUSTED and not first, outcome.raised or "no request was seen"),
        (
            answer == UNTRUSTED and (first or "SSLError" not in outcome.raised),
            "the certificate was not refused",
        ),
        (is_retried and not outcome.requests[1:], "it was not retried"),
        ((is_retried or answer.startswith(OK)) and outcome.raised, outcome.raised),
        (
            answer == EARLY and "\nExpect: 100-continue\n" not in first,
            "it did not wait for 100 Continue",
        ),
        (
            answer == f"{THROTTLED}, {ADAPTIVE}"
            and is_told
            and not any(map(_is_taken, outcome.notes)),
            "nothing was taken from the bucket of tokens",
        ),
    )
    return next((why for is_there, why in flaws if is_there), "")


def _is_by_default(answer: str) -> bool:
    return answer.endswith(DEFAULT)


def _is_taken(note: str) -> bool:
    return note.startswith("acquired")
