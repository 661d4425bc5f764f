"""Whether a target is trusted: it gets signed requests.

The two host names decide, without DNS: what a name resolves to can change before the connection is
made.
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
# The credentials of the machine are served there, so being private does not make them trusted.
# Compared as bytes, which have no zone: `fd00:ec2::254%1` is the same service.
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
    """Return whether `host` can only be a machine of a private network, or this machine.

    Link-local addresses and the unspecified address count as private.
    """
    name = normalize(host)
    return _is_private(name, address(name))


def is_link_local(host: str) -> bool:
    """Return whether `host` is a link-local address, where clouds serve credentials.

    That is 169.254.0.0/16 and fe80::/10.
    """
    found = address(normalize(host))
    return found is not None and found.is_link_local


def is_unspecified(host: str) -> bool:
    """Return whether `host` is `0.0.0.0` or `::`, which connect to the same machine."""
    found = address(normalize(host))
    return found is not None and found.is_unspecified


def is_metadata(host: str) -> bool:
    """Return whether `host` is the address of a cloud's instance metadata service."""
    name = normalize(host)
    return _is_metadata(name, address(name))


def trusted_by_default(gateway: str, target: str) -> bool:
    """Return whether `target` is trusted by default, without `trust=`.

    Trusted are the gateway's own host, names below it, names below its parent domain if that
    belongs to one owner, and, for a gateway in a private network, hosts in private networks.
    """
    ours, theirs = normalize(gateway), normalize(target)
    if ours == theirs:
        return True
    if not theirs.isascii():  # versions of IDNA disagree on which host that is
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
    """Return whether `theirs` is below the parent domain of `ours`, and that has one owner."""
    parent = ours.partition(".")[2]
    if not theirs.endswith(f".{parent}"):
        return False  # most cases need no list
    # Each name below a domain of AWS may be another customer's. The list has some of these domains,
    # but not `elb.us-east-1.amazonaws.com`, where load balancers are.
    if is_aws_domain(parent):
        return False
    owned = registrable_domain(parent)
    # If the list has `apps.store.com`, names below it belong to customers of `store.com`.
    return owned is not None and registrable_domain(theirs) == owned
