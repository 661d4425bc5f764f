"""What an answer of 200 holds, where the protocol is one of JSON: each member of the output."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from botocore.utils import is_json_value_header

from inert import inputs
from inert.endpoint import HOST

# These say how the body is to be read.
_OF_THE_BODY = ("content-length", "content-encoding", "content-type", "transfer-encoding")
Headers = tuple[tuple[str, str], ...]


def of(operation: Any) -> tuple[Headers, bytes]:
    """Give the headers that hold members, and the body."""
    output = operation.output_shape
    service = operation.service_model.service_name
    headers: list[tuple[str, str]] = []
    body: dict[str, Any] = {}
    if getattr(operation.service_model, "endpoint_discovery_operation", None):
        # It may be that other operation that asks, by itself.
        body["Endpoints"] = [{"Address": HOST, "CachePeriodInMinutes": 1}]
    if output is None:
        return (), json.dumps(body).encode()
    payload = output.serialization.get("payload")
    for name, shape in output.members.items():
        place = shape.serialization.get("location")
        if place == "header" and not is_json_value_header(shape):
            value = _in_header(inputs.value(shape, name, service))
            header = shape.serialization["name"]
            if value and header.lower() not in _OF_THE_BODY:
                headers.append((header, value))
        elif place is None and payload in (None, name):
            written = _in_body(shape, inputs.value(shape, name, service))
            if name == payload:
                return tuple(headers), json.dumps(written).encode()
            body[shape.serialization.get("name", name)] = written
    return tuple(headers), json.dumps(body).encode()


def _in_header(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return format_datetime(value, usegmt=True)
    return str(value) if isinstance(value, (str, int, float)) else ""


def _in_body(shape: Any, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, list):
        return [_in_body(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {key: _in_body(shape.value, each) for key, each in value.items()}
    if isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        members = shape.members
        return {
            members[name].serialization.get("name", name): _in_body(members[name], each)
            for name, each in value.items()
        }
    return value
