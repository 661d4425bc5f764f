"""AIStore's signed redirects: the target verifies that it gets the request that was signed."""

from __future__ import annotations

import base64
import struct
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from botocore_redirect.testing import Received
from botocore_redirect.testing.dialects import Rules
from unit.testing.dialects.exchanges import follow, location_of, refusal, request, rules_of

pytest.importorskip("cryptography", reason="the redirects are signed with it")

KEY = "/s3/bkt/a%20b%3Bna%C3%AFve"
PUT = {"Content-Length": "7"}


@pytest.fixture
def rules() -> Rules:
    return rules_of("aistore-signed")


@pytest.fixture
def followed(rules: Rules) -> Received:
    return follow(rules, request("PUT", KEY, PUT))


def _altered(received: Received, target: str = "", **changes: Any) -> Received:
    headers = {**dict(received.raw_headers), **changes.pop("headers", {})}
    return request(changes.get("method", received.method), target or received.target, headers)


def test_the_request_that_was_redirected_is_taken(rules: Rules, followed: Received) -> None:
    assert rules.check(followed) is None


def test_the_signature_is_over_what_aistore_signs(rules: Rules) -> None:
    """Verify with the bytes written out: signer and verifier of the kit could agree on less."""
    said = {
        n: v[0]
        for n, v in parse_qs(urlsplit(location_of(rules, request("PUT", KEY, PUT))).query).items()
    }
    path = "/s3/bkt/a b;na\u00efve".encode()
    numbers = struct.pack(">QQQ", int(said["vpams"], 36), 7, int(said["x"], 36))
    payload = b"PUT\0" + path + b"\0" + said["pid"].encode() + b"\0" + numbers
    key: Any = rules
    key._key.public_key().verify(base64.urlsafe_b64decode(said["u"] + "=="), payload)
    assert len(said["u"]) == 86


def test_each_redirect_has_a_number_of_its_own(rules: Rules) -> None:
    numbers = [parse_qs(location_of(rules, request("GET", KEY)))["x"][0] for _ in range(3)]
    assert len({*numbers}) == 3


def test_a_request_that_is_not_the_one_that_was_signed_is_refused(
    rules: Rules, followed: Received
) -> None:
    others = [
        _altered(followed, method="DELETE"),
        _altered(followed, headers={"Content-Length": "8"}),
        _altered(followed, headers={"Content-Length": "0"}),
        _altered(followed, followed.target.replace("a%20b", "a%20c")),
        _altered(followed, followed.target.replace("vpams=7", "vpams=8")),
    ]
    for other in others:
        assert refusal(rules, other) == (403, refusal(rules, others[0])[1])
    assert "signature verification failed" in refusal(rules, others[0])[1]


def test_the_path_is_compared_decoded(rules: Rules, followed: Received) -> None:
    assert rules.check(_altered(followed, followed.target.replace("a%20b", "%61%20b"))) is None


def test_a_signature_of_another_cluster_is_refused(followed: Received) -> None:
    assert refusal(rules_of("aistore-signed"), followed)[0] == 403


@pytest.mark.parametrize(
    ("target", "status", "text"),
    [
        ("/s3/bkt/key", 403, "direct target access denied"),
        ("/s3/bkt/key?pid=other&utm=1&u=x", 403, "other is not in the cluster map"),
        ("/s3/bkt/key?pid=p%5Bkit51080%5D&utm=1", 403, "missing signature"),
        ("/s3/bkt/key?pid=p%5Bkit51080%5D&utm=1&u=abc", 403, "invalid signature length: 3"),
        (f"/s3/bkt/key?pid=p%5Bkit51080%5D&utm=1&u={'a' * 86}", 400, "invalid nonce"),
        (f"/s3/bkt/key?pid=p%5Bkit51080%5D&utm=1&x=*&vpams=7&u={'a' * 86}", 400, "invalid nonce"),
    ],
)
def test_a_request_without_a_whole_signature_is_refused(
    rules: Rules, target: str, status: int, text: str
) -> None:
    assert refusal(rules, request("GET", target))[0] == status
    assert text in refusal(rules, request("GET", target))[1]


def test_without_cryptography_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    with pytest.raises(ImportError, match="pip install cryptography"):
        rules_of("aistore-signed")
