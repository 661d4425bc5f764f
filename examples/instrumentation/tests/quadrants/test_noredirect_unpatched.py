"""Stock botocore: the results that the patch must not change."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.quadrant(patched=False, redirects=False)


def test_what_is_stored_comes_back(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="key", Body=b"content")
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"content"
