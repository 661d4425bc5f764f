"""What may differ between two runs, and what may not."""

from __future__ import annotations

import pytest

from inert.normalize import masked


def test_the_order_of_a_set_is_masked() -> None:
    one, other = (
        "GET / HTTP/1.1\nUser-Agent: B/1 m/b,A,Z c/x",
        "GET / HTTP/1.1\nUser-Agent: B/1 m/Z,A,b c/x",
    )
    assert masked(one) == masked(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("X-Amz-Date: 20261121T154000Z", "X-Amz-Date: 20261121T154001Z"),
        ("Credential=k/20261121/us-east-1/sts", "Credential=k/20261122/us-east-1/sts"),
        ("Signature=0123", "Signature=3210"),
        ("amz-sdk-invocation-id: 1-2", "amz-sdk-invocation-id: 3-4"),
        ("amz-sdk-request: attempt=1", "amz-sdk-request: attempt=2"),
        ("User-Agent: B/1 m/A,b", "User-Agent: B/1 m/A"),
        ("X-Other: m/A,b", "X-Other: m/b,A"),
    ],
)
def test_nothing_else_is_masked(one: str, other: str) -> None:
    assert masked(one) != masked(other)
