"""The patch is in force and nothing redirects: as if it were not there, request by request."""

from __future__ import annotations

import pytest

from matrix.contract.all_behaviours import ALL
from matrix.contract.behaviour import Behaviour
from matrix.harness.control import Observations
from matrix.harness.stage import as_data, staged

pytestmark = pytest.mark.quadrant(patched=True, redirects=False)


@pytest.mark.parametrize("behaviour", ALL, ids=str)
def test_results_storage_and_wire_are_those_of_stock_botocore(
    behaviour: Behaviour, store_kind: str, backend: str, control: Observations
) -> None:
    with staged(store_kind, behaviour, None, backend) as stage:
        assert as_data(stage.observe()) == control[behaviour.name]
        assert not stage.at_target
