"""Which calls are made, and how what they wrote is removed."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable

from botocore.exceptions import ClientError

from botocore_redirect.commands.probe.calls import Call, Caller, within
from botocore_redirect.commands.probe.records import Outcome

PREFIX = "botocore-redirect-probe-"

_SIZE = 64 * 1024
_NOT_FOUND = 404
_BAD_REQUEST, _SERVER_ERROR = 400, 500


class CannotAsk(RuntimeError):
    """The store cannot be asked; the message is one sentence that says why."""


@dataclass
class Written:
    """What the probe has written, and may have to remove."""

    bucket: str
    key: str
    #: Keys that may exist, and the upload that may be open.
    keys: list[str] = field(default_factory=list)
    upload: str | None = None


def reads(caller: Caller, bucket: str | None) -> Iterator[Call]:
    """Make the calls that only read."""
    listing = caller.call("ListBuckets", "list_buckets")
    yield listing
    if bucket is None:
        _check(listing, "Name a bucket with --bucket, if these credentials may only use that one.")
        return
    head = caller.call("HeadBucket", "head_bucket", Bucket=bucket)
    _check(head, f"Is {bucket!r} the name of a bucket there, and may these credentials read it?")
    yield head
    objects = caller.call("ListObjectsV2", "list_objects_v2", Bucket=bucket, MaxKeys=1)
    yield objects
    for each in (objects.result or {}).get("Contents", ())[:1]:
        key = each["Key"]
        yield caller.call("HeadObject", "head_object", Bucket=bucket, Key=key)
        yield caller.call("GetObject", "get_object", Bucket=bucket, Key=key, Range="bytes=0-0")
    missing = f"{PREFIX}{secrets.token_hex(8)}"
    yield caller.call("GetObject (no such key)", "get_object", Bucket=bucket, Key=missing)


def writes(caller: Caller, written: Written) -> Iterator[Call]:
    """Make the calls that write, below a key of the probe's own; note what they may have stored."""
    body = secrets.token_bytes(_SIZE)
    key, copy, parts = written.key, f"{written.key}.copy", f"{written.key}.parts"

    def call(operation: str, method: str, key: str = key, **parameters: Any) -> Call:
        return caller.call(operation, method, Bucket=written.bucket, Key=key, **parameters)

    def store(operation: str, method: str, key: str, **parameters: Any) -> Call:
        written.keys.append(key)
        made = call(operation, method, key, **parameters)
        if _stored_nothing(made.outcome):
            written.keys.remove(key)
        return made

    # A stream, because botocore asks for 100 Continue for these.
    put = store("PutObject", "put_object", key, Body=io.BytesIO(body))
    yield put
    if put.result is None:
        return
    yield call("HeadObject (own)", "head_object")
    got = call("GetObject (own)", "get_object")
    if got.result is not None and got.result["Body"] != body:
        got.fail("DifferentBody", "the store returned other bytes than were written")
    yield got
    source = {"Bucket": written.bucket, "Key": key}
    yield store("CopyObject", "copy_object", copy, CopySource=source)
    started = call("CreateMultipartUpload", "create_multipart_upload", parts)
    yield started
    if started.result is not None:
        written.upload = upload = str(started.result["UploadId"])
        part = {"PartNumber": 1, "UploadId": upload, "Body": io.BytesIO(body)}
        yield call("UploadPart", "upload_part", parts, **part)
        aborted = call("AbortMultipartUpload", "abort_multipart_upload", parts, UploadId=upload)
        if aborted.result is not None:
            written.upload = None
        yield aborted
    yield call("DeleteObject", "delete_object")


def remove(open_client: Callable[[], Any], written: Written, seconds: float) -> list[str]:
    """Remove what was written; return what may be left, each with the reason."""
    if not written.keys and written.upload is None:
        return []
    client, left = open_client(), []
    if written.upload is not None:
        parts = {"Bucket": written.bucket, "Key": f"{written.key}.parts"}
        abort = partial(client.abort_multipart_upload, **parts, UploadId=written.upload)
        problem = _problem_with(seconds, abort)
        if problem:
            left.append(f"the multipart upload {written.upload} of {_name(parts)}: {problem}")
    for key in written.keys:
        where = {"Bucket": written.bucket, "Key": key}
        problem = _problem_with(seconds, partial(_delete, client, where))
        if problem:
            left.append(f"{_name(where)}: {problem}")
    return left


def _delete(client: Any, where: dict[str, str]) -> None:
    with _unless_not_found():
        client.delete_object(**where)
        client.head_object(**where)
        raise RuntimeError("it was deleted, but the store still has it")


@contextmanager
def _unless_not_found() -> Iterator[None]:
    """Go on after the store has said that something does not exist."""
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != _NOT_FOUND:
            raise


def _problem_with(seconds: float, function: Callable[[], Any]) -> str | None:
    try:
        within(seconds, "removing it", function)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
        return str(error)
    return None


def _stored_nothing(outcome: Outcome | None) -> bool:
    if outcome is None or outcome.is_refusal:
        return True
    return outcome.status is not None and _BAD_REQUEST <= outcome.status < _SERVER_ERROR


def _name(where: dict[str, str]) -> str:
    return f"s3://{where['Bucket']}/{where['Key']}"


def _check(call: Call, hint: str) -> None:
    """Raise `CannotAsk` if the store answered with an error, or has no such bucket."""
    outcome = call.outcome
    if outcome is None or outcome.code is None:
        return
    if call.case is None or outcome.status == _NOT_FOUND:
        said = " ".join(dict.fromkeys(map(str, (outcome.status, outcome.code, outcome.message))))
        raise CannotAsk(f"The store answered {call.operation} with {said}. {hint}")
