"""Apply operations to a store, which is a dict of resources and their contents."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Callable
from urllib.parse import quote_from_bytes, unquote_to_bytes

if TYPE_CHECKING:
    from wire.servers.s3_requests import S3Request
    from wire.servers.s3_routes import Route

#: Kind, bucket, key, and which one of several: `("tagging", b"bkt", b"key", "versionId=1")`.
Resource = tuple[str, bytes, bytes, str]
State = dict[Resource, str]

_READING = ("Get", "Head", "List", "Select")
_DELETING = ("Delete", "Abort")
#: Parameters that say which one of several resources of a kind is meant.
_WHICH = ("annotationName", "id", "partNumber", "uploadId", "versionId")
NEW_UPLOAD = "uploadId=new"


def is_reading(operation: str) -> bool:
    """Tell whether the operation leaves the store as it is."""
    return operation.startswith(_READING) or operation == "CreateSession"


def describe(route: Route, request: S3Request, body: bytes = b"") -> str:
    """Describe a request: different requests have different descriptions."""
    parameters = [(name, request.parameters.get(name)) for name in route.parameters]
    asked = [f"{name}={value!r}" for name, value in parameters if value is not None]
    headers = [f"{name}: {value!r}" for name, value in sorted(request.headers.items())]
    digest = hashlib.sha256(body).hexdigest()[:8] if body else "no body"
    return " ".join([route.operation, *asked, *headers, digest])


def find_resource(route: Route, request: S3Request) -> Resource:
    """Name the resource that the operation reads or writes."""
    which = [
        f"{name}={request.parameters[name]}"
        for name in _WHICH
        if name in route.parameters and name in request.parameters
    ]
    return find_kind(route), request.bucket, request.key, "&".join(which)


def find_kind(route: Route) -> str:
    if route.operation in ("CopyObject", "RenameObject", "AppendObject"):
        return "object"
    if "partNumber" in route.required_parameters:
        return "part"
    if "uploadId" in route.required_parameters:
        return "upload"
    names = [name for name, value in route.static.items() if not value]
    return "+".join(sorted(names)) or route.path or route.level


def apply_operation(state: State, route: Route, request: S3Request, body: bytes) -> None:
    """Do what the operation says."""
    operation = route.operation
    if is_reading(operation):
        return
    if operation == "DeleteObjects":
        for found in re.findall(rb"<Object>(.*?)</Object>", body, re.DOTALL):
            state.pop(("object", request.bucket, *_read_identifier(found)), None)
    elif operation == "DeleteBucket":
        _delete_all(state, lambda each: each[1] == request.bucket)
    elif operation.startswith(_DELETING):
        state.pop(find_resource(route, request), None)
    else:
        _write(state, route, request, describe(route, request, body))
    if operation in ("AbortMultipartUpload", "CompleteMultipartUpload"):
        _end_upload(state, request)


def _write(state: State, route: Route, request: S3Request, text: str) -> None:
    resource = find_resource(route, request)
    if route.operation == "RenameObject":
        bucket, key = _read_source(request.headers["x-amz-rename-source"])
        state.pop(("object", bucket, key, ""), None)
    elif route.operation == "AppendObject":
        text = f"{state.get(resource)}, then {text}"
    elif route.operation == "CreateMultipartUpload":
        resource = ("upload", request.bucket, request.key, NEW_UPLOAD)
    elif route.operation == "CompleteMultipartUpload":
        resource = ("object", request.bucket, request.key, "")
    state[resource] = text


def _delete_all(state: State, is_meant: Callable[[Resource], bool]) -> None:
    for each in [each for each in state if is_meant(each)]:
        del state[each]


def _end_upload(state: State, request: S3Request) -> None:
    upload = f"uploadId={request.parameters['uploadId']}"
    for each in [*state]:
        same = each[1:3] == (request.bucket, request.key)
        if same and each[0] in ("upload", "part") and each[3].endswith(upload):
            del state[each]


def _read_identifier(xml: bytes) -> tuple[bytes, str]:
    key = re.search(rb"<Key>(.*?)</Key>", xml, re.DOTALL)
    version = re.search(rb"<VersionId>(.*?)</VersionId>", xml)
    return key[1] if key else b"", f"versionId={version[1].decode()}" if version else ""


def _read_source(header: str) -> tuple[bytes, bytes]:
    bucket, _, key = header.lstrip("/").partition("/")
    return bucket.encode(), unquote_to_bytes(key)


def show(resource: Resource) -> str:
    """Write a resource for people, and for headers of answers."""
    kind, bucket, key, which = resource
    path = quote_from_bytes(b"/" + bucket + (b"/" + key if key else b""))
    return f"{kind} {path}" + (f" ({which})" if which else "")
