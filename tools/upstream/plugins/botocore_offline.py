"""Lets no socket of the tests leave this machine: other addresses are refused at once."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any


class OfflineError(OSError):
    """A test wanted to reach another machine."""


def _is_local(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not _is_local(host):
        raise OfflineError(f"{host} is another machine, and these tests run without a network")


sys.addaudithook(_refuse)
