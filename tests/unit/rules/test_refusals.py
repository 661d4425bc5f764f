"""Which hops the policy refuses, and how those are sent that it allows."""

from __future__ import annotations

from typing import Any

import pytest

from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.rules.hop import Chain, Follow, Hop
from unit.rules.answers import (
    PRIVATE,
    PUBLIC,
    SIBLING,
    SIGNED_URL,
    STRANGER,
    after,
    followed,
    refusal,
)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_303_to_a_read_is_followed(method: str) -> None:
    assert followed(SIBLING, status=303, method=method).url == SIBLING


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_303_to_a_write_is_refused(method: str) -> None:
    assert refusal(SIBLING, status=303, method=method).reason == "see-other"


@pytest.mark.parametrize("hops", [0, 1, 5])
def test_the_limit_is_exact(hops: int) -> None:
    policy = RedirectPolicy(max_hops=hops)
    urls = [f"https://node{number}.store.com/" for number in range(hops + 1)]
    if hops:
        assert followed(SIBLING, chain=after(*urls[:-1]), policy=policy).url == SIBLING
    refused = refusal(SIBLING, chain=after(*urls), policy=policy)
    assert (refused.kind, refused.reason) == ("TooManyRedirects", "limit")
    assert f"max_hops is {hops}" in refused.why


def test_a_repeated_url_is_followed_until_the_limit_and_then_named_as_a_loop() -> None:
    one, two = f"{SIBLING}?secret", "https://node2.store.com/bkt/key?secret"
    assert followed(one, chain=after(one, two)).url == one
    refused = refusal(two, chain=after(PUBLIC, one, two, one), policy=RedirectPolicy(max_hops=3))
    assert (refused.kind, refused.reason) == ("RedirectLoop", "loop")
    assert "https://node1.store.com/bkt/key -> https://node2.store.com/bkt/key -> " in refused.why
    assert "secret" not in refused.why


def test_https_to_http_is_refused_unless_allowed() -> None:
    plain = "http://node1.store.com/bkt/key"
    assert refusal(plain).reason == "downgrade"
    assert followed(plain, policy=RedirectPolicy(allow_downgrade=True)).sent == "signed"
    assert followed(SIBLING, gateway="http://s3.store.com").sent == "signed"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_stranger_is_read_from_without_credentials(method: str) -> None:
    assert followed(STRANGER, method=method) == Follow(STRANGER, "anonymous", trusted=False)


@pytest.mark.parametrize(
    "facts",
    [
        {"method": "PUT", "has_body": True},
        {"method": "PUT"},
        {"method": "POST", "has_body": True},
        {"method": "DELETE"},
        {"method": "GET", "needed_secret": "a customer key"},
        {"method": "GET", "has_body": True},
    ],
)
def test_a_write_or_a_secret_for_a_stranger_is_refused(facts: dict[str, Any]) -> None:
    refused = refusal(STRANGER, **facts)
    assert refused.reason == "untrusted"
    assert "cdn.net" in refused.why
    assert "RedirectPolicy(trust='cdn.net')" in refused.why
    assert "BOTOCORE_REDIRECT_TRUST=cdn.net" in refused.why


def test_a_listed_host_is_trusted() -> None:
    policy = RedirectPolicy(trust="cdn.net")
    assert followed(STRANGER, method="PUT", has_body=True, policy=policy).sent == "signed"


def test_no_request_is_signed_again_once_a_hop_left_the_trusted_hosts() -> None:
    chain = after(f"{PUBLIC}/bkt/key", STRANGER, anonymous=True)
    assert followed(SIBLING, chain=chain) == Follow(SIBLING, "anonymous", trusted=True)
    refused = refusal(SIBLING, chain=chain, method="PUT", has_body=True)
    assert "after it had left the trusted hosts" in refused.why


def test_leaving_the_trusted_hosts_is_remembered_by_the_chain() -> None:
    chain = Chain((PUBLIC,))
    stay = chain.then(Hop(307, "GET", "", "", "signed"), Follow(SIBLING, "signed", trusted=True))
    leave = stay.then(
        Hop(307, "GET", "", "", "presigned"), Follow(SIGNED_URL, "presigned", trusted=False)
    )
    back = leave.then(
        Hop(307, "GET", "", "", "anonymous"), Follow(SIBLING, "anonymous", trusted=True)
    )
    assert [each.anonymous for each in (chain, stay, leave, back)] == [False, False, True, True]
    assert back.visited == (PUBLIC, SIBLING, SIGNED_URL, SIBLING)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_presigned_target_is_sent_no_second_signature(method: str) -> None:
    decision = followed(SIGNED_URL, method=method, has_body=method == "PUT")
    assert decision == Follow(SIGNED_URL, "presigned", trusted=False)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_presigned_write_that_needs_a_secret_is_refused(method: str) -> None:
    refused = refusal(SIGNED_URL, method=method, needed_secret="an MFA code")
    assert refused.reason == "secret"
    assert "must not be given an MFA code" in refused.why
    assert "X-Amz" not in refused.why


def test_a_presigned_read_goes_without_the_secret_that_it_needs() -> None:
    assert followed(SIGNED_URL, needed_secret="a customer key").sent == "presigned"


def test_the_refusal_names_the_secret_that_a_stranger_is_not_given() -> None:
    refused = refusal(STRANGER, method="PUT", has_body=True, needed_secret="a KMS context")
    assert "a KMS context is not sent there" in refused.why


@pytest.mark.parametrize(
    "target",
    [
        "https://10.0.0.7/bkt/key",
        "https://localhost/bkt/key",
        "https://[::1]/bkt/key",
        "https://169.254.169.254/bkt/key",
    ]
    + ["https://127.1/bkt/key", "https://2130706433/bkt/key", "https://db.internal/bkt/key"]
    + ["https://10.0.0.7/bkt/key?X-Amz-Signature=s"],
)
def test_a_redirect_from_a_public_gateway_to_a_private_address_is_refused(target: str) -> None:
    assert refusal(target).reason == "private"
    assert followed(target, policy=RedirectPolicy(trust="*")).trusted


@pytest.mark.parametrize("host", ["169.254.169.254", "metadata.google.internal", "[fd00:ec2::254]"])
def test_a_redirect_to_a_metadata_service_is_refused_from_every_gateway(host: str) -> None:
    assert refusal(f"http://{host}/bkt/key", gateway=PRIVATE).reason == "private"


def test_a_private_gateway_trusts_private_targets() -> None:
    assert followed("http://10.0.0.17:9000/bkt/key", gateway=PRIVATE).sent == "signed"
    assert followed("http://node1:9000/bkt/key", gateway="http://gateway:8080").sent == "signed"
