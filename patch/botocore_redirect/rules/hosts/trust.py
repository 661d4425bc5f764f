"""Whether a target is one of ours.

Answered from the two host names alone, without a look-up in DNS: what a name resolves to can
change between the question and the connection.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from typing import Callable

from botocore_redirect.rules.hosts.addresses import Address, address, normalize, to_ascii
from botocore_redirect.rules.hosts.aws import is_aws_domain
from botocore_redirect.rules.hosts.suffixes import registrable_domain

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
# Credentials of the machine itself live there: never trusted for being private. Kept as bytes,
# which know no zone: `fd00:ec2::254%1` is the same service.
_METADATA = frozenset(
    ipaddress.ip_address(each).packed
    for each in (
        "169.254.169.254",  # nearly every cloud
        "fd00:ec2::254",
        "169.254.170.2",  # tasks of ECS, pods of EKS
        "169.254.170.23",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure; a public address by its number
    )
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


def is_private(host: str) -> bool:
    """Return whether `host` can only mean a machine of a private network, or this one.

    Link-local addresses and the unspecified one count among them.
    """
    name = normalize(host)
    return _is_private(name, address(name))


def is_link_local(host: str) -> bool:
    """Return whether `host` is an address that means something on one link alone.

    That is 169.254.0.0/16 and fe80::/10: each link has its own, and clouds serve credentials there.
    """
    found = address(normalize(host))
    return found is not None and found.is_link_local


def is_unspecified(host: str) -> bool:
    """Return whether `host` is `0.0.0.0` or `::`, which lead to the machine that asks."""
    found = address(normalize(host))
    return found is not None and found.is_unspecified


def is_metadata(host: str) -> bool:
    """Return whether `host` is the address of a cloud's instance metadata service."""
    name = normalize(host)
    return _is_metadata(name, address(name))


def trusted_by_default(gateway: str, target: str) -> bool:
    """Return whether `target` belongs to the same store as `gateway` without being listed.

    That is the gateway's own host and names below it, names below the gateway's parent domain
    where that is one owner's, and, for a gateway in a private network, hosts in private networks.
    """
    ours, theirs = normalize(gateway), normalize(target)
    if ours == theirs:
        return True
    if not theirs.isascii():  # which host that is depends on the version of IDNA
        return False
    here, there = address(ours), address(theirs)
    if _is_metadata(theirs, there) or (there and (there.is_link_local or there.is_unspecified)):
        return False
    if _is_private(ours, here):
        return _is_private(theirs, there)
    if here or there:
        return False
    return theirs.endswith(f".{ours}") or _are_siblings(ours, theirs)


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
    literal = address(text.strip("[]"))
    if literal is not None:
        return lambda host: address(normalize(host)) == literal
    if any(not label.isascii() and set(label) & {"*", "?"} for label in text.split(".")):
        raise ValueError(
            f"the trust pattern {pattern!r} has a wildcard beside letters that are not ASCII,"
            " which names on the wire do not have: write that label in punycode ('xn--...')"
        )
    name = to_ascii(text)
    if not re.fullmatch(r"[a-z0-9*?_-]+(?:\.[a-z0-9*?_-]+)*", name):
        raise ValueError(
            f"the trust pattern {pattern!r} can match no host: write a host name"
            " ('node1.store.com'), a pattern ('*.store.com'), an address or a network"
            " ('10.0.0.0/8'), without scheme, port or path"
        )
    return lambda host: fnmatch.fnmatchcase(normalize(host), name)


def _is_private(name: str, found: Address | None) -> bool:
    if found:
        return not found.is_global
    return "." not in name or name.endswith(_PRIVATE_SUFFIXES)


def _is_metadata(name: str, found: Address | None) -> bool:
    return found.packed in _METADATA if found else name in _METADATA_NAMES


def _network(pattern: str, text: str) -> Matcher:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as problem:
        raise ValueError(
            f"the trust pattern {pattern!r} is not a network: {problem}; write it like '10.0.0.0/8'"
        ) from None

    def inside(host: str) -> bool:
        found = address(normalize(host))
        return found is not None and found.version == network.version and found in network

    return inside


def _are_siblings(ours: str, theirs: str) -> bool:
    """Return whether two names lie below one domain, the parent of ours, that is one owner's."""
    parent = ours.partition(".")[2]
    if not theirs.endswith(f".{parent}"):
        return False  # before the list is read
    # Each name of AWS may be another customer's. The list knows some of their domains, but not the
    # load balancers of `elb.us-east-1.amazonaws.com`.
    if is_aws_domain(parent):
        return False
    owned = registrable_domain(parent)
    # `apps.store.com` on the list is its customers', although `store.com` is one owner's.
    return owned is not None and registrable_domain(theirs) == owned
