"""Proxies of the environment are chosen for each hop; configured proxies are used for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.transport import proxies
from wire.conftest import answer, to
from wire.connections.test_client_certificate import STRANGER, Asking, with_certificate
from wire.connections.test_proxy import Proxy
from wire.servers.tls import Client, resolve_examples, url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore_redirect.testing import Gateway
    from wire.conftest import MakeClient, Serve

pytest_plugins = ["wire.tls_fixtures"]
pytestmark = pytest.mark.usefixtures("patched")

KEY = {"Bucket": "bkt", "Key": "key"}
GATEWAY, TARGET = "s3.store.example", "node1.store.example"
FAR = f"http://{TARGET}:81/bkt/key"  # only a proxy answers for it


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_examples(monkeypatch)


class Environment:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def name(self, proxy: str, *, direct: str = "nobody.example") -> None:
        """Set one proxy for all hosts but `direct`."""
        self._monkeypatch.setenv("http_proxy", proxy)
        self._monkeypatch.setenv("https_proxy", proxy)
        self._monkeypatch.setenv("no_proxy", direct)

    def clear(self) -> None:
        for variable in ("http_proxy", "https_proxy", "no_proxy"):
            self._monkeypatch.delenv(variable)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(monkeypatch)


@pytest.fixture
def tunnels() -> Iterator[Proxy]:
    with Proxy() as proxy:
        yield proxy


def ask(client: Any, times: int = 1) -> None:
    for _ in range(times):
        client.head_object(**KEY)


def targets(server: Gateway) -> list[str]:
    return [each.target for each in server.received]


def test_a_hop_to_a_host_of_no_proxy_is_direct(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    target = serve(answer())
    relay = serve(to(f"{url(target, TARGET)}/bkt/key"), verify=False)
    environment.name(relay.url, direct=TARGET)
    ask(make_client(f"http://{GATEWAY}"), 3)
    assert targets(relay) == [f"http://{GATEWAY}/bkt/key"] * 3
    assert targets(target) == ["/bkt/key"] * 3
    assert (relay.connections, target.connections) == (1, 1)


def test_a_hop_from_a_direct_host_goes_through_the_proxy(
    serve: Serve, make_client: MakeClient, environment: Environment, aiobotocore: str | None
) -> None:
    relay = serve(answer(), verify=False)
    gateway = serve(to(FAR))
    environment.name(relay.url, direct=GATEWAY)
    client = make_client(url(gateway, GATEWAY))
    ask(client, 3)
    assert targets(gateway) == ["/bkt/key"] * 3
    assert targets(relay) == [FAR] * 3
    assert (relay.connections, gateway.connections) == (1, 1)
    if not aiobotocore:
        (manager,) = client._endpoint.http_session._proxy_managers.values()
        assert len(manager.pools) == 1  # closed with the client


@pytest.mark.parametrize("direct", [GATEWAY, TARGET])
def test_https_uses_a_tunnel_or_is_direct(
    serve_tls: Serve, client: Client, environment: Environment, tunnels: Proxy, direct: str
) -> None:
    target = serve_tls(answer())
    gateway = serve_tls(to(f"{url(target, TARGET)}/bkt/key"))
    environment.name(tunnels.url, direct=direct)
    s3 = client(url(gateway, GATEWAY))
    ask(s3, 3)
    tunneled = url(*((target, TARGET) if direct == GATEWAY else (gateway, GATEWAY)))
    assert tunnels.tunnels == [tunneled.replace("https://", "")]
    assert (gateway.connections, target.connections) == (1, 1)
    end_tunnels(s3)


def end_tunnels(client: Any) -> None:
    for manager in getattr(client._endpoint.http_session, "_proxy_managers", {}).values():
        manager.clear()


def test_a_hop_to_another_scheme_goes_through_the_proxy_of_that_scheme(
    serve: Serve,
    serve_tls: Serve,
    client: Client,
    environment: Environment,
    tunnels: Proxy,
) -> None:
    target = serve_tls(answer())
    gateway = serve(to(f"{url(target, TARGET)}/bkt/key"))
    environment.name(tunnels.url, direct=GATEWAY)
    s3 = client(url(gateway, GATEWAY))
    ask(s3)
    assert tunnels.tunnels == [url(target, TARGET).replace("https://", "")]
    end_tunnels(s3)


def test_the_proxy_is_chosen_for_each_hop(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    last = serve(answer())
    relay = serve(to(f"{url(last, 'node2.store.example')}/bkt/key"), verify=False)
    gateway = serve(to(FAR))
    environment.name(relay.url, direct=f"{GATEWAY},node2.store.example")
    ask(make_client(url(gateway, GATEWAY)), 2)
    assert [targets(each) for each in (gateway, relay, last)] == [
        ["/bkt/key"] * 2,
        [FAR] * 2,
        ["/bkt/key"] * 2,
    ]


def test_only_the_proxy_gets_its_password(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    target = serve(answer())
    relay = serve(to(f"{url(target, TARGET)}/bkt/key"), verify=False)
    environment.name(relay.url.replace("//", "//user:password@"), direct=TARGET)
    ask(make_client(f"http://{GATEWAY}"))
    assert "Proxy-Authorization" in relay.received[0].headers
    assert "Proxy-Authorization" not in target.received[0].headers


def test_proxies_of_the_configuration_are_used_for_each_hop(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    relay = serve(to(FAR), answer(), verify=False)
    environment.name(relay.url, direct=TARGET)
    ask(make_client(f"http://{GATEWAY}", proxies={"http": relay.url, "https": relay.url}))
    assert targets(relay) == [f"http://{GATEWAY}/bkt/key", FAR]


def test_an_empty_proxy_configuration_means_no_proxies(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    target = serve(answer())
    gateway = serve(to(f"{url(target, TARGET)}/bkt/key"))
    environment.name("http://127.0.0.1:9", direct=GATEWAY)
    ask(make_client(url(gateway, GATEWAY), proxies={}))
    assert targets(target) == ["/bkt/key"]


def test_proxies_of_the_environment_are_read_once(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    relay = serve(to(FAR), answer(), verify=False)
    environment.name(relay.url)
    client = make_client(f"http://{GATEWAY}")
    environment.clear()
    ask(client)
    assert targets(relay) == [f"http://{GATEWAY}/bkt/key", FAR]


def test_proxies_that_are_added_to_the_environment_later_are_not_used(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    target = serve(answer())
    gateway = serve(to(f"{url(target, TARGET)}/bkt/key"))
    client = make_client(url(gateway, GATEWAY))
    environment.name("http://127.0.0.1:9")
    ask(client)
    assert targets(target) == ["/bkt/key"]


def test_a_host_that_is_added_to_no_proxy_later_is_direct(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    target = serve(answer())
    relay = serve(to(f"{url(target, TARGET)}/bkt/key"), verify=False)
    environment.name(relay.url)
    client = make_client(f"http://{GATEWAY}")
    environment.name(relay.url, direct=TARGET)
    ask(client)
    assert targets(target) == ["/bkt/key"]


def test_a_replaced_proxy_configuration_is_used(
    serve: Serve, make_client: MakeClient, environment: Environment
) -> None:
    relay = serve(answer(), verify=False)
    gateway = serve(to(FAR))
    environment.name("http://127.0.0.1:9", direct=f"{GATEWAY},{TARGET}")

    class Chosen:
        settings: Mapping[str, str] = {}

        def proxy_url_for(self, url: str) -> str | None:
            return relay.url if TARGET in url else None

        def proxy_headers_for(self, _: str) -> dict[str, str]:
            return {}

    client = make_client(url(gateway, GATEWAY))
    client._endpoint.http_session._proxy_config = Chosen()
    ask(client)
    assert targets(relay) == [FAR]


def test_a_stranger_behind_a_proxy_of_the_environment_gets_no_certificate(
    serve: Serve, client: Client, environment: Environment, tunnels: Proxy
) -> None:
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at(STRANGER)))
    environment.name(tunnels.url, direct=GATEWAY)
    s3 = with_certificate(client, gateway)
    ask(s3, 2)
    assert (gateway.shown, target.shown) == ([True], [False])
    assert len(tunnels.tunnels) == 1
    end_tunnels(s3)


def test_a_call_without_a_redirect_does_not_ask_for_proxies(
    serve: Serve,
    make_client: MakeClient,
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def get_environ_proxies(url: str) -> dict[str, str]:
        asked.append(url)
        return {}

    environment.name("http://127.0.0.1:9", direct=f"{GATEWAY},{TARGET}")
    monkeypatch.setattr(proxies, "get_environ_proxies", get_environ_proxies)
    target = serve(answer())
    ask(make_client(url(target, TARGET)))
    assert not asked
    gateway = serve(to(f"{url(target, TARGET)}/bkt/key"))
    ask(make_client(url(gateway, GATEWAY)))
    assert asked == [url(gateway, GATEWAY), f"{url(target, TARGET)}/bkt/key"]
