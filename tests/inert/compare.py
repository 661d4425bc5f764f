"""Compare the outcomes of a service, unpatched and patched."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from inert.calls.answers import (
    AFTER_EARLY,
    EARLY,
    FOLLOWED,
    OK,
    REDIRECT,
    THROTTLED,
    TRIED_TWICE,
    UNTRUSTED,
)
from inert.calls.clients import ADAPTIVE, DEFAULT
from inert.exemptions import is_exempt
from inert.following import FollowedCalls, difference_after_early_answer
from inert.outcome import Outcome, diff
from inert.worker import Service


@dataclass(frozen=True)
class Difference:
    """Where a patched call differs, and how."""

    where: str
    how: str

    def __str__(self) -> str:
        """Return the place, and the difference indented below it."""
        return f"{self.where}\n" + "\n".join(f"    {line}" for line in self.how.splitlines())


@dataclass
class Findings:
    """What a comparison found, of one service or of all."""

    services: int = 0
    operations: int = 0
    comparisons: int = 0
    followed: int = 0
    #: Calls that were not sent, and answers of 200 that were not understood, for an exempt reason.
    unsent: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    #: Calls that may be equal, but did not show what they should.
    unproven: dict[str, str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        """Add the findings of another comparison."""
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            merged = {**mine, **theirs} if isinstance(mine, dict) else mine + theirs
            setattr(self, each.name, merged)


def compare(stock: Service, patched: Service, *, followed: bool) -> Findings:
    """Compare a service; where its redirects are followed, check that they were."""
    found = Findings(services=1, operations=len(stock.outcomes))
    if stock.problem or patched.problem:
        found.unproven[stock.name] = f"no client: {stock.problem or patched.problem}"
        if how := diff(stock.problem, patched.problem):
            found.differences.append(Difference(f"{stock.name}: the creation of the client", how))
        return found
    if how := diff("\n".join(stock.handlers), "\n".join(patched.handlers)):
        found.differences.append(Difference(f"{stock.name}: the event handlers of the client", how))
    calls = FollowedCalls() if followed else None
    for name in sorted({*stock.outcomes, *patched.outcomes}):
        where = f"{stock.name}.{name}"
        ours, theirs = patched.outcomes.get(name, {}), stock.outcomes.get(name, {})
        for answer in {**theirs, **ours}:
            found.comparisons += 1
            _assess(
                found, where, answer, [each[answer] for each in (theirs, ours) if answer in each]
            )
            how = _difference(answer, theirs, ours, calls)
            if how:
                found.differences.append(Difference(f"{where}/{answer}", how))
            elif followed and _is_followed(answer):
                found.followed += bool(ours[answer].requests)
    redirected = any(REDIRECT in outcomes for outcomes in stock.outcomes.values())
    if followed and redirected and not found.followed:
        found.unproven[stock.name] = "none of its redirects was followed"
    return found


def _difference(
    answer: str, stock: dict[str, Outcome], patched: dict[str, Outcome], calls: FollowedCalls | None
) -> str:
    """Say how the patched outcome differs from what it has to be."""
    if calls and answer in patched:
        if _is_followed(answer):
            return calls.difference(answer, patched)
        if answer == AFTER_EARLY:
            return difference_after_early_answer(patched)
    return diff(*(str(outcomes.get(answer, "nothing")) for outcomes in (stock, patched)))


def _is_followed(answer: str) -> bool:
    """Return whether a patch that follows has to follow this answer."""
    return answer.startswith(FOLLOWED) and not _at_default_endpoint(answer)


def _assess(found: Findings, where: str, answer: str, outcomes: list[Outcome]) -> None:
    """Check that a call showed what it should, unpatched and patched."""
    default = _at_default_endpoint(answer)
    for outcome in outcomes:
        if not outcome.requests and is_exempt(outcome.raised):
            found.unsent[where] = outcome.raised
        elif not outcome.requests and is_exempt(outcome.raised, default_endpoint=default):
            found.unsent[f"{where}, {DEFAULT}"] = outcome.raised
        elif answer.startswith((OK, *TRIED_TWICE)) and is_exempt(outcome.raised):
            found.unread[f"{where}/{answer}"] = outcome.raised
        elif why := _flaw(answer, outcome):
            found.unproven[f"{where}/{answer}"] = why


def _flaw(answer: str, outcome: Outcome) -> str:
    """Say why a call proves nothing; nothing if it showed what it should."""
    first = "".join(outcome.requests[:1])
    # The answer to a HEAD has no body that could say that it was throttled.
    is_throttled = not first.startswith("HEAD ")
    is_retried = answer.startswith(TRIED_TWICE) and (
        is_throttled or not answer.startswith(THROTTLED)
    )
    if answer == UNTRUSTED:
        refused = not first and "SSLError" in outcome.raised
        return "" if refused else "the certificate was not refused"
    if not first:
        return outcome.raised or "no request was received"
    if is_retried and not outcome.requests[1:]:
        return "it was not retried"
    if (is_retried or answer.startswith(OK)) and outcome.raised:
        return outcome.raised
    if answer == EARLY and "\nExpect: 100-continue\n" not in first:
        return "it did not wait for 100 Continue"
    tokens = any(note.startswith("acquired") for note in outcome.notes)
    if answer == f"{THROTTLED}, {ADAPTIVE}" and is_throttled and not tokens:
        return "nothing was taken from the bucket of tokens"
    return ""


def _at_default_endpoint(answer: str) -> bool:
    return answer.endswith(DEFAULT)
