"""Stock aiobotocore with aiohttp, everything redirected: every operation fails, nothing is stored.

aiohttp follows by itself, unsigned and with the headers for the gateway, so the target refuses it.
"""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, WaiterError

from botocore_redirect.testing import Redirect
from matrix.contract.all_behaviours import OF_EACH_METHOD, ONLINE
from matrix.contract.behaviour import BUCKET, Behaviour
from matrix.harness import strict_target
from matrix.harness.stage import staged

pytestmark = pytest.mark.quadrant(patched=False, redirects=True)

_ALL = [(307, behaviour) for behaviour in ONLINE]
_ALL += [(status, behaviour) for status in (301, 302, 308) for behaviour in OF_EACH_METHOD]


@pytest.mark.parametrize(("status", "behaviour"), _ALL, ids=str)
def test_aiohttp_follows_unsigned_and_is_refused(
    status: int, behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    with staged(store_kind, behaviour, Redirect(status), backend) as stage:
        with pytest.raises((ClientError, WaiterError), match=r"403|AccessDenied|Forbidden"):
            stage.act()
        assert stage.at_target
        for came, went in zip(stage.at_target, stage.at_gateway):
            assert went.redirected
            assert went.headers["Authorization"]
            assert came.headers["Authorization"] is None
            assert came.headers["X-Amz-Date"] == went.headers["X-Amz-Date"]
        assert stage.stored() == behaviour.before


@pytest.mark.parametrize("status", [301, 302, 303])
def test_delete_objects_becomes_a_read_that_says_ok_and_deletes_nothing(
    status: int, store_kind: str, backend: str
) -> None:
    (behaviour,) = (each for each in ONLINE if each.name == "delete_objects")
    with staged(store_kind, behaviour, Redirect(status), backend) as stage:
        stage.store.targets[0].rule = strict_target.refuse_writes
        answer = stage.clients.s3.delete_objects(
            Bucket=stage.bucket, Delete={"Objects": [{"Key": "many/0"}]}
        )
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert [each.method for each in stage.at_target] == ["GET"]
        assert stage.stored() == {BUCKET: behaviour.before[BUCKET]}
