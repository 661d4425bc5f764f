"""One call, several hops: over real sockets, against servers that answer from a script."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from botocore_redirect import (
    RedirectError,
    RedirectPolicy,
)
from botocore_redirect.testing import Redirect
from wire.conftest import answer, to
from wire.releases import needs_numbered_requests

if TYPE_CHECKING:
    from wire.conftest import Follow, MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}


pytestmark = pytest.mark.usefixtures("patched")


def test_the_hops_of_a_call_are_listed_in_its_metadata(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(200, b"content"))
    middle = serve(to(f"{target.url}/bkt/key?secret"))
    gateway = serve(to(f"{middle.url}/bkt/key?secret", 308))
    got = make_client(gateway.url).get_object(**KEY)
    assert got["Body"].read() == b"content"
    assert got["ResponseMetadata"]["RetryAttempts"] == 0
    assert got["ResponseMetadata"]["Redirects"] == [
        {
            "Status": 308,
            "Method": "GET",
            "From": f"{gateway.url}/bkt/key",
            "To": f"{middle.url}/bkt/key",
            "Sent": "signed",
        },
        {
            "Status": 307,
            "Method": "GET",
            "From": f"{middle.url}/bkt/key",
            "To": f"{target.url}/bkt/key",
            "Sent": "signed",
        },
    ]


def test_an_error_of_the_target_is_the_error_of_the_call(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(404, b"<Error><Code>NoSuchKey</Code></Error>"))
    client = make_client(serve(to(f"{target.url}/bkt/key")).url)
    with pytest.raises(client.exceptions.NoSuchKey) as failure:
        client.get_object(**KEY)
    assert len(failure.value.response["ResponseMetadata"]["Redirects"]) == 1


def test_a_call_without_redirects_has_no_list_of_them(
    serve: Serve, make_client: MakeClient
) -> None:
    got = make_client(serve(answer()).url).get_object(**KEY)
    assert "Redirects" not in got["ResponseMetadata"]


def test_a_location_on_an_answer_that_is_no_redirect_is_no_redirect(
    serve: Serve, make_client: MakeClient
) -> None:
    gateway = serve(answer(200, b"", ("Location", "/elsewhere")))
    make_client(gateway.url).create_bucket(Bucket="bkt")
    assert len(gateway.received) == 1


def test_303_is_followed_by_a_get(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer(200, b"content"))
    client = make_client(serve(to(f"{target.url}/bkt/key", 303)).url)
    assert client.get_object(**KEY)["Body"].read() == b"content"


@pytest.mark.parametrize(
    "location",
    ["/bkt/key?pid=1", "key?pid=1", "../bkt/key?pid=1", "//{host}/bkt/key?pid=1", "?pid=1"],
)
def test_a_relative_location_is_resolved(
    serve: Serve, make_client: MakeClient, location: str
) -> None:
    gateway = serve(Redirect(307, lambda r: location.format(host=r.headers["Host"])), answer())
    make_client(gateway.url).get_object(**KEY)
    assert gateway.received[1].target == "/bkt/key?pid=1"


def test_a_redirect_is_not_remembered(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer(200, b"content"))
    gateway = serve(to(f"{target.url}/bkt/key", 301))
    client = make_client(gateway.url)
    for _ in range(3):
        client.get_object(**KEY)["Body"].read()
    assert len(gateway.received) == len(target.received) == 3


@needs_numbered_requests
def test_each_request_on_the_wire_has_its_own_number(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer(503), answer())
    gateway = serve(to(f"{target.url}/bkt/key"))
    make_client(gateway.url, retries={"max_attempts": 1}).head_object(**KEY)
    told = [
        request.headers["amz-sdk-request"]
        for pair in zip(gateway.received, target.received)
        for request in pair
    ]
    assert [header.partition("attempt=")[2][:1] for header in told] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("at", [0, 5])
def test_a_file_is_sent_again_from_where_it_stood(
    serve: Serve, make_client: MakeClient, at: int
) -> None:
    target = serve(answer(503), answer())
    gateway = serve(to(f"{target.url}/bkt/key"))
    file = io.BytesIO(b"head tail")
    file.seek(at)
    make_client(gateway.url, retries={"max_attempts": 1}).put_object(Body=file, **KEY)
    bodies = [request.body for request in (*gateway.received, *target.received)]
    assert bodies == [b"head tail"[at:]] * 4


def test_the_body_does_not_go_to_a_gateway_that_answers_early(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"), expect="early")
    make_client(gateway.url).put_object(Body=b"content", **KEY)
    assert [request.body_bytes for request in gateway.received] == [0]
    assert [request.body for request in target.received] == [b"content"]


def test_a_presigned_target_gets_neither_signature_nor_token(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(200, b"content"))
    client = make_client(serve(to(f"{target.url}/bkt/key?X-Amz-Signature=theirs")).url)
    got = client.get_object(**KEY, Range="bytes=0-6")
    assert got["Body"].read() == b"content"
    assert got["ResponseMetadata"]["Redirects"][0]["Sent"] == "presigned"
    sent = target.received[0]
    assert sent.target == "/bkt/key?X-Amz-Signature=theirs"
    assert sent.headers["Authorization"] is None
    assert sent.headers["Range"] == "bytes=0-6"
    assert not [name for name in sent.headers if name.lower().startswith("x-amz-")]


def test_a_body_reaches_a_presigned_target_whole(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer())
    client = make_client(serve(to(f"{target.url}/k?AWSAccessKeyId=k&Signature=s")).url)
    client.put_object(Body=io.BytesIO(b"content"), Metadata={"by": "user"}, **KEY)
    assert target.received[0].body == b"content"
    assert target.received[0].headers["x-amz-meta-by"] == "user"
    assert target.received[0].headers["Authorization"] is None


def test_a_stranger_is_asked_without_credentials(
    serve: Serve, make_client: MakeClient, follow: Follow
) -> None:
    target = serve(answer(200, b"content"))
    client = make_client(serve(to(f"{target.url}/bkt/key")).url)
    nobody = RedirectPolicy(trust="store.example", trust_defaults=False)
    follow(client, nobody)
    got = client.get_object(**KEY)
    assert got["ResponseMetadata"]["Redirects"][0]["Sent"] == "anonymous"
    names = {name.lower() for name in target.received[0].headers}
    assert names <= {"host", "accept-encoding", "user-agent"}


def test_an_unsigned_client_stays_unsigned(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer())
    client = make_client(serve(to(f"{target.url}/bkt/key")).url, signature_version=UNSIGNED)
    client.get_object(**KEY)
    assert target.received[0].headers["Authorization"] is None


def test_other_services_are_left_to_botocore(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer())
    gateway = serve(Redirect(307, f"{target.url}/", body=b"{}"))
    with pytest.raises(ClientError) as failure:
        make_client(gateway.url, "kms", s3=None).list_keys()
    assert not isinstance(failure.value, RedirectError)
    assert len(gateway.received) == 1
    assert not target.received


def test_hooks_see_each_request_on_the_wire_once(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"))
    client = make_client(gateway.url)
    seen = []
    for event in ("before-sign", "before-send", "response-received", "needs-retry"):
        client.meta.events.register(
            f"{event}.s3", lambda event_name, **_: seen.append(event_name.split(".")[0])
        )
    client.get_object(**KEY)
    assert seen == ["before-sign", "before-send", "response-received"] * 2 + ["needs-retry"]


def test_one_debug_line_for_each_hop_without_its_query(
    serve: Serve, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key?X-Amz-Signature=secret"))
    with caplog.at_level(logging.DEBUG, "botocore_redirect"):
        make_client(gateway.url).get_object(**KEY)
    lines = [record.getMessage() for record in caplog.records if record.name == "botocore_redirect"]
    assert lines == [
        f"GetObject: 307 GET redirected {gateway.url}/bkt/key to {target.url}/bkt/key (presigned)"
    ]


def test_a_stream_that_cannot_seek_survives_an_early_redirect(
    serve: Serve, make_client: MakeClient
) -> None:
    reads = []

    class Pipe:
        """A body as it comes from a socket; made to look signed to spare it the hashing."""

        def read(self, _size: int = -1) -> bytes:
            reads.append(len(gateway.received))
            return b"content" if len(reads) == 1 else b""

    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"), expect="early")
    client = make_client(gateway.url, signature_version=UNSIGNED)
    pipe = Pipe()

    def put_in(params: Any, **_: Any) -> None:
        params["body"] = pipe
        params["context"].pop("checksum", None)  # it would be read for that
        params["headers"].update({"Content-Length": "7", "Expect": "100-continue"})

    client.meta.events.register_last("before-call.s3.PutObject", put_in)
    client.put_object(**KEY)
    assert target.received[0].body == b"content"
    assert min(reads) == 1  # the gateway had answered before anything was read
