"""Stock aiobotocore with httpx, everything redirected: every operation fails, nothing is stored.

httpx does not follow, so the region redirector runs into itself, as it does in botocore.
"""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from botocore_redirect.testing import Redirect
from matrix.contract.all_behaviours import OF_EACH_METHOD
from matrix.contract.behaviour import Behaviour
from matrix.harness.short_stack import a_short_stack
from matrix.harness.stage import staged
from matrix.harness.stock_failures import (
    AT_THE_END_OF_THE_STACK,
    REDIRECTED,
    expect_308_to_be_an_error,
)

pytestmark = pytest.mark.quadrant(patched=False, redirects=True)


@pytest.mark.parametrize(("status", "behaviour"), REDIRECTED, ids=str)
def test_the_region_redirector_runs_into_itself(
    status: int, behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    with staged(store_kind, behaviour, Redirect(status), backend) as stage:
        with a_short_stack(), pytest.raises((*AT_THE_END_OF_THE_STACK, ClientError)) as failure:
            stage.act()
        if behaviour.without_bucket:
            assert failure.type is TypeError
        elif issubclass(failure.type, ClientError):
            # The body, for which this gateway did not ask, is what it takes the next request for.
            assert f"({status})" in str(failure.value)
            assert [bool(each.headers["Expect"]) for each in stage.at_gateway] == [True]
        else:
            assert "maximum recursion depth" in str(failure.value)
            assert len(stage.at_gateway) > 5
        assert not stage.at_target
        assert stage.stored() == behaviour.before


@pytest.mark.parametrize("behaviour", OF_EACH_METHOD, ids=str)
def test_308_is_an_error_like_any_other(
    behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    expect_308_to_be_an_error(store_kind, behaviour, backend)
