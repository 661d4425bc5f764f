"""What `probe` shows of a redirect."""

from __future__ import annotations

from typing import Any

import pytest

from botocore_redirect.commands.probe.describe import describe_redirect
from botocore_redirect.commands.probe.records import RedirectFacts
from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.rules.decision import decide
from unit.rules.answers import PRIVATE, SIBLING, SIGNED_URL, STRANGER, answer


def facts(
    location: str | None, policy: RedirectPolicy | None = None, **given: Any
) -> RedirectFacts:
    policy = policy or RedirectPolicy()
    one = answer(location, **given)
    return describe_redirect(one, decide(one, policy), policy)


@pytest.mark.parametrize(
    ("location", "policy", "trusted", "goes_on"),
    [
        ("https://s3.store.com:9000/bkt/key", {}, "same host", "signed"),
        (SIBLING, {}, "by default", "signed"),
        ("https://bkt.node1.store.com/key", {}, "by default", "signed"),
        (STRANGER, {"trust": "cdn.net"}, "by the policy", "signed"),
        (STRANGER, {}, "no", "anonymous"),
        (SIGNED_URL, {}, "no", "presigned"),
    ],
)
def test_it_says_why_a_target_is_trusted_and_how_the_call_goes_on(
    location: str, policy: dict[str, Any], trusted: str, goes_on: str
) -> None:
    found = facts(location, RedirectPolicy(**policy))
    assert (found.location, found.trusted, found.goes_on) == ("absolute", trusted, goes_on)


def test_a_target_is_shown_without_its_path_and_query() -> None:
    assert facts(SIGNED_URL).target == "https://cdn.net"


def test_a_refusal_has_its_reason_and_its_target() -> None:
    found = facts(STRANGER, method="PUT", has_body=True)
    assert (found.goes_on, found.reason, found.target) == (
        "refused",
        "untrusted",
        "https://cdn.net",
    )
    assert "not sent there" in str(found.why)


@pytest.mark.parametrize("location", ["https://[::1/bkt/key", "https://[::1", "ftp://x/"])
def test_a_malformed_location_has_no_target(location: str) -> None:
    found = facts(location)
    assert (found.reason, found.target, found.trusted) == ("malformed", None, None)


def test_a_reference_without_a_host_is_relative() -> None:
    found = facts("/bkt/key?pid=1")
    assert (found.location, found.target) == ("relative", "https://s3.store.com")


def test_two_locations_are_several() -> None:
    one = answer(SIBLING)._replace(locations=(SIBLING, STRANGER))
    policy = RedirectPolicy()
    assert describe_redirect(one, decide(one, policy), policy).location == "several"


def test_an_endpoint_in_the_body_is_shown() -> None:
    found = facts(None, gateway=PRIVATE, endpoint="10.0.0.2:9020")
    assert (found.location, found.endpoint_in_body) == ("none", "10.0.0.2:9020")
    assert (found.target, found.trusted) == ("http://10.0.0.2:9020", "by default")


def test_a_status_that_the_policy_leaves_out_is_ignored() -> None:
    one, policy = answer(SIBLING), RedirectPolicy(statuses=frozenset({308}))
    assert describe_redirect(one, decide(one, policy), policy).goes_on == "ignored"


def test_what_is_left_to_botocore_has_no_target() -> None:
    found = facts(None, region="eu-west-1", botocore_can_find_region=True)
    assert (found.goes_on, found.target) == ("botocore", None)
