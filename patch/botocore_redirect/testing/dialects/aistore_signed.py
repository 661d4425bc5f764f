"""NVIDIA AIStore with signed redirects (5.1, or 5.0 with signing switched on).

As run against the real store, and after its source: ais/signverify.go, ais/target.go. The gateway
signs with Ed25519 what it redirects: method, decoded path, its id, the version of the cluster map,
Content-Length and a number used once. The target verifies the signature over the request that it
receives, so that it fits no other one.
"""

from __future__ import annotations

import base64
import itertools
import secrets
from typing import Any
from urllib.parse import parse_qsl

from botocore_redirect.testing.dialects.aistore import Aistore, Pairs, base36
from botocore_redirect.testing.dialects.dialect import RUN, Dialect, Site
from botocore_redirect.testing.dialects.s3_request import decode
from botocore_redirect.testing.server.exchange import Received, Reply
from botocore_redirect.testing.server.faults import Fault

_MAP_VERSION = 7
_SIGNATURE_LENGTH = 86  # 64 bytes in base64 without padding


class AistoreSigned(Aistore):
    """The same cluster; its gateway has a key, and its targets know it."""

    def __init__(self, site: Site, root: str) -> None:
        super().__init__(site, root)
        self._key = _generate_key()
        self._nonces = itertools.count(secrets.randbits(32))

    def marks(self, received: Received, path: bytes) -> Pairs:
        """Return the marks with a signature of this request."""
        nonce = next(self._nonces)
        signature = self._key.sign(self._payload(received, path, _MAP_VERSION, nonce))
        encoded = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        own = [("u", encoded), ("vpams", base36(_MAP_VERSION)), ("x", base36(nonce))]
        return sorted([*super().marks(received, path), *own])

    def check(self, received: Received) -> Reply | None:
        """Refuse a request without this gateway's signature, and one that it did not sign."""
        marks = dict(parse_qsl(received.query, keep_blank_values=True))
        if not (marks.get("pid") and marks.get("utm")):
            return _denied("direct target access denied")
        if marks["pid"] != self.gateway_id:
            return _denied(f"cannot verify request: {marks['pid']} is not in the cluster map")
        if not marks.get("u"):
            return _denied("missing signature")
        if len(marks["u"]) != _SIGNATURE_LENGTH:
            return _denied(f"invalid signature length: {len(marks['u'])}")
        try:
            version, nonce = int(marks["vpams"], 36), int(marks["x"], 36)
            signature = base64.urlsafe_b64decode(marks["u"] + "==")
        except (KeyError, ValueError):
            return Fault(400, "InvalidArgument", "invalid nonce, map version or signature")
        payload = self._payload(received, decode(received.path), version, nonce)
        if not self._is_signature(signature, payload):
            return _denied("signature verification failed")
        return None

    def _is_signature(self, signature: bytes, payload: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra

        try:
            self._key.public_key().verify(signature, payload)
        except InvalidSignature:
            return False
        return True

    def _payload(self, received: Received, path: bytes, version: int, nonce: int) -> bytes:
        length = int(received.headers.get("Content-Length", "0"))
        texts = [received.method.encode(), path, self.gateway_id.encode()]
        numbers = [version, length, nonce]
        return b"".join(
            [text + b"\0" for text in texts] + [number.to_bytes(8, "big") for number in numbers]
        )


def _denied(message: str) -> Fault:
    return Fault(403, "AccessDenied", message)


def _generate_key() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError(
            f"The dialect aistore-signed needs cryptography, but {error}. Install it with: pip"
            " install cryptography"
        ) from error
    return ed25519.Ed25519PrivateKey.generate()


DIALECT = Dialect(
    name="aistore-signed",
    store="NVIDIA AIStore 5.1, redirects signed",
    evidence=RUN,
    redirects="every request for an object, with 307; the target verifies the gateway's signature",
    rules=AistoreSigned,
    root="/s3",
)
