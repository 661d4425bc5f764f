"""A redirected call leaves no objects behind."""

from __future__ import annotations

import gc
import io
import weakref
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

import botocore_redirect
from wire.aiobotocore_differences import about_urllib3
from wire.conftest import answer, to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
OURS = ("botocore_redirect.", "botocore.awsrequest", "urllib3.response", "http.client")


pytestmark = [
    about_urllib3,
    pytest.mark.usefixtures("patched"),
]


@pytest.fixture
def without_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> Counter[str]:
    """Count the objects of requests and answers by type."""
    gc.collect()
    types = Counter(type(each) for each in gc.get_objects())
    return Counter(
        {
            f"{kind.__module__}.{kind.__qualname__}": count
            for kind, count in types.items()
            if str(kind.__module__).startswith(OURS) and "testing" not in kind.__module__
        }
    )


def test_a_thousand_redirected_calls_leave_no_more_objects_than_one(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"), expect="early")
    client = make_client(gateway.url)
    client.put_object(Body=b"content", **KEY)
    client.head_object(**KEY)
    before = alive()
    for _ in range(500):
        client.put_object(Body=b"content", **KEY)
        client.head_object(**KEY)
    assert len(target.received) == 1002
    target.clear()
    gateway.clear()
    assert alive() - before == Counter()


@pytest.mark.usefixtures("without_collection")
def test_the_body_is_freed_when_the_call_ends(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"), expect="early")
    client = make_client(gateway.url)
    body = io.BytesIO(b"content" * 1000)
    reference = weakref.ref(body)
    client.put_object(Body=body, **KEY)
    del body
    assert reference() is None


@pytest.mark.usefixtures("without_collection")
@pytest.mark.parametrize("where", ["refused", "failed", "retried"])
def test_the_body_is_freed_when_the_call_fails(
    serve: Serve, make_client: MakeClient, where: str
) -> None:
    target = serve(answer(503))
    location = "ftp://127.0.0.1/" if where == "refused" else f"{target.url}/bkt/key"
    gateway = serve(to(location), expect="early")
    client = make_client(gateway.url, retries={"max_attempts": int(where == "retried")})
    body = io.BytesIO(b"content" * 1000)
    reference = weakref.ref(body)
    raised = ""
    try:
        client.put_object(Body=body, **KEY)
    except ClientError as error:  # pytest.raises() would keep it, and with it the frames
        raised = error.response["Error"]["Code"]
    del body
    assert raised == ("InvalidLocation" if where == "refused" else "503")
    if where == "refused":
        # A frame of botocore and the error that it raises reference each other, as for every lost
        # connection, patched or not.
        gc.collect()
    assert reference() is None


@pytest.mark.usefixtures("without_collection")
def test_a_pool_from_before_the_patch_is_freed_by_reference_counting_too(
    serve: Serve, make_client: MakeClient
) -> None:
    client = make_client(serve(answer()).url)
    botocore_redirect.uninstall()
    client.head_object(**KEY)
    pools = client._endpoint.http_session._manager.pools
    (key,) = pools.keys()
    reference = weakref.ref(pools.get(key))
    with botocore_redirect.install():
        client.head_object(**KEY)
    pools.clear()
    assert reference() is None
