"""Keep Python's sockets on this machine: what is not loopback is refused before it is tried."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable

from botocore_redirect.testing.sandbox import refused_calls
from botocore_redirect.testing.sandbox.refused_calls import Refusal

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_NAMES = ("", "localhost", "localhost.localdomain")

_lock = threading.Lock()
_open: list[list[Refusal]] = []  # of each use of `loopback_only`, the innermost last
_guards: list[_Guard] = []  # also those that somebody's wrapper keeps in place


@dataclass
class _Guard:
    """A function of ours where one of the socket module was."""

    owner: Any
    name: str
    original: Any
    inherited: bool  # the owner had none of its own: socket.socket has most from its base
    function: Any
    lamented: bool = False

    def take_back(self) -> bool:
        """Put back what was there; not over the wrapper of somebody else."""
        if vars(self.owner).get(self.name) is not self.function:
            return False
        if self.inherited:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.original)
        return True


@contextmanager
def loopback_only() -> Iterator[list[Refusal]]:
    """Refuse all but loopback, in every thread, and list here what was refused.

    What is not of IPv4 or IPv6 (AF_UNIX) is let be, and so are sockets connected before, and
    extensions that open theirs without Python's (awscrt, pycurl, asyncio's proactor on Windows).
    This machine's name may be looked up, and what an address is called. It can be nested: the
    innermost use lists a refusal.
    """
    refused: list[Refusal] = []
    with _lock:
        if not _open:
            _install()
        _open.append(refused)
    try:
        yield refused
    finally:
        with _lock:
            # By identity: two empty lists are equal.
            _open[:] = [each for each in _open if each is not refused]
            if not _open:
                _uninstall()


def _install() -> None:
    for owner, name, guarded in _PLACES:
        if not hasattr(owner, name):  # sendmsg, on Windows
            continue
        original = getattr(owner, name)
        function = functools.wraps(original)(guarded(original))
        _guards.append(_Guard(owner, name, original, name not in vars(owner), function))
        setattr(owner, name, function)


def _uninstall() -> None:
    # The newest first: under it may be one that a wrapper, gone by now, kept in place.
    left = [guard for guard in reversed(_guards) if not guard.take_back()]
    _guards[:] = reversed(left)
    news = [guard for guard in _guards if not guard.lamented]
    for guard in news:
        guard.lamented = True
        now = vars(guard.owner).get(guard.name)
        place = f"{guard.owner.__module__}." if isinstance(guard.owner, type) else ""
        warnings.warn(
            f"{place}{guard.owner.__name__}.{guard.name} is {now!r} now: it was wrapped while"
            " aws_sandbox was on, so the sandbox's guard stays below, without effect. Undo the"
            " wrapper before the sandbox ends.",
            RuntimeWarning,
            stacklevel=6,  # where aws_sandbox was used, two context managers up
        )


def _guarded_connect(original: Any) -> Callable[..., Any]:
    def connect(sock: Any, address: Any) -> Any:
        if _open:
            _check(sock, address)
        return original(sock, address)

    return connect


def _guarded_sendto(original: Any) -> Callable[..., Any]:
    def sendto(sock: Any, data: Any, *flags_and_address: Any) -> Any:
        if _open and flags_and_address:
            _check(sock, flags_and_address[-1])
        return original(sock, data, *flags_and_address)

    return sendto


def _guarded_sendmsg(original: Any) -> Callable[..., Any]:
    def sendmsg(sock: Any, buffers: Any, *rest: Any) -> Any:
        if _open and rest[2:]:  # ancillary data, flags, address
            _check(sock, rest[2])
        return original(sock, buffers, *rest)

    return sendmsg


def _guarded_lookup(original: Any) -> Callable[..., Any]:
    def lookup(host: Any, *args: Any, **options: Any) -> Any:
        if _open and host is not None:
            name = _text(host)
            # An address needs no look-up, and the own name may have any: a socket that connects
            # to it is refused.
            if not (_stays_here(name) or _address(name) or _is_own_name(name)):
                port = args[0] if args else options.get("port")
                _refuse(name, port)
        return original(host, *args, **options)

    return lookup


_PLACES: tuple[tuple[Any, str, Callable[[Any], Callable[..., Any]]], ...] = (
    (socket.socket, "connect", _guarded_connect),
    (socket.socket, "connect_ex", _guarded_connect),
    (socket.socket, "sendto", _guarded_sendto),
    (socket.socket, "sendmsg", _guarded_sendmsg),
    (socket, "getaddrinfo", _guarded_lookup),  # socket.create_connection uses it too
    (socket, "gethostbyname", _guarded_lookup),
    (socket, "gethostbyname_ex", _guarded_lookup),
    (socket, "gethostbyaddr", _guarded_lookup),  # of names; socket.getfqdn uses it
)


def _check(sock: Any, address: Any) -> None:
    if not (isinstance(address, tuple) and address):
        return
    host = address[0]
    if not isinstance(host, (str, bytes, bytearray)):
        return
    name = _text(host)
    # The family last, as it is the slow one: an enumeration is made of it each time.
    if not _stays_here(name) and sock.family in _INTERNET:
        _refuse(name, address[1] if address[1:] else None)


def _refuse(host: str, port: Any) -> None:
    name = f"[{host}]" if ":" in host else host
    refused = refused_calls.of(name if port in (None, "", 0) else f"{name}:{port}")
    for innermost in _open[-1:]:  # none, if the last use ends while this thread is on its way
        innermost.append(refused)
    raise refused_calls.error(refused)


def _text(host: Any) -> str:
    return host if isinstance(host, str) else bytes(host).decode("ascii", "replace")


@functools.lru_cache(maxsize=256)
def _stays_here(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name in _NAMES or name.endswith(".localhost"):
        return True
    address = _address(name)
    if address is None:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    # Whoever connects to 0.0.0.0 or :: reaches this machine.
    return address.is_loopback or address.is_unspecified


def _is_own_name(host: str) -> bool:
    return host.rstrip(".").lower() == socket.gethostname().lower()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host)
    with contextlib.suppress(ValueError, OSError):
        return ipaddress.IPv4Address(socket.inet_aton(host))  # short forms, such as 127.1
    return None
