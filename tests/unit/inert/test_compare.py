"""What the comparison finds, and what it counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inert.calls.answers import (
    EARLY,
    ERRORS,
    OK,
    REDIRECT,
    RETRIED,
    THROTTLED,
    UNTRUSTED,
)
from inert.compare import Findings, compare
from inert.outcome import Outcome, diff
from inert.worker import Service, sample_operations
from unit.inert.recorded_requests import DIRECT, HOP

_DIRECT = Outcome((DIRECT,), 'returned {"ResponseMetadata": {}}')
_FOLLOWED = Outcome(
    (DIRECT, HOP),
    'returned {"ResponseMetadata": {"Redirects": ["one"]}}',
    connections=(1, 2),
)
_DIRECT_WRITTEN = replace(_DIRECT, result='returned {\n "ResponseMetadata": {}\n}')


def service(**outcomes: Outcome) -> Service:
    return Service("sqs", ("handler",), {"Send": {"200": _DIRECT, **outcomes}})


def redirected(outcome: Outcome, direct: Outcome = _DIRECT_WRITTEN) -> Findings:
    stock = Service("s3", (), {"Put": {OK: direct, REDIRECT: direct}})
    patched = Service("s3", (), {"Put": {OK: direct, REDIRECT: outcome}})
    return compare(stock, patched, followed=True)


def wheres(found: Findings) -> list[str]:
    return [each.where for each in found.differences]


def test_equal_outcomes_are_no_difference() -> None:
    found = compare(service(), service(), followed=False)
    assert (found.services, found.operations, found.comparisons) == (1, 1, 1)
    assert not found.differences
    assert not found.unsent


@pytest.mark.parametrize(
    "other",
    [
        Outcome((*_DIRECT.requests, "GET /b HTTP/1.1\n\n"), _DIRECT.result),
        Outcome((_DIRECT.requests[0].replace("Host", "host"),), _DIRECT.result),
        Outcome(_DIRECT.requests, 'returned {"More": 1}'),
        replace(_DIRECT, connections=(1,)),
        replace(_DIRECT, notes=("slept 1",)),
    ],
)
def test_a_difference_is_named_by_service_operation_and_answer(other: Outcome) -> None:
    found = compare(service(**{"503": _DIRECT}), service(**{"503": other}), followed=False)
    assert wheres(found) == ["sqs.Send/503"]
    assert "+" in found.differences[0].how


def test_a_missing_operation_is_a_difference() -> None:
    patched = Service("sqs", ("handler",), {})
    assert wheres(compare(service(), patched, followed=False)) == ["sqs.Send/200"]
    assert wheres(compare(patched, service(), followed=False)) == ["sqs.Send/200"]


def test_a_client_that_only_one_worker_can_create_is_a_difference() -> None:
    broken = Service("sqs", problem="KeyError: x")
    assert wheres(compare(broken, service(), followed=False)) == ["sqs: the creation of the client"]
    same = compare(broken, broken, followed=False)
    assert not same.differences
    assert same.unproven == {"sqs": "no client: KeyError: x"}


def failed(answer: str, outcome: Outcome) -> Findings:
    """Compare a call that has this outcome in both workers."""
    same = Service("sqs", (), {"Send": {answer: outcome}})
    return compare(same, same, followed=False)


_CRT = "botocore.exceptions.MissingDependencyException: awscrt"
_RAISED = replace(_DIRECT, result="raised E: bad", raised="E: bad")


def test_a_call_that_is_not_sent_for_an_exempt_reason_is_counted() -> None:
    found = failed(OK, Outcome((), f"raised {_CRT}", _CRT))
    assert found.unsent == {"sqs.Send": _CRT}
    assert not found.unproven


def test_each_worker_is_assessed_by_itself() -> None:
    services = [
        Service("sqs", (), {"Send": {OK: each}})
        for each in (_DIRECT, Outcome((), f"raised {_CRT}", _CRT), _RAISED)
    ]
    sent, unsent, raised = services
    for pair in ((sent, unsent), (unsent, sent)):
        assert compare(*pair, followed=False).unsent == {"sqs.Send": _CRT}
    for pair in ((sent, raised), (raised, sent)):
        assert compare(*pair, followed=False).unproven == {"sqs.Send/200": "E: bad"}


@pytest.mark.parametrize(
    ("answer", "outcome", "why"),
    [
        (OK, Outcome((), "raised E: no", "E: no"), "E: no"),
        ("503", Outcome((), "returned {}"), "no request was received"),
        (OK, _RAISED, "E: bad"),
        (f"{RETRIED}, legacy", _DIRECT, "it was not retried"),
        (f"{RETRIED}, legacy", replace(_RAISED, requests=_DIRECT.requests * 2), "E: bad"),
        (f"{ERRORS[0]}, legacy", _DIRECT, "it was not retried"),
        (UNTRUSTED, _DIRECT, "the certificate was not refused"),
        (UNTRUSTED, Outcome((), "raised E: no", "E: no"), "the certificate was not refused"),
        (EARLY, _DIRECT, "it did not wait for 100 Continue"),
        (
            f"{THROTTLED}, adaptive",
            replace(_DIRECT, requests=_DIRECT.requests * 2, notes=("slept 1",)),
            "nothing was taken from the bucket of tokens",
        ),
    ],
)
def test_a_call_that_does_not_show_what_it_should_proves_nothing(
    answer: str, outcome: Outcome, why: str
) -> None:
    found = failed(answer, outcome)
    assert found.unproven == {f"sqs.Send/{answer}": why}
    assert not found.differences


def test_endpoint_rules_may_refuse_a_call_to_the_default_endpoint() -> None:
    why = "botocore.exceptions.EndpointResolutionError: Invalid ARN: example"
    unsent = Outcome((), f"raised {why}", why)
    by_default = failed(f"{OK}, default endpoint", unsent)
    assert by_default.unsent == {"sqs.Send, default endpoint": why}
    assert not by_default.unproven
    assert failed(OK, unsent).unproven == {"sqs.Send/200": why}


def test_an_expected_error_proves_something() -> None:
    assert not failed("400", _RAISED).unproven
    why = "botocore.exceptions.SSLError: it is another's"
    assert not failed(UNTRUSTED, Outcome((), f"raised {why}", why)).unproven


def test_followed_redirects_are_counted_and_others_are_differences() -> None:
    unsent = Outcome((), "raised E: no\nnull", "E: no")
    good, bad, neither = redirected(_FOLLOWED), redirected(_DIRECT), redirected(unsent, unsent)
    assert [each.followed for each in (good, bad, neither)] == [1, 0, 0]
    assert [wheres(each) for each in (good, bad, neither)] == [[], ["s3.Put/307"], []]
    whole = Findings()
    for found in (good, bad):
        whole.add(found)
    assert (whole.services, whole.operations, whole.comparisons) == (2, 2, 4)
    assert (whole.followed, wheres(whole)) == (1, ["s3.Put/307"])


def test_long_and_many_differences_are_cut() -> None:
    shown = diff("a" * 5000 + "b" + "a" * 50, "a" * 5000 + "c" + "a" * 50)
    assert len(shown) < 500
    assert "c" in shown
    lines = diff("", "\n".join(map(str, range(100)))).splitlines()
    assert len(lines) < 20
    assert lines[-1] == "..."


@pytest.mark.parametrize("every", [1, 2, 7, 100])
def test_a_sample_is_the_same_each_time_and_never_empty(every: int) -> None:
    names: list[Any] = [f"Op{number:02}" for number in range(20)]
    chosen = sample_operations(names, "sqs", every)
    assert chosen == sample_operations(names[::-1], "sqs", every)
    assert max(1, 20 // every) <= len(chosen) <= 20 // every + 1
    assert {*chosen} <= {*names}
