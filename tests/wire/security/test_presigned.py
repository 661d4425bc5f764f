"""Presigned targets get the plain request without credentials of the client."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect import RedirectRefused
from wire.botocore_versions import VERSION, needs_checksums
from wire.conftest import answer, to
from wire.servers.tls import KEY_ID, SSE_C, TOKEN, Client, names, seen_by, url

if TYPE_CHECKING:
    from wire.conftest import Follow, Serve

pytest_plugins = ["wire.tls_fixtures"]

KEY = {"Bucket": "bkt", "Key": "key"}
CONTENT = b"what is stored " * 1000
# A presigned URL contains its own credentials, those of the store.
V4 = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host&X-Amz-Signature=0a1b%2F2c"
V2 = "AWSAccessKeyId=STORE&Expires=1893456000&Signature=ab%2Bc%3D"
_SECRETS = {"authorization", "x-amz-security-token", "x-amz-date", "x-amz-content-sha256"}

_PLAIN = {"host", "accept-encoding", "user-agent"}
KMS_CONTEXT = {"ServerSideEncryption": "aws:kms", "SSEKMSEncryptionContext": "eyJhIjoiYiJ9"}

queries = pytest.mark.parametrize("query", [V4, V2], ids=["v4", "v2"])
hosts = pytest.mark.parametrize("host", ["node1.s3.store.example", "stranger.example"])


class Redirected:
    """A client, the gateway that it knows, and the target behind a presigned URL."""

    def __init__(self, serve: Serve, client: Client, follow: Follow) -> None:
        self._serve, self._client, self._follow = serve, client, follow

    def to(self, host: str, query: str, **options: Any) -> Any:
        self.target = self._serve(answer(200, b""))
        self.gateway = self._serve(to(f"{url(self.target, host)}/bkt/key?{query}"), **options)
        return self._follow(self._client(url(self.gateway, "s3.store.example")))


@pytest.fixture
def redirected(serve_tls: Serve, client: Client, follow: Follow) -> Redirected:
    return Redirected(serve_tls, client, follow)


@queries
@hosts
@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_a_presigned_url_is_read_without_the_credentials_of_the_client(
    redirected: Redirected, host: str, query: str, operation: str
) -> None:
    got = getattr(redirected.to(host, query), operation)(**KEY, Range="bytes=0-3", **SSE_C)
    assert got["ResponseMetadata"]["Redirects"][0]["Sent"] == "presigned"
    (request,) = redirected.target.received
    assert request.target == f"/bkt/key?{query}"
    assert request.headers["Range"] == "bytes=0-3"
    assert names(request) <= _PLAIN | {"range"}
    assert KEY_ID not in seen_by(redirected.target)


@queries
@hosts
@pytest.mark.parametrize("expect", ["early", "late"])
@pytest.mark.parametrize("kind", ["bytes", "stream", "file at an offset", "empty"])
def test_a_presigned_url_is_given_the_plain_body(
    redirected: Redirected, host: str, query: str, expect: str, kind: str
) -> None:
    content = b"" if kind == "empty" else CONTENT
    body: Any = content
    if kind == "stream":
        body = io.BytesIO(content)
    elif kind == "file at an offset":
        body = io.BytesIO(b"before" + content)
        body.seek(len(b"before"))
    redirected.to(host, query, expect=expect).put_object(
        **KEY, Body=body, ContentType="text/plain", Metadata={"color": "blue"}
    )
    (request,) = redirected.target.received
    assert request.target == f"/bkt/key?{query}"
    assert request.body == content
    assert request.headers["Content-Length"] == str(len(content))
    assert request.headers["Content-Type"] == "text/plain"
    assert request.headers["x-amz-meta-color"] == "blue"
    heads = seen_by(redirected.target).lower()
    for framing in ("transfer-encoding", "aws-chunked", "trailer", "decoded", "checksum"):
        assert framing not in heads
    assert not _SECRETS & names(request)
    assert TOKEN not in heads


@pytest.mark.skipif(VERSION < (1, 36), reason="no aws-chunked by default before botocore 1.36")
def test_the_gateway_of_such_an_upload_gets_aws_chunked(redirected: Redirected) -> None:
    redirected.to("stranger.example", V4).put_object(**KEY, Body=CONTENT)
    (request,) = redirected.gateway.received
    assert request.headers["Content-Encoding"] == "aws-chunked"
    assert "X-Amz-Trailer" in request.headers


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
@needs_checksums
def test_a_checksum_that_the_caller_asked_for_does_not_frame_the_body(
    redirected: Redirected, algorithm: str
) -> None:
    redirected.to("stranger.example", V4).put_object(
        **KEY, Body=io.BytesIO(CONTENT), ChecksumAlgorithm=algorithm, ContentEncoding="gzip"
    )
    (request,) = redirected.target.received
    assert request.body == CONTENT
    # Before 1.31 botocore itself replaces the encoding by `aws-chunked`, redirect or none.
    assert request.headers["Content-Encoding"] == (None if VERSION < (1, 31) else "gzip")
    assert request.headers["Content-Length"] == str(len(CONTENT))


def test_headers_that_the_url_signs_are_sent(redirected: Redirected) -> None:
    query = V4.replace("SignedHeaders=host", "SignedHeaders=host%3Bx-amz-request-payer")
    redirected.to("stranger.example", query).get_object(**KEY, RequestPayer="requester")
    assert redirected.target.received[0].headers["x-amz-request-payer"] == "requester"


def test_a_url_that_claims_to_sign_secrets_does_not_get_them(redirected: Redirected) -> None:
    claimed = ["authorization", "cookie", "x-amz-server-side-encryption-customer-key"]
    query = V4.replace("SignedHeaders=host", f"SignedHeaders={'%3B'.join(claimed)}")
    s3 = redirected.to("stranger.example", query)

    def add_secrets(params: dict[str, Any], **_: object) -> None:
        params["headers"].update(Cookie="secret", Authorization="secret")

    s3.meta.events.register("before-call.s3", add_secrets)
    s3.get_object(**KEY, **SSE_C)
    assert names(redirected.gateway.received[0]).issuperset(claimed)
    assert not names(redirected.target.received[0]).intersection(claimed)


_NEEDING = {
    "customer key": ("put_object", {"Body": CONTENT, **SSE_C}, V4),
    "KMS context": ("put_object", {"Body": CONTENT, **KMS_CONTEXT}, V4),
    "KMS context of parts": ("create_multipart_upload", KMS_CONTEXT, f"uploads&{V4}"),
    "MFA code": ("delete_object", {"MFA": "serial 123456"}, V4),
}


@pytest.mark.parametrize("host", ["node1.s3.store.example", "stranger.example"])
@pytest.mark.parametrize("secret", _NEEDING)
def test_a_write_that_needs_a_secret_is_refused_at_a_presigned_url(
    redirected: Redirected, host: str, secret: str
) -> None:
    operation, parameters, query = _NEEDING[secret]
    with pytest.raises(RedirectRefused, match=secret.removesuffix(" of parts")) as refused:
        getattr(redirected.to(host, query), operation)(**KEY, **parameters)
    assert refused.value.reason == "secret"
    assert redirected.target.connections == 0


@pytest.mark.parametrize("secret", ["x-amz-mfa", "x-amz-server-side-encryption-context"])
def test_a_read_leaves_the_secrets_of_writes_out(redirected: Redirected, secret: str) -> None:
    claimed = V4.replace("SignedHeaders=host", f"SignedHeaders=host%3B{secret}")
    s3 = redirected.to("stranger.example", claimed)

    def add_secret(params: dict[str, Any], **_: object) -> None:
        params["headers"][secret] = "value"

    s3.meta.events.register("before-call.s3", add_secret)
    s3.get_object(**KEY, IfMatch='"etag"')
    assert secret in names(redirected.gateway.received[0])
    assert names(redirected.target.received[0]) == _PLAIN | {"if-match"}


def test_a_read_shows_no_header_of_amazon_that_its_url_does_not_sign(
    redirected: Redirected,
) -> None:
    redirected.to("stranger.example", V4).get_object(
        **KEY, RequestPayer="requester", IfNoneMatch='"etag"'
    )
    assert "x-amz-request-payer" in names(redirected.gateway.received[0])
    assert names(redirected.target.received[0]) == _PLAIN | {"if-none-match"}


def test_after_a_presigned_url_of_a_stranger_nothing_is_signed(
    redirected: Redirected, serve_tls: Serve
) -> None:
    home = serve_tls(answer(200, b"content"))
    s3 = redirected.to("stranger.example", V4)
    redirected.target.rule = to(f"{url(home, 's3.store.example')}/bkt/key")
    assert s3.get_object(**KEY)["Body"].read() == b"content"
    assert not _SECRETS & names(home.received[0])
    with pytest.raises(RedirectRefused, match="after it had left the trusted hosts"):
        s3.put_object(**KEY, Body=CONTENT)
    assert len(home.received) == 1
