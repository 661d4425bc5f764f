"""The patch is installed: the results are the same, and the calls are counted."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.quadrant(patched=True, redirects=False)


def test_what_is_stored_comes_back_and_is_counted(s3: Any, calls: Any) -> None:
    s3.put_object(Bucket="bucket", Key="key", Body=b"content")
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"content"
    assert calls == {"s3.PutObject": 1, "s3.GetObject": 1}


def test_pages_are_counted_one_by_one(s3: Any, calls: Any) -> None:
    for key in "abc":
        s3.put_object(Bucket="bucket", Key=key)
    calls.clear()
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket="bucket", PaginationConfig={"PageSize": 2}
    )
    assert len([*pages]) == 2
    assert calls == {"s3.ListObjectsV2": 2}
