"""Count the calls that a program makes to AWS, by service and operation.

counting.install()
...
print(counting.calls)
"""

from __future__ import annotations

from collections import Counter
from functools import wraps
from typing import Any, Callable

from botocore.client import BaseClient

#: Such as `s3.PutObject` -> how many times.
calls: Counter[str] = Counter()

_original: Callable[..., Any] | None = None


def install() -> None:
    """Count from now on; nothing happens if that is so already."""
    global _original  # noqa: PLW0603 - what is patched is the process
    if _original is not None:
        return
    original = _original = BaseClient._make_api_call  # noqa: SLF001 - what is patched

    @wraps(original)
    def counted(self: Any, operation_name: str, api_params: Any) -> Any:
        calls[f"{self.meta.service_model.service_name}.{operation_name}"] += 1
        return original(self, operation_name, api_params)

    BaseClient._make_api_call = counted  # noqa: SLF001 - every call passes here alone


def uninstall() -> None:
    """Make `BaseClient` what it was."""
    global _original
    if _original is not None:
        BaseClient._make_api_call, _original = _original, None  # noqa: SLF001 - as above
