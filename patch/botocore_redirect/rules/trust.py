"""Pure: whether a target is one of ours.

Answered from the two host names alone, without a look-up in DNS: what a name resolves to can
change between the question and the connection.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import re
import socket
from typing import Callable, Union

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Matcher = Callable[[str], bool]

_PRIVATE_SUFFIXES = (
    ".internal",
    ".local",
    ".localhost",
    ".lan",
    ".home.arpa",
    ".test",
    ".svc",
    ".svc.cluster.local",
)
# Credentials of the machine itself live there: never trusted for being private.
_METADATA = frozenset(
    {
        "169.254.169.254",  # nearly every cloud
        "fd00:ec2::254",
        "169.254.170.2",  # tasks of ECS, pods of EKS
        "169.254.170.23",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure; a public address by its number
    }
)
_METADATA_NAMES = frozenset(
    {
        "metadata.google.internal",
        "metadata.goog",
        "metadata",
        "instance-data",
        "instance-data.ec2.internal",
    }
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

# The second label of names that anybody can register below, as in `co.uk`.
_REGISTRY_LABELS = frozenset(
    re.findall(
        r"\w+",
        "ac co com edu go gob gouv gov gv id ind info ltd me mil ne net nhs nom or org plc sch",
    )
)
_AWS_SUFFIXES = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "on.aws",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
)
_AWS_S3 = re.compile(
    r"(?:^|\.)s3(?:[a-z]*-[a-z0-9-]+)?(?:\.dualstack)?(?:\.[a-z0-9-]+)?(?:\.vpce)?"
    rf"\.(?:{'|'.join(map(re.escape, _AWS_SUFFIXES))})$"
)
_NUMERIC_LABEL = re.compile(r"(?:0x[0-9a-f]*|\d+)$")


def is_aws_s3(host: str) -> bool:
    """Return whether `host` is an S3 endpoint of AWS itself, in any of its partitions."""
    return bool(_AWS_S3.search(_bare(host)))


def is_private(host: str) -> bool:
    """Return whether `host` can only mean a machine of a private network, or this one."""
    name = _bare(host)
    address = _address(name)
    if address is not None:
        return not address.is_global
    return "." not in name or name.endswith(_PRIVATE_SUFFIXES)


def is_metadata(host: str) -> bool:
    """Return whether `host` is the address of a cloud's instance metadata service."""
    name = _bare(host)
    return name in _METADATA_NAMES or str(_address(name)) in _METADATA


def trusted_by_default(gateway: str, target: str) -> bool:
    """Return whether `target` belongs to the same store as `gateway` without being listed.

    That is the gateway's own host and names below it, names below the gateway's parent domain,
    and, for a gateway in a private network, hosts in private networks.
    """
    ours, theirs = _bare(gateway), _bare(target)
    if ours == theirs:
        return True
    if is_metadata(theirs):
        return False
    if is_private(ours):
        return is_private(theirs)
    if _address(ours) is not None or _address(theirs) is not None:
        return False
    parent = ours.partition(".")[2]
    return theirs.endswith(f".{ours}") or (
        _is_registrable(parent) and theirs.endswith(f".{parent}")
    )


def matcher(pattern: str) -> Matcher:
    """Compile one entry of `trust=`: a host, a pattern with `*`, an address, a CIDR, or `"*"`.

    Raises `ValueError` for a pattern that can match nothing.
    """
    if not isinstance(pattern, str):
        raise TypeError(f"a trust pattern is a string, not {pattern!r}")
    text = pattern.strip().lower()
    if text == "*":
        return lambda _host: True
    if "/" in text and "://" not in text:
        return _network(pattern, text)
    literal = _address(text.strip("[]"))
    if literal is not None:
        return lambda host: _address(_bare(host)) == literal
    if not re.fullmatch(r"[a-z0-9*?_-]+(?:\.[a-z0-9*?_-]+)*", text):
        raise ValueError(
            f"the trust pattern {pattern!r} can match no host: write a host name"
            " ('node1.store.com'), a pattern ('*.store.com'), an address or a network"
            " ('10.0.0.0/8'), without scheme, port or path"
        )
    return lambda host: fnmatch.fnmatchcase(_bare(host), text)


def _network(pattern: str, text: str) -> Matcher:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as problem:
        raise ValueError(
            f"the trust pattern {pattern!r} is not a network: {problem}; write it like '10.0.0.0/8'"
        ) from None

    def inside(host: str) -> bool:
        address = _address(_bare(host))
        return address is not None and address.version == network.version and address in network

    return inside


def _bare(host: str) -> str:
    """Return the form in which hosts are compared: lower case, no brackets, no final dot."""
    return host.lower().strip("[]").removesuffix(".")


def _address(name: str) -> Address | None:
    """Return the IP address that `name` is, in any spelling that a resolver accepts."""
    try:
        address: Address = ipaddress.ip_address(name)
    except ValueError:
        # `127.1`, `0x7f.1` and `2130706433` are 127.0.0.1 to every resolver.
        if not _NUMERIC_LABEL.match(name.rpartition(".")[2]):
            return None
        try:
            return ipaddress.IPv4Address(socket.inet_aton(name))
        except OSError:
            return None
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 address in the form of an IPv6 one leads to the same machine.
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _is_registrable(domain: str) -> bool:
    """Return whether `domain` is likely one owner's, unlike `com`, `co.uk` or AWS's domains."""
    labels = domain.split(".")
    if len(labels) < 2 or domain.endswith(_AWS_SUFFIXES):  # noqa: PLR2004  # a name and a TLD
        return False
    country_code = len(labels[-1]) == 2  # noqa: PLR2004  # every two-letter TLD is a country
    return not (len(labels) == 2 and country_code and labels[0] in _REGISTRY_LABELS)  # noqa: PLR2004  # as above
