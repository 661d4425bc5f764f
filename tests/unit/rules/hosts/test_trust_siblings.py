"""Trust of siblings, over the whole public suffix list."""

from __future__ import annotations

from importlib import resources

from botocore_redirect.rules.hosts import trust
from botocore_redirect.rules.hosts.aws import is_aws_domain

_LIST = resources.files("botocore_redirect").joinpath("data").joinpath("public_suffix_list.txt")


def _suffixes() -> list[str]:
    """List the names of several labels that anybody can register below."""
    lines = _LIST.read_text("ascii").splitlines()
    return [line.replace("*.", "any.") for line in lines if line and line[0] not in "#!"]


def test_hosts_that_share_only_a_public_suffix_are_not_trusted() -> None:
    trusted = [
        suffix
        for suffix in _suffixes()
        if trust.trusted_by_default(f"gw.{suffix}", f"evil.{suffix}")
        or trust.trusted_by_default(f"gw.{suffix}", f"a.evil.{suffix}")
    ]
    assert trusted == ["home.arpa"]  # names of a home, which are private on both sides


def test_under_every_public_suffix_the_names_of_one_owner_are_siblings() -> None:
    strangers = [
        suffix
        for suffix in _suffixes()
        if not trust.trusted_by_default(f"s3.mine.{suffix}", f"node.mine.{suffix}")
    ]
    # Whatever the list says, names of AWS are its customers'.
    assert [suffix for suffix in strangers if not is_aws_domain(suffix)] == []


def test_no_name_below_a_domain_of_aws_makes_its_neighbours_trusted() -> None:
    ours = [suffix for suffix in _suffixes() if is_aws_domain(suffix)]
    assert len(ours) > 300
    for suffix in ours:
        assert not trust.trusted_by_default(f"s3.mine.{suffix}", f"node.mine.{suffix}")
