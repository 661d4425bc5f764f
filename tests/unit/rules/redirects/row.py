"""What a row of the table is, and the words that the rows are written with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Gateway:
    """A client: its endpoint and what it is configured with."""

    url: str | None
    style: str = "path"
    region: str = "us-east-1"
    signature: str = "s3v4"
    service: str = "s3"
    #: A query that a hook of the user adds to every request.
    query: str = ""
    #: The first botocore that can make the calls of this client.
    since: tuple[int, ...] = ()


@dataclass(frozen=True)
class Call:
    """A method of a boto3 client with its parameters."""

    method: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Followed:
    """The target is sent the same method at exactly this URL."""

    url: str
    sent: str


@dataclass(frozen=True)
class Refused:
    """The call ends in this error and nothing more is sent."""

    kind: str
    reason: str


@dataclass(frozen=True)
class Row:
    """An answer to a call, and what has to become of it."""

    name: str
    #: The Location as it is on the wire, decoded as latin-1; several for several header fields.
    #: Here and in the URL of what follows, `$args` is the query of the first request.
    location: str | tuple[str, ...]
    expected: Followed | Refused
    status: int = 307
    policy: dict[str, Any] = field(default_factory=dict)
    #: The Locations of the hops that were followed before.
    after: tuple[str, ...] = ()
    call: Call = Call("", {})
    gateway: Gateway = Gateway(None)


def call(method: str, /, **parameters: Any) -> Call:
    """Return a call for the bucket `bkt`, unless `Bucket` says otherwise; None is no bucket."""
    parameters = {"Bucket": "bkt", **parameters}
    if parameters["Bucket"] is None:
        del parameters["Bucket"]
    return Call(method, parameters)


def given(made: Call, at: Gateway, *rows: Row) -> list[Row]:
    """Return rows that all answer the same call of the same client."""
    return [replace(row, call=made, gateway=at) for row in rows]


def signed(name: str, location: str, to: str | None = None, **more: Any) -> Row:
    """Return a row that is followed and signed for the target; `to` where that is not Location."""
    return Row(name, location, Followed(to or location, "signed"), **more)


def presigned(name: str, location: str, to: str | None = None, **more: Any) -> Row:
    """Return a row that is followed with the signature that the URL carries."""
    return Row(name, location, Followed(to or location, "presigned"), **more)


def anonymous(name: str, location: str, to: str | None = None, **more: Any) -> Row:
    """Return a row that is followed without any signature."""
    return Row(name, location, Followed(to or location, "anonymous"), **more)


def refused(name: str, location: str, **more: Any) -> Row:
    """Return a row whose target would do something else than the call."""
    return Row(name, location, Refused("InvalidLocation", "other-operation"), **more)


def untrusted(name: str, location: str, **more: Any) -> Row:
    """Return a row that lacks nothing but the trust in its target."""
    return Row(name, location, Refused("RedirectRefused", "untrusted"), **more)


def malformed(name: str, location: str | tuple[str, ...], **more: Any) -> Row:
    """Return a row whose Location is none that a request can be sent to."""
    return Row(name, location, Refused("InvalidLocation", "malformed"), **more)


def forbidden(name: str, location: str, reason: str, **more: Any) -> Row:
    """Return a row that the policy forbids for another reason than trust."""
    return Row(name, location, Refused("RedirectRefused", reason), **more)


def raw(text: str) -> str:
    """Return how `http.client` hands over UTF-8 in a header."""
    return text.encode().decode("latin-1")


#: A store in a private network: machines with names of one label, which trust each other.
LAN = Gateway("http://gw:8080")
LAN_S3 = Gateway("http://gw:8080/s3")
#: A store on the internet, addressed by path and by virtual host.
STORE = Gateway("https://s3.store.com")
VIRTUAL = Gateway("https://s3.store.com", style="virtual")

GET = call("get_object", Key="key")
HEAD = call("head_object", Key="key")
PUT = call("put_object", Key="key", Body=b"content")
DELETE = call("delete_object", Key="key")
COPY = call("copy_object", Key="key", CopySource="from/there")
LIST = call("list_objects_v2")
DELETE_MANY = call("delete_objects", Delete={"Objects": [{"Key": "key"}]})
DELETE_BUCKET = call("delete_bucket")
UPLOAD_PART = call("upload_part", Key="key", PartNumber=1, UploadId="u", Body=b"content")
START_UPLOAD = call("create_multipart_upload", Key="key")
FINISH_UPLOAD = call(
    "complete_multipart_upload",
    Key="key",
    UploadId="u",
    MultipartUpload={"Parts": [{"ETag": "e", "PartNumber": 1}]},
)
PUT_ACL = call("put_object_acl", Key="key", ACL="private")
PUT_TAGGING = call("put_object_tagging", Key="key", Tagging={"TagSet": []})

#: What botocore asks for with `list_objects_v2`.
LISTING = "list-type=2&encoding-type=url"
#: The parameters of a URL that was presigned with SigV4.
V4 = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20261128%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20261128T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=5ec2e7"
)
