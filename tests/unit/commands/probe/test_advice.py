"""The policy that `probe` proposes is found by the rules that the patch follows."""

from __future__ import annotations

from typing import Any

import pytest

from botocore_redirect.commands.probe.advice import Advice, Case, advise
from botocore_redirect.commands.probe.records import Outcome
from botocore_redirect.policy import RedirectPolicy
from unit.rules.answers import PUBLIC, SIBLING, STRANGER, answer

FINE = Outcome(200, hops=1)
IN_FORCE = RedirectPolicy()


def advice(
    location: str | None = SIBLING,
    outcome: Outcome | None = FINE,
    policy: RedirectPolicy = IN_FORCE,
    **facts: Any,
) -> Advice:
    return advise([Case("Call", answer(location, **facts), outcome)], policy)


@pytest.mark.parametrize("outcome", [FINE, None, Outcome(404, 1, code="NoSuchKey")])
def test_nothing_is_to_be_set_where_a_trusted_target_answers(outcome: Outcome | None) -> None:
    assert advice(outcome=outcome) == Advice(IN_FORCE, ())


def test_a_write_to_a_stranger_needs_trust_for_its_host() -> None:
    found = advice(STRANGER, method="PUT", has_body=True)
    assert found == Advice(RedirectPolicy(trust="cdn.net"), ())
    assert found.environment(IN_FORCE) == {"BOTOCORE_REDIRECT_TRUST": "cdn.net"}


@pytest.mark.parametrize("status", [401, 403])
def test_an_unsigned_read_needs_trust_only_if_the_target_refuses_it(status: int) -> None:
    assert advice(STRANGER).policy == IN_FORCE
    refused = Outcome(status, 1, code="AccessDenied")
    assert advice(STRANGER, refused).policy == RedirectPolicy(trust="cdn.net")


def test_each_host_is_added_once_to_the_trust_in_force() -> None:
    put = Case("Put", answer(STRANGER, method="PUT", has_body=True), None)
    other = put._replace(answer=answer("https://other.net/bkt/key", method="PUT", has_body=True))
    in_force = RedirectPolicy(trust="mine.net", max_hops=7)
    found = advise([put, put, other], in_force)
    assert found.policy.trust == ("mine.net", "cdn.net", "other.net")
    assert found.environment(in_force) == {"BOTOCORE_REDIRECT_TRUST": "mine.net,cdn.net,other.net"}


def test_a_limit_of_hops_in_the_environment_is_raised() -> None:
    in_force = RedirectPolicy(max_hops=0)
    found = advice(policy=in_force)
    assert found == Advice(RedirectPolicy(), ())
    assert found.environment(in_force) == {"BOTOCORE_REDIRECT_MAX_HOPS": "5"}


def test_a_status_that_the_policy_leaves_out_is_added() -> None:
    in_force = RedirectPolicy(statuses=frozenset({308}))
    found = advice(policy=in_force, outcome=Outcome(307, code="TypeError"))
    assert found == Advice(RedirectPolicy(statuses=frozenset({307, 308})), ())
    assert found.environment(in_force) == {"BOTOCORE_REDIRECT_STATUSES": "307,308"}


def test_a_private_address_behind_a_public_gateway_needs_trust() -> None:
    assert advice("https://10.1.2.3/bkt/key").policy == RedirectPolicy(trust="10.1.2.3")


def test_trust_is_never_proposed_for_the_metadata_of_a_cloud() -> None:
    found = advice("https://169.254.169.254/bkt/key")
    assert found.policy == IN_FORCE
    assert "hands out credentials" in found.problems[0]


def test_a_step_to_http_can_be_allowed() -> None:
    found = advice("http://node1.store.com/bkt/key")
    assert found == Advice(RedirectPolicy(allow_downgrade=True), ())
    assert found.environment(IN_FORCE) == {"BOTOCORE_REDIRECT_ALLOW_DOWNGRADE": "on"}


def test_another_path_needs_rewrites_and_another_host_trust_as_well() -> None:
    found = advice("https://cdn.net/bkt/new-key", method="PUT", has_body=True)
    assert found.policy == RedirectPolicy(trust="cdn.net", rewrites=True)
    assert found.environment(IN_FORCE) == {
        "BOTOCORE_REDIRECT_TRUST": "cdn.net",
        "BOTOCORE_REDIRECT_REWRITES": "on",
    }


def test_a_limit_below_the_default_is_raised_to_it() -> None:
    assert advice(policy=RedirectPolicy(max_hops=0)).policy == IN_FORCE


@pytest.mark.parametrize(
    ("location", "facts", "words"),
    [
        (SIBLING, {"asked": f"{PUBLIC}/bkt/key?tagging"}, "loses the query"),
        (None, {}, "without a Location"),
        ("https:///bkt/key", {}, "names no host"),
        (SIBLING, {"status": 303, "method": "PUT"}, "turn the PUT into a GET"),
    ],
)
def test_what_no_policy_allows_is_a_problem_of_the_store(
    location: str | None, facts: dict[str, Any], words: str
) -> None:
    found = advice(location, Outcome(307, reason="any"), **facts)
    assert found.policy == IN_FORCE
    assert words in found.problems[0]


def test_the_same_problem_of_several_calls_is_said_once() -> None:
    case = Case("One", answer(None), None)
    assert (
        advise([case, case._replace(operation="Two")], IN_FORCE)
        .problems[0]
        .startswith("One, Two: ")
    )


def test_a_host_that_a_later_hop_leads_to_needs_trust() -> None:
    refused = Outcome(307, 1, "RedirectRefused", "untrusted", "why", "https://third.net/bkt/key")
    assert advice(outcome=refused).policy == RedirectPolicy(trust="third.net")


def test_calls_that_need_the_same_have_no_problem() -> None:
    third = Outcome(307, 1, "RedirectRefused", "untrusted", "why", "https://third.net/bkt/key")
    refused = Outcome(307, 0, "RedirectRefused", "untrusted", "why", STRANGER)
    put = answer(STRANGER, method="PUT", has_body=True)
    cases = [
        Case("Head", answer(STRANGER), Outcome(403, 1, "403")),
        Case("Get", answer(STRANGER), Outcome(403, 1, "403")),
        Case("Put", put, refused),
        Case("Put", put, refused),
        Case("List", answer(SIBLING), third),
        Case("List", answer(SIBLING), third),
    ]
    assert advise(cases, IN_FORCE) == Advice(RedirectPolicy(trust=("cdn.net", "third.net")), ())


def test_a_circle_of_later_hops_is_a_problem() -> None:
    loop = Outcome(307, 5, "RedirectLoop", "loop", "in a circle", SIBLING)
    assert advice(outcome=loop) == Advice(IN_FORCE, ("Call: in a circle",))


def test_a_probe_for_the_region_that_found_none_is_a_problem() -> None:
    missing = Outcome(307, 0, "InvalidLocation", "missing", "nowhere to go")
    found = advice(None, missing, botocore_can_find_region=True)
    assert found == Advice(IN_FORCE, ("Call: nowhere to go",))


def test_a_target_that_does_not_answer_is_a_problem() -> None:
    found = advice(outcome=Outcome(None, code="EndpointConnectionError"))
    assert "https://node1.store.com/ could not be asked (EndpointConn" in found.problems[0]


def test_a_region_of_aws_that_cannot_be_reached_is_a_problem() -> None:
    of_aws = "https://bkt.s3.eu-west-1.amazonaws.com/key"
    outcome = Outcome(None, code="EndpointConnectionError")
    found = advice(of_aws, outcome, region="eu-west-1", botocore_can_find_region=True)
    assert "the target could not be asked" in found.problems[0]


def test_an_error_of_a_target_is_a_problem() -> None:
    found = advice(outcome=Outcome(403, 1, "SignatureDoesNotMatch", message="no"))
    assert found.problems == ("Call: followed, it ended with 403 SignatureDoesNotMatch: no",)


def test_trust_that_is_a_function_is_left_as_it_is() -> None:
    policy = RedirectPolicy(trust=lambda _gateway, _target: False)
    found = advice(STRANGER, method="PUT", has_body=True, policy=policy)
    assert found.policy == policy
    assert "not sent there" in found.problems[0]
    rejected = Outcome(403, 1, "AccessDenied", message="no")
    found = advice(STRANGER, rejected, policy=policy)
    assert found.problems == ("Call: followed, it ended with 403 AccessDenied: no",)
