"""The policy in force can be asked for."""

from __future__ import annotations

import botocore_redirect
from botocore_redirect import RedirectPolicy, lifecycle


def test_the_policy_in_force_is_that_of_the_last_install_and_none_without_one() -> None:
    assert lifecycle.get_policy() is None
    with botocore_redirect.install(RedirectPolicy(max_hops=3)):
        assert lifecycle.get_policy() == RedirectPolicy(max_hops=3)
        botocore_redirect.install(RedirectPolicy(max_hops=4))
        assert lifecycle.get_policy() == RedirectPolicy(max_hops=4)
    assert lifecycle.get_policy() is None
