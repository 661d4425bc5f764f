"""Compare what came of a service on both sides."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field
from itertools import islice

from inert.answers import OK, REDIRECT, RETRIED, THROTTLED
from inert.clients import ADAPTIVE, DEFAULT
from inert.endpoint import HOST, NODE
from inert.known import is_known
from inert.outcome import Outcome
from inert.side import Service

_WIDTH = 120
# Where it goes, for whom it is signed, and its number.
_OF_A_HOP = ("host", "authorization", "amz-sdk-request")
_LINES = 16  # of a diff: enough to know it by


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
    for name in sorted({*stock.outcomes, *patched.outcomes}):
        where = f"{stock.name}.{name}"
        here, there = stock.outcomes.get(name, {}), patched.outcomes.get(name, {})
        for answer in [*here, *(answer for answer in there if answer not in here)]:
            found.comparisons += 1
            for side in (here, there):
                _judge(found, where, answer, side.get(answer))
            if followed and answer == REDIRECT:
                how = _unlike_followed(there[OK], there[REDIRECT])
                found.followed += bool(there[REDIRECT].requests) and not how
            else:
                how = diff(*(str(side.get(answer, "nothing")) for side in (here, there)))
            if how:
                differ(Difference(f"{where}/{answer}", how))
    if (
        followed
        and not found.followed
        and any(REDIRECT in each for each in stock.outcomes.values())
    ):
        found.unproven[stock.name] = "none of its redirects was followed"
    return found


def _judge(found: Compared, where: str, answer: str, outcome: Outcome | None) -> None:
    """See whether a call, on either side, did what it was made for."""
    if outcome is None:
        return
    by_default = answer.endswith(DEFAULT)
    if not outcome.requests and is_known(outcome.raised):
        found.unsent[where] = outcome.raised
    elif not outcome.requests and is_known(outcome.raised, by_default=by_default):
        found.unsent[f"{where}, {DEFAULT}"] = outcome.raised
    elif not outcome.requests:
        found.unproven[f"{where}/{answer}"] = outcome.raised or "no request was seen"
    elif answer.startswith(OK) and outcome.raised:
        those = found.unread if is_known(outcome.raised) else found.unproven
        those[f"{where}/{answer}"] = outcome.raised
    elif answer.startswith(THROTTLED) and outcome.requests[0].startswith("HEAD "):
        return  # it cannot be told, as there is no body to say so
    elif answer.startswith((RETRIED, THROTTLED)) and len(outcome.requests) == 1:
        found.unproven[f"{where}/{answer}"] = "it was not retried"
    elif answer == f"{THROTTLED}, {ADAPTIVE}" and not any(map(_is_taken, outcome.notes)):
        found.unproven[f"{where}/{answer}"] = "nothing was taken from the bucket of tokens"


def _is_taken(note: str) -> bool:
    return note.startswith("acquired")


def diff(stock: str, patched: str) -> str:
    """Show how two texts differ, in few lines; nothing if they do not."""
    if stock == patched:
        return ""
    lines = difflib.unified_diff(
        _lines(stock), _lines(patched), "unpatched", "patched", n=0, lineterm=""
    )
    shown = [*islice(lines, _LINES + 1)]
    return "\n".join([*shown[:_LINES], *(["..."] if shown[_LINES:] else [])])


def _lines(text: str) -> list[str]:
    """Split into lines, and long ones, such as bodies, into pieces."""
    return [
        line[start : start + _WIDTH]
        for line in text.splitlines()
        for start in range(0, max(len(line), 1), _WIDTH)
    ]


def _unlike_followed(direct: Outcome, redirected: Outcome) -> str:
    """Say what is wrong with a redirect that had to be followed; nothing if it was."""
    if not direct.requests:  # what cannot be sent cannot be redirected
        return diff(str(direct), str(redirected))
    if len(redirected.requests) != 1 + len(direct.requests):
        sent = len(redirected.requests) - len(direct.requests)
        return f"{sent} redirects were followed, not 1\n{redirected.result}"
    first, *followed = redirected.requests
    if first != direct.requests[0]:
        return diff(direct.requests[0], first)
    if how := diff(*("\n".join(map(_sent, each)) for each in (direct.requests, followed))):
        return how
    if any(NODE not in request for request in followed):
        return "What followed went to the gateway, not to where its redirect points."
    return diff(direct.result, _without_redirects(redirected.result))


def _sent(request: str) -> str:
    """Leave of a request what must be the same wherever it goes."""
    head, _, body = request.partition("\n\n")
    lines = [line for line in head.split("\n") if line.partition(":")[0].lower() not in _OF_A_HOP]
    return "\n".join([*lines, "", body]).replace(NODE, HOST)


def _without_redirects(result: str) -> str:
    kind, _, written = result.partition(" ")
    if kind != "returned":
        return result
    returned = json.loads(written)
    returned["ResponseMetadata"].pop("Redirects", None)
    return f"{kind} {json.dumps(returned, sort_keys=True, indent=1)}"
