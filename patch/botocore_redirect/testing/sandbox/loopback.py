"""Keep Python's sockets on this machine: refuse every other address before it is used."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore_redirect.testing.sandbox import refused_calls
from botocore_redirect.testing.sandbox.refused_calls import RefusedCall

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_LOCAL_NAMES = ("", "localhost", "localhost.localdomain")
_CONNECTIONS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")

_lock = threading.Lock()
_active: list[list[RefusedCall]] = []  # the list of each use of `loopback_only`, innermost last


@contextmanager
def loopback_only() -> Iterator[list[RefusedCall]]:
    """Refuse all addresses but loopback, in every thread, and list the refused calls.

    Python reports each use of a socket to an audit hook, so no function is replaced. Sockets of
    other families (AF_UNIX), sockets that are connected already, and extensions with sockets of
    their own (awscrt, pycurl, asyncio's proactor on Windows) are not restricted. Nor is looking up
    the name of this machine or the name of an address. Where a name is given to a socket itself,
    the system resolves it first; the connection is refused all the same. Uses can be nested: the
    innermost one lists a refused call.
    """
    refused: list[RefusedCall] = []
    _install_audit_hook()
    with _lock:
        _active.append(refused)
    try:
        yield refused
    finally:
        with _lock:
            # By identity: two empty lists are equal.
            _active[:] = [each for each in _active if each is not refused]


@functools.cache
def _install_audit_hook() -> None:
    # Once in a process, for good: Python has no way to remove an audit hook.
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _active:
        return
    if event in _CONNECTIONS:
        _check_connection(*arguments)
    elif event in _LOOKUPS:
        _check_lookup(*arguments)


vars(_audit)["__cantrace__"] = True  # debuggers and coverage see it like any other function


def _check_connection(sock: Any, address: Any) -> None:
    if not (isinstance(address, tuple) and address):
        return
    host = address[0]
    if not isinstance(host, (str, bytes, bytearray)):
        return
    name = _text(host)
    # The family last: reading it makes an enum member each time.
    if not _is_local(name) and sock.family in _INTERNET:
        _refuse(name, address[1] if address[1:] else None)


def _check_lookup(host: Any, port: Any = None, *_: Any) -> None:
    if host is None:
        return
    name = _text(host)
    # An address needs no look-up. The name of this machine may stand for any address: whether that
    # is loopback is checked when a socket connects to it.
    if not (_is_local(name) or _address(name) or _is_own_name(name)):
        _refuse(name, port)


def _refuse(host: str, port: Any) -> None:
    name = f"[{host}]" if ":" in host else host
    call = refused_calls.describe(name if port in (None, "", 0) else f"{name}:{port}")
    for innermost in _active[-1:]:  # empty if the sandbox ends in another thread just now
        innermost.append(call)
    raise refused_calls.error(call)


def _text(host: Any) -> str:
    return host if isinstance(host, str) else bytes(host).decode("ascii", "replace")


@functools.lru_cache(maxsize=256)
def _is_local(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name in _LOCAL_NAMES or name.endswith(".localhost"):
        return True
    address = _address(name)
    if address is None:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    # A connection to 0.0.0.0 or :: reaches this machine.
    return address.is_loopback or address.is_unspecified


def _is_own_name(host: str) -> bool:
    return host.rstrip(".").lower() == socket.gethostname().lower()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host)
    with contextlib.suppress(ValueError, OSError):
        return ipaddress.IPv4Address(socket.inet_aton(host))  # short forms, such as 127.1
    return None
