"""A target that verifies signatures, as AWS does; moto takes every request.

aiohttp follows redirects by itself, unsigned. Only a target that minds shows what becomes of that.
"""

from __future__ import annotations

from botocore_redirect.testing import Received, Response
from matrix.contract.behaviour import CREDENTIALS
from wire.signatures import sigv4

_REFUSED = 403
_ERROR = "<Error><Code>{}</Code><Message>{}</Message></Error>"


def refuse(received: Received) -> Response | None:
    """As a rule: answer 403 if the signature is wrong. It comes before the body is read."""
    wrong = _mismatch(received, body_was_read=False)
    if wrong is None:
        return None
    if "Authorization" in received.headers:
        text = _ERROR.format("SignatureDoesNotMatch", wrong.replace("&", "&amp;"))
    else:
        text = _ERROR.format("AccessDenied", "Access Denied")
    return Response(_REFUSED, (("Content-Type", "application/xml"),), text.encode("latin-1"))


def refuse_writes(received: Received) -> Response | None:
    """As a rule: the same, where everybody may read."""
    return None if received.method in ("GET", "HEAD") else refuse(received)


def expect_signed_bodies(received: list[Received]) -> None:
    """Raise AssertionError unless the bodies of signed requests are those that were signed."""
    wrong = [
        f"{each.method} {each.target}: {problem}"
        for each in received
        if each.headers["Authorization"] and each.status != _REFUSED
        if (problem := _mismatch(each, body_was_read=True))
    ]
    assert not wrong, "\n".join(wrong)


def _mismatch(received: Received, *, body_was_read: bool) -> str | None:
    return sigv4.mismatch(
        received,
        CREDENTIALS["aws_secret_access_key"],
        CREDENTIALS["aws_access_key_id"],
        body_was_read=body_was_read,
    )
