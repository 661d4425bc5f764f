"""What a request asks of S3."""

from __future__ import annotations

import pytest

from botocore_redirect.testing.dialects.s3_request import S3Request
from unit.testing.dialects.exchanges import request


@pytest.mark.parametrize(
    ("target", "bucket", "key"),
    [
        ("/", b"", b""),
        ("/bkt", b"bkt", b""),
        ("/bkt/", b"bkt", b""),
        ("/bkt/a//b%2Fc?x=1", b"bkt", b"a//b/c"),
        ("/bkt/na%C3%AFve", b"bkt", "na\u00efve".encode()),
        ("/bkt/na\xc3\xafve", b"bkt", "na\u00efve".encode()),
    ],
)
def test_bucket_and_key_are_decoded_to_bytes(target: str, bucket: bytes, key: bytes) -> None:
    parsed = S3Request.parse(request("GET", target))
    assert (parsed.bucket, parsed.key) == (bucket, key)


def test_the_path_of_the_endpoint_is_left_out() -> None:
    assert S3Request.parse(request("GET", "/s3/bkt/key"), "/s3").name == b"bkt/key"


@pytest.mark.parametrize(
    ("method", "target", "is_read", "is_write"),
    [
        ("GET", "/bkt/key", True, False),
        ("HEAD", "/bkt/key", True, False),
        ("GET", "/bkt/key?versionId=3&partNumber=1&x-id=GetObject", True, False),
        ("GET", "/bkt/key?response-content-type=text%2Fplain", True, False),
        ("GET", "/bkt/key?tagging", False, False),
        ("GET", "/bkt/key?uploadId=u", False, False),
        ("GET", "/bkt", False, False),
        ("PUT", "/bkt/key", False, True),
        ("PUT", "/bkt/key?tagging", False, False),
        ("PUT", "/bkt", False, False),
        ("POST", "/bkt/key", False, False),
        ("DELETE", "/bkt/key", False, False),
    ],
)
def test_whole_objects_are_read_and_written(
    method: str, target: str, is_read: bool, is_write: bool
) -> None:
    parsed = S3Request.parse(request(method, target))
    assert (parsed.is_read, parsed.is_write) == (is_read, is_write)


@pytest.mark.parametrize("source", ["bkt/a%20b", "/bkt/a%20b", "bkt/a%20b?versionId=3"])
def test_a_copy_is_no_write_and_names_its_source(source: str) -> None:
    parsed = S3Request.parse(request("PUT", "/bkt/key", {"x-amz-copy-source": source}))
    assert (parsed.is_write, parsed.copies_from) == (False, b"bkt/a b")
