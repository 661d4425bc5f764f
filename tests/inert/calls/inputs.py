"""Build minimal valid parameters of an operation from its model."""

from __future__ import annotations

import io
import math
from datetime import datetime, timezone
from typing import Any

from botocore.utils import is_json_value_header

from inert.calls.endpoint import ORIGIN

TOKEN = "00000000-0000-4000-8000-000000000000"
_MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
_ACCOUNT = "123456789012"
_EXAMPLE = "example"
_BEFORE = b"before it "
# Given although optional: without it, nothing is presigned.
_ALWAYS = ("SourceRegion",)

#: Members that need a value of a certain form, by their names in lower case.
_BY_NAME = {
    "accountid": _ACCOUNT,
    "predictendpoint": ORIGIN,  # the host of the request to Machine Learning
    "sourceregion": "eu-west-1",  # makes botocore presign a copy from there
    "copysource": "example-bucket/example",
    "bucket": "example-bucket",
}
#: The endpoint rules of these services accept no other ARN.
_ARNS = {"cloudfront-keyvaluestore": f"arn:aws:cloudfront::{_ACCOUNT}:key-value-store/{TOKEN}"}


def build_parameters(operation: Any) -> dict[str, Any]:
    """Build the parameters of an operation, anew for each call because streams are consumed.

    They contain the required members, a payload of bytes, and the tokens that botocore would
    otherwise generate.
    """
    shape = operation.input_shape
    if shape is None:
        return {}
    builder = _Builder(operation.service_model.service_name)
    given: dict[str, Any] = builder.value(shape, "")
    payload = shape.serialization.get("payload")
    for name, member in shape.members.items():
        is_body = name == payload and member.type_name in ("blob", "string")
        if name not in given and (is_body or name in _ALWAYS):
            given[name] = builder.value(member, name)
        if name in operation.idempotent_members:
            given[name] = TOKEN
    if isinstance(given.get(payload), bytes) and operation.has_streaming_input:
        given[payload] = _stream(given[payload])
    return given


def build_value(shape: Any, name: str, service: str) -> Any:
    """Build a value for the member of that name, as botocore takes or returns it."""
    return _Builder(service).value(shape, name)


def _stream(content: bytes) -> io.BytesIO:
    """Return a stream that is not at its start, to show where a retry begins."""
    stream = io.BytesIO(_BEFORE + content)
    stream.seek(len(_BEFORE))
    return stream


class _Builder:
    def __init__(self, service: str) -> None:
        self._service = service
        self._inside: list[str] = []  # the shapes being built, to detect recursion

    def value(self, shape: Any, name: str) -> Any:
        build = getattr(self, f"_{shape.type_name}", None)
        if build is None:
            return _scalar(shape)
        self._inside.append(shape.name)
        try:
            return build(shape, name)
        finally:
            self._inside.pop()

    def _structure(self, shape: Any, _: str) -> dict[str, Any]:
        if getattr(shape, "is_document_type", False):
            return {_EXAMPLE: "document"}
        names = _required(shape)
        if _is_union(shape):
            members = [*shape.members]
            finite = [name for name in members if self._is_finite(shape.members[name], ())]
            names = (finite or members)[:1]
        return {name: self.value(shape.members[name], name) for name in names}

    def _list(self, shape: Any, name: str) -> list[Any]:
        return [self.value(shape.member, name) for _ in range(self._count(shape, shape.member))]

    def _map(self, shape: Any, name: str) -> dict[Any, Any]:
        keys = []
        if count := self._count(shape, shape.value):
            first = self.value(shape.key, f"{name}Key")
            keys = [first, *(f"{first}{number}" for number in range(1, count))]
        return {key: self.value(shape.value, name) for key in keys}

    def _string(self, shape: Any, name: str) -> Any:
        if is_json_value_header(shape):
            return {_EXAMPLE: 1}
        if shape.enum:
            return str(shape.enum[0])
        lower = name.lower()
        if lower in _BY_NAME:
            return _BY_NAME[lower]
        if lower.endswith(("arn", "arns")):
            example = f"arn:aws:{self._service}:us-east-1:{_ACCOUNT}:example/{_EXAMPLE}"
            arn = _ARNS.get(self._service, example)
            return arn.ljust(int(shape.metadata.get("min") or 0), "x")
        return _fit(shape.metadata)

    def _count(self, shape: Any, member: Any) -> int:
        """Return how many members a list or map has; none if they would never end."""
        least = int(shape.metadata.get("min") or 0)
        return max(least, 1) if self._is_finite(member, ()) else least

    def _is_finite(self, shape: Any, above: tuple[str, ...]) -> bool:
        """Return whether a value ends without a shape that contains itself."""
        if shape.name in self._inside or shape.name in above:
            return False
        above = (*above, shape.name)
        if shape.type_name in ("list", "map"):
            member = shape.member if shape.type_name == "list" else shape.value
            return self._is_finite(member, above)
        if shape.type_name != "structure" or getattr(shape, "is_document_type", False):
            return True
        if _is_union(shape):
            return any(self._is_finite(member, above) for member in shape.members.values())
        return all(self._is_finite(shape.members[name], above) for name in _required(shape))


def _required(shape: Any) -> list[str]:
    return [name for name in shape.required_members if name in shape.members]


def _is_union(shape: Any) -> bool:
    return getattr(shape, "is_tagged_union", False)


def _scalar(shape: Any) -> Any:
    fixed = {"character": "e", "timestamp": _MOMENT, "boolean": True}
    if shape.type_name in fixed:
        return fixed[shape.type_name]
    if shape.type_name == "blob":
        return _fit(shape.metadata).encode()
    least = max(float(shape.metadata.get("min") or 0), 1.0)
    number = min(least, float(shape.metadata.get("max") or math.inf))
    return number if shape.type_name in ("float", "double") else int(number)


def _fit(metadata: dict[str, Any]) -> str:
    """Return an example of the length that the model asks for, valid in a host name."""
    longest = metadata.get("max")
    cut = _EXAMPLE[: int(longest)] if longest else _EXAMPLE
    return cut.ljust(int(metadata.get("min") or 0), "x")
