"""Every key keeps its name where the bucket is in the host name, and under Signature Version 2."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from botocore_redirect.testing import Gateway
from wire.conftest import NOWHERE
from wire.object_keys.keys import (
    BARE_QUERY,
    KEYS,
    SIGNED_QUERY,
    USED,
    Spelling,
    as_it_came,
    calling,
    decoded,
    leading_to,
    named,
)
from wire.signatures import sigv2, sigv4

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.usefixtures("patched")


@pytest.fixture(autouse=True)
def every_name_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolve names like `bkt.localhost`, which not every machine can."""

    def resolve(_: Any, port: Any, *__: Any, **___: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(port)))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture(scope="module")
def target() -> Iterator[Gateway]:
    with Gateway(NOWHERE, expect="late") as server:
        yield server


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with Gateway(NOWHERE) as server:
        yield server


def port(server: Gateway) -> str:
    return server.url.rpartition(":")[2]


@pytest.fixture(scope="module")
def virtual(session: boto3.session.Session, gateway: Gateway) -> Any:
    config = Config(s3={"addressing_style": "virtual"}, retries={"max_attempts": 0})
    return session.client("s3", endpoint_url=f"http://localhost:{port(gateway)}", config=config)


@pytest.fixture(scope="module")
def virtual_version_2(session: boto3.session.Session, gateway: Gateway) -> Any:
    config = Config(
        s3={"addressing_style": "virtual"}, retries={"max_attempts": 0}, signature_version="s3"
    )
    return session.client("s3", endpoint_url=f"http://localhost:{port(gateway)}", config=config)


@pytest.fixture(scope="module")
def version_2(session: boto3.session.Session, gateway: Gateway) -> Any:
    config = Config(
        s3={"addressing_style": "path"}, retries={"max_attempts": 0}, signature_version="s3"
    )
    return session.client("s3", endpoint_url=gateway.url, config=config)


@pytest.mark.parametrize("prefix", ["", "/bkt"], ids=["virtual host", "path style"])
@pytest.mark.parametrize("spelling", [as_it_came, decoded])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_a_bucket_in_the_host_name_is_found_under_its_own_name(
    virtual: Any, gateway: Gateway, target: Gateway, key: str, spelling: Spelling, prefix: str
) -> None:
    host = f"localhost:{port(target)}" if prefix else f"bkt.localhost:{port(target)}"
    redirect = leading_to(f"http://{host}", spelling, SIGNED_QUERY, prefix)
    calling(virtual, gateway, target, key, redirect)
    asked = {each.headers["Host"] for each in gateway.received}
    assert asked == {f"bkt.localhost:{port(gateway)}"}
    assert {each.headers["Host"] for each in target.received} == {host}
    assert {each.path for each in target.received} == {f"{prefix}/{named(key)}"}
    assert all(each.query.endswith(SIGNED_QUERY) for each in target.received)
    assert [sigv4.mismatch(each) for each in target.received] == [None] * len(USED)


@pytest.mark.parametrize("prefix", ["", "/s3"], ids=["same path", "other path"])
@pytest.mark.parametrize("spelling", [as_it_came, decoded])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_found_under_its_own_name_with_signature_version_2(
    version_2: Any, gateway: Gateway, target: Gateway, key: str, spelling: Spelling, prefix: str
) -> None:
    redirect = leading_to(target.url, spelling, BARE_QUERY, prefix)
    calling(version_2, gateway, target, key, redirect)
    assert {each.path for each in target.received} == {f"{prefix}/bkt/{named(key)}"}
    assert all(each.query.endswith(BARE_QUERY) for each in target.received)
    # botocore 1.28 and 1.29 sign `?uploads` wrongly for the gateway, but not for the target.
    assert [sigv2.mismatch(each) for each in target.received] == [None] * len(USED)


@pytest.mark.parametrize("spelling", [as_it_came, decoded])
@pytest.mark.parametrize("key", KEYS)
def test_a_bucket_in_the_host_name_stays_signed_with_signature_version_2(
    virtual_version_2: Any, gateway: Gateway, target: Gateway, key: str, spelling: Spelling
) -> None:
    redirect = leading_to(f"http://bkt.localhost:{port(target)}", spelling, BARE_QUERY)
    calling(virtual_version_2, gateway, target, key, redirect, USED[:3])
    assert {each.path for each in target.received} == {f"/{named(key)}"}
    assert [sigv2.mismatch(each, bucket="bkt") for each in target.received] == [None] * 3
