"""moto's server behind the gateways, used by stock boto3 and by plain HTTP."""

from __future__ import annotations

import http.client
import io
from typing import Any, Callable
from urllib.parse import urlsplit

import pytest

from botocore_redirect.testing import (
    Inspector,
    MotoStore,
    Redirect,
    RedirectingStore,
)


def ask(url: str, method: str, body: bytes = b"") -> http.client.HTTPResponse:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body=body)
        response = connection.getresponse()
        response.read()
        return response
    finally:
        connection.close()


def test_each_store_lists_its_own_buckets_alone(
    store: RedirectingStore, bucket: str, s3: Any, backend: str
) -> None:
    store.relay()
    with RedirectingStore(backend) as other:
        assert ask(f"{other.targets[0].url}/other-{other.account}", "PUT").status == 200
        assert (
            [b["Name"] for b in s3.list_buckets()["Buckets"]]
            == store.inspector.buckets()
            == [bucket]
        )
        assert other.inspector.buckets() == [f"other-{other.account}"]


def test_stock_boto3_works_through_a_relaying_gateway(
    store: RedirectingStore, bucket: str, s3: Any
) -> None:
    store.relay()
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", Metadata={"a": "b"})
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["Metadata"]) == (b"hello", {"a": "b"})
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 5
    s3.upload_fileobj(io.BytesIO(b"x" * 1000), bucket, "a/ü b")
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert {entry["Key"]: entry["Size"] for entry in listed} == {"k": 5, "a/ü b": 1000}
    s3.delete_object(Bucket=bucket, Key="k")
    assert store.inspector.snapshot() == {bucket: {"a/ü b": b"x" * 1000}}
    assert not any(seen.redirected for seen in store.gateway.received)
    assert [target.received for target in store.targets] == [[]]


def test_a_redirected_put_is_stored_only_when_followed(
    store: RedirectingStore, bucket: str
) -> None:
    answer = ask(f"{store.url}/{bucket}/k", "PUT", b"body")
    assert answer.status == 307
    assert answer.headers["Location"] == f"{store.targets[0].url}/{bucket}/k"
    assert store.inspector.snapshot() == {bucket: {}}
    assert ask(answer.headers["Location"], "PUT", b"body").status == 200
    assert store.inspector.snapshot() == {bucket: {"k": b"body"}}
    assert [seen.redirected for seen in store.gateway.received] == [True]
    assert [seen.body for seen in store.targets[0].received] == [b"body"]
    store.clear()
    assert store.gateway.received == store.targets[0].received == []


@pytest.mark.parametrize("store", [{"redirect": None}], indirect=True)
def test_the_rule_can_be_changed(store: RedirectingStore, bucket: str) -> None:
    assert ask(f"{store.url}/{bucket}", "GET").status == 200
    store.redirect()
    assert ask(f"{store.url}/{bucket}", "GET").status == 307
    store.redirect(lambda seen: Redirect(302) if seen.method == "PUT" else None)
    assert ask(f"{store.url}/{bucket}", "GET").status == 200
    assert ask(f"{store.url}/{bucket}/k", "PUT").status == 302


@pytest.mark.parametrize("use", [Inspector.snapshot, Inspector.buckets, Inspector.forget])
def test_the_inspector_of_a_closed_store_is_an_error(
    backend: str, use: Callable[[Inspector], object]
) -> None:
    with RedirectingStore(backend) as ended:
        ended.inspector.fill({f"ended-{ended.account}": {"k": b"1"}})
    with pytest.raises(RuntimeError, match="is closed and its contents are deleted: use"):
        use(ended.inspector)


def test_a_store_needs_a_target() -> None:
    with pytest.raises(ValueError, match="targets is 0"):
        RedirectingStore(targets=0)


def test_a_store_has_no_url_before_it_is_started() -> None:
    with pytest.raises(RuntimeError, match="use `with MotoStore"):
        MotoStore().url  # noqa: B018 - to read it is the test
