"""Stock botocore, the store redirects: an error."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.quadrant(patched=False, redirects=True)


def test_a_redirect_is_an_error(s3: Any) -> None:
    with pytest.raises(ClientError, match="308"):
        s3.put_object(Bucket="bucket", Key="key", Body=b"content")
