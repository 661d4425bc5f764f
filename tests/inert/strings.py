"""Strings that botocore, and the rules for its endpoints, take for valid."""

from __future__ import annotations

from typing import Any

from inert.endpoint import ORIGIN

TOKEN = "00000000-0000-4000-8000-000000000000"
_ACCOUNT = "123456789012"
_EXAMPLE = "example"

#: By the names of members, in lower case, which must have a value of this form.
_BY_NAME = {
    "accountid": _ACCOUNT,
    "predictendpoint": ORIGIN,  # the host that Machine Learning sends to
    "sourceregion": "eu-west-1",  # makes botocore presign a copy from there
    "copysource": "example-bucket/example",
    "bucket": "example-bucket",
}

#: The services whose rules for endpoints ask for more than any ARN.
_ARNS = {"cloudfront-keyvaluestore": f"arn:aws:cloudfront::{_ACCOUNT}:key-value-store/{TOKEN}"}


def string(shape: Any, name: str, service: str) -> str:
    """Give a string for the member of that name."""
    if shape.enum:
        return str(shape.enum[0])
    lower = name.lower()
    if lower in _BY_NAME:
        return _BY_NAME[lower]
    if lower.endswith(("arn", "arns")):
        return arn(service).ljust(int(shape.metadata.get("min") or 0), "x")
    return fitted(_EXAMPLE, shape.metadata)


def arn(service: str) -> str:
    """Give the name of a resource of the service."""
    if service in _ARNS:
        return _ARNS[service]
    return f"arn:aws:{service}:us-east-1:{_ACCOUNT}:example/{_EXAMPLE}"


def fitted(text: str, metadata: dict[str, Any]) -> str:
    """Make it as long as the model asks, with letters that are also valid in a host name."""
    shortest, longest = int(metadata.get("min") or 0), metadata.get("max")
    cut = text[: int(longest)] if longest else text
    return cut.ljust(shortest, "x")
