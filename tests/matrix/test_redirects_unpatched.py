"""Stock botocore, everything redirected: every operation fails, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from botocore_redirect.testing import Received, Redirect
from matrix.contract.all_behaviours import OF_EACH_METHOD, ONLINE, USING_OTHER_SERVICES
from matrix.contract.behaviour import Behaviour
from matrix.harness import control
from matrix.harness.control import Observations
from matrix.harness.short_stack import a_short_stack, unheard_destructors
from matrix.harness.stage import Stage, as_data, others_redirect, staged
from matrix.harness.stock_failures import (
    AT_THE_END_OF_THE_STACK,
    REDIRECTED,
    expect_308_to_be_an_error,
)

pytestmark = pytest.mark.quadrant(patched=False, redirects=True)


@pytest.fixture(scope="module")
def observed(kind: str) -> Iterator[Observations]:
    """What the patched quadrant that redirects compares itself with."""
    observations = Observations()
    yield observations
    control.leave(kind, observations, redirects=True)


@pytest.mark.parametrize(("status", "behaviour"), REDIRECTED, ids=str)
def test_the_region_redirector_of_stock_botocore_runs_into_itself(
    status: int, behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    with staged(store_kind, behaviour, Redirect(status), backend) as stage:
        # It asks HEAD bucket for a region, is redirected again, and asks again.
        with a_short_stack(), pytest.raises(AT_THE_END_OF_THE_STACK) as failure:
            stage.act()
        if behaviour.without_bucket:
            assert failure.type is TypeError
        else:
            assert "maximum recursion depth" in str(failure.value)
            assert len(_redirected(stage)) > 5
        assert not stage.at_target
        assert stage.stored() == behaviour.before


def test_it_runs_into_itself_until_the_stack_of_an_ordinary_process_ends(
    store_kind: str, backend: str
) -> None:
    (behaviour,) = (each for each in ONLINE if each.name == "get_object")
    with staged(store_kind, behaviour, Redirect(), backend) as stage:
        expected = pytest.raises(AT_THE_END_OF_THE_STACK, match="maximum recursion depth")
        with unheard_destructors(), expected:
            stage.act()
        assert len(stage.at_gateway) > 20
        assert not stage.at_target
        assert stage.stored() == behaviour.before


@pytest.mark.parametrize("behaviour", OF_EACH_METHOD, ids=str)
def test_308_is_an_error_like_any_other(
    behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    expect_308_to_be_an_error(store_kind, behaviour, backend)


@pytest.mark.parametrize("workload", USING_OTHER_SERVICES, ids=str)
def test_redirects_of_other_services_end_in_an_exception(
    workload: Behaviour, store_kind: str, backend: str, observed: Observations
) -> None:
    with staged(store_kind, workload, others_redirect, backend) as stage:
        observed[workload.name] = as_data(stage.observe_failure())
        assert _redirected(stage)
        assert not stage.at_target


def _redirected(stage: Stage) -> list[Received]:
    return [request for request in stage.at_gateway if request.redirected]
