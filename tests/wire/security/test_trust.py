"""Signed, anonymous and refused requests by host name, over TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import SSLError

from botocore_redirect import RedirectPolicy, RedirectRefused
from wire.conftest import answer, to
from wire.servers.tls import KEY_ID, TOKEN, Client, names, seen_by, url

if TYPE_CHECKING:
    from wire.conftest import Follow, Serve

pytest_plugins = ["wire.tls_fixtures"]

KEY = {"Bucket": "bkt", "Key": "key"}
GATEWAY = "s3.store.example"


@pytest.fixture
def get(serve_tls: Serve, client: Client, follow: Follow) -> Any:
    """Get an object through servers of these names, one redirecting to the next."""

    def get(
        *hosts: str, policy: RedirectPolicy | None = None, path: str = "/bkt/key", **options: Any
    ) -> Any:
        servers = [serve_tls(answer(200, b"content"))]
        for host in reversed(hosts[1:]):
            servers.insert(0, serve_tls(to(f"{url(servers[0], host)}{path}")))
        s3 = follow(client(url(servers[0], hosts[0]), **options), policy)
        got = s3.get_object(**KEY)
        assert got["Body"].read() == b"content"
        return servers[1:], [hop["Sent"] for hop in got["ResponseMetadata"]["Redirects"]]

    return get


@pytest.mark.parametrize(
    "target", [GATEWAY, "node1.s3.store.example", "node7.store.example", "S3.STORE.EXAMPLE"]
)
@pytest.mark.parametrize("gateway", [GATEWAY, "store.example"])
def test_hosts_of_the_store_get_signed_requests(get: Any, gateway: str, target: str) -> None:
    (target_server,), sent = get(gateway, target)
    assert sent == ["signed"]
    assert target_server.received[0].headers["X-Amz-Security-Token"] == TOKEN
    assert f"Credential={KEY_ID}" in target_server.received[0].headers["Authorization"]


@pytest.mark.parametrize("target", ["stranger.example", "store.example", "a.cdn.example"])
def test_a_stranger_gets_an_anonymous_get(get: Any, target: str) -> None:
    (stranger,), sent = get(GATEWAY, target)
    assert sent == ["anonymous"]
    heads = seen_by(stranger)
    assert KEY_ID not in heads
    assert TOKEN not in heads
    assert "authorization" not in names(stranger.received[0])


def test_after_a_stranger_no_hop_is_signed_not_even_to_the_gateway(get: Any) -> None:
    servers, sent = get(GATEWAY, "node1.store.example", "cdn.example", GATEWAY, "a.store.example")
    assert sent == ["signed", "anonymous", "anonymous", "anonymous"]
    assert [TOKEN in seen_by(server) for server in servers] == [True, False, False, False]


def test_the_next_call_is_signed_again(serve_tls: Serve, client: Client, follow: Follow) -> None:
    stranger = serve_tls(answer())
    gateway = serve_tls(to(f"{url(stranger, 'cdn.example')}/bkt/key"), answer())
    s3 = follow(client(url(gateway, GATEWAY)))
    s3.get_object(**KEY)
    s3.get_object(**KEY)
    assert all("Authorization" in each.headers for each in gateway.received)


@pytest.mark.parametrize("host", ["cdn.example", "*.example", "cdn.*", "*"])
def test_a_listed_stranger_gets_signed_requests(get: Any, host: str) -> None:
    (target,), sent = get(GATEWAY, "cdn.example", policy=RedirectPolicy(trust=host))
    assert sent == ["signed"]
    assert TOKEN in seen_by(target)


def test_a_network_trusts_addresses_and_not_the_names_that_resolve_to_them(get: Any) -> None:
    policy = RedirectPolicy(trust="127.0.0.0/8")
    assert get(GATEWAY, "127.0.0.1", policy=policy)[1] == ["signed"]
    assert get(GATEWAY, "cdn.example", policy=policy)[1] == ["anonymous"]


def test_without_the_defaults_only_listed_hosts_are_trusted(get: Any) -> None:
    policy = RedirectPolicy(trust="cdn.example", trust_defaults=False)
    assert get(GATEWAY, "cdn.example", policy=policy)[1] == ["signed"]
    assert get(GATEWAY, "node1.s3.store.example", policy=policy)[1] == ["anonymous"]
    assert get(GATEWAY, GATEWAY, policy=policy)[1] == ["anonymous"]


def test_a_trust_function_gets_the_two_origins(get: Any) -> None:
    asked = []

    def trust(gateway: str, target: str) -> bool:
        asked.append((gateway, target))
        return "//a." in target

    policy = RedirectPolicy(trust=trust, trust_defaults=False)
    servers, sent = get(GATEWAY, "a.cdn.example", "b.cdn.example", policy=policy)
    assert sent == ["signed", "anonymous"]
    assert [target for _, target in asked] == [
        url(servers[0], "a.cdn.example"),
        url(servers[1], "b.cdn.example"),
    ]
    # All trust is measured from the configured gateway, not from the last hop.
    assert asked[0][0] == asked[1][0]
    assert asked[0][0].startswith(f"https://{GATEWAY}:")


def test_a_trust_function_that_raises_ends_the_call_before_anything_is_sent(
    serve_tls: Serve, client: Client, follow: Follow
) -> None:
    def trust(_gateway: str, _target: str) -> bool:
        raise LookupError("the inventory is down")

    target = serve_tls(answer())
    gateway = serve_tls(to(f"{url(target, 'cdn.example')}/bkt/key"))
    s3 = follow(client(url(gateway, GATEWAY)), RedirectPolicy(trust=trust))
    with pytest.raises(LookupError, match="the inventory is down"):
        s3.get_object(**KEY)
    assert target.connections == 0


@pytest.mark.parametrize(
    ("target", "path", "sent"),
    [
        ("bkt.cdn.example", "/key", "signed"),  # the bucket of a trusted host
        ("other.cdn.example", "/bkt/key", "anonymous"),
    ],
)
def test_the_label_of_the_bucket_neither_hides_a_trusted_host_nor_makes_one(
    get: Any, target: str, path: str, sent: str
) -> None:
    policy = RedirectPolicy(trust="cdn.example")
    (_,), taken = get(GATEWAY, target, policy=policy, path=path, s3={"addressing_style": "virtual"})
    assert taken == [sent]


def test_a_stranger_named_like_the_bucket_is_not_a_short_private_name(
    serve: Serve, client: Client, follow: Follow
) -> None:
    stranger = serve(answer())  # without the label of the bucket it is the host `example`
    gateway = serve(to(f"{url(stranger, 'stranger.example')}/key"))
    s3 = follow(client(url(gateway, "internal"), s3={"addressing_style": "virtual"}))
    s3.get_object(Bucket="stranger", Key="key")
    assert gateway.received[0].headers["Host"].startswith("stranger.internal")
    assert "authorization" not in names(stranger.received[0])


def test_a_trusted_host_must_prove_its_name_before_anything_is_sent(
    serve_tls: Serve, client: Client, follow: Follow
) -> None:
    impostor = serve_tls(answer())
    gateway = serve_tls(to(f"{url(impostor, 'not-in-the-certificate.example')}/bkt/key"))
    s3 = follow(client(url(gateway, GATEWAY)), RedirectPolicy(trust="*"))
    with pytest.raises(SSLError):
        s3.get_object(**KEY)
    assert impostor.received == []


def test_the_targets_of_https_are_not_downgraded_to_http(
    serve: Serve, serve_tls: Serve, client: Client, follow: Follow
) -> None:
    target = serve(answer())
    gateway = serve_tls(to(f"{url(target, GATEWAY)}/bkt/key?X-Amz-Signature=x"))
    s3 = follow(client(url(gateway, GATEWAY)), RedirectPolicy(trust="*"))
    for call in (s3.get_object, s3.put_object, s3.head_object):
        with pytest.raises(RedirectRefused, match=r"allow_downgrade=True\) allows it") as refused:
            call(**KEY)
        assert refused.value.reason == "downgrade"
    assert target.connections == 0


def test_an_allowed_downgrade_is_checked_like_any_hop(
    serve: Serve, serve_tls: Serve, client: Client, follow: Follow
) -> None:
    target = serve(answer())
    gateway = serve_tls(
        to(f"{url(target, GATEWAY)}/bkt/key"), to(f"{url(target, 'cdn.example')}/bkt/key")
    )
    s3 = follow(client(url(gateway, GATEWAY)), RedirectPolicy(allow_downgrade=True))
    s3.put_object(**KEY)
    s3.get_object(**KEY)
    assert ["Authorization" in each.headers for each in target.received] == [True, False]


def test_a_downgrade_in_the_middle_of_a_chain_is_refused(
    serve: Serve, serve_tls: Serve, client: Client, follow: Follow
) -> None:
    target = serve(answer())
    middle = serve_tls(to(f"{url(target, GATEWAY)}/bkt/key"))
    gateway = serve(to(f"{url(middle, GATEWAY)}/bkt/key"))  # the gateway itself speaks http
    with pytest.raises(RedirectRefused, match="from https to http"):
        follow(client(url(gateway, GATEWAY))).get_object(**KEY)
    assert target.connections == 0


_INSIDE = ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "10.0.0.1", "192.168.1.1"]


@pytest.mark.parametrize("inside", [*_INSIDE, "169.254.169.254", "metadata.google.internal", "db"])
def test_a_public_gateway_cannot_redirect_to_a_private_address(
    serve_tls: Serve, client: Client, follow: Follow, inside: str
) -> None:
    target = serve_tls(answer())
    gateway = serve_tls(to(f"{url(target, inside)}/bkt/key?X-Amz-Signature=x"))
    s3 = follow(client(url(gateway, GATEWAY)))
    for call in (s3.get_object, s3.put_object):
        with pytest.raises(RedirectRefused) as refused:
            call(**KEY)
        assert refused.value.reason == "private"
    assert target.connections == 0


def test_a_stranger_cannot_redirect_to_a_private_address(
    serve_tls: Serve, client: Client, follow: Follow
) -> None:
    target = serve_tls(answer())
    stranger = serve_tls(to(f"{target.url}/bkt/key"))
    gateway = serve_tls(to(f"{url(stranger, 'cdn.example')}/bkt/key"))
    with pytest.raises(RedirectRefused, match="inside a private network"):
        follow(client(url(gateway, GATEWAY))).get_object(**KEY)
    assert target.connections == 0


@pytest.mark.parametrize("metadata", ["169.254.169.254", "169.254.170.2", "metadata"])
def test_not_even_a_private_gateway_may_redirect_to_the_metadata_service(
    serve_tls: Serve, client: Client, follow: Follow, metadata: str
) -> None:
    gateway = serve_tls(to(f"https://{metadata}/bkt/key"))
    with pytest.raises(RedirectRefused) as refused:
        follow(client(gateway.url)).get_object(**KEY)
    assert refused.value.reason == "private"
