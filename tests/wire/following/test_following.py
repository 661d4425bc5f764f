"""One call with several hops, over real sockets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from botocore_redirect import (
    RedirectError,
)
from botocore_redirect.testing import Redirect
from wire.aiobotocore_differences import aiohttp_follows
from wire.botocore_versions import needs_numbered_requests
from wire.conftest import answer, to

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve

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
    numbers = [
        request.headers["amz-sdk-request"]
        for pair in zip(gateway.received, target.received)
        for request in pair
    ]
    assert [header.partition("attempt=")[2][:1] for header in numbers] == ["1", "2", "3", "4"]


@aiohttp_follows
def test_other_services_are_left_to_botocore(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer())
    gateway = serve(Redirect(307, f"{target.url}/", body=b"{}"))
    with pytest.raises(ClientError) as failure:
        make_client(gateway.url, "kms", s3=None).list_keys()
    assert not isinstance(failure.value, RedirectError)
    assert len(gateway.received) == 1
    assert not target.received


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
