"""Host names that lead to this machine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


def resolve_everything(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """Resolve every name to the loopback; return a map from ports to those used instead."""
    ports: dict[int, int] = {}

    def resolve(_: Any, port: Any, *__: Any, **___: Any) -> list[Any]:
        address = ("127.0.0.1", ports.get(int(port), int(port)))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return ports
