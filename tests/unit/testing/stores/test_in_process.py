"""The store without sockets. In a file of its own, because moto reads its environment once."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Iterator
from typing import Any

import pytest

from botocore_redirect.testing import (
    HANG_UP,
    SILENCE,
    Fault,
    InProcessStore,
    Redirect,
    Response,
)

boto3 = pytest.importorskip("boto3", reason="these tests need boto3 as a client")
pytest.importorskip("moto", reason="these tests need moto")

from botocore.config import Config  # noqa: E402 - moto's absence is said first
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError  # noqa: E402 - as above

SESSION = boto3.session.Session()  # made after moto was imported
BUCKET = "a-bucket"
VARIABLE = "MOTO_S3_CUSTOM_ENDPOINTS"
# Stock botocore handles 301, 302 and 307 as redirects of regions; it raises an error for a 308.
REDIRECT = Redirect(308)


@pytest.fixture
def store() -> Iterator[InProcessStore]:
    with InProcessStore(REDIRECT) as in_process:
        make_client(in_process.target_url).create_bucket(Bucket=BUCKET)
        yield in_process


def make_client(url: str, style: str = "path") -> Any:
    return SESSION.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(s3={"addressing_style": style}, retries={"max_attempts": 0}),
    )


def redirected(client: Any, **arguments: Any) -> dict[str, Any]:
    """Put an object, and return the response of the error that the redirect becomes."""
    with pytest.raises(ClientError) as caught:
        client.put_object(Bucket=BUCKET, Key="k ü", Body=b"body", **arguments)
    return dict(caught.value.response)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_a_redirect_stores_nothing_and_names_the_target(
    store: InProcessStore, style: str, scheme: str
) -> None:
    client = store.attach(make_client(store.url.replace("http", scheme), style))
    metadata = redirected(client)["ResponseMetadata"]
    host, path = ("", f"/{BUCKET}") if style == "path" else (f"{BUCKET}.", "")
    assert metadata["HTTPStatusCode"] == 308
    assert metadata["HTTPHeaders"]["location"] == f"{scheme}://{host}target.test{path}/k%20%C3%BC"
    assert store.snapshot() == {BUCKET: {}}
    (seen,) = store.gateway_received
    assert (seen.method, seen.target, seen.status) == ("PUT", f"{path}/k%20%C3%BC", 308)
    assert seen.headers["Host"] == f"{host}gateway.test"
    assert b"body" in seen.body
    assert store.target_received == []


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_the_target_stores_and_is_recorded(store: InProcessStore, style: str, scheme: str) -> None:
    client = store.attach(make_client(store.target_url.replace("http", scheme), style))
    body = io.BytesIO(b"0123456789")
    body.seek(4)
    client.put_object(Bucket=BUCKET, Key="k ü//x", Body=body)
    assert store.snapshot() == {BUCKET: {"k ü//x": b"456789"}}
    assert [seen.method for seen in store.target_received] == ["PUT"]
    assert b"456789" in store.target_received[0].body
    assert store.gateway_received == []
    assert client.get_object(Bucket=BUCKET, Key="k ü//x")["Body"].read() == b"456789"


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_a_relaying_gateway_stores_the_object(store: InProcessStore, style: str) -> None:
    store.relay()
    client = store.attach(make_client(store.url, style))
    client.upload_fileobj(io.BytesIO(b"x" * 1000), BUCKET, "up")
    assert store.snapshot() == {BUCKET: {"up": b"x" * 1000}}
    assert [seen.redirected for seen in store.gateway_received] == [False]
    store.redirect(REDIRECT)
    store.clear()
    redirected(client)
    assert [seen.redirected for seen in store.gateway_received] == [True]


def test_a_redirect_leaves_the_body_read_as_a_socket_does(store: InProcessStore) -> None:
    body = io.BytesIO(b"0123456789")
    with pytest.raises(ClientError):
        store.attach(make_client(store.url)).put_object(Bucket=BUCKET, Key="k", Body=body)
    assert body.tell() == 10


def test_later_handlers_see_the_url_of_the_request(store: InProcessStore) -> None:
    store.relay()
    client = store.attach(make_client(store.url, "virtual"))
    urls: list[str] = []
    client.meta.events.register_last("before-send", lambda request, **_: urls.append(request.url))
    client.list_objects_v2(Bucket=BUCKET)
    assert [url.partition("?")[0] for url in urls] == [f"http://{BUCKET}.gateway.test/"]


@pytest.mark.parametrize("account", [None, "123456123456"])
def test_a_store_is_filled_and_forgotten_without_a_client(account: str | None) -> None:
    buckets = {"one-bucket": {"k ü//x": b"1", "..": b""}, "an-empty-one": {}}
    with InProcessStore(None, account) as store:
        store.fill(buckets)
        assert store.snapshot() == buckets
        client = store.attach(make_client(store.url))
        assert client.get_object(Bucket="one-bucket", Key="k ü//x")["Body"].read() == b"1"
        assert store.target_received == []
        store.forget()
        assert store.snapshot() == {}
        assert client.list_buckets()["Buckets"] == []
        store.fill(buckets)


def test_every_step_becomes_the_error_of_botocore(store: InProcessStore) -> None:
    s3 = store.attach(make_client(store.url))
    store.redirect(Fault(409, "Strange"))
    with pytest.raises(ClientError, match="Strange"):
        s3.list_buckets()
    store.redirect(HANG_UP)
    with pytest.raises(ConnectionClosedError):
        s3.list_buckets()
    store.redirect(SILENCE)
    with pytest.raises(ReadTimeoutError):
        s3.list_buckets()
    store.redirect(Response(409, body=b"<Error><Code>Odd</Code></Error>"))
    with pytest.raises(ClientError, match="Odd"):
        s3.list_buckets()
    assert [(r.status, r.redirected) for r in store.gateway_received] == [
        (409, False),
        (0, False),
        (0, False),
        (409, False),
    ]


def test_an_error_in_a_rule_reaches_the_caller(store: InProcessStore) -> None:
    store.redirect(lambda _: Redirect(1 // 0))
    with pytest.raises(ZeroDivisionError):
        store.attach(make_client(store.url)).list_buckets()


def test_a_client_attached_twice_is_recorded_once(store: InProcessStore) -> None:
    client = store.attach(store.attach(make_client(store.target_url)))
    client.list_buckets()
    assert len(store.target_received) == 1


def test_a_client_of_another_endpoint_is_not_changed(store: InProcessStore) -> None:
    client = store.attach(make_client("https://s3.us-east-1.amazonaws.com"))
    assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == [BUCKET]
    assert store.gateway_received == store.target_received == []


@pytest.mark.parametrize("before", [None, "http://other.test"])
def test_the_environment_is_restored(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    if before is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, before)
    with InProcessStore():
        inside = os.environ[VARIABLE].split(",")
    assert "http://target.test" in inside
    assert before is None or before in inside
    assert os.environ.get(VARIABLE) == before


def test_a_store_inside_another_leaves_the_endpoints_as_they_are() -> None:
    with InProcessStore(None):
        outside = os.environ[VARIABLE]
        with InProcessStore(None):
            assert os.environ[VARIABLE] == outside
        assert os.environ[VARIABLE] == outside


def test_a_moto_that_does_not_know_the_target_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "botocore_redirect.testing.stores.in_process._TARGET_URLS", ("http://x.test",)
    )
    monkeypatch.setattr(InProcessStore, "target_url", "http://unknown.test")
    with pytest.raises(RuntimeError, match=r"does not mock http://unknown\.test.*x\.test"):
        InProcessStore().__enter__()


def test_forget_leaves_no_account_for_moto_to_look_through() -> None:
    account = "111122223333"
    with InProcessStore(None, account) as store:
        store.fill({BUCKET: {}})
        store.attach(make_client(store.target_url)).put_object(Bucket=BUCKET, Key="k", Body=b"1")
        accounts = [importlib.import_module(f"moto.{name}.models") for name in ("s3", "iam")]
        listed = [accounts[0].s3_backends, accounts[1].iam_backends]
        assert [account in each for each in listed] == [True, True]
        store.forget()
        assert [account in each for each in listed] == [False, False]
        assert store.snapshot() == {}
