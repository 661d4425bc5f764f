"""Read, fill and delete everything that moto stores for one account, without S3 requests.

For the process that moto runs in. A `MotoStore` offers the same to other processes, at `PATH`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, Optional

Buckets = Mapping[str, Mapping[str, bytes]]

#: The path of the contents on a `MotoStore`: no bucket can have this name.
PATH = "/-/contents"
#: The media type of every response at `PATH`, by which a client recognizes a `MotoStore`.
TYPE = "application/x-botocore-redirect-contents"
#: The header that names the account to moto.
ACCOUNT = "x-moto-account-id"

_REGION = "us-east-1"

Account = Optional[str]  # None: the default account of moto


def fill(account: Account, buckets: Buckets) -> None:
    """Store these objects; buckets that the account does not have are created."""
    backend = _backend(account)
    for bucket, objects in buckets.items():
        if bucket not in backend.buckets:
            backend.create_bucket(bucket, _REGION)
        for key, body in objects.items():
            backend.put_object(bucket, key, body)


def read(account: Account) -> dict[str, dict[str, bytes]]:
    """Read everything that is stored: bucket -> key -> bytes."""
    return {
        name: {
            key: versions[-1].value
            for key, versions in _versions(bucket)
            if hasattr(versions[-1], "value")  # a delete marker has none
        }
        for name, bucket in [*_backend(account).buckets.items()]
    }


def forget(account: Account) -> None:
    """Delete everything that is stored; free its memory, the names of its buckets, the account."""
    from moto.s3.models import s3_backends  # noqa: PLC0415 - moto is an extra

    buckets = _backend(account).buckets
    for name, bucket in [*buckets.items()]:
        # moto keeps a list of all objects for ever, but `dispose` frees their bytes.
        uploads = [*bucket.multiparts.values()]
        for each in [*uploads, *(each for _, versions in _versions(bucket) for each in versions)]:
            if hasattr(each, "dispose"):
                each.dispose()
        s3_backends.bucket_accounts.pop(name, None)
        buckets.pop(name, None)
    if account is not None:
        # For each request, moto copies the list of all accounts: those of S3 and of IAM.
        iam = sys.modules.get("moto.iam.models")
        for backends in (s3_backends, getattr(iam, "iam_backends", {})):
            backends.pop(account, None)


def pack(buckets: Buckets) -> bytes:
    """Write buckets as one message: a line of JSON with names and lengths, then all the bytes."""
    names = {
        bucket: {key: len(body) for key, body in objects.items()}
        for bucket, objects in buckets.items()
    }
    bodies = (body for objects in buckets.values() for body in objects.values())
    return b"".join([json.dumps(names).encode(), b"\n", *bodies])


def unpack(message: bytes) -> dict[str, dict[str, bytes]]:
    """Read a message of `pack`."""
    names, _, _ = message.partition(b"\n")
    start = len(names) + 1
    buckets: dict[str, dict[str, bytes]] = {}
    for bucket, lengths in json.loads(names).items():
        buckets[bucket] = {}
        for key, length in lengths.items():
            buckets[bucket][key] = message[start : start + length]
            start += length
    return buckets


def _backend(account: Account) -> Any:
    from moto.core import DEFAULT_ACCOUNT_ID  # noqa: PLC0415 - moto is an extra
    from moto.s3.models import s3_backends  # noqa: PLC0415 - as above

    backends = s3_backends[DEFAULT_ACCOUNT_ID if account is None else account]
    # Since moto 5.0.10 each partition of AWS has a backend.
    return backends["aws" if "aws" in backends.regions else "global"]


def _versions(bucket: Any) -> list[tuple[str, list[Any]]]:
    """List all keys of a bucket with their versions, the current one last."""
    return [(key, [*bucket.keys.getlist(key)]) for key in [*bucket.keys]]
