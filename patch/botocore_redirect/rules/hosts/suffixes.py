"""The registrable domain of a host, by the public suffix list.

Anybody can register names below a public suffix (`com`, `co.uk`, `github.io`). A registered name
such as `store.co.uk`, and all names below it, belong to one owner. The list comes with the package
(`nox -s suffixes` updates it) and is read when it is first needed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from botocore_redirect.rules.hosts.addresses import normalize

_LONGEST_NAME = 253  # in DNS


class _Rules(NamedTuple):
    exceptions: frozenset[str]
    wildcards: frozenset[str]
    #: One text with a name a line: a set would take over 1 MB.
    names: str


def registrable_domain(host: str) -> str | None:
    """Return the registered domain that `host` belongs to, in punycode.

    None for a public suffix and for an invalid name. `host` is a name, not an address.
    """
    name = normalize(host)
    if len(name) > _LONGEST_NAME or not name.isascii() or "" in name.split("."):
        return None
    return _registrable_domain(name)


@lru_cache(maxsize=512)
def _registrable_domain(name: str) -> str | None:
    labels = name.split(".")
    own = len(labels) - _suffix_length(labels)
    return ".".join(labels[own - 1 :]) if own else None


def _suffix_length(labels: list[str]) -> int:
    """Count the labels of the public suffix that a name ends in."""
    rules = _load_rules()
    tails = [".".join(labels[at:]) for at in range(len(labels))]  # longest first: it decides
    for at, tail in enumerate(tails):
        if f"!{tail}" in rules.exceptions:
            return len(labels) - at - 1
    for at, (tail, parent) in enumerate(zip(tails, tails[1:])):
        if f"*.{parent}" in rules.wildcards or f"\n{tail}\n" in rules.names:
            return len(labels) - at
    return 1  # the list's default rule


@lru_cache(maxsize=1)
def _load_rules() -> _Rules:
    from importlib import resources  # noqa: PLC0415  # import cost: most processes read no list

    file = resources.files("botocore_redirect").joinpath("data/public_suffix_list.txt")
    _, exceptions, wildcards, names = file.read_text("ascii").split("\n\n")
    return _Rules(frozenset(exceptions.split()), frozenset(wildcards.split()), f"\n{names}")
