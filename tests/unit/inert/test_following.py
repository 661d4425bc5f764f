"""What a followed redirect has to look like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inert.calls.answers import AGAIN, OK, REDIRECT, RETRIED
from inert.following import FollowedCalls
from inert.outcome import Outcome
from unit.inert.recorded_requests import DIRECT, HOP

_RESULT = 'returned {\n "ResponseMetadata": {}\n}'
_HOPS = 'returned {"ResponseMetadata": {"Redirects": ["one"]}}'
_DIRECT = Outcome((DIRECT,), _RESULT)
_FOLLOWED = Outcome((DIRECT, HOP), _HOPS, connections=(1, 2))
_RETRIED = Outcome((DIRECT, DIRECT), _RESULT)
_AGAIN = Outcome((DIRECT, HOP) * 2, _HOPS, connections=(1, 2) * 2)


def difference(redirected: Outcome, direct: Outcome = _DIRECT) -> str:
    return FollowedCalls().difference(REDIRECT, {OK: direct, REDIRECT: redirected})


def difference_again(redirected: Outcome) -> str:
    outcomes = {f"{RETRIED}, legacy": _RETRIED, f"{AGAIN}, legacy": redirected}
    return FollowedCalls().difference(f"{AGAIN}, legacy", outcomes)


@pytest.mark.parametrize(
    "wrong",
    [
        _DIRECT,  # not followed at all
        replace(_FOLLOWED, requests=(*_FOLLOWED.requests, "GET / HTTP/1.1\n\n")),
        replace(_FOLLOWED, requests=(DIRECT, DIRECT)),  # the gateway again
        replace(_FOLLOWED, requests=("GET / HTTP/1.1\n\n", HOP)),
        replace(_FOLLOWED, requests=(DIRECT, HOP[:-1])),
        replace(_FOLLOWED, result='returned {"ResponseMetadata": {}, "More": 1}'),
        replace(_FOLLOWED, result="raised E: no\nnull"),
        replace(_FOLLOWED, requests=(DIRECT, f"{HOP}\nX: z")),
        replace(_FOLLOWED, requests=(DIRECT, HOP.replace("X: y\n", ""))),
    ],
)
def test_a_redirect_that_was_not_followed_correctly_is_a_difference(wrong: Outcome) -> None:
    assert not difference(_FOLLOWED)
    assert difference(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        _FOLLOWED,
        replace(_AGAIN, requests=(DIRECT, HOP, HOP, DIRECT)),
        replace(_AGAIN, requests=(DIRECT, HOP, DIRECT.replace("body", "all of the body"), HOP)),
        replace(_AGAIN, requests=(DIRECT, HOP, DIRECT, HOP.replace("body", "all of the body"))),
    ],
)
def test_a_retry_that_was_not_followed_correctly_is_a_difference(wrong: Outcome) -> None:
    assert not difference_again(_AGAIN)
    assert difference_again(wrong)


def test_a_call_that_is_not_sent_must_fail_in_the_same_way() -> None:
    unsent = Outcome((), "raised E: no\nnull", "E: no")
    assert not difference(unsent, unsent)
    assert difference(replace(unsent, result="raised E: other"), unsent)
