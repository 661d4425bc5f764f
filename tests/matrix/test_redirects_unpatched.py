"""Stock botocore, everything redirected: every operation fails, and nothing is stored."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, HTTPClientError, WaiterError

from botocore_redirect.testing import Redirect
from matrix.behaviour import Behaviour
from matrix.behaviours import OF_EACH_METHOD, ONLINE
from matrix.isolation import Quadrant
from matrix.scenes import staged

QUADRANT = Quadrant(patched=False, redirects=True)

# Where the stack ends, a destructor that the garbage collector happens to call raises as well.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize(
    ("status", "behaviour"),
    [(307, behaviour) for behaviour in ONLINE]
    + [(status, behaviour) for status in (301, 302) for behaviour in OF_EACH_METHOD],
    ids=str,
)
def test_the_region_redirector_of_stock_botocore_runs_into_itself(
    status: int, behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    with staged(store_kind, behaviour, Redirect(status), backend) as stage:
        # It asks HEAD bucket for a region, is redirected again, and asks again.
        with pytest.raises((RecursionError, HTTPClientError, TypeError)) as failure:
            stage.act()
        if behaviour.without_bucket:
            assert failure.type is TypeError
        else:
            assert "maximum recursion depth" in str(failure.value)
            assert len(stage.at_gateway) > 20
        assert not stage.at_target
        assert stage.stored() == behaviour.before


@pytest.mark.parametrize("behaviour", ONLINE, ids=str)
def test_308_is_an_error_like_any_other(
    behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    with staged(store_kind, behaviour, Redirect(308), backend) as stage:
        with pytest.raises((ClientError, WaiterError), match=r"308|Permanent Redirect"):
            stage.act()
        assert len(stage.at_gateway) == 1
        assert not stage.at_target
        assert stage.stored() == behaviour.before
