"""Stock botocore, no redirects: the control. Everything works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matrix.contract.all_behaviours import ALL
from matrix.contract.behaviour import Behaviour
from matrix.harness import control
from matrix.harness.control import Observations
from matrix.harness.stage import as_data, staged

pytestmark = pytest.mark.quadrant(patched=False, redirects=False)


@pytest.fixture(scope="module")
def observed(kind: str) -> Iterator[Observations]:
    """What the patched quadrants compare themselves with."""
    observations = Observations()
    yield observations
    control.leave(kind, observations)


@pytest.mark.parametrize("behaviour", ALL, ids=str)
def test_stock_botocore_does_it(
    behaviour: Behaviour, store_kind: str, backend: str, observed: Observations
) -> None:
    with staged(store_kind, behaviour, None, backend) as stage:
        observed[behaviour.name] = as_data(stage.observe())
        assert stage.result == behaviour.returns
        assert stage.left == behaviour.stored
        assert stage.at_gateway or behaviour.offline
        assert not stage.at_target
