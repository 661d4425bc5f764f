"""Clients that sign in the query, whose own signature a gateway writes into its Location."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from botocore_redirect import RedirectLoop, RedirectPolicy, RedirectRefused
from wire.conftest import answer, to
from wire.servers.tls import resolve_examples, url

if TYPE_CHECKING:
    from botocore_redirect.testing import Received
    from wire.conftest import Follow, MakeClient, Serve

pytestmark = pytest.mark.usefixtures("patched")

KEY = {"Bucket": "bkt", "Key": "key"}
SIGNERS = pytest.mark.parametrize("signer", ["s3v4-query", "s3-query"])
_SIGNATURES = ("X-Amz-Signature", "Signature")


def names(received: Received) -> list[str]:
    return [name for name, _ in parse_qsl(received.query, keep_blank_values=True)]


def whole(received: Received) -> str:
    return received.query


def reversed_and_lower_case_escapes(received: Received) -> str:
    turned = "&".join(reversed(received.query.split("&")))
    return turned.replace("%2F", "%2f").replace("%3B", "%3b")


def without_what_names_the_signature(received: Received) -> str:
    return "&".join(
        pair for pair in received.query.split("&") if pair.partition("=")[0] not in _SIGNATURES
    )


def the_signature_alone(received: Received) -> str:
    pairs = received.query.split("&")
    return "&".join(pair for pair in pairs if pair.partition("=")[0] in _SIGNATURES)


@SIGNERS
@pytest.mark.parametrize(
    "echo",
    [
        whole,
        reversed_and_lower_case_escapes,
        without_what_names_the_signature,
        the_signature_alone,
    ],
)
@pytest.mark.parametrize("added", ["", "&node=10.0.0.5:80&b=/"])
def test_a_signature_that_a_gateway_echoes_is_replaced(
    serve: Serve, make_client: MakeClient, signer: str, echo: Any, added: str
) -> None:
    target = serve(answer(200, b"content"))
    gateway = serve()
    gateway.rule = lambda received: to(f"{target.url}/s3{received.path}?{echo(received)}{added}")
    client = make_client(gateway.url, signature_version=signer)
    got = client.get_object(**KEY)
    assert got["ResponseMetadata"]["Redirects"][0]["Sent"] == "signed"
    (asked,), (arrived,) = gateway.received, target.received
    assert arrived.query.startswith(added[1:])
    assert sorted(names(arrived)) == sorted(names(asked) + [n for n in ("node", "b") if added])


@SIGNERS
def test_a_target_is_signed_for_if_the_gateway_echoes_nothing(
    serve: Serve, make_client: MakeClient, signer: str
) -> None:
    target = serve(answer(200, b"content"))
    gateway = serve(to(f"{target.url}/bkt/key"))
    got = make_client(gateway.url, signature_version=signer).get_object(**KEY)
    assert got["ResponseMetadata"]["Redirects"][0]["Sent"] == "signed"
    assert sorted(names(target.received[0])) == sorted(names(gateway.received[0]))


@SIGNERS
def test_each_hop_of_a_chain_leaves_out_the_signature_of_the_one_before(
    serve: Serve, make_client: MakeClient, signer: str
) -> None:
    target = serve(answer(200, b"content"))
    second, first, gateway = serve(), serve(), serve()
    gateway.rule = lambda received: to(first.url + received.target)
    first.rule = lambda received: to(second.url + received.target)
    second.rule = lambda received: to(target.url + received.target)
    client = make_client(gateway.url, signature_version=signer)
    assert client.get_object(**KEY)["Body"].read() == b"content"
    for server in (first, second, target):
        assert sorted(names(server.received[0])) == sorted(names(gateway.received[0]))


@pytest.mark.parametrize(
    ("signer", "query"),
    [
        (
            "s3v4-query",
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=3600&X-Amz-Signature=0a1b",
        ),
        ("s3v4-query", "AWSAccessKeyId=STORE&Expires=1893456000&Signature=ab%2Bc%3D"),
        ("s3-query", "AWSAccessKeyId=STORE&Expires=1893456000&Signature=ab%2Bc%3D"),
        ("s3-query", "X-Amz-Credential=store&X-Amz-Signature=0a1b"),
    ],
)
def test_a_signature_of_the_store_is_sent_as_it_is(
    serve: Serve, make_client: MakeClient, signer: str, query: str
) -> None:
    target = serve(answer(200, b"content"))
    gateway = serve(to(f"{target.url}/bkt/key?{query}"))
    got = make_client(gateway.url, signature_version=signer).get_object(**KEY)
    assert got["ResponseMetadata"]["Redirects"][0]["Sent"] == "presigned"
    assert target.received[0].query == query


@SIGNERS
def test_a_stranger_is_not_shown_the_signature(
    serve: Serve, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, signer: str
) -> None:
    resolve_examples(monkeypatch)
    stranger = serve(answer(200, b"content"))
    gateway = serve()
    gateway.rule = lambda received: to(url(stranger, "stranger.example") + received.target)
    client = make_client(url(gateway, "s3.store.example"), signature_version=signer)
    got = client.get_object(**KEY)
    assert got["Body"].read() == b"content"
    assert got["ResponseMetadata"]["Redirects"][0]["Sent"] == "anonymous"
    assert stranger.received[0].target == "/bkt/key"
    with pytest.raises(RedirectRefused):
        client.delete_object(**KEY)
    assert len(stranger.received) == 1


@SIGNERS
def test_a_circle_is_recognised_though_each_request_is_signed_anew(
    serve: Serve, make_client: MakeClient, follow: Follow, signer: str
) -> None:
    gateway, node = serve(), serve()
    gateway.rule = lambda received: to(node.url + received.target)
    node.rule = lambda received: to(gateway.url + received.target)
    client = follow(make_client(gateway.url, signature_version=signer), RedirectPolicy(max_hops=1))
    with pytest.raises(RedirectLoop):
        client.get_object(**KEY)
    assert len(gateway.received) == len(node.received) == 1
