"""The dialects, by name."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from botocore_redirect.testing import RedirectingStore
from botocore_redirect.testing.dialects import DIALECTS, Site, find_dialect
from unit.testing.dialects.exchanges import request, rules_of


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_is_found_by_its_name(name: str) -> None:
    assert find_dialect(name).name == name


@pytest.mark.parametrize("use", [find_dialect, lambda name: RedirectingStore(dialect=name)])
def test_an_unknown_name_is_an_error_that_lists_the_names(use: Callable[..., object]) -> None:
    expected = f"There is no dialect 'aistor'; the dialects are {', '.join(DIALECTS)}."
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        use("aistor")


def test_targets_take_turns_or_own_what_they_have() -> None:
    site = Site(["http://a", "http://b", "http://c"])
    assert [site.next_target() for _ in range(4)] == [
        "http://a",
        "http://b",
        "http://c",
        "http://a",
    ]
    owners = {name: site.target_of(name) for name in (b"%d" % number for number in range(50))}
    assert {*owners.values()} == {*site.targets}
    assert all(site.target_of(name) == owner for name, owner in owners.items())


@pytest.mark.parametrize("name", ["alluxio", "ecs", "ceph-rgw"])
def test_targets_of_stores_without_signed_redirects_take_every_request(name: str) -> None:
    assert rules_of(name).check(request("PUT", "/bkt/key")) is None
