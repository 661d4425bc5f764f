"""A verifier of Signature Version 4A, after AWS's description: one key pair for all regions.

It knows nothing of botocore and awscrt. The private key is derived from the secret (NIST SP
800-108, in counter mode), and its public half verifies what a request carries.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

ALGORITHM = "AWS4-ECDSA-P256-SHA256"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_AUTHORIZATION = re.compile(
    ALGORITHM + r" Credential=(?P<key_id>[^/]+)/(?P<scope>[^,]+), SignedHeaders=(?P<signed>[^,]+),"
    r" Signature=(?P<signature>[0-9a-f]+)"
)


def mismatch(received: Received, key_id: str, secret: str) -> str | None:
    """Return why a server would refuse this request, or None if its signature is right."""
    found = _AUTHORIZATION.fullmatch(received.headers.get("Authorization", ""))
    if not found:
        return f"the Authorization is {received.headers.get('Authorization')!r}"
    date = received.headers["X-Amz-Date"]
    scope = f"{date[:8]}/s3/aws4_request"  # without a region: that is in X-Amz-Region-Set
    if (found["key_id"], found["scope"]) != (key_id, scope):
        return f"the credential is {found['key_id']}/{found['scope']}"
    if not {"host", "x-amz-region-set"} <= {*found["signed"].split(";")}:
        return f"signed are {found['signed']}"
    canonical = hashlib.sha256(_canonical_request(received, found["signed"]).encode()).hexdigest()
    signed = f"{ALGORITHM}\n{date}\n{scope}\n{canonical}".encode()
    key = _private_key(key_id, secret).public_key()
    try:
        key.verify(bytes.fromhex(found["signature"]), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return "the signature is that of another request"
    return None


def _private_key(key_id: str, secret: str) -> ec.EllipticCurvePrivateKey:
    for counter in range(1, 255):
        fixed = b"\0\0\0\1" + ALGORITHM.encode() + b"\0" + key_id.encode()
        message = fixed + bytes([counter]) + b"\0\0\1\0"
        digest = hmac.new(b"AWS4A" + secret.encode(), message, hashlib.sha256).digest()
        candidate = int.from_bytes(digest, "big")
        if candidate <= _ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1())
    raise AssertionError("one try in 2**32 needs a second counter")


def _canonical_request(received: Received, signed: str) -> str:
    path = quote(unquote_to_bytes(received.path), safe="/-_.~")
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(received.query, keep_blank_values=True)
    )
    headers = [f"{name}:{received.headers[name].strip()}" for name in signed.split(";")]
    query = "&".join("=".join(pair) for pair in pairs)
    payload = received.headers["X-Amz-Content-Sha256"]
    return "\n".join([received.method, path, query, *headers, "", signed, payload])
