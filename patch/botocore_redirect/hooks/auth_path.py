"""`auth_path`, the path that a request is signed for, in botocore before 1.28."""

from __future__ import annotations

import functools
from typing import Any, Callable


def keep_auth_path(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return `create_request_object`, made to take `auth_path` over, as botocore 1.28 does."""

    @functools.wraps(original)
    def create(request_dict: Any) -> Any:
        request = original(request_dict)
        if "auth_path" in request_dict:
            request.auth_path = request_dict["auth_path"]
        return request

    return create
