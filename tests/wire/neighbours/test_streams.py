"""Streams with an odd `tell` are sent as without the patch."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect
from wire.aiobotocore_differences import odd_stream
from wire.bodies.test_bodies import MD5, one_way_client
from wire.conftest import answer, to

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
CONTENT = b"content"


class Odd(io.BytesIO):
    """A stream with an odd `tell`."""

    def __init__(self, said: Any) -> None:
        super().__init__(CONTENT)
        self.said = said

    def tell(self) -> int:
        if isinstance(self.said, Exception):
            raise self.said
        return self.said  # type: ignore[no-any-return]  # as odd streams do


class Unsure:
    def __int__(self) -> int:
        raise RuntimeError("no number")

    def __repr__(self) -> str:
        return "Unsure()"


SAID = [
    *(None, "here", Unsure(), KeyError("tell"), RuntimeError("outside a request"), TypeError()),
    *(AssertionError("not here"), NotImplementedError(), io.UnsupportedOperation("tell")),
]


def outcome(client: Any, server: Any, said: Any) -> tuple[str, list[bytes]]:
    """Upload a stream; return the error, and the bodies that the server received."""
    server.clear()
    try:
        client.put_object(Body=Odd(said), ContentLength=len(CONTENT), **MD5, **KEY)
    except Exception as error:  # noqa: BLE001  # botocore's, whichever it is
        return f"{type(error)} {error}", []
    return "", [request.body for request in server.received]


@pytest.mark.parametrize("said", SAID, ids=repr)
def test_a_stream_without_tell_is_sent_as_without_the_patch(
    serve: Serve, make_client: MakeClient, said: Any
) -> None:
    server = serve(answer())
    client = one_way_client(make_client, server.url)
    stock = outcome(client, server, said)
    with botocore_redirect.install():
        assert outcome(client, server, said) == stock


@odd_stream
def test_some_streams_without_tell_are_sent(serve: Serve, make_client: MakeClient) -> None:
    server = serve(answer())
    assert outcome(one_way_client(make_client, server.url), server, None) == ("", [CONTENT])


@pytest.mark.parametrize("said", SAID, ids=repr)
def test_a_stream_without_tell_is_sent_to_the_target_if_nothing_was_read(
    serve: Serve, make_client: MakeClient, said: Any
) -> None:
    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"), expect="early")
    client = one_way_client(make_client, gateway.url)
    with botocore_redirect.install():
        said_then, _ = outcome(client, target, said)
    if not said_then:
        assert [request.body for request in target.received] == [CONTENT]
    else:
        assert not target.received
