"""What is kept of a call."""

from __future__ import annotations

import pytest

from inert import outcome
from inert.endpoint import Request


@pytest.mark.parametrize(("count", "last"), [(20, "GET /19"), (23, "and 3 more")])
def test_of_many_requests_the_first_are_kept_and_the_others_counted(count: int, last: str) -> None:
    seen = [Request(f"GET /{number}".encode(), b"") for number in range(count)]
    kept = outcome.of(dict, seen).requests
    assert kept[0] == "GET /0"
    assert kept[-1] == last
    assert len(kept) == min(count, 21)
