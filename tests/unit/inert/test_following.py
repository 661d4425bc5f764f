"""What a followed redirect has to look like."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from inert.calls.answers import AFTER_EARLY, AGAIN, OK, REDIRECT, RETRIED
from inert.calls.endpoint import NODE
from inert.following import FollowedCalls, difference_after_early_answer
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


def test_a_hop_must_be_signed_for_where_it_goes() -> None:
    signature = DIRECT.partition("\nAuthorization: ")[2].partition("\n")[0]
    stale = re.sub("Authorization: .*", f"Authorization: {signature}", HOP)
    why = difference(replace(_FOLLOWED, requests=(DIRECT, stale)))
    assert why.startswith(f"A signature for {NODE} is wrong: the signature is wrong;")


def test_a_redirected_call_waits_as_long_as_a_direct_one() -> None:
    assert "slept 60" in difference(replace(_FOLLOWED, notes=("slept 60",)))


def test_a_client_keeps_one_connection_to_each_host() -> None:
    calls = FollowedCalls()
    found = [
        calls.difference(REDIRECT, {OK: _DIRECT, REDIRECT: replace(_FOLLOWED, connections=numbers)})
        for numbers in ((1, 2), (0, 0), (0, 1))
    ]
    assert found[:2] == ["", ""]
    assert "+On connections (0, 1)" in found[2]


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


def test_the_call_after_an_early_answer_has_a_new_connection() -> None:
    anew, kept = (replace(_DIRECT, connections=(number,)) for number in (1, 0))
    assert not difference_after_early_answer({OK: kept, AFTER_EARLY: anew})
    assert difference_after_early_answer({OK: kept, AFTER_EARLY: kept})


def test_a_call_that_is_not_sent_must_fail_in_the_same_way() -> None:
    unsent = Outcome((), "raised E: no\nnull", "E: no")
    assert not difference(unsent, unsent)
    assert difference(replace(unsent, result="raised E: other"), unsent)
