"""Draw requests and answers between client, gateway and target, in plain text."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

_COLUMNS = {"client": 3, "gateway": 42, "target": 78}


class Exchange(NamedTuple):
    """A request of the client, and its answer."""

    to: Literal["gateway", "target"]
    method: str
    path: str
    #: Of the body of the request, as far as it was sent.
    body_bytes: int
    status: int


def draw(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """Draw each exchange as two arrows; those that repeat the one before are counted."""
    yield _place({at - 2: name for name, at in _COLUMNS.items()})
    for exchange, same in groupby(exchanges):
        request = f"{exchange.method} {exchange.path}, {exchange.body_bytes} bytes"
        reason = http.client.responses.get(exchange.status, "")
        yield _arrow(exchange.to, request, "---", "-->")
        yield _arrow(exchange.to, f"{exchange.status} {reason}".rstrip(), "<--", "---")
        again = len(list(same)) - 1
        if again:
            text = f"... and the same {f'{again} times more' if again > 1 else 'once more'}"
            yield _place({**_lifelines(), _COLUMNS["client"] + 2: text})


def _arrow(to: str, label: str, start: str, end: str) -> str:
    left, right = _COLUMNS["client"] + 1, _COLUMNS[to]
    room = right - left - len(start) - len(end) - 2
    if len(label) > room:
        label = f"{label[: room - 3]}..."
    between = f"{start} {label} ".ljust(right - left - len(end), "-") + end
    return _place({**_lifelines(), left: between})


def _lifelines() -> dict[int, str]:
    return dict.fromkeys(_COLUMNS.values(), "|")


def _place(texts: dict[int, str]) -> str:
    """Return a line with each text at its column; the longest wins where they overlap."""
    line = " " * 100
    for at, text in sorted(texts.items(), key=lambda each: len(each[1])):
        line = line[:at] + text + line[at + len(text) :]
    return line.rstrip()
