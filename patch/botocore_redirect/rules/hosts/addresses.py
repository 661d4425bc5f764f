"""Normal forms of host names, and IP addresses in any spelling."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Union

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NUMERIC_LABEL = re.compile(r"(?:0x[0-9a-f]*|\d+)$")
# Characters that IDNA treats as a full stop, besides that of ASCII.
_FULL_STOP = re.compile("[\u3002\uff0e\uff61]")


def normalize(host: str) -> str:
    """Return the form in which hosts are compared.

    That is lower case and punycode, without brackets and without the final dot.
    """
    return to_ascii(host.lower().strip("[]")).removesuffix(".")


def to_ascii(name: str) -> str:
    """Return a name in punycode, label by label.

    The `idna` codec of the standard library is IDNA 2003, which maps some letters to others (`faß`
    to `fass`). urllib3 uses IDNA 2008, which keeps them, so the two mean different hosts. A label
    that does not decode to itself is left as it is. The name is then not ASCII, and not trusted.
    """
    if name.isascii():
        return name
    return ".".join(map(_label_to_ascii, _FULL_STOP.sub(".", name).split(".")))


def is_address(host: str) -> bool:
    """Return whether `host` is an IP address."""
    return address(normalize(host)) is not None


def address(name: str) -> Address | None:
    """Return `name` as an IP address, in any spelling that a resolver accepts, or None."""
    try:
        found: Address = ipaddress.ip_address(name)
    except ValueError:
        # `127.1`, `0x7f.1` and `2130706433` are 127.0.0.1 to every resolver.
        if not _NUMERIC_LABEL.match(name.rpartition(".")[2]):
            return None
        try:
            return ipaddress.IPv4Address(socket.inet_aton(name))
        except OSError:
            return None
    if isinstance(found, ipaddress.IPv6Address):
        # An IPv4 address written as an IPv6 address leads to the same machine.
        if found in _NAT64:
            return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found


def _label_to_ascii(label: str) -> str:
    if label.isascii():
        return label
    try:
        encoded = label.encode("idna")
        survives = encoded.decode("idna") == label
    except UnicodeError:
        return label
    return encoded.decode("ascii") if survives else label
