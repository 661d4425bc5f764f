"""Only the order of a set is normalized, and few reasons are exempt."""

from __future__ import annotations

import pytest

from inert.exemptions import normalize


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "GET / HTTP/1.1\nUser-Agent: B m/b,A,Z c",
            "GET / HTTP/1.1\nUser-Agent: B m/Z,A,b c",
            True,
        ),
        ("User-Agent: B/1 m/A,b", "User-Agent: B/1 m/A", False),
        ("X-Other: m/A,b", "X-Other: m/b,A", False),
        ("X-Amz-Date: 20261121T154000Z", "X-Amz-Date: 20261121T154001Z", False),
        ("Signature=0123", "Signature=3210", False),
        ("amz-sdk-invocation-id: 1-2", "amz-sdk-invocation-id: 3-4", False),
        ("amz-sdk-request: attempt=1", "amz-sdk-request: attempt=2", False),
    ],
)
def test_only_the_order_of_a_set_is_normalized(one: str, other: str, same: bool) -> None:
    assert (normalize(one) == normalize(other)) is same
