"""Record what calls to AWS do with redirects, without opening a socket.

As a program it prints the records, from a process without the patch.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

import boto3
import botocore
from botocore.awsrequest import AWSResponse
from botocore.config import Config

VERSION = tuple(map(int, botocore.__version__.split(".")[:2]))
_MOST_REQUESTS = 12  # ends the loops of stock botocore
_LOCATION = ("Location", "https://elsewhere.example/bkt/key?a=b")
_AT_AWS = ("Location", "https://bkt.s3.eu-west-1.amazonaws.com/key")
_REGION = ("x-amz-bucket-region", "eu-west-1")


Records = Iterator[tuple[str, Any]]


class TooMany(BaseException):
    """Too many requests; no handler of botocore catches this."""


def _xml(code: str, more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code>'
        f"<Message>m</Message>{more}<RequestId>r</RequestId></Error>"
    ).encode()


_PERMANENT = _xml("PermanentRedirect", "<Endpoint>bkt.s3.eu-west-1.amazonaws.com</Endpoint>")
_TEMPORARY = _xml("TemporaryRedirect", "<Endpoint>bkt.s3.eu-west-1.amazonaws.com</Endpoint>")
_MALFORMED = _xml("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>")
_OPT_IN = _xml("IllegalLocationConstraintException")

ANSWERS: dict[str, Any] = {
    "301 with a region": (301, [_REGION], _PERMANENT),
    "301 with a region and a Location": (301, [_REGION, _LOCATION], _PERMANENT),
    "301 with an Endpoint alone": (301, [], _PERMANENT),
    "301 with an empty body": (301, [], b""),
    "307 with Location and region": (307, [_LOCATION, _REGION], _TEMPORARY),
    "307 with a Location": (307, [_LOCATION], _TEMPORARY),
    "307 to AWS with a region": (307, [_AT_AWS, _REGION], _TEMPORARY),
    "302 with a Location": (302, [_LOCATION], b""),
    "303 with a Location": (303, [_LOCATION], b""),
    "308 with a Location": (308, [_LOCATION], b""),
    "400 with a Region": (400, [], _MALFORMED),
    "400 of a HEAD": (400, [], b""),
    "400 of a HEAD with a region": (400, [_REGION], b""),
    "opt-in region": (400, [], _OPT_IN),
    "opt-in region in the header": (400, [_REGION], _OPT_IN),
    "304": (304, [], b""),
}

_OK: Any = (200, [], b"")
_FEW = (
    "301 with a region",
    "301 with an empty body",
    "307 with a Location",
    "307 with Location and region",
    "308 with a Location",
    "opt-in region in the header",
)
# Answers that a proxy in front of AWS passes on, or that AWS gives for a wrong region.
_OF_A_PROXY = ("301 with a region", "307 to AWS with a region", "400 with a Region")

_CALLS: dict[str, Any] = {
    "get_object": {"Bucket": "bkt", "Key": "key"},
    "head_object": {"Bucket": "bkt", "Key": "key"},
    "put_object": {"Bucket": "bkt", "Key": "key", "Body": b"content"},
    "head_bucket": {"Bucket": "bkt"},
    "list_objects_v2": {"Bucket": "bkt"},
    "create_bucket": {"Bucket": "bkt"},
    "list_buckets": {},
}
_OBJECT = _CALLS["get_object"]
_SESSION = b"""<?xml version="1.0" encoding="UTF-8"?><CreateSessionResult><Credentials>
<AccessKeyId>K</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>"""

_SERVICES: dict[str, Any] = {
    "s3control": ("get_public_access_block", {"AccountId": "123456789012"}),
    "dynamodb": ("list_tables", {}),
    "sqs": ("list_queues", {}),
    "sns": ("list_topics", {}),
    "sts": ("get_caller_identity", {}),
    "iam": ("list_users", {}),
    "lambda": ("list_functions", {}),
    "kms": ("list_keys", {}),
    "logs": ("describe_log_groups", {}),
    "secretsmanager": ("list_secrets", {}),
    "route53": ("list_hosted_zones", {}),
    "ecr": ("describe_repositories", {}),
    "glacier": ("list_vaults", {}),
    "polly": ("describe_voices", {}),
}


class _Raw(io.BytesIO):
    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


class _Record:
    """Answer the requests of a client by a script, whose last answer is repeated."""

    def __init__(self, *script: Any) -> None:
        self.left = list(script)
        self.requests: list[Any] = []

    def __call__(self, request: Any, **_: object) -> Any:
        if len(self.requests) == _MOST_REQUESTS:
            raise TooMany
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        scope = re.search(r"Credential=[^/]+/\d+/([^,]+)", headers.get("authorization", ""))
        attempt = re.sub("ttl=[^;]*; ", "", headers.get("amz-sdk-request", ""))
        body = request.body
        if hasattr(body, "read"):
            body = body.read()
        self.requests.append(
            [
                request.method,
                request.url,
                scope and scope[1],
                attempt,
                sorted(headers),
                _text(body),
            ]
        )
        if "session" in request.url.partition("?")[2]:
            status, fields, content = 200, [], _SESSION
        else:
            status, fields, content = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if request.method == "HEAD":
            content = b""
        return AWSResponse(request.url, status, dict(fields), _Raw(content))


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, (bytes, bytearray)) else str(value)


def _record(client: Any, method: str, parameters: Any, *script: Any) -> Any:
    record = _Record(*script)
    client.meta.events.register_first("before-send", record)
    try:
        response = getattr(client, method)(**parameters)
        metadata = response.pop("ResponseMetadata")
        response.pop("Body", None)
        outcome = ["returned", repr(response), repr(metadata)]
    except (Exception, TooMany) as error:  # noqa: BLE001  # an error is a result
        response = getattr(error, "response", None)
        outcome = ["raised", type(error).__name__, str(error)[:500], repr(response)]
    finally:
        client.meta.events.unregister("before-send", record)
    return {"requests": record.requests, "outcome": outcome}


def record_all() -> dict[str, dict[str, Any]]:
    """Record all calls, in groups, by name: the requests and the outcome."""
    session = boto3.session.Session(
        region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
    )

    def make(service: str = "s3", mode: str = "standard", **more: Any) -> Any:
        # A client remembers the regions of its buckets, so each call has a new one.
        retries = {"mode": mode, "max_attempts": 2}
        if VERSION < (1, 15):  # it has a single mode
            del retries["mode"]
        return session.client(service, config=Config(retries=retries), **more)

    with mock.patch("time.sleep"):
        return {
            "S3": dict(_record_s3(make)),
            "S3 under its other addresses": dict(_record_addresses(make)),
            "other services": dict(_record_services(make)),
            "a proxy in front of AWS": dict(_record_proxy(make)),
        }


def _record_s3(make: Any) -> Records:
    for (named, script), (method, parameters) in itertools.product(ANSWERS.items(), _CALLS.items()):
        yield f"{named}, {method}", _record(make(), method, parameters, script, _OK)
        if method in ("get_object", "head_bucket"):
            yield f"{named} for ever, {method}", _record(make(), method, parameters, script)
    for mode, named in itertools.product(("legacy", "adaptive"), _FEW):
        s3 = make(mode=mode)
        yield f"{named}, {mode}", _record(s3, "get_object", _OBJECT, ANSWERS[named], _OK)


def _record_addresses(make: Any) -> Records:
    endpoints = {
        "an explicit endpoint": {"endpoint_url": "https://s3.us-east-1.amazonaws.com"},
        "the classic endpoint": {"endpoint_url": "https://s3.amazonaws.com"},
        "a VPC endpoint": {
            "endpoint_url": "https://bucket.vpce-1a2b-5e6f.s3.us-east-1.vpce.amazonaws.com"
        },
        "China": {"region_name": "cn-north-1"},
        "GovCloud": {"region_name": "us-gov-west-1"},
        "an opt-in region": {"region_name": "ap-east-1"},
    }
    buckets = {"an access point": "arn:aws:s3:us-west-2:123456789012:accesspoint/ap"}
    if VERSION >= (1, 33):
        buckets["S3 Express"] = "bkt--use1-az4--x-s3"
    for named in _FEW:
        script = (ANSWERS[named], _OK)
        for title, options in endpoints.items():
            yield f"{named}, {title}", _record(make(**options), "get_object", _OBJECT, *script)
        for title, bucket in buckets.items():
            for method in ("get_object", "put_object"):
                parameters = dict(_CALLS[method], Bucket=bucket)
                yield f"{named}, {method} at {title}", _record(make(), method, parameters, *script)


def _record_services(make: Any) -> Records:
    for service, (method, parameters) in _SERVICES.items():
        for named in _FEW:
            recorded = _record(make(service), method, parameters, ANSWERS[named], _OK)
            yield f"{named}, {service}", recorded


def _record_proxy(make: Any) -> Records:
    for named, method in itertools.product(_OF_A_PROXY, ("get_object", "put_object")):
        proxy = make(endpoint_url="https://s3.proxy.example")
        yield f"{named}, {method}", _record(proxy, method, _CALLS[method], ANSWERS[named], _OK)


if __name__ == "__main__":
    json.dump(record_all(), sys.stdout)
