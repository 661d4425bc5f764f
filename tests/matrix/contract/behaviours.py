"""The contract: what S3 clients do, each behaviour as a few lines of ordinary client code.

A behaviour says what is in the store before, what the client does, what that returns, and what is
in the store afterwards. It does not know in which quadrant it runs.
"""

from __future__ import annotations

import io
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from boto3.s3.transfer import TransferConfig

from matrix.contract import needs
from matrix.contract.behaviour import BUCKET, Behaviour, ClientFactory, Store, collected_in

MEBIBYTE = 1024 * 1024
# Threads would send parts in an order of their own.
_IN_ORDER = TransferConfig(use_threads=False, multipart_threshold=5 * MEBIBYTE)
_RANGED = TransferConfig(
    use_threads=False, multipart_threshold=100_000, multipart_chunksize=100_000
)

BEHAVIOURS: list[Behaviour] = []
_behaviour = collected_in(BEHAVIOURS)
_managed_transfer = collected_in(BEHAVIOURS, needs=frozenset({needs.MANAGED_TRANSFERS}))

_EMPTY: Store = {BUCKET: {}}
_ONE: Store = {BUCKET: {"key": b"content"}}
_FIVE: Store = {BUCKET: {f"many/{number}": b"%d" % number for number in range(5)}}
_AWKWARD = "semi;colon/na\u00efve \u65e5\u672c+%2F&a=b@c:d[x]'~"
_HALF = b"0123456789abcdef" * 10_000
_LARGE = bytes(range(256)) * (10 * MEBIBYTE // 256) + b"the third part"


def _keys(listing: dict[str, Any]) -> list[str]:
    return [entry["Key"] for entry in listing.get("Contents", [])]


# Buckets


@_behaviour(returns=None, after=_EMPTY)
def create_bucket(clients: ClientFactory) -> None:
    clients.s3.create_bucket(Bucket=clients.bucket)


@_behaviour(before=_EMPTY, returns=[BUCKET], without_bucket=True)
def list_buckets(clients: ClientFactory) -> list[str]:
    return [bucket["Name"] for bucket in clients.s3.list_buckets()["Buckets"]]


@_behaviour(before=_EMPTY, returns=200)
def head_bucket(clients: ClientFactory) -> int:
    return int(clients.s3.head_bucket(Bucket=clients.bucket)["ResponseMetadata"]["HTTPStatusCode"])


@_behaviour(before=_EMPTY, returns=204, after={})
def delete_bucket(clients: ClientFactory) -> int:
    return int(
        clients.s3.delete_bucket(Bucket=clients.bucket)["ResponseMetadata"]["HTTPStatusCode"]
    )


# Objects


@_behaviour(before=_EMPTY, returns='"9a0364b9e99bb480dd25e1f0284c8555"', after=_ONE)
def put_object(clients: ClientFactory) -> str:
    return str(clients.s3.put_object(Bucket=clients.bucket, Key="key", Body=b"content")["ETag"])


@_behaviour(before=_EMPTY, returns=4, after={BUCKET: {"key": b"tail"}})
def put_object_from_a_file_that_is_not_at_its_start(clients: ClientFactory) -> int:
    file = io.BytesIO(b"head tail")
    file.seek(5)
    clients.s3.put_object(Bucket=clients.bucket, Key="key", Body=file)
    return int(clients.s3.head_object(Bucket=clients.bucket, Key="key")["ContentLength"])


@_behaviour(before=_EMPTY, returns={"by": "contract"}, after=_ONE)
def put_object_with_metadata(clients: ClientFactory) -> Any:
    clients.s3.put_object(
        Bucket=clients.bucket, Key="key", Body=b"content", Metadata={"by": "contract"}
    )
    return clients.s3.head_object(Bucket=clients.bucket, Key="key")["Metadata"]


@_behaviour(before=_EMPTY, returns=b"content", after={BUCKET: {_AWKWARD: b"content"}})
def put_and_get_a_key_of_many_characters(clients: ClientFactory) -> bytes:
    clients.s3.put_object(Bucket=clients.bucket, Key=_AWKWARD, Body=b"content")
    return bytes(clients.s3.get_object(Bucket=clients.bucket, Key=_AWKWARD)["Body"].read())


@_behaviour(before=_ONE, returns=b"content")
def get_object(clients: ClientFactory) -> bytes:
    return bytes(clients.s3.get_object(Bucket=clients.bucket, Key="key")["Body"].read())


@_behaviour(before=_ONE, returns=[b"content", b"content"])
def get_object_twice(clients: ClientFactory) -> list[bytes]:
    return [
        bytes(clients.s3.get_object(Bucket=clients.bucket, Key="key")["Body"].read())
        for _ in range(2)
    ]


@_behaviour(before=_ONE, returns=[b"onten", "bytes 1-5/7"])
def get_a_range(clients: ClientFactory) -> list[Any]:
    answer = clients.s3.get_object(Bucket=clients.bucket, Key="key", Range="bytes=1-5")
    return [answer["Body"].read(), answer["ContentRange"]]


@_behaviour(before=_EMPTY, returns="NoSuchKey")
def get_object_that_is_not_there(clients: ClientFactory) -> str:
    try:
        clients.s3.get_object(Bucket=clients.bucket, Key="missing")
    except clients.s3.exceptions.NoSuchKey as missing:
        return str(missing.response["Error"]["Code"])
    return "found"


@_behaviour(before=_ONE, returns=7)
def head_object(clients: ClientFactory) -> int:
    return int(clients.s3.head_object(Bucket=clients.bucket, Key="key")["ContentLength"])


@_behaviour(before=_ONE, returns=204, after=_EMPTY)
def delete_object(clients: ClientFactory) -> int:
    answer = clients.s3.delete_object(Bucket=clients.bucket, Key="key")
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


@_behaviour(before=_FIVE, returns=["many/0", "many/1"], after={BUCKET: {"many/4": b"4"}})
def delete_objects(clients: ClientFactory) -> list[str]:
    keys = [{"Key": f"many/{number}"} for number in range(4)]
    answer = clients.s3.delete_objects(Bucket=clients.bucket, Delete={"Objects": keys})
    return sorted(deleted["Key"] for deleted in answer["Deleted"])[:2]


@_behaviour(before=_ONE, returns=None, after={BUCKET: {"key": b"content", "copy": b"content"}})
def copy_object(clients: ClientFactory) -> None:
    source = {"Bucket": clients.bucket, "Key": "key"}
    clients.s3.copy_object(Bucket=clients.bucket, Key="copy", CopySource=source)


@_behaviour(before=_FIVE, returns=["many/0", "many/1", "many/2", "many/3", "many/4"])
def list_objects(clients: ClientFactory) -> list[str]:
    return _keys(clients.s3.list_objects(Bucket=clients.bucket, Prefix="many/"))


@_behaviour(before=_FIVE, returns=["many/0", "many/1", "many/2", "many/3", "many/4"])
def list_objects_v2(clients: ClientFactory) -> list[str]:
    return _keys(clients.s3.list_objects_v2(Bucket=clients.bucket, Prefix="many/"))


@_behaviour(before=_ONE, returns=[[{"Key": "a", "Value": "1"}], []])
def tagging(clients: ClientFactory) -> list[Any]:
    place = {"Bucket": clients.bucket, "Key": "key"}
    clients.s3.put_object_tagging(Tagging={"TagSet": [{"Key": "a", "Value": "1"}]}, **place)
    tags = clients.s3.get_object_tagging(**place)["TagSet"]
    clients.s3.delete_object_tagging(**place)
    return [tags, clients.s3.get_object_tagging(**place)["TagSet"]]


@_behaviour(
    before={BUCKET: {"table": b"name,n\na,1\nb,2\n"}},
    returns=b'{"n":"2"}\n',
    needs=frozenset({needs.EVENT_STREAMS}),
)
def select_object_content(clients: ClientFactory) -> bytes:
    answer = clients.s3.select_object_content(
        Bucket=clients.bucket,
        Key="table",
        Expression="SELECT s.n FROM s3object s WHERE s.name = 'b'",
        ExpressionType="SQL",
        InputSerialization={"CSV": {"FileHeaderInfo": "USE"}},
        OutputSerialization={"JSON": {"RecordDelimiter": "\n"}},
    )
    records = (event["Records"]["Payload"] for event in answer["Payload"] if "Records" in event)
    return b"".join(records)


# Multipart


@_behaviour(before=_EMPTY, returns=1, after={BUCKET: {"key": b"only part"}})
def multipart_upload(clients: ClientFactory) -> int:
    place = {"Bucket": clients.bucket, "Key": "key"}
    upload = clients.s3.create_multipart_upload(**place)["UploadId"]
    etag = clients.s3.upload_part(UploadId=upload, PartNumber=1, Body=b"only part", **place)["ETag"]
    parts = clients.s3.list_parts(UploadId=upload, **place)["Parts"]
    clients.s3.complete_multipart_upload(
        UploadId=upload, MultipartUpload={"Parts": [{"ETag": etag, "PartNumber": 1}]}, **place
    )
    return len(parts)


@_behaviour(before=_EMPTY, returns=[])
def multipart_abort(clients: ClientFactory) -> list[str]:
    place = {"Bucket": clients.bucket, "Key": "key"}
    upload = clients.s3.create_multipart_upload(**place)["UploadId"]
    clients.s3.upload_part(UploadId=upload, PartNumber=1, Body=b"only part", **place)
    clients.s3.abort_multipart_upload(UploadId=upload, **place)
    uploads = clients.s3.list_multipart_uploads(Bucket=clients.bucket).get("Uploads", [])
    return [upload["Key"] for upload in uploads]


# Managed transfers


@_managed_transfer(before=_EMPTY, returns=None, after=_ONE)
def upload_fileobj_small(clients: ClientFactory) -> None:
    clients.s3.upload_fileobj(io.BytesIO(b"content"), clients.bucket, "key", Config=_IN_ORDER)


@_managed_transfer(before=_EMPTY, returns=len(_LARGE), after={BUCKET: {"key": _LARGE}})
def upload_fileobj_in_three_parts(clients: ClientFactory) -> int:
    sent: list[int] = []
    config = TransferConfig(
        use_threads=False,
        multipart_threshold=5 * MEBIBYTE,
        multipart_chunksize=5 * MEBIBYTE,
    )
    clients.s3.upload_fileobj(
        io.BytesIO(_LARGE), clients.bucket, "key", Config=config, Callback=sent.append
    )
    return sum(sent)


@_managed_transfer(before=_ONE, returns=b"content")
def download_fileobj_small(clients: ClientFactory) -> bytes:
    file = io.BytesIO()
    clients.s3.download_fileobj(clients.bucket, "key", file, Config=_IN_ORDER)
    return file.getvalue()


@_managed_transfer(before={BUCKET: {"key": _HALF + _HALF[:90_000]}}, returns=_HALF + _HALF[:90_000])
def download_fileobj_in_three_ranges(clients: ClientFactory) -> bytes:
    file = io.BytesIO()
    clients.s3.download_fileobj(clients.bucket, "key", file, Config=_RANGED)
    return file.getvalue()


# The conveniences of boto


@_behaviour(before=_FIVE, returns=[["many/0", "many/1"], ["many/2", "many/3"], ["many/4"]])
def paginator(clients: ClientFactory) -> list[list[str]]:
    pages = clients.s3.get_paginator("list_objects_v2").paginate(
        Bucket=clients.bucket, PaginationConfig={"PageSize": 2}
    )
    return [_keys(page) for page in pages]


@_behaviour(before=_ONE, returns=None)
def waiter(clients: ClientFactory) -> None:
    clients.s3.get_waiter("object_exists").wait(
        Bucket=clients.bucket, Key="key", WaiterConfig={"Delay": 0, "MaxAttempts": 1}
    )


@_behaviour(
    before=_ONE,
    returns=[["copy", "key"], b"by resource"],
    after={BUCKET: {"key": b"content", "copy": b"by resource"}},
    needs=frozenset({needs.RESOURCES}),
)
def resource(clients: ClientFactory) -> list[Any]:
    bucket = clients.resource().Bucket(clients.bucket)
    bucket.put_object(Key="copy", Body=b"by resource")
    return [
        sorted(entry.key for entry in bucket.objects.all()),
        bucket.Object("copy").get()["Body"].read(),
    ]


@_behaviour(before=_ONE, returns="/BUCKET/key", offline=True)
def presigned_url(clients: ClientFactory) -> str:
    url = clients.s3.generate_presigned_url(
        "get_object", Params={"Bucket": clients.bucket, "Key": "key"}
    )
    if not url.startswith(f"{clients.url}/") or "Signature=" not in url:
        raise AssertionError("the URL is not a signed one of the endpoint")
    if clients.has_sockets:  # any HTTP client can use it, and follows redirects by itself
        with urllib.request.urlopen(url, timeout=30) as answer:  # our own loopback
            if answer.read() != b"content":
                raise AssertionError("the URL leads to something else")
    return str(urlsplit(url).path)
