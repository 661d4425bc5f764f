"""What is followed, what is refused for its Location, and what is left to botocore."""

from __future__ import annotations

from typing import Any

import pytest

from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.rules.call import Call
from botocore_redirect.rules.decision import decide
from botocore_redirect.rules.hop import Discover, Follow, Refusal
from botocore_redirect.rules.target_host import gateway_of
from unit.rules.answers import (
    PUBLIC,
    SIBLING,
    STRANGER,
    answer,
    followed,
    refusal,
)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
def test_a_trusted_target_gets_every_method_signed(status: int, method: str) -> None:
    facts: dict[str, Any] = {"status": status, "method": method, "has_body": method == "PUT"}
    assert followed(SIBLING, **facts) == Follow(SIBLING, "signed", trusted=True)


@pytest.mark.parametrize("status", [200, 204, 300, 304, 305, 306, 400, 404, 503])
def test_an_answer_that_is_no_redirect_is_left_to_botocore(status: int) -> None:
    assert decide(answer(SIBLING, status=status), RedirectPolicy()) is None


def test_a_status_that_the_policy_leaves_out_is_left_to_botocore() -> None:
    policy = RedirectPolicy(statuses=frozenset({307}))
    assert decide(answer(SIBLING, status=302), policy) is None


def test_a_location_counts_where_the_answer_names_a_region_which_is_then_signed_for() -> None:
    step = followed(SIBLING, region="eu-west-1")
    assert step == Follow(SIBLING, "signed", trusted=True, region="eu-west-1")
    assert followed(SIBLING, region="eu west\n").region is None
    assert followed(STRANGER, region="eu-west-1").region is None


def test_a_region_in_the_body_counts_where_there_is_no_location_for_which_it_is_not_read() -> None:
    assert followed(SIBLING, region_in_body="eu-west-1").region is None
    step = followed(None, endpoint="node1.store.com", region_in_body="eu-west-1")
    assert step.region == "eu-west-1"
    assert decide(answer(OF_AWS, AWS, region_in_body="eu-west-1"), RedirectPolicy()) is None


AWS = "https://s3.us-east-1.amazonaws.com"
OF_AWS = "https://bkt.s3.eu-west-1.amazonaws.com/key"


@pytest.mark.parametrize("endpoint_in_body", [False, True])
def test_a_redirect_to_aws_with_a_region_is_left_to_botocore_or_refused(
    endpoint_in_body: bool,
) -> None:
    facts: dict[str, Any] = {"region": "eu-west-1"}
    location: str | None = OF_AWS
    if endpoint_in_body:
        location, facts["endpoint"] = None, "bkt.s3.eu-west-1.amazonaws.com"
    assert (
        decide(answer(location, botocore_can_find_region=True, **facts), RedirectPolicy()) is None
    )
    refused = refusal(location, **facts)
    assert (refused.kind, refused.reason) == ("InvalidLocation", "region")
    assert "eu-west-1" in refused.why


@pytest.mark.parametrize(
    ("location", "facts"),
    [
        (None, {}),
        (None, {"region": "eu-west-1"}),
        (OF_AWS, {"region": "eu-west-1"}),
        ("https://elsewhere.example/bkt/key", {}),
        ("https://s3.cn-north-1.amazonaws.com.cn/bkt/key", {}),
        ("https://ec2.eu-west-1.amazonaws.com/bkt/key", {}),
        ("ftp://s3.eu-west-1.amazonaws.com/bkt/key", {}),
    ],
)
def test_a_gateway_of_aws_is_left_to_botocore(location: str | None, facts: Any) -> None:
    assert decide(answer(location, AWS, **facts), RedirectPolicy(trust="*")) is None


def test_two_locations_of_aws_are_left_to_botocore() -> None:
    asked = answer(OF_AWS, AWS)._replace(locations=(OF_AWS, OF_AWS))
    assert decide(asked, RedirectPolicy()) is None


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_within_a_partition_of_aws_a_redirect_without_a_region_is_followed(method: str) -> None:
    step = followed(OF_AWS, AWS, method)
    assert step == Follow(OF_AWS, "signed", trusted=True, bucket_in_host=True)


def test_without_a_location_botocore_may_find_the_region_of_the_bucket() -> None:
    step = decide(answer(None, botocore_can_find_region=True), RedirectPolicy())
    assert isinstance(step, Discover)
    assert (step.otherwise.kind, step.otherwise.reason) == ("InvalidLocation", "missing")
    named = answer(None, botocore_can_find_region=True, region="eu-west-1")
    assert decide(named, RedirectPolicy()) is None
    head = refusal(None, method="HEAD", asked=f"{PUBLIC}/bkt", botocore_can_find_region=True)
    assert head.reason == "missing"


def test_two_location_headers_are_refused() -> None:
    refused = decide(answer(SIBLING)._replace(locations=(SIBLING, SIBLING)), RedirectPolicy())
    assert isinstance(refused, Refusal)
    assert (refused.kind, refused.reason) == ("InvalidLocation", "malformed")
    assert "more than one Location" in refused.why


@pytest.mark.parametrize(
    ("asked", "endpoint", "url"),
    [
        ("/bkt/key?a=1", "node1.store.com:9020", "https://node1.store.com:9020/bkt/key?a=1"),
        ("/bkt/key", "node1.store.com/s3", "https://node1.store.com/s3/bkt/key"),
        ("/bkt/key", "http://node1.store.com:9020", None),
        ("/bkt/key", " node1.store.com ", "https://node1.store.com/bkt/key"),
        ("/bkt/key", "bkt.node1.store.com", "https://bkt.node1.store.com/key"),
        ("/bkt", "node1.store.com", "https://node1.store.com/bkt"),
        ("/bkt/a%2Fb%20c", "node1.store.com", "https://node1.store.com/bkt/a%2Fb%20c"),
        ("/bkt/key?a=1", "https://node1.store.com/bkt/key?a=1&pid=2", ...),
    ],
)
def test_a_call_is_sent_to_the_endpoint_in_the_body(asked: str, endpoint: str, url: Any) -> None:
    policy = RedirectPolicy(allow_downgrade=True)
    step = followed(None, asked=f"{PUBLIC}{asked}", endpoint=endpoint, policy=policy)
    assert step.url == (endpoint if url is ... else url or f"{endpoint}/bkt/key")


def test_an_endpoint_in_the_body_that_is_no_host_is_named() -> None:
    for endpoint in ("no host", "ftp://node1.store.com", "//[::1", "user@node1.store.com"):
        refused = refusal(None, endpoint=endpoint)
        assert (refused.kind, refused.reason) == ("InvalidLocation", "malformed")


def test_a_redirect_without_a_location_is_refused() -> None:
    refused = refusal(None)
    assert (refused.kind, refused.reason) == ("InvalidLocation", "missing")


def test_a_malformed_location_is_named_without_its_query() -> None:
    refused = refusal("ftp://cdn.net/key?secret")
    assert (refused.kind, refused.reason) == ("InvalidLocation", "malformed")
    assert "ftp://cdn.net/key" in refused.why
    assert "secret" not in refused.why


@pytest.mark.parametrize(
    ("endpoint", "first", "target", "sent"),
    [
        (PUBLIC, "https://bkt.s3.store.com/key", "https://bkt.node1.store.com/key", "signed"),
        (PUBLIC, "https://bkt.s3.store.com/key", "https://node1.store.com/bkt/key", "signed"),
        (PUBLIC, "https://bkt.s3.store.com/key", "https://bkt.s3.evil.com/key", "anonymous"),
        ("http://gw", "http://evil.gw/key", "http://evil.com/key", "anonymous"),
        ("http://gw:80", "http://bkt.gw:80/key", "http://bkt.gw:9000/key", "signed"),
        (PUBLIC, "https://a.b.s3.store.com/key", "https://a.b.node1.store.com/key", "signed"),
    ],
)
def test_the_bucket_in_front_of_a_host_is_no_part_of_its_name(
    endpoint: str, first: str, target: str, sent: str
) -> None:
    bucket = first.split("//")[1].removesuffix(endpoint.split("//")[1].join([".", "/key"]))
    assert followed(target, gateway=endpoint, asked=first, bucket=bucket).sent == sent


def test_the_gateway_of_a_call_with_an_endpoint_of_its_own_is_that_endpoint() -> None:
    def gateway(url: str, bucket: str) -> str:
        return gateway_of(Call("GET", url, PUBLIC, bucket))

    arn = "arn:aws:s3:us-east-1:123456789012:accesspoint/ap"
    assert gateway("https://bkt.s3.store.com/key", "bkt") == PUBLIC
    assert gateway("https://ap-123456789012.other.com:81/key", arn) == "https://other.com:81"
    assert gateway("https://other.com:81/bkt/key", "bkt") == "https://other.com:81"
