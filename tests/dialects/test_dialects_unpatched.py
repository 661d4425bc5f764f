"""Stock botocore, and a store that redirects as a real one: what is redirected fails.

What the behaviours return and leave where nothing is redirected is what they do without redirects,
as tests/matrix/test_noredirect_unpatched.py shows in the same cell.
"""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, WaiterError

from botocore_redirect.testing.dialects import DIALECTS
from dialects.redirected import CASES, REDIRECTING_WRITES, is_redirected, stored_by
from dialects.stage import speaking
from matrix.contract.behaviour import Behaviour

pytestmark = pytest.mark.quadrant(patched=False, redirects=True)


@pytest.mark.parametrize(
    ("name", "behaviour"), [case for case in CASES if is_redirected(*case)], ids=str
)
def test_what_the_store_redirects_ends_in_the_redirect_as_an_error(
    name: str, behaviour: Behaviour, backend: str
) -> None:
    with speaking(DIALECTS[name], behaviour, backend) as stage:
        # The region redirector finds a region by HEAD of the bucket, and asks the gateway again.
        with pytest.raises((ClientError, WaiterError), match=r"30[127]|TemporaryRedirect"):
            stage.act()
        assert not stage.at_target
        if name in REDIRECTING_WRITES:
            assert stage.stored() == behaviour.before
        else:
            assert stage.stored() in (behaviour.before, behaviour.stored)


@pytest.mark.parametrize(
    ("name", "behaviour"), [case for case in CASES if not is_redirected(*case)], ids=str
)
def test_the_rest_is_as_in_a_store_that_does_not_redirect(
    name: str, behaviour: Behaviour, backend: str
) -> None:
    with speaking(DIALECTS[name], behaviour, backend) as stage:
        assert stage.act() == behaviour.returns
        assert stage.stored() == stored_by(name, behaviour)
        assert not any(request.redirected for request in stage.at_gateway)
        assert not stage.at_target
