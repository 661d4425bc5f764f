"""A redirect that is not followed ends the call at once, with an error that explains it."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from botocore_redirect import (
    InvalidLocation,
    RedirectError,
    RedirectLoop,
    RedirectPolicy,
    RedirectRefused,
    TooManyRedirects,
)
from botocore_redirect.testing import Redirect
from wire.botocore_versions import MODES, retrying
from wire.conftest import answer, moved, to

if TYPE_CHECKING:
    from wire.conftest import Follow, MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}


pytestmark = pytest.mark.usefixtures("patched")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("max_hops", [0, 1, 5])
def test_a_loop_ends_after_exactly_the_limit_and_one_request(
    serve: Serve, make_client: MakeClient, follow: Follow, max_hops: int, mode: str
) -> None:
    gateway = serve(Redirect(307, "/bkt/key"))
    client = follow(
        make_client(gateway.url, retries=retrying(mode, 4)),
        RedirectPolicy(max_hops=max_hops),
    )
    with pytest.raises(RedirectLoop, match="in a circle") as failure:
        client.get_object(**KEY)
    assert len(gateway.received) == max_hops + 1
    assert len(failure.value.chain) == max_hops
    assert isinstance(failure.value, TooManyRedirects)


def test_a_chain_that_is_too_long_names_the_limit(serve: Serve, make_client: MakeClient) -> None:
    gateway = serve(
        Redirect(307, lambda received: f"{received.target}&again" if received.query else "?again")
    )
    with pytest.raises(TooManyRedirects, match="max_hops is 5") as failure:
        make_client(gateway.url).get_object(**KEY)
    assert not isinstance(failure.value, RedirectLoop)
    assert "differ in their queries" in str(failure.value)
    assert len(gateway.received) == 6


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("redirect", "error", "reason"),
    [
        (Redirect(303, None), InvalidLocation, "missing"),
        (Redirect(308, None), InvalidLocation, "missing"),
        (Redirect(307, ""), InvalidLocation, "malformed"),
        (Redirect(307, "ftp://store/key"), InvalidLocation, "malformed"),
        (Redirect(307, "http://[broken/key"), InvalidLocation, "malformed"),
        (Redirect(307, "http://host:port/key"), InvalidLocation, "malformed"),
        (Redirect(301, b"http://h\xff/key"), InvalidLocation, "malformed"),
        (Redirect(307, "https://cdn.net/bkt/key"), RedirectRefused, "untrusted"),
        (Redirect(307, "/bkt/other"), InvalidLocation, "other-operation"),
        (Redirect(307, "/bkt/key?acl"), InvalidLocation, "other-operation"),
        (Redirect(303, "/bkt/key"), RedirectRefused, "see-other"),
    ],
)
def test_a_refusal_ends_the_call_at_once_in_every_retry_mode(
    serve: Serve,
    make_client: MakeClient,
    redirect: Redirect,
    error: type[RedirectError],
    reason: str,
    mode: str,
) -> None:
    gateway = serve(redirect)
    client = make_client(gateway.url, retries=retrying(mode, 4))
    with pytest.raises(error) as failure:
        client.put_object(Body=b"content", **KEY)
    assert failure.value.reason == reason
    assert failure.value.operation_name == "PutObject"
    assert [request.method for request in gateway.received] == ["PUT"]


def test_an_error_has_all_details_and_can_be_pickled(serve: Serve, make_client: MakeClient) -> None:
    gateway = serve(to("https://cdn.net/bkt/key?token=secret"))
    with pytest.raises(RedirectRefused) as failure:
        make_client(gateway.url).put_object(Body=b"content", **KEY)
    copy: Any = pickle.loads(pickle.dumps(failure.value))
    for error in (failure.value, copy):
        assert isinstance(error, ClientError)
        assert type(error) is RedirectRefused
        assert error.response["Error"]["Code"] == "RedirectRefused"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 307
        assert (error.reason, error.chain) == ("untrusted", ())
        assert error.location == "https://cdn.net/bkt/key"
        assert "PutObject" in str(error)
        assert "RedirectPolicy(trust='cdn.net')" in str(error)
        assert "secret" not in str(error) + str(error.response)


def test_a_body_that_cannot_be_sent_twice_ends_in_one_clear_error(
    serve: Serve, make_client: MakeClient
) -> None:
    class OneWay(io.BytesIO):
        def seek(self, position: int, whence: int = 0) -> int:
            if gateway.received:  # after it was sent
                raise OSError("cannot go back")
            return super().seek(position, whence)

    target = serve(answer())
    gateway = serve(moved(target.url))
    client = make_client(gateway.url)
    with pytest.raises(RedirectRefused, match="cannot be sent a second time") as failure:
        client.upload_part(Body=OneWay(b"content"), UploadId="u", PartNumber=1, **KEY)
    assert failure.value.reason == "body"
    assert not target.received
