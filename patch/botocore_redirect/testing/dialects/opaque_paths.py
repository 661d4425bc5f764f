"""Names that a store gives to what it keeps, and that say nothing of bucket and key."""

from __future__ import annotations

import secrets

from botocore_redirect.testing.dialects.s3_request import decode


class OpaquePaths:
    """Paths of the targets by those of the gateway. An object keeps its path."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._opaque: dict[str, str] = {}
        self._plain: dict[bytes, str] = {}

    def hide(self, path: str) -> str:
        """Return the path that a target has for this one; `form` has its random part as `{}`."""
        if path not in self._opaque:
            opaque = self._form.format(secrets.token_hex(16))
            self._opaque[path], self._plain[opaque.encode()] = opaque, path
        return self._opaque[path]

    def find(self, opaque: str) -> str | None:
        """Return the path that was hidden, however this one is encoded; None for any other path."""
        return self._plain.get(decode(opaque))
