"""Calls of every operation of the installed botocore's S3 model, with arguments from the model.

Left out: directory buckets (`--x-s3`), as such a call is two, CreateSession and itself, and both
are here for other buckets. WriteGetObjectResponse is called at a host of its own, without bucket.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore import xform_name

from inert.calls.inputs import build_parameters, build_value
from wire.botocore_versions import VERSION
from wire.object_keys.keys import KEYS
from wire.object_keys.operations import Operation
from wire.servers.s3_routes import load_model

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "bkt"
KEY = "dir/a b;c?d#e%2Ff+g&h=\u00e9//x"
VERSION_ID = "v/1+2 3=&"
UPLOAD_ID = "u/1+2=="
ACCESS_POINT = "arn:aws:s3:us-east-1:123456789012:accesspoint/point"

#: Values for members that are in the query, by name; the others get one from the model.
_VALUES = {
    "VersionId": VERSION_ID,
    "UploadId": UPLOAD_ID,
    "Id": "an id/+1",
    "AnnotationName": "a name/+1",
    "Prefix": "a b/c+d;e",
    "Delimiter": "/",
    "StartAfter": "a b",
    "ContinuationToken": "t/1+2==",
    "EncodingType": "url",
}
_FIXED = {"Bucket": BUCKET, "Key": KEY, "CopySource": "src/other%20key", "RenameSource": "/bkt/old"}

# Keys that end or begin with what gets lost, or look like something else.
_KEYS = [
    *KEYS,
    "ends in a space ",
    "tagging",
    BUCKET,
    f"{BUCKET}/key",
    f"data/{BUCKET}/key",
    "a?tagging",
    "a?uploadId=u",
    "a#b",
    "a;b",
    "a%b",
    "a%3Fb",
    "a/b/",
]


@dataclass(frozen=True)
class Call:
    """One call of a client. `style` names the client: how it addresses the bucket."""

    name: str
    operation: str
    arguments: dict[str, Any] = field(default_factory=dict, hash=False)
    style: str = "path"
    #: What is mutated in its redirects.
    parts: tuple[str, ...] = ("path", "query", "names")

    def __str__(self) -> str:
        return self.name

    def run(self, client: Any) -> dict[str, Any]:
        """Call, and return all of the result but when and how it came."""
        given = {**build_parameters(load_model().operation_model(self.operation)), **self.arguments}
        return Operation(xform_name(self.operation), given).call(client)


# One of each kind, for clients that address buckets in other ways: the path is all that differs.
_OF_OTHER_STYLES = (
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "DeleteBucket",
    "DeleteBucketPolicy",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjects",
    "GetBucketAcl",
    "GetObject",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListObjectsV2",
    "PutBucketPolicy",
    "PutObject",
    "PutObjectTagging",
    "UploadPart",
    "WriteGetObjectResponse",
)


def list_calls() -> list[Call]:
    """List calls that cover the model: with least, with all of the query, by hand, by key."""
    found = [*_of_model("path"), *_by_hand(), *_by_key()]
    return [*found, *_of_model("virtual"), *_of_model("mounted"), *_of_access_points()]


def _of_model(style: str) -> Iterator[Call]:
    model = load_model()
    for name in model.operation_names:
        members = model.operation_model(name).input_shape
        members = members.members if members else {}
        fixed = {each: value for each, value in _FIXED.items() if each in members}
        if "CopySource" in fixed and name not in ("CopyObject", "UploadPartCopy"):
            del fixed["CopySource"]
        in_query = {
            each: _VALUES.get(each, build_value(shape, each, "s3"))
            for each, shape in members.items()
            if shape.serialization.get("location") == "querystring"
        }
        required = model.operation_model(name).input_shape
        needed = required.required_members if required else ()
        least = {each: value for each, value in in_query.items() if each in needed}
        if style != "path":
            if name in _OF_OTHER_STYLES:
                yield Call(f"{name}, {style}", name, {**fixed, **least}, style, ("path",))
            continue
        yield Call(f"{name}, least", name, {**fixed, **least})
        if len(in_query) > len(least):
            yield Call(f"{name}, all", name, {**fixed, **in_query}, parts=("query",))


def _by_hand() -> Iterator[Call]:
    key = {"Bucket": BUCKET, "Key": KEY}
    upload = {**key, "UploadId": UPLOAD_ID, "PartNumber": 2}
    source = {"Bucket": "src", "Key": "a b?c", "VersionId": VERSION_ID}
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    several = [{"Key": "a b"}, {"Key": KEY, "VersionId": VERSION_ID}]
    grants = {"ACL": "public-read", "Metadata": {"a": "b"}, "Tagging": "a=b"}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("several versions", "DeleteObjects", {"Bucket": BUCKET, "Delete": {"Objects": several}}),
        ("from a version", "CopyObject", {**key, "CopySource": source}),
        ("from a version", "UploadPartCopy", {**upload, "CopySource": source}),
        ("empty", "PutObject", {**key, "Body": b""}),
        ("with metadata", "PutObject", {**key, **grants, "Body": b"body"}),
        ("a part of it", "GetObject", {**key, "Range": "bytes=0-3", "PartNumber": 1}),
        ("of a version", "PutObjectTagging", {**key, "VersionId": "null", "Tagging": tags}),
        ("canned", "PutBucketAcl", {"Bucket": BUCKET, "ACL": "private"}),
        ("canned", "PutObjectAcl", {**key, "ACL": "private"}),
        ("with a key of one segment", "DeleteObject", {"Bucket": BUCKET, "Key": "key"}),
        ("a bucket with dots", "DeleteBucket", {"Bucket": "my.bucket-1"}),
    ]
    for what, operation, arguments in calls:
        yield Call(f"{operation}, {what}", operation, arguments, parts=("path", "query"))


def _by_key() -> Iterator[Call]:
    for key in _KEYS:
        named = {"Bucket": BUCKET, "Key": key}
        shown = quote(key, safe="")
        version = {**named, "VersionId": VERSION_ID}
        yield Call(f"PutObject, {shown}", "PutObject", {**named, "Body": b"b"}, parts=("path",))
        yield Call(f"DeleteObject, {shown}", "DeleteObject", version, parts=("path",))


def _of_access_points() -> Iterator[Call]:
    if VERSION < (1, 28):  # before, an access point is not found at an endpoint of one's own
        return
    for operation in ("GetObject", "PutObject", "DeleteObject", "DeleteObjectTagging"):
        arguments = {"Bucket": ACCESS_POINT, "Key": KEY}
        name = f"{operation}, access point"
        yield Call(name, operation, arguments, "access point", ("path",))
