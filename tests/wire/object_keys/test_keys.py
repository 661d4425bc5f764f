"""Every key is read and stored under its exact name, however a gateway spells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from wire.object_keys.keys import (
    BARE_QUERY,
    KEYS,
    SIGNED_QUERY,
    SPELLINGS,
    USED,
    Spelling,
    as_it_came,
    calling,
    decoded,
    leading_to,
    named,
    slashes_encoded,
)
from wire.signatures import sigv4

if TYPE_CHECKING:
    from botocore_redirect.testing import Gateway


pytestmark = pytest.mark.usefixtures("patched")


@pytest.fixture(scope="module")
def client(module_session: Any, gateway: Gateway) -> Any:
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
    return module_session.client("s3", endpoint_url=gateway.url, config=config)


@pytest.mark.parametrize(
    ("spelling", "query"),
    [
        (as_it_came, ""),
        (decoded, ""),
        (decoded, BARE_QUERY),
        (slashes_encoded, SIGNED_QUERY),
        *((spelling, SIGNED_QUERY) for spelling in SPELLINGS),
    ],
)
@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_found_under_its_own_name_and_the_query_arrives_unchanged(
    client: Any, gateway: Gateway, target: Gateway, key: str, spelling: Spelling, query: str
) -> None:
    calling(client, gateway, target, key, leading_to(target.url, spelling, query))
    for asked, arrived in zip(gateway.received, target.received):
        assert arrived.path == asked.path == f"/bkt/{named(key)}"
        assert arrived.query == "&".join(filter(None, (asked.query, query)))
        assert arrived.method == asked.method
    stored = [each.body for each in target.received if each.method == "PUT"]
    assert stored == [b"stored", b"part"]
    assert [sigv4.mismatch(each) for each in target.received] == [None] * len(USED)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_found_below_a_prefix_that_the_gateway_adds(
    client: Any, gateway: Gateway, target: Gateway, key: str, spelling: Spelling
) -> None:
    redirect = leading_to(target.url, spelling, SIGNED_QUERY, "/s3")
    calling(client, gateway, target, key, redirect, USED[:3])
    assert {each.path for each in target.received} == {f"/s3/bkt/{named(key)}"}
    assert [each.query for each in target.received] == [SIGNED_QUERY] * 3
    assert [sigv4.mismatch(each) for each in target.received] == [None] * 3
