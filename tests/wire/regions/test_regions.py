"""Gateways that name a region, redirect by `<Endpoint>`, or name no target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect import InvalidLocation, RedirectRefused
from botocore_redirect.testing import Received, Redirect
from wire.botocore_versions import MODES, VERSION, retrying
from wire.conftest import answer, moved

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
REGION = ("x-amz-bucket-region", "eu-west-1")
REGIONS = ("us-east-1", "eu-west-1")
#: botocore asks the endpoint for the region: by the answer, or by HEAD of the bucket.
needs_discovery = pytest.mark.skipif(
    VERSION < (1, 28), reason="botocore before 1.28 leaves the endpoint for AWS"
)

pytestmark = pytest.mark.usefixtures("patched")


def scope(received: Received) -> str:
    """Return the region that a request was signed for."""
    return str(received.headers["Authorization"]).partition("Credential=")[2].split("/")[2]


def to_endpoint(endpoint: str, *headers: tuple[str, str], status: int = 307) -> Redirect:
    """Return S3's own redirect: no Location, and a host in the body."""
    body = f"<Error><Code>TemporaryRedirect</Code><Endpoint>{endpoint}</Endpoint></Error>"
    return answer(status, body.encode(), *headers)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("operation", ["get_object", "put_object", "delete_object"])
def test_a_location_with_a_region_is_followed_and_signed_for_that_region(
    serve: Serve, make_client: MakeClient, operation: str, status: int
) -> None:
    target = serve(answer(), regions=REGIONS)
    there = moved(target.url, status)
    gateway = serve(Redirect(status, there.location, headers=(REGION,)), there)
    client = make_client(gateway.url)
    for _ in range(2):
        getattr(client, operation)(**KEY)
    assert [scope(each) for each in target.received] == ["eu-west-1", "us-east-1"]
    assert [scope(each) for each in gateway.received] == ["us-east-1", "us-east-1"]


@pytest.mark.parametrize("mode", MODES)
def test_a_retry_begins_at_the_gateway_with_the_region_of_the_client(
    serve: Serve, make_client: MakeClient, mode: str
) -> None:
    target = serve(answer(503), answer(), regions=REGIONS)
    there = moved(target.url)
    gateway = serve(Redirect(307, there.location, headers=(REGION,)), there)
    make_client(gateway.url, retries=retrying(mode, 2)).get_object(**KEY)
    assert [scope(each) for each in target.received] == ["eu-west-1", "us-east-1"]
    assert [scope(each) for each in gateway.received] == ["us-east-1", "us-east-1"]


def test_the_region_applies_to_the_rest_of_the_chain(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer(), regions=REGIONS)
    middle = serve(moved(target.url), regions=REGIONS)
    gateway = serve(Redirect(307, moved(middle.url).location, headers=(REGION,)))
    make_client(gateway.url).get_object(**KEY)
    received = [*gateway.received, *middle.received, *target.received]
    assert [scope(each) for each in received] == ["us-east-1", "eu-west-1", "eu-west-1"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("form", ["{host}", "{url}", "{host}/s3", "{url}/bkt/key"])
@pytest.mark.parametrize("operation", ["get_object", "put_object"])
def test_an_endpoint_in_the_body_is_the_target(
    serve: Serve, make_client: MakeClient, operation: str, form: str, status: int
) -> None:
    target = serve(answer())
    where = form.format(url=target.url, host=target.url.partition("//")[2])
    client = make_client(serve(to_endpoint(where, status=status)).url)
    got = getattr(client, operation)(**KEY)
    (arrived,) = target.received
    assert arrived.path == ("/s3/bkt/key" if form.endswith("/s3") else "/bkt/key")
    assert len(got["ResponseMetadata"]["Redirects"]) == 1


def test_an_endpoint_in_the_body_gets_the_query_too(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer(), regions=REGIONS)
    client = make_client(serve(to_endpoint(target.url, REGION)).url)
    client.delete_object_tagging(**KEY, VersionId="v1")
    (arrived,) = target.received
    assert sorted(arrived.query.split("&")) == ["tagging", "versionId=v1"]
    assert scope(arrived) == "eu-west-1"


def _regional(received: Received) -> Redirect | None:
    """Answer for a bucket of eu-west-1 as S3 does, without naming the region."""
    if received.method == "HEAD" and received.path == "/bkt":
        return answer(200, b"", REGION)
    if "Authorization" in received.headers and scope(received) == "eu-west-1":
        return answer(200, b"content")
    return answer(307, b"<Error><Code>TemporaryRedirect</Code></Error>")


@needs_discovery
def test_botocore_asks_by_head_for_the_region_that_the_answer_does_not_name(
    serve: Serve, make_client: MakeClient
) -> None:
    gateway = serve(answer(), regions=REGIONS)
    gateway.rule = _regional
    client = make_client(gateway.url)
    assert client.get_object(**KEY)["Body"].read() == b"content"
    asked = [(each.method, each.path, scope(each)) for each in gateway.received]
    assert asked == [
        ("GET", "/bkt/key", "us-east-1"),
        ("HEAD", "/bkt", "us-east-1"),
        ("GET", "/bkt/key", "eu-west-1"),
    ]


_NOWHERE = {
    "redirected itself": answer(307),
    "named by no header": answer(200),
    "not found": answer(404),
    "redirected in a loop": Redirect(307, "/bkt"),
}


@needs_discovery
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("probe", _NOWHERE)
def test_without_a_region_from_head_the_error_says_what_is_missing(
    serve: Serve, make_client: MakeClient, probe: str, mode: str
) -> None:
    gateway = serve(answer(307))
    gateway.rule = lambda received: _NOWHERE[probe] if received.method == "HEAD" else answer(307)
    with pytest.raises(InvalidLocation, match="without a Location header") as failure:
        make_client(gateway.url, retries=retrying(mode, 4)).put_object(**KEY, Body=b"content")
    assert failure.value.operation_name == "PutObject"
    assert failure.value.reason == "missing"
    methods = [each.method for each in gateway.received]
    assert methods[0] == "PUT"
    assert set(methods[1:]) == {"HEAD"}
    assert len(methods) <= 1 + (6 if "loop" in probe else 1)


_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_buckets", {}),
    ("head_bucket", {"Bucket": "bkt"}),
]


@pytest.mark.parametrize(("operation", "parameters"), _CALLS, ids=lambda value: str(value)[:20])
def test_a_call_without_a_bucket_to_look_up_ends_at_once(
    serve: Serve, make_client: MakeClient, operation: str, parameters: Any
) -> None:
    gateway = serve(answer(307))
    with pytest.raises(InvalidLocation, match="without a Location header"):
        getattr(make_client(gateway.url), operation)(**parameters)
    assert len(gateway.received) == 1


@pytest.mark.skipif(VERSION >= (1, 28), reason="since 1.28 botocore stays at the endpoint")
@pytest.mark.parametrize("headers", [(), (REGION,)], ids=["no region", "a region"])
def test_an_older_botocore_does_not_leave_the_endpoint_for_aws(
    serve: Serve, make_client: MakeClient, headers: Any
) -> None:
    gateway = serve(answer(301, b"", *headers), answer())
    client = make_client(gateway.url)
    with pytest.raises(InvalidLocation):
        client.get_object(**KEY)
    client.get_object(**KEY)
    assert [scope(each) for each in gateway.received] == ["us-east-1", "us-east-1"]


def test_two_location_headers_are_an_error(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer())
    host = target.url.partition(":")[2]
    for where in (f"{target.url}/bkt/key", f"{host}/bkt/key", "/bkt/key"):
        gateway = serve(Redirect(307, where, headers=(("Location", where),)))
        with pytest.raises(InvalidLocation, match="more than one Location"):
            make_client(gateway.url).put_object(**KEY, Body=b"content")
    assert not target.received


def test_a_location_may_hold_what_looks_like_a_second_one(
    serve: Serve, make_client: MakeClient
) -> None:
    key = "a, //b, http://c/d"
    target = serve(answer())
    gateway = serve(Redirect(307, lambda _: f"{target.url}/bkt/{key}"))
    make_client(gateway.url).put_object(Bucket="bkt", Key=key, Body=b"content")
    assert target.received[0].path == gateway.received[0].path


@pytest.mark.parametrize("key", ["report ", "report \t", " ", "a b  "])
@pytest.mark.parametrize("operation", ["get_object", "put_object", "delete_object"])
def test_white_space_at_the_end_of_a_key_is_kept_though_http_trims_it(
    serve: Serve, make_client: MakeClient, operation: str, key: str
) -> None:
    target = serve(answer())
    gateway = serve(Redirect(307, f"{target.url}/bkt/{key}"))
    getattr(make_client(gateway.url), operation)(Bucket="bkt", Key=key)
    assert target.received[0].target == gateway.received[0].target


def test_a_host_of_aws_that_another_gateway_names_is_untrusted(
    serve: Serve, make_client: MakeClient
) -> None:
    gateway = serve(to_endpoint("s3.cn-north-1.amazonaws.com.cn"))
    client = make_client(gateway.url)
    with pytest.raises(RedirectRefused, match=r"RedirectPolicy\(trust='s3.cn-north-1"):
        client.put_object(**KEY, Body=b"content")
    assert len(gateway.received) == 1
