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

from matrix.behaviour_type import BUCKET, Behaviour, Scene, Store, collected_in

MEBIBYTE = 1024 * 1024
# Threads would send parts in an order of their own.
_IN_ORDER = TransferConfig(use_threads=False, multipart_threshold=5 * MEBIBYTE)
_RANGED = TransferConfig(
    use_threads=False, multipart_threshold=100_000, multipart_chunksize=100_000
)

BEHAVIOURS: list[Behaviour] = []
_behaviour = collected_in(BEHAVIOURS)

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
def create_bucket(scene: Scene) -> None:
    scene.s3.create_bucket(Bucket=scene.bucket)


@_behaviour(before=_EMPTY, returns=[BUCKET], without_bucket=True)
def list_buckets(scene: Scene) -> list[str]:
    return [bucket["Name"] for bucket in scene.s3.list_buckets()["Buckets"]]


@_behaviour(before=_EMPTY, returns=200)
def head_bucket(scene: Scene) -> int:
    return int(scene.s3.head_bucket(Bucket=scene.bucket)["ResponseMetadata"]["HTTPStatusCode"])


@_behaviour(before=_EMPTY, returns=204, after={})
def delete_bucket(scene: Scene) -> int:
    return int(scene.s3.delete_bucket(Bucket=scene.bucket)["ResponseMetadata"]["HTTPStatusCode"])


# Objects


@_behaviour(before=_EMPTY, returns='"9a0364b9e99bb480dd25e1f0284c8555"', after=_ONE)
def put_object(scene: Scene) -> str:
    return str(scene.s3.put_object(Bucket=scene.bucket, Key="key", Body=b"content")["ETag"])


@_behaviour(before=_EMPTY, returns=4, after={BUCKET: {"key": b"tail"}})
def put_object_from_a_file_that_is_not_at_its_start(scene: Scene) -> int:
    file = io.BytesIO(b"head tail")
    file.seek(5)
    scene.s3.put_object(Bucket=scene.bucket, Key="key", Body=file)
    return int(scene.s3.head_object(Bucket=scene.bucket, Key="key")["ContentLength"])


@_behaviour(before=_EMPTY, returns={"by": "contract"}, after=_ONE)
def put_object_with_metadata(scene: Scene) -> Any:
    scene.s3.put_object(
        Bucket=scene.bucket, Key="key", Body=b"content", Metadata={"by": "contract"}
    )
    return scene.s3.head_object(Bucket=scene.bucket, Key="key")["Metadata"]


@_behaviour(before=_EMPTY, returns=b"content", after={BUCKET: {_AWKWARD: b"content"}})
def put_and_get_a_key_of_many_characters(scene: Scene) -> bytes:
    scene.s3.put_object(Bucket=scene.bucket, Key=_AWKWARD, Body=b"content")
    return bytes(scene.s3.get_object(Bucket=scene.bucket, Key=_AWKWARD)["Body"].read())


@_behaviour(before=_ONE, returns=b"content")
def get_object(scene: Scene) -> bytes:
    return bytes(scene.s3.get_object(Bucket=scene.bucket, Key="key")["Body"].read())


@_behaviour(before=_ONE, returns=[b"content", b"content"])
def get_object_twice(scene: Scene) -> list[bytes]:
    return [
        bytes(scene.s3.get_object(Bucket=scene.bucket, Key="key")["Body"].read()) for _ in range(2)
    ]


@_behaviour(before=_ONE, returns=[b"onten", "bytes 1-5/7"])
def get_a_range(scene: Scene) -> list[Any]:
    answer = scene.s3.get_object(Bucket=scene.bucket, Key="key", Range="bytes=1-5")
    return [answer["Body"].read(), answer["ContentRange"]]


@_behaviour(before=_EMPTY, returns="NoSuchKey")
def get_object_that_is_not_there(scene: Scene) -> str:
    try:
        scene.s3.get_object(Bucket=scene.bucket, Key="missing")
    except scene.s3.exceptions.NoSuchKey as missing:
        return str(missing.response["Error"]["Code"])
    return "found"


@_behaviour(before=_ONE, returns=7)
def head_object(scene: Scene) -> int:
    return int(scene.s3.head_object(Bucket=scene.bucket, Key="key")["ContentLength"])


@_behaviour(before=_ONE, returns=204, after=_EMPTY)
def delete_object(scene: Scene) -> int:
    answer = scene.s3.delete_object(Bucket=scene.bucket, Key="key")
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


@_behaviour(before=_FIVE, returns=["many/0", "many/1"], after={BUCKET: {"many/4": b"4"}})
def delete_objects(scene: Scene) -> list[str]:
    keys = [{"Key": f"many/{number}"} for number in range(4)]
    answer = scene.s3.delete_objects(Bucket=scene.bucket, Delete={"Objects": keys})
    return sorted(deleted["Key"] for deleted in answer["Deleted"])[:2]


@_behaviour(before=_ONE, returns=None, after={BUCKET: {"key": b"content", "copy": b"content"}})
def copy_object(scene: Scene) -> None:
    source = {"Bucket": scene.bucket, "Key": "key"}
    scene.s3.copy_object(Bucket=scene.bucket, Key="copy", CopySource=source)


@_behaviour(before=_FIVE, returns=["many/0", "many/1", "many/2", "many/3", "many/4"])
def list_objects(scene: Scene) -> list[str]:
    return _keys(scene.s3.list_objects(Bucket=scene.bucket, Prefix="many/"))


@_behaviour(before=_FIVE, returns=["many/0", "many/1", "many/2", "many/3", "many/4"])
def list_objects_v2(scene: Scene) -> list[str]:
    return _keys(scene.s3.list_objects_v2(Bucket=scene.bucket, Prefix="many/"))


@_behaviour(before=_ONE, returns=[[{"Key": "a", "Value": "1"}], []])
def tagging(scene: Scene) -> list[Any]:
    place = {"Bucket": scene.bucket, "Key": "key"}
    scene.s3.put_object_tagging(Tagging={"TagSet": [{"Key": "a", "Value": "1"}]}, **place)
    tags = scene.s3.get_object_tagging(**place)["TagSet"]
    scene.s3.delete_object_tagging(**place)
    return [tags, scene.s3.get_object_tagging(**place)["TagSet"]]


@_behaviour(before={BUCKET: {"table": b"name,n\na,1\nb,2\n"}}, returns=b'{"n":"2"}\n')
def select_object_content(scene: Scene) -> bytes:
    answer = scene.s3.select_object_content(
        Bucket=scene.bucket,
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
def multipart_upload(scene: Scene) -> int:
    place = {"Bucket": scene.bucket, "Key": "key"}
    upload = scene.s3.create_multipart_upload(**place)["UploadId"]
    etag = scene.s3.upload_part(UploadId=upload, PartNumber=1, Body=b"only part", **place)["ETag"]
    parts = scene.s3.list_parts(UploadId=upload, **place)["Parts"]
    scene.s3.complete_multipart_upload(
        UploadId=upload, MultipartUpload={"Parts": [{"ETag": etag, "PartNumber": 1}]}, **place
    )
    return len(parts)


@_behaviour(before=_EMPTY, returns=[])
def multipart_abort(scene: Scene) -> list[str]:
    place = {"Bucket": scene.bucket, "Key": "key"}
    upload = scene.s3.create_multipart_upload(**place)["UploadId"]
    scene.s3.upload_part(UploadId=upload, PartNumber=1, Body=b"only part", **place)
    scene.s3.abort_multipart_upload(UploadId=upload, **place)
    uploads = scene.s3.list_multipart_uploads(Bucket=scene.bucket).get("Uploads", [])
    return [upload["Key"] for upload in uploads]


# Managed transfers


@_behaviour(before=_EMPTY, returns=None, after=_ONE)
def upload_fileobj_small(scene: Scene) -> None:
    scene.s3.upload_fileobj(io.BytesIO(b"content"), scene.bucket, "key", Config=_IN_ORDER)


@_behaviour(before=_EMPTY, returns=len(_LARGE), after={BUCKET: {"key": _LARGE}})
def upload_fileobj_in_three_parts(scene: Scene) -> int:
    sent: list[int] = []
    config = TransferConfig(
        use_threads=False,
        multipart_threshold=5 * MEBIBYTE,
        multipart_chunksize=5 * MEBIBYTE,
    )
    scene.s3.upload_fileobj(
        io.BytesIO(_LARGE), scene.bucket, "key", Config=config, Callback=sent.append
    )
    return sum(sent)


@_behaviour(before=_ONE, returns=b"content")
def download_fileobj_small(scene: Scene) -> bytes:
    file = io.BytesIO()
    scene.s3.download_fileobj(scene.bucket, "key", file, Config=_IN_ORDER)
    return file.getvalue()


@_behaviour(before={BUCKET: {"key": _HALF + _HALF[:90_000]}}, returns=_HALF + _HALF[:90_000])
def download_fileobj_in_three_ranges(scene: Scene) -> bytes:
    file = io.BytesIO()
    scene.s3.download_fileobj(scene.bucket, "key", file, Config=_RANGED)
    return file.getvalue()


# The conveniences of boto


@_behaviour(before=_FIVE, returns=[["many/0", "many/1"], ["many/2", "many/3"], ["many/4"]])
def paginator(scene: Scene) -> list[list[str]]:
    pages = scene.s3.get_paginator("list_objects_v2").paginate(
        Bucket=scene.bucket, PaginationConfig={"PageSize": 2}
    )
    return [_keys(page) for page in pages]


@_behaviour(before=_ONE, returns=None)
def waiter(scene: Scene) -> None:
    scene.s3.get_waiter("object_exists").wait(
        Bucket=scene.bucket, Key="key", WaiterConfig={"Delay": 0, "MaxAttempts": 1}
    )


@_behaviour(
    before=_ONE,
    returns=[["copy", "key"], b"by resource"],
    after={BUCKET: {"key": b"content", "copy": b"by resource"}},
)
def resource(scene: Scene) -> list[Any]:
    bucket = scene.resource().Bucket(scene.bucket)
    bucket.put_object(Key="copy", Body=b"by resource")
    return [
        sorted(entry.key for entry in bucket.objects.all()),
        bucket.Object("copy").get()["Body"].read(),
    ]


@_behaviour(before=_ONE, returns="/BUCKET/key", offline=True)
def presigned_url(scene: Scene) -> str:
    url = scene.s3.generate_presigned_url(
        "get_object", Params={"Bucket": scene.bucket, "Key": "key"}
    )
    if not url.startswith(f"{scene.url}/") or "Signature=" not in url:
        raise AssertionError("the URL is not a signed one of the endpoint")
    if scene.has_sockets:  # any HTTP client can use it, and follows redirects by itself
        with urllib.request.urlopen(url, timeout=30) as answer:  # our own loopback
            if answer.read() != b"content":
                raise AssertionError("the URL leads to something else")
    return str(urlsplit(url).path)
