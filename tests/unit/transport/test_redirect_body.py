from __future__ import annotations

from botocore_redirect.transport.redirect_body import _Available


def test_nothing_is_read_after_the_deadline() -> None:
    late = _Available(None, None, seconds=-1.0)  # it would fail if it asked either
    assert late.readinto(bytearray(1)) == 0
    assert late.is_cut
