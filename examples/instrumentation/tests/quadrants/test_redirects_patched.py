"""The patch is installed, the store redirects: the error is the same, and the call is counted."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.quadrant(patched=True, redirects=True)


def test_a_redirect_is_an_error_and_is_counted_once(s3: Any, calls: Any) -> None:
    with pytest.raises(ClientError, match="308"):
        s3.put_object(Bucket="bucket", Key="key", Body=b"content")
    assert calls == {"s3.PutObject": 1}
