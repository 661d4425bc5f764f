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

#: The number of calls of each operation, such as `s3.PutObject`.
calls: Counter[str] = Counter()

_original: Callable[..., Any] | None = None


def install() -> None:
    """Count calls from now on; installing it twice changes nothing."""
    global _original  # noqa: PLW0603 - the patch is global
    if _original is not None:
        return
    original = _original = BaseClient._make_api_call  # noqa: SLF001 - the method to patch

    @wraps(original)
    def counted(self: Any, operation_name: str, api_params: Any) -> Any:
        calls[f"{self.meta.service_model.service_name}.{operation_name}"] += 1
        return original(self, operation_name, api_params)

    BaseClient._make_api_call = counted  # noqa: SLF001 - the one method that all calls use


def uninstall() -> None:
    """Restore `BaseClient`."""
    global _original
    if _original is not None:
        BaseClient._make_api_call, _original = _original, None  # noqa: SLF001 - as above
