"""Minimal valid input of an operation, from its model."""

from __future__ import annotations

import io
import math
from datetime import datetime, timezone
from typing import Any

from botocore.utils import is_json_value_header

from inert import strings

_MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
_BEFORE = b"before it "
# Given although optional: without it, nothing is presigned.
_ALWAYS = ("SourceRegion",)


def of(operation: Any) -> dict[str, Any]:
    """Build what the operation must be given, anew for each call: streams are read.

    Beside the required members it has a payload, where bytes may travel, and the tokens that
    botocore would else make at random.
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
            given[name] = strings.TOKEN
    if payload in given and isinstance(given[payload], bytes) and operation.has_streaming_input:
        given[payload] = _stream(given[payload])
    return given


def _stream(content: bytes) -> io.BytesIO:
    """Give a stream that does not stand at its beginning: what is sent again shows that."""
    stream = io.BytesIO(_BEFORE + content)
    stream.seek(len(_BEFORE))
    return stream


def value(shape: Any, name: str, service: str) -> Any:
    """Build a value for the member of that name, as botocore takes or gives it."""
    return _Builder(service).value(shape, name)


class _Builder:
    def __init__(self, service: str) -> None:
        self._service = service
        self._inside: list[str] = []  # the shapes that are being built, for those within themselves

    def value(self, shape: Any, name: str) -> Any:
        build = getattr(self, f"_{shape.type_name}", self._number)
        self._inside.append(shape.name)
        try:
            return build(shape, name)
        finally:
            self._inside.pop()

    def _structure(self, shape: Any, name: str) -> dict[str, Any]:  # noqa: ARG002 - as the others
        if getattr(shape, "is_document_type", False):
            return {"example": "document"}
        if getattr(shape, "is_tagged_union", False):
            chosen = self._simplest(shape)
            return {chosen: self.value(shape.members[chosen], chosen)}
        return {
            member: self.value(shape.members[member], member)
            for member in shape.required_members
            if member in shape.members
        }

    def _simplest(self, union: Any) -> str:
        """Choose a member that does not lead back into what is being built."""
        names: list[str] = list(union.members)
        return next((name for name in names if self._ends(union.members[name], ())), names[0])

    def _ends(self, shape: Any, above: tuple[str, ...]) -> bool:
        if shape.name in self._inside or shape.name in above:
            return False
        above = (*above, shape.name)
        if shape.type_name == "list":
            return self._ends(shape.member, above)
        if shape.type_name == "map":
            return self._ends(shape.value, above)
        if shape.type_name != "structure" or getattr(shape, "is_document_type", False):
            return True
        members = [shape.members[name] for name in shape.required_members if name in shape.members]
        if getattr(shape, "is_tagged_union", False):
            return any(self._ends(member, above) for member in shape.members.values())
        return all(self._ends(member, above) for member in members)

    def _list(self, shape: Any, name: str) -> list[Any]:
        least = int(shape.metadata.get("min") or 0)
        count = least if not self._ends(shape.member, ()) else max(least, 1)
        return [self.value(shape.member, name) for _ in range(count)]

    def _map(self, shape: Any, name: str) -> dict[Any, Any]:
        least = int(shape.metadata.get("min") or 0)
        count = least if not self._ends(shape.value, ()) else max(least, 1)
        if not count:
            return {}
        first = self.value(shape.key, f"{name}Key")
        keys = [first, *(f"{first}{number}" for number in range(1, count))]
        return {key: self.value(shape.value, name) for key in keys}

    def _string(self, shape: Any, name: str) -> Any:
        if is_json_value_header(shape):
            return {"example": 1}
        return strings.string(shape, name, self._service)

    def _character(self, shape: Any, name: str) -> str:  # noqa: ARG002 - as the others
        return "e"

    def _blob(self, shape: Any, name: str) -> bytes:  # noqa: ARG002 - as the others
        return strings.fitted("example", shape.metadata).encode()

    def _timestamp(self, shape: Any, name: str) -> datetime:  # noqa: ARG002 - as the others
        return _MOMENT

    def _boolean(self, shape: Any, name: str) -> bool:  # noqa: ARG002 - as the others
        return True

    def _number(self, shape: Any, name: str) -> float:  # noqa: ARG002 - as the others
        least = max(float(shape.metadata.get("min") or 0), 1.0)
        most = float(shape.metadata.get("max") or math.inf)
        number = min(least, most)
        return number if shape.type_name in ("float", "double") else int(number)
