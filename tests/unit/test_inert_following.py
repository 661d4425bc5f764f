"""How a redirect must have been followed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inert import following
from inert.answers import AFTER_EARLY, AGAIN, OK, REDIRECT, RETRIED
from inert.endpoint import HOST, NODE
from inert.outcome import Outcome

_THERE = f"PUT /a HTTP/1.1\nHost: {HOST}\nX: y\n\nbody"
_HOP = _THERE.replace(HOST, NODE)
_RESULT = 'returned {\n "ResponseMetadata": {}\n}'
_HOPS = 'returned {"ResponseMetadata": {"Redirects": ["one"]}}'
_DIRECT = Outcome((_THERE,), _RESULT)
_FOLLOWED = Outcome((_THERE, _HOP), _HOPS)
_RETRIED = Outcome((_THERE, _THERE), _RESULT)
_AGAIN = Outcome((_THERE, _HOP) * 2, _HOPS)


def unlike(redirected: Outcome, direct: Outcome = _DIRECT) -> str:
    return following.unlike(REDIRECT, {OK: direct, REDIRECT: redirected})


def unlike_again(redirected: Outcome) -> str:
    came = {f"{RETRIED}, legacy": _RETRIED, f"{AGAIN}, legacy": redirected}
    return following.unlike(f"{AGAIN}, legacy", came)


def test_a_redirect_may_be_followed() -> None:
    assert not unlike(_FOLLOWED)


@pytest.mark.parametrize(
    "wrong",
    [
        _DIRECT,  # not followed at all
        replace(_FOLLOWED, requests=(*_FOLLOWED.requests, "GET / HTTP/1.1\n\n")),
        replace(_FOLLOWED, requests=(_THERE, _THERE)),  # the gateway again
        replace(_FOLLOWED, requests=("GET / HTTP/1.1\n\n", _HOP)),
        replace(_FOLLOWED, requests=(_THERE, _HOP[:-1])),
        replace(_FOLLOWED, result='returned {"ResponseMetadata": {}, "More": 1}'),
        replace(_FOLLOWED, result="raised E: no\nnull"),
        replace(_FOLLOWED, requests=(_THERE, f"{_HOP}\nX: z")),
        replace(_FOLLOWED, requests=(_THERE, _HOP.replace("X: y\n", ""))),
    ],
)
def test_a_redirect_that_was_not_followed_well_is_told(wrong: Outcome) -> None:
    assert unlike(wrong)


def test_a_call_may_be_redirected_again_when_it_is_retried() -> None:
    assert not unlike_again(_AGAIN)


@pytest.mark.parametrize(
    "wrong",
    [
        _FOLLOWED,
        replace(_AGAIN, requests=(_THERE, _HOP, _HOP, _THERE)),
        replace(_AGAIN, requests=(_THERE, _HOP, _THERE.replace("body", "all of the body"), _HOP)),
        replace(_AGAIN, requests=(_THERE, _HOP, _THERE, _HOP.replace("body", "all of the body"))),
    ],
)
def test_a_retry_that_was_not_followed_well_is_told(wrong: Outcome) -> None:
    assert unlike_again(wrong)


def test_the_call_after_an_early_answer_has_a_new_connection() -> None:
    anew, kept = (replace(_DIRECT, connections=(number,)) for number in (1, 0))
    assert not following.unlike_anew({OK: kept, AFTER_EARLY: anew})
    assert following.unlike_anew({OK: kept, AFTER_EARLY: kept})


def test_what_cannot_be_sent_is_not_followed_but_must_fail_in_the_same_way() -> None:
    unsent = Outcome((), "raised E: no\nnull", "E: no")
    assert not unlike(unsent, unsent)
    assert unlike(replace(unsent, result="raised E: other"), unsent)
