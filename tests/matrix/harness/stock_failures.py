"""How stock clients fail that do not follow: the same for botocore, and aiobotocore with httpx."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, HTTPClientError, WaiterError

from botocore_redirect.testing import Redirect
from matrix.contract.all_behaviours import OF_EACH_METHOD, ONLINE
from matrix.contract.behaviour import Behaviour
from matrix.harness.stage import staged

AT_THE_END_OF_THE_STACK = (RecursionError, HTTPClientError, TypeError)

#: The statuses that the region redirector of botocore looks at, each with what it is tried on.
REDIRECTED = [
    *((307, behaviour) for behaviour in ONLINE),
    *((status, behaviour) for status in (301, 302) for behaviour in OF_EACH_METHOD),
]


def expect_308_to_be_an_error(kind: str, behaviour: Behaviour, backend: str) -> None:
    """Assert that 308, which the region redirector does not know, ends the call at once."""
    with staged(kind, behaviour, Redirect(308), backend) as stage:
        with pytest.raises((ClientError, WaiterError), match=r"308|Permanent Redirect"):
            stage.act()
        assert len(stage.at_gateway) == 1
        assert not stage.at_target
        assert stage.stored() == behaviour.before
