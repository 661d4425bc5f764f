"""How a redirect must have been followed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from inert.answers import AFTER_EARLY, AGAIN, OK, REDIRECT, RETRIED
from inert.endpoint import NODE
from inert.following import Following, unlike_anew
from inert.outcome import Outcome
from unit.inert.recorded_requests import HOP, THERE

_RESULT = 'returned {\n "ResponseMetadata": {}\n}'
_HOPS = 'returned {"ResponseMetadata": {"Redirects": ["one"]}}'
_DIRECT = Outcome((THERE,), _RESULT)
_FOLLOWED = Outcome((THERE, HOP), _HOPS, connections=(1, 2))
_RETRIED = Outcome((THERE, THERE), _RESULT)
_AGAIN = Outcome((THERE, HOP) * 2, _HOPS, connections=(1, 2) * 2)


def unlike(redirected: Outcome, direct: Outcome = _DIRECT) -> str:
    return Following().unlike(REDIRECT, {OK: direct, REDIRECT: redirected})


def unlike_again(redirected: Outcome) -> str:
    came = {f"{RETRIED}, legacy": _RETRIED, f"{AGAIN}, legacy": redirected}
    return Following().unlike(f"{AGAIN}, legacy", came)


def test_a_redirect_may_be_followed() -> None:
    assert not unlike(_FOLLOWED)


@pytest.mark.parametrize(
    "wrong",
    [
        _DIRECT,  # not followed at all
        replace(_FOLLOWED, requests=(*_FOLLOWED.requests, "GET / HTTP/1.1\n\n")),
        replace(_FOLLOWED, requests=(THERE, THERE)),  # the gateway again
        replace(_FOLLOWED, requests=("GET / HTTP/1.1\n\n", HOP)),
        replace(_FOLLOWED, requests=(THERE, HOP[:-1])),
        replace(_FOLLOWED, result='returned {"ResponseMetadata": {}, "More": 1}'),
        replace(_FOLLOWED, result="raised E: no\nnull"),
        replace(_FOLLOWED, requests=(THERE, f"{HOP}\nX: z")),
        replace(_FOLLOWED, requests=(THERE, HOP.replace("X: y\n", ""))),
    ],
)
def test_a_redirect_that_was_not_followed_well_is_told(wrong: Outcome) -> None:
    assert unlike(wrong)


def test_a_hop_must_be_signed_for_where_it_goes() -> None:
    signature = THERE.partition("\nAuthorization: ")[2].partition("\n")[0]
    stale = re.sub("Authorization: .*", f"Authorization: {signature}", HOP)
    why = unlike(replace(_FOLLOWED, requests=(THERE, stale)))
    assert why.startswith(f"A signature for {NODE} is wrong: the signature is wrong;")


def test_what_follows_waits_for_as_much_as_what_is_answered_at_once() -> None:
    assert "slept 60" in unlike(replace(_FOLLOWED, notes=("slept 60",)))


def test_a_client_keeps_one_connection_to_each_host() -> None:
    following = Following()
    calls = [(1, 2), (0, 0), (0, 1)]
    told = [
        following.unlike(REDIRECT, {OK: _DIRECT, REDIRECT: replace(_FOLLOWED, connections=numbers)})
        for numbers in calls
    ]
    assert told[:2] == ["", ""]
    assert "+On connections (0, 1)" in told[2]


def test_a_call_may_be_redirected_again_when_it_is_retried() -> None:
    assert not unlike_again(_AGAIN)


@pytest.mark.parametrize(
    "wrong",
    [
        _FOLLOWED,
        replace(_AGAIN, requests=(THERE, HOP, HOP, THERE)),
        replace(_AGAIN, requests=(THERE, HOP, THERE.replace("body", "all of the body"), HOP)),
        replace(_AGAIN, requests=(THERE, HOP, THERE, HOP.replace("body", "all of the body"))),
    ],
)
def test_a_retry_that_was_not_followed_well_is_told(wrong: Outcome) -> None:
    assert unlike_again(wrong)


def test_the_call_after_an_early_answer_has_a_new_connection() -> None:
    anew, kept = (replace(_DIRECT, connections=(number,)) for number in (1, 0))
    assert not unlike_anew({OK: kept, AFTER_EARLY: anew})
    assert unlike_anew({OK: kept, AFTER_EARLY: kept})


def test_what_cannot_be_sent_is_not_followed_but_must_fail_in_the_same_way() -> None:
    unsent = Outcome((), "raised E: no\nnull", "E: no")
    assert not unlike(unsent, unsent)
    assert unlike(replace(unsent, result="raised E: other"), unsent)
