"""The answers of the endpoint: the least that the parser of each protocol understands."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Callable

from botocore.utils import is_json_value_header

from botocore_redirect.testing.server.exchange import Response
from inert.calls.endpoint import HOST, Script
from inert.calls.inputs import build_value
from wire.servers.event_stream import event

OK, BAD, REDIRECT, BUSY, RETRIED = "200", "400", "307", "503", "503, then 200"
THROTTLED, CLOSED, BROKEN = "throttled, then 200", "no answer", "half an answer"
AGAIN = "307, then 503, then 307, then 200"
EARLY, AFTER_EARLY = "403 instead of 100", "the call after it"
UNTRUSTED = "another's certificate"
ALWAYS = (OK, BAD, BUSY)
SEE_OTHER = "303"
REDIRECTS = ("301", "302", "308")  # beside `REDIRECT`
ERRORS = ("500, then 200", "502, then 200", "504, then 200")
#: Answers that a patch has to follow; AGAIN begins with the first of them.
FOLLOWED = (REDIRECT, *REDIRECTS)
TRIED_TWICE = (RETRIED, THROTTLED, *ERRORS)
_ID = "inert-request"
_MESSAGE = "as asked"
_EVENTS = "application/vnd.amazon.eventstream"
# Headers that say how the body is to be read.
_OF_THE_BODY = ("content-length", "content-encoding", "content-type", "transfer-encoding")

Headers = tuple[tuple[str, str], ...]


class UnknownProtocolError(Exception):
    """A service uses a protocol that this module does not know."""


@dataclass(frozen=True)
class _Protocol:
    content_type: str
    fault: Callable[[str], bytes]
    nothing: bytes = b""
    headers: Headers = ()


def _json(code: str) -> bytes:
    return json.dumps({"__type": code, "message": _MESSAGE}).encode()


def _query(code: str) -> bytes:
    return (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{_MESSAGE}</Message>"
        f"</Error><RequestId>{_ID}</RequestId></ErrorResponse>"
    ).encode()


def _ec2(code: str) -> bytes:
    return (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{_MESSAGE}</Message></Error>"
        f"</Errors><RequestID>{_ID}</RequestID></Response>"
    ).encode()


def _s3(code: str) -> bytes:
    return (
        f"<Error><Code>{code}</Code><Message>{_MESSAGE}</Message><RequestId>{_ID}</RequestId>"
        "</Error>"
    ).encode()


def _cbor(code: str) -> bytes:
    return b"\xa2" + b"".join(_cbor_text(text) for text in ("__type", code, "message", _MESSAGE))


def _cbor_text(text: str) -> bytes:
    return b"\x78" + bytes([len(text)]) + text.encode()  # up to 255 letters


_PROTOCOLS = {
    "json": _Protocol("application/x-amz-json-1.1", _json, b"{}"),
    "rest-json": _Protocol("application/json", _json, b"{}"),
    "query": _Protocol("text/xml", _query),
    "ec2": _Protocol("text/xml", _ec2),
    "rest-xml": _Protocol("application/xml", _query, b"<Response/>"),
    "s3": _Protocol("application/xml", _s3, b"<Response/>"),
    "smithy-rpc-v2-cbor": _Protocol(
        "application/cbor", _cbor, b"\xa0", (("smithy-protocol", "rpc-v2-cbor"),)
    ),
}
_WITH_INITIAL_RESPONSE = ("json", "query", "smithy-rpc-v2-cbor")


def build_scripts(operation: Any) -> dict[str, Script]:
    """Build the script of each answer, by the name of the answer."""
    fine = _success(operation)
    busy = _fault(operation, 503, "ServiceUnavailable")
    moved, *more = (
        _fault(operation, int(status), "Redirected") for status in (REDIRECT, *REDIRECTS, SEE_OTHER)
    )
    return {
        OK: Script((fine,)),
        BAD: Script((_fault(operation, 400, _error_code(operation)),)),
        REDIRECT: Script((fine,), redirect=moved),
        BUSY: Script((busy,)),
        RETRIED: Script((busy, fine)),
        AGAIN: Script((busy, fine), redirect=moved),
        THROTTLED: Script((_fault(operation, 400, "ThrottlingException"), fine)),
        EARLY: Script((_fault(operation, 403, "AccessDenied"),), early=True),
        AFTER_EARLY: Script((fine,)),
        CLOSED: Script((replace(fine, hangs_up=True), fine)),
        BROKEN: Script((_cut_short(fine), fine)),
        UNTRUSTED: Script((fine,)),
        **{str(each.status): Script((fine,), redirect=each) for each in more},
        **{each: Script((_fault(operation, int(each[:3]), "Fault"), fine)) for each in ERRORS},
    }


def _cut_short(answer: Response) -> Response:
    """Declare a greater length than there is."""
    headers = (each for each in answer.headers if each[0] != "Content-Length")
    return replace(answer, headers=(*headers, ("Content-Length", str(len(answer.body) + 9))))


def protocol_of(service_model: Any) -> str:
    """Return the protocol that botocore uses for a service: newer releases choose of several."""
    resolved = getattr(service_model, "resolved_protocol", None)
    return str(resolved or service_model.metadata["protocol"])


def _protocol(operation: Any) -> _Protocol:
    service = operation.service_model
    if service.service_name == "s3":
        return _PROTOCOLS["s3"]
    name = protocol_of(service)
    if name not in _PROTOCOLS:
        raise UnknownProtocolError(
            f"{service.service_name} uses the protocol {name!r}, which has no answers here: add it"
            " to tests/inert/calls/answers.py."
        )
    return _PROTOCOLS[name]


def _error_code(operation: Any) -> str:
    """Return the code of an error that the operation declares, as it has its own class."""
    for shape in operation.error_shapes:
        return str(shape.metadata.get("error", {}).get("code") or shape.name)
    return "ValidationException"


def _fault(operation: Any, status: int, code: str) -> Response:
    protocol = _protocol(operation)
    return _answer(protocol, status, protocol.fault(code), protocol.content_type)


def _success(operation: Any) -> Response:
    protocol = _protocol(operation)
    if operation.has_event_stream_output:
        return _answer(protocol, 200, _events(operation, protocol), _EVENTS)
    output = operation.output_shape
    payload = output and output.members.get(output.serialization.get("payload"))
    if payload and payload.type_name in ("blob", "string"):
        return _answer(protocol, 200, b"example", "application/octet-stream")
    if protocol in (_PROTOCOLS["json"], _PROTOCOLS["rest-json"]):
        headers, body = _json_output(operation)
        return _answer(replace(protocol, headers=headers), 200, body, protocol.content_type)
    body = protocol.nothing or _xml(operation)
    return _answer(protocol, 200, body, protocol.content_type)


def _xml(operation: Any) -> bytes:
    output = operation.output_shape
    wrapper = output and output.serialization.get("resultWrapper")
    inner = f"<{wrapper}/>" if wrapper else ""
    return (
        f"<Response>{inner}<requestId>{_ID}</requestId>"
        f"<ResponseMetadata><RequestId>{_ID}</RequestId></ResponseMetadata></Response>"
    ).encode()


def _events(operation: Any, protocol: _Protocol) -> bytes:
    names = list(operation.get_event_stream_output().members)[:1]
    if protocol_of(operation.service_model) in _WITH_INITIAL_RESPONSE:
        names.insert(0, "initial-response")
    body = protocol.nothing or b"<Response/>"
    return b"".join(event(name, body, protocol.content_type) for name in names)


def _answer(protocol: _Protocol, status: int, body: bytes, content_type: str) -> Response:
    headers = (
        *protocol.headers,
        ("x-amzn-RequestId", _ID),
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
    )
    return Response(status, headers, body)


def _json_output(operation: Any) -> tuple[Headers, bytes]:
    """Return the headers and the body that hold each member of the output."""
    output = operation.output_shape
    service = operation.service_model.service_name
    headers: list[tuple[str, str]] = []
    body: dict[str, Any] = {}
    if getattr(operation.service_model, "endpoint_discovery_operation", None):
        # botocore itself may call that operation.
        body["Endpoints"] = [{"Address": HOST, "CachePeriodInMinutes": 1}]
    payload = output.serialization.get("payload") if output else None
    for name, shape in output.members.items() if output else ():
        place = shape.serialization.get("location")
        if place == "header" and not is_json_value_header(shape):
            value = _header_value(build_value(shape, name, service))
            header = shape.serialization["name"]
            if value and header.lower() not in _OF_THE_BODY:
                headers.append((header, value))
        elif place is None and payload in (None, name):
            written = _json_value(shape, build_value(shape, name, service))
            if name == payload:
                return tuple(headers), json.dumps(written).encode()
            body[shape.serialization.get("name", name)] = written
    return tuple(headers), json.dumps(body).encode()


def _header_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return format_datetime(value, usegmt=True)
    return str(value) if isinstance(value, (str, int, float)) else ""


def _json_value(shape: Any, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, list):
        return [_json_value(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {key: _json_value(shape.value, each) for key, each in value.items()}
    if isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        members = shape.members
        return {
            members[name].serialization.get("name", name): _json_value(members[name], each)
            for name, each in value.items()
        }
    return value
