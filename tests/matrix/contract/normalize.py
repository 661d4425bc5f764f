"""What differs from one run to the next, and is therefore not compared."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

from matrix.contract.behaviour import BUCKET, Behaviour

# In headers, and in request targets.
_VOLATILE = (
    (re.compile(r"Signature=[^&]+"), "Signature=SIGNATURE"),
    (re.compile(r"\b(Expires|X-Amz-Date)=\w+"), r"\1=TIME"),
    (re.compile(r"(AWS4-HMAC-SHA256 Credential=[^/]+/)\d{8}/"), r"\1DATE/"),
    (re.compile(r"\b(uploadId)=[^&]+"), r"\1=UPLOAD"),
    (re.compile(r"\b(continuation-token)=[^&]+"), r"\1=TOKEN"),
    (re.compile(r"ttl=\w+"), "ttl=TIME"),
)
# The feature ids of a User-Agent come from a set, whose order is another one in each process.
_FEATURES = re.compile(r"(?<= m/)\S+")
_VOLATILE_HEADERS = {"host", "x-amz-date", "amz-sdk-invocation-id"}

# What services other than S3 make up as they go, and clients then send in other requests.
_IDS = re.compile(
    r"\b(?:"
    r"[a-z]+-[0-9a-f]{8}(?:[0-9a-f]{9})?"  # vpc-0123..., i-0123...
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|[0-9a-f]{64}"  # a client token that is a digest
    r"|A[RSK][A-Z]A[A-Z0-9]{16,17}"  # a key of a role, or its id
    r")\b"
)
_USER_DATA = re.compile(r"(?<=\bUserData=)[^&]+")
# Beside the token of a role, what is made from bodies that hold such ids.
_VOLATILE_HEADERS_OF_OTHERS = {
    *_VOLATILE_HEADERS,
    "content-md5",
    "x-amz-checksum-crc32",
    "x-amz-content-sha256",
    "x-amz-security-token",
}


class Normalizer:
    """The normalizer of one run of a behaviour.

    Ids are numbered as they come, so that the same stay the same, unless they come in any order.
    """

    def __init__(self, bucket: str, account: str | None, behaviour: Behaviour) -> None:
        self._bucket = bucket
        self._account = account
        self._uses_other_services = behaviour.uses_other_services
        self._numbered = not behaviour.in_any_order
        self._ids: dict[str, str] = {}

    def header(self, name: str, value: str) -> list[str]:
        """Return a header as it is compared."""
        volatile = _VOLATILE_HEADERS_OF_OTHERS if self._uses_other_services else _VOLATILE_HEADERS
        return [name, "VOLATILE" if name.lower() in volatile else self.text(value)]

    def text(self, text: str) -> str:
        """Return the value of a header, or a request target, as it is compared."""
        text = _FEATURES.sub(_sorted_features, text.replace(self._bucket, BUCKET))
        for pattern, mask in _VOLATILE:
            text = pattern.sub(mask, text)
        return self.ids(text) if self._uses_other_services else text

    def body(self, body: bytes) -> bytes:
        """Return a body as it is compared."""
        if self._uses_other_services:
            text = _USER_DATA.sub(_decoded, body.decode("latin-1"))
            return self.ids(text.replace(self._bucket, BUCKET)).encode("latin-1")
        return body.replace(self._bucket.encode(), BUCKET.encode())

    def ids(self, text: str) -> str:
        """Return the text without the ids in it."""
        if self._account:
            text = text.replace(self._account, "ACCOUNT")
        return _IDS.sub(self._id, text)

    def _id(self, match: re.Match[str]) -> str:
        if not self._numbered:
            return "ID"
        return self._ids.setdefault(match[0], f"ID-{len(self._ids)}")


def _decoded(match: re.Match[str]) -> str:
    return base64.b64decode(unquote(match[0])).decode("latin-1")


def _sorted_features(match: re.Match[str]) -> str:
    return ",".join(sorted(match[0].split(",")))
