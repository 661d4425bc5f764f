"""What the endpoint answers: the least that the parser of each protocol understands."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Callable

from botocore_redirect.testing.server.exchange import Response
from inert import content, event_stream
from inert.endpoint import Script

OK, BAD, REDIRECT, BUSY, RETRIED = "200", "400", "307", "503", "503, then 200"
THROTTLED, CLOSED, BROKEN = "throttled, then 200", "no answer", "half an answer"
AGAIN = "307, then 503, then 307, then 200"
EARLY, AFTER_EARLY = "403 instead of 100", "the call after it"
UNTRUSTED = "another's certificate"
ALWAYS = (OK, BAD, BUSY)
SEE_OTHER = "303"
REDIRECTS = ("301", "302", "308")  # beside `REDIRECT`
ERRORS = ("500, then 200", "502, then 200", "504, then 200")
#: That is answered by whom the client was redirected to, if it follows.
FOLLOWED = (REDIRECT, *REDIRECTS)  # AGAIN begins with the first
TRIED_TWICE = (RETRIED, THROTTLED, *ERRORS)
_ID = "inert-request"
_MESSAGE = "as asked"
_EVENTS = "application/vnd.amazon.eventstream"


class UnknownProtocolError(Exception):
    """A service speaks a protocol of which nothing is known here."""


@dataclass(frozen=True)
class _Protocol:
    content_type: str
    fault: Callable[[str], bytes]
    nothing: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


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
    "rest-xml": _Protocol("application/xml", _query, b"<Answer/>"),
    "s3": _Protocol("application/xml", _s3, b"<Answer/>"),
    "smithy-rpc-v2-cbor": _Protocol(
        "application/cbor", _cbor, b"\xa0", (("smithy-protocol", "rpc-v2-cbor"),)
    ),
}
_WITH_INITIAL_RESPONSE = ("json", "query", "smithy-rpc-v2-cbor")


def scripts(operation: Any) -> dict[str, Script]:
    """Give the script of each answer, by its name."""
    fine = _fine(operation)
    busy = _fault(operation, 503, "ServiceUnavailable")
    moved, *more = (
        _fault(operation, int(status), "Redirected") for status in (REDIRECT, *REDIRECTS, SEE_OTHER)
    )
    return {
        OK: Script((fine,)),
        BAD: Script((_fault(operation, 400, _code(operation)),)),
        REDIRECT: Script((fine,), redirect=moved),
        BUSY: Script((busy,)),
        RETRIED: Script((busy, fine)),
        AGAIN: Script((busy, fine), redirect=moved),
        THROTTLED: Script((_fault(operation, 400, "ThrottlingException"), fine)),
        EARLY: Script((_fault(operation, 403, "AccessDenied"),), early=True),
        AFTER_EARLY: Script((fine,)),
        CLOSED: Script((replace(fine, hangs_up=True), fine)),
        BROKEN: Script((_broken(fine), fine)),
        UNTRUSTED: Script((fine,)),
        **{str(each.status): Script((fine,), redirect=each) for each in more},
        **{each: Script((_fault(operation, int(each[:3]), "Fault"), fine)) for each in ERRORS},
    }


def _broken(answer: Response) -> Response:
    """Promise more than there is."""
    headers = (each for each in answer.headers if each[0] != "Content-Length")
    return replace(answer, headers=(*headers, ("Content-Length", str(len(answer.body) + 9))))


def protocol_of(service_model: Any) -> str:
    """Name the protocol that botocore speaks with a service: newer releases choose of several."""
    resolved = getattr(service_model, "resolved_protocol", None)
    return str(resolved or service_model.metadata["protocol"])


def _protocol(operation: Any) -> _Protocol:
    service = operation.service_model
    if service.service_name == "s3":
        return _PROTOCOLS["s3"]
    name = protocol_of(service)
    if name not in _PROTOCOLS:
        raise UnknownProtocolError(
            f"{service.service_name} speaks the protocol {name!r}, whose answers are unknown here:"
            " add it to tests/inert/answers.py."
        )
    return _PROTOCOLS[name]


def _code(operation: Any) -> str:
    """Name an error that the operation is known for, so that it gets its own class."""
    for shape in operation.error_shapes:
        return str(shape.metadata.get("error", {}).get("code") or shape.name)
    return "ValidationException"


def _fault(operation: Any, status: int, code: str) -> Response:
    protocol = _protocol(operation)
    return _answer(protocol, status, protocol.fault(code), protocol.content_type)


def _fine(operation: Any) -> Response:
    protocol = _protocol(operation)
    if operation.has_event_stream_output:
        return _answer(protocol, 200, _events(operation, protocol), _EVENTS)
    output = operation.output_shape
    payload = output and output.members.get(output.serialization.get("payload"))
    if payload and payload.type_name in ("blob", "string"):
        return _answer(protocol, 200, b"example", "application/octet-stream")
    if protocol in (_PROTOCOLS["json"], _PROTOCOLS["rest-json"]):
        headers, body = content.of(operation)
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
    body = protocol.nothing or b"<Answer/>"
    return b"".join(event_stream.event(name, protocol.content_type, body) for name in names)


def _answer(protocol: _Protocol, status: int, body: bytes, content_type: str) -> Response:
    headers = (
        *protocol.headers,
        ("x-amzn-RequestId", _ID),
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
    )
    return Response(status, headers, body)
