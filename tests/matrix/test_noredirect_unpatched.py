"""Stock botocore, no redirects: the control. Everything works."""

from __future__ import annotations

import pytest

from matrix.behaviour import Behaviour
from matrix.behaviours import BEHAVIOURS
from matrix.isolation import Quadrant
from matrix.scenes import staged

QUADRANT = Quadrant(patched=False, redirects=False)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=str)
def test_stock_botocore_does_it(behaviour: Behaviour, store_kind: str, backend: str) -> None:
    with staged(store_kind, behaviour, None, backend) as stage:
        assert stage.act() == behaviour.returns
        assert stage.stored() == behaviour.stored
        assert stage.at_gateway or behaviour.offline
        assert not stage.at_target
