"""Keys keep their names with the bucket in the host name and with Signature Version 2."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable

import pytest
from botocore.config import Config

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
from wire.servers.names import resolve_everything
from wire.signatures import sigv2, sigv4

if TYPE_CHECKING:
    from botocore_redirect.testing import Gateway


pytestmark = pytest.mark.usefixtures("patched")


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_everything(monkeypatch)  # not every machine resolves `bkt.localhost`


def port(server: Gateway) -> str:
    return server.url.rpartition(":")[2]


@pytest.fixture(scope="module")
def client_of(module_session: Any, gateway: Gateway) -> Callable[[str, str], Any]:
    """Return the client with an addressing style and a signature version."""

    @functools.cache
    def client_of(style: str, signature_version: str) -> Any:
        config = Config(
            s3={"addressing_style": style},
            retries={"max_attempts": 0},
            signature_version=signature_version,
        )
        url = f"http://localhost:{port(gateway)}"
        return module_session.client("s3", endpoint_url=url, config=config)

    return client_of


@pytest.mark.parametrize("prefix", ["", "/bkt"], ids=["virtual host", "path style"])
@pytest.mark.parametrize("spelling", [as_it_came, decoded])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_a_bucket_in_the_host_name_is_found_under_its_own_name(
    client_of: Any, gateway: Gateway, target: Gateway, key: str, spelling: Spelling, prefix: str
) -> None:
    host = f"localhost:{port(target)}" if prefix else f"bkt.localhost:{port(target)}"
    redirect = leading_to(f"http://{host}", spelling, SIGNED_QUERY, prefix)
    calling(client_of("virtual", "s3v4"), gateway, target, key, redirect)
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
    client_of: Any, gateway: Gateway, target: Gateway, key: str, spelling: Spelling, prefix: str
) -> None:
    redirect = leading_to(target.url, spelling, BARE_QUERY, prefix)
    calling(client_of("path", "s3"), gateway, target, key, redirect)
    assert {each.path for each in target.received} == {f"{prefix}/bkt/{named(key)}"}
    assert all(each.query.endswith(BARE_QUERY) for each in target.received)
    # botocore 1.28 and 1.29 sign `?uploads` wrongly for the gateway, but not for the target.
    assert [sigv2.mismatch(each) for each in target.received] == [None] * len(USED)


@pytest.mark.parametrize("spelling", [as_it_came, decoded])
@pytest.mark.parametrize("key", KEYS)
def test_a_bucket_in_the_host_name_stays_signed_with_signature_version_2(
    client_of: Any, gateway: Gateway, target: Gateway, key: str, spelling: Spelling
) -> None:
    redirect = leading_to(f"http://bkt.localhost:{port(target)}", spelling, BARE_QUERY)
    calling(client_of("virtual", "s3"), gateway, target, key, redirect, USED[:3])
    assert {each.path for each in target.received} == {f"/{named(key)}"}
    assert [sigv2.mismatch(each, bucket="bkt") for each in target.received] == [None] * 3
