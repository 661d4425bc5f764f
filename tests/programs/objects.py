"""A program that uses objects of S3 through aioboto3."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import aioboto3

import botocore_redirect.auto  # noqa: F401 - importing it patches
from programs.steps import Steps

CONTENT = bytes(range(256)) * 4096 * 24
SMALL = [f"small/{n}" for n in range(20)]


async def transfer(s3: Any) -> list[Any]:
    await s3.upload_fileobj(io.BytesIO(CONTENT), "data", "large")
    got = io.BytesIO()
    await s3.download_fileobj("data", "large", got)
    head = await s3.head_object(Bucket="data", Key="large")
    return [got.getvalue() == CONTENT, head["ETag"]]


async def use_objects(s3: Any) -> list[Any]:
    puts = (s3.put_object(Bucket="data", Key=key, Body=key.encode()) for key in SMALL)
    await asyncio.gather(*puts)
    await s3.get_waiter("object_exists").wait(Bucket="data", Key=SMALL[-1])
    await s3.copy({"Bucket": "data", "Key": SMALL[0]}, "data", "copied")
    found = []
    async for page in s3.get_paginator("list_objects_v2").paginate(
        Bucket="data", PaginationConfig={"PageSize": 7}
    ):
        found += [each["Key"] for each in page["Contents"]]
    deleted = {"Objects": [{"Key": key} for key in SMALL[:5]]}
    answer = await s3.delete_objects(Bucket="data", Delete=deleted)
    return [found, len(answer["Deleted"])]


async def use_resource(session: aioboto3.Session) -> list[Any]:
    async with session.resource("s3") as s3:
        bucket = await s3.Bucket("data")
        await bucket.put_object(Key="resource/a", Body=b"a")
        await bucket.upload_fileobj(io.BytesIO(b"b"), "resource/b")
        body = (await (await s3.Object("data", "resource/a")).get())["Body"]
        found = [each.key async for each in bucket.objects.filter(Prefix="resource/")]
        await (await s3.Object("data", "resource/b")).delete()
        return [found, await body.read()]


async def run(session: aioboto3.Session, use: Any) -> Any:
    async with session.client("s3") as s3:
        return await use(s3)


session = aioboto3.Session()
steps = Steps()
steps.run("transfer", lambda: asyncio.run(run(session, transfer)))
steps.run("objects", lambda: asyncio.run(run(session, use_objects)))
steps.run("resource", lambda: asyncio.run(use_resource(session)))
steps.print()
