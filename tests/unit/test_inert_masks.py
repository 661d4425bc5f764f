"""What may differ between two runs, and what may not."""

from __future__ import annotations

import pytest

from inert.masks import masked, request

_HEX = "0123456789abcdef" * 4


def _presigned(day: str, signature: str) -> str:
    """Write a presigned URL as it stands in the body of a copy: percent-encoded, and twice."""
    return (
        f"Url=x%3FX-Amz-Date%3D{day}T154000Z%26X-Amz-Credential%3Dk%252F{day}%252Feu-west-1"
        f"%252Frds%252Faws4_request%26X-Amz-Signature%3D{signature}"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("X-Amz-Date: 20261121T154000Z", "X-Amz-Date: 20261122T000001Z"),
        ("Date: Sat, 21 Nov 2026 15:40:00 GMT", "Date: Sun, 22 Nov 2026 00:00:01 GMT"),
        (
            "Credential=testing/20261121/us-east-1/sts/aws4_request, x",
            "Credential=testing/20261122/us-east-1/sts/aws4_request, x",
        ),
        (f"SignedHeaders=host, Signature={_HEX}", f"SignedHeaders=host, Signature={_HEX[::-1]}"),
        (_presigned("20261121", _HEX), _presigned("20261122", _HEX[::-1])),
        (
            "Action=Do&Timestamp=2026-11-21T15%3A57%3A16Z&Signature=TqXbsP%2Fk%3D",
            "Action=Do&Timestamp=2026-11-22T15%3A57%3A16Z&Signature=pqg7ptb%3D",
        ),
        ("amz-sdk-invocation-id: 1-2", "amz-sdk-invocation-id: 3-4"),
        ("User-Agent: B/1 m/b,A,Z cfg/x", "User-Agent: B/1 m/Z,A,b cfg/x"),
    ],
)
def test_what_differs_from_run_to_run_is_masked(one: str, other: str) -> None:
    assert masked(one) == masked(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("X-Amz-Date: 20261121T154000Z", "X-Amz-Dates: 20261121T154000Z"),
        (
            "Credential=one/20261121/us-east-1/sts/aws4_request",
            "Credential=two/20261121/us-east-1/sts/aws4_request",
        ),
        (
            "Credential=k/20261121/us-east-1/sts/aws4_request",
            "Credential=k/20261121/us-east-1/s3/aws4_request",
        ),
        (f"SignedHeaders=host, Signature={_HEX}", f"SignedHeaders=host;date, Signature={_HEX}"),
        (f"X-Amz-Content-SHA256: {_HEX}", f"X-Amz-Content-SHA256: {_HEX[::-1]}"),
        ("amz-sdk-request: attempt=1", "amz-sdk-request: attempt=2"),
        ("User-Agent: B/1 m/A,b", "User-Agent: B/1 m/A"),
        ("StartDate=20261121", "StartDate=20261122"),
        (f"Signature={_HEX}", "Signature=none"),
        ("Timestamp=2026-11-21T15%3A57%3A16Z", "Timestamp=2026-11-22T15%3A57%3A16Z"),
    ],
)
def test_nothing_else_is_masked(one: str, other: str) -> None:
    assert masked(one) != masked(other)


def test_the_length_of_a_body_is_that_of_the_masked_one() -> None:
    one = "&Timestamp=2026-11-21T15%3A57%3A16Z&Signature=a%2F"
    other = "&Timestamp=2026-11-21T15%3A57%3A16Z&Signature=ab"
    assert request(f"Content-Length: {len(one)}\n\n", one) == request(
        f"Content-Length: {len(other)}\n\n", other
    )


@pytest.mark.parametrize("body", ["body", "&Timestamp=2026-11-21T15%3A57%3A16Z&Signature=ab"])
def test_a_length_that_is_wrong_is_not_masked(body: str) -> None:
    right = request(f"Content-Length: {len(body)}\n\n", body)
    assert request(f"Content-Length: {len(body) + 1}\n\n", body) != right
