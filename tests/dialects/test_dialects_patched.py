"""The patch is in force, and the store redirects as a real one: all is as without redirects.

What the behaviours return and leave is what stock botocore does without redirects, as
tests/matrix/test_noredirect_unpatched.py shows in the same cell.
"""

from __future__ import annotations

from typing import Any

import pytest

from botocore_redirect.testing.dialects import DIALECTS, Dialect
from dialects.redirected import CASES, is_redirected, stored_by
from dialects.stage import Attach, speaking
from matrix.contract.behaviour import Behaviour

pytestmark = pytest.mark.quadrant(patched=True, redirects=True)


@pytest.mark.parametrize(("name", "behaviour"), CASES, ids=str)
def test_results_and_stored_bytes_are_those_of_a_store_that_does_not_redirect(
    name: str, behaviour: Behaviour, backend: str
) -> None:
    with speaking(DIALECTS[name], behaviour, backend, _apply_policy(DIALECTS[name])) as stage:
        assert stage.act() == behaviour.returns
        assert stage.stored() == stored_by(name, behaviour)
        redirected = [request for request in stage.at_gateway if request.redirected]
        assert bool(redirected) == is_redirected(name, behaviour)
        followed = sorted(request.method for request in stage.at_target)
        assert followed == sorted(request.method for request in redirected)


def _apply_policy(dialect: Dialect) -> Attach:
    """Follow as the recipe for this store says, where it says more than to trust a host."""

    def attach(client: Any) -> Any:
        import botocore_redirect  # noqa: PLC0415 - not before the quadrant is entered

        if not dialect.policy:
            return client
        policy = botocore_redirect.RedirectPolicy(**dialect.policy)
        return botocore_redirect.follow(client, policy)

    return attach
