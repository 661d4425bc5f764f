"""The asynchronous client of the kit's store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocore_redirect.testing import RedirectingStore


async def _put(store: RedirectingStore, **options: Any) -> Any:
    async with store.aio_client(**options) as s3:
        botocore_redirect.follow(s3)
        await s3.put_object(Bucket="data", Key="a", Body=b"1")
        return s3.meta


@pytest.mark.parametrize("tls", [False, True])
def test_an_asynchronous_client_reaches_the_store(
    make_redirecting_s3: Callable[..., RedirectingStore], tls: bool
) -> None:
    store = make_redirecting_s3(targets=2, tls=tls)
    store.inspector.create_bucket("data")
    asyncio.run(_put(store))
    assert store.inspector.snapshot() == {"data": {"a": b"1"}}
    (first,), (second,) = store.gateway.received, store.targets[0].received
    assert (first.status, second.status) == (307, 200)


def test_its_options_are_those_of_the_configuration_and_the_machine_has_no_say(
    redirecting_s3: RedirectingStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    redirecting_s3.inspector.create_bucket("data")
    (tmp_path / "config").write_text("[default]\nregion = eu-north-1\nretry_mode = adaptive\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    meta = asyncio.run(_put(redirecting_s3, read_timeout=17))
    assert (meta.region_name, meta.config.read_timeout) == ("us-east-1", 17)
    assert meta.config.retries["mode"] != "adaptive"
    assert "Credential=testing/" in redirecting_s3.gateway.received[0].headers["Authorization"]


async def _list_unpatched(store: RedirectingStore) -> Any:
    async with store.aio_client() as s3:
        return await s3.list_objects_v2(Bucket="data")


def test_the_store_does_not_patch(redirecting_s3: RedirectingStore) -> None:
    redirecting_s3.inspector.create_bucket("data")
    asyncio.run(_list_unpatched(redirecting_s3))  # aiohttp follows, unsigned; this store allows it
    assert "Authorization" not in redirecting_s3.targets[0].received[0].headers
