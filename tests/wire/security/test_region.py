"""A stranger that names a region does not move the signed requests of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from botocore_redirect.testing import Redirect
from wire.conftest import answer, to
from wire.servers.tls import Client, url

if TYPE_CHECKING:
    from wire.conftest import Serve

pytest_plugins = ["wire.tls_fixtures"]

KEY = {"Bucket": "bkt", "Key": "key"}
REGION = ("x-amz-bucket-region", "eu-west-1")
_MALFORMED = b"<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>"
_PERMANENT = b"<Error><Code>PermanentRedirect</Code></Error>"

scripts = pytest.mark.parametrize(
    "script",
    [
        answer(301, _PERMANENT, REGION),
        Redirect(307, "https://elsewhere.example/", headers=(REGION,)),
        answer(400, _MALFORMED),
        answer(400, b"", REGION),
    ],
    ids=["301", "307", "400 with a Region", "400"],
)


pytestmark = pytest.mark.usefixtures("patched")


@scripts
@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_a_region_that_a_stranger_names_changes_nothing_for_the_gateway(
    serve_tls: Serve, client: Client, script: Any, operation: str
) -> None:
    stranger = serve_tls(script)
    gateway = serve_tls(to(f"{url(stranger, 'stranger.example')}/bkt/key"), answer())
    s3 = client(url(gateway, "s3.store.example"))
    with pytest.raises(ClientError):  # and no EndpointConnectionError of an AWS that is not found
        getattr(s3, operation)(**KEY)
    assert len(stranger.received) == 1
    s3.get_object(**KEY)
    first, second = (each.headers["Authorization"] for each in gateway.received)
    assert "/us-east-1/s3/" in first
    assert "/us-east-1/s3/" in second
