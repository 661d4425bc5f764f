"""Clients of aiobotocore, as these tests make them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

KEY = {"Bucket": "bkt", "Key": "key"}
#: How long a test may take that would hang if the patch did, in seconds.
LIMIT = 30


@asynccontextmanager
async def opened(url: str, service: str = "s3", **options: Any) -> AsyncIterator[Any]:
    """Open a client; the options are those of `AioConfig`."""
    options.setdefault("s3", {"addressing_style": "path"})
    options.setdefault("retries", {"max_attempts": 0})
    async with get_session().create_client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="user",
        aws_secret_access_key="secret",
        config=AioConfig(**options),
    ) as client:
        yield client


async def content(client: Any, **options: Any) -> bytes:
    """Get an object, and read it."""
    answer = await client.get_object(**{**KEY, **options})
    async with answer["Body"] as body:
        read: bytes = await body.read()
        return read


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a loop of its own, for a limited time."""

    async def limited() -> Any:
        return await asyncio.wait_for(main, LIMIT)

    return asyncio.run(limited())
