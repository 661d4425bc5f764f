"""The checksums that botocore computes with awscrt, of a body that is redirected."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

import botocore_redirect

if TYPE_CHECKING:
    from botocore_redirect.testing import RedirectingStore

#: The check values of the catalogues of CRCs: those of these nine bytes.
CONTENT = b"123456789"
CHECKSUMS = {"CRC32": "cbf43926", "CRC32C": "e3069283", "CRC64NVME": "ae8b14860a799888"}


@pytest.mark.parametrize("algorithm", CHECKSUMS)
@pytest.mark.parametrize("expect", ["early", "late"])
def test_a_checksum_in_a_trailer_is_that_of_what_is_stored(
    make_redirecting_s3: Callable[..., RedirectingStore], expect: str, algorithm: str
) -> None:
    store = make_redirecting_s3(tls=True)  # over http, botocore sends it in a header
    store.gateway.expect = expect  # type: ignore[assignment]  # a Literal
    store.inspector.create_bucket("data")
    s3 = botocore_redirect.follow(store.client())
    body = io.BytesIO(b"before" + CONTENT)
    body.seek(len(b"before"))
    s3.put_object(Bucket="data", Key="key", Body=body, ChecksumAlgorithm=algorithm)
    (received,) = store.targets[0].received
    name = f"x-amz-checksum-{algorithm.lower()}"
    checksum = base64.b64encode(bytes.fromhex(CHECKSUMS[algorithm])).decode()
    assert f"{name}:{checksum}".encode() in received.body.replace(b": ", b":")
    assert received.headers["x-amz-trailer"] == name
    assert store.inspector.snapshot() == {"data": {"key": CONTENT}}


@pytest.mark.parametrize("algorithm", ["CRC32C", "CRC64NVME"])
def test_a_checksum_in_a_header_goes_along_to_the_target(
    store: RedirectingStore, algorithm: str
) -> None:
    s3 = botocore_redirect.follow(store.client())
    s3.put_object(Bucket="data", Key="key", Body=CONTENT, ChecksumAlgorithm=algorithm)
    (received,) = (each for target in store.targets for each in target.received)
    checksum = base64.b64encode(bytes.fromhex(CHECKSUMS[algorithm])).decode()
    assert received.headers[f"x-amz-checksum-{algorithm.lower()}"] == checksum
