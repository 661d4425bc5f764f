"""moto's server behind the gateways, spoken to by stock boto3 and by bare HTTP."""

from __future__ import annotations

import http.client
import io
from typing import Any, Callable
from urllib.parse import urlsplit

import pytest

from botocore_redirect.testing import (
    Inspector,
    Redirect,
    RedirectingStore,
)

PART = 5 * 2**20


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


def test_each_store_lists_only_its_own_buckets(
    store: RedirectingStore, bucket: str, s3: Any, backend: str
) -> None:
    store.relay()
    with RedirectingStore(backend) as other:
        other.inspector.create_bucket(f"other-{other.account}")
        assert (
            [b["Name"] for b in s3.list_buckets()["Buckets"]]
            == store.inspector.buckets()
            == [bucket]
        )
        assert other.inspector.buckets() == [f"other-{other.account}"]


def test_a_bucket_made_through_a_target_belongs_to_the_store(store: RedirectingStore) -> None:
    name = f"by-target-{store.account}"
    assert ask(f"{store.targets[0].url}/{name}", "PUT").status == 200
    assert store.inspector.buckets() == [name]


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


def test_stock_boto3_uploads_parts_through_a_relaying_gateway(
    store: RedirectingStore, bucket: str, s3: Any
) -> None:
    store.relay()
    upload = {"Bucket": bucket, "Key": "big"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    bodies = [b"1" * PART, b"2" * 10]
    parts = [
        {"PartNumber": n, "ETag": s3.upload_part(PartNumber=n, Body=body, **upload)["ETag"]}
        for n, body in enumerate(bodies, 1)
    ]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
    assert store.inspector.get(bucket, "big") == b"".join(bodies)
    puts = [seen for seen in store.gateway.received if seen.method == "PUT"]
    assert [seen.body_bytes for seen in puts] == [PART, 10]


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


@pytest.mark.parametrize("store", [{"targets": 3}], indirect=True)
def test_several_targets_take_turns(store: RedirectingStore) -> None:
    places = [ask(f"{store.url}/b/k", "GET").headers["Location"] for _ in range(4)]
    targets = [f"{target.url}/b/k" for target in store.targets]
    assert places == [*targets, targets[0]]


@pytest.mark.parametrize("store", [{"redirect": None}], indirect=True)
def test_what_is_redirected_can_be_changed(store: RedirectingStore, bucket: str) -> None:
    assert ask(f"{store.url}/{bucket}", "GET").status == 200
    store.redirect()
    assert ask(f"{store.url}/{bucket}", "GET").status == 307
    store.redirect(lambda seen: Redirect(302) if seen.method == "PUT" else None)
    assert ask(f"{store.url}/{bucket}", "GET").status == 200
    assert ask(f"{store.url}/{bucket}/k", "PUT").status == 302


def test_an_error_in_a_rule_reaches_the_test(backend: str) -> None:
    redirecting = RedirectingStore(backend, redirect=lambda _: Redirect(1 // 0)).__enter__()
    assert ask(f"{redirecting.url}/", "GET").status == 500
    with pytest.raises(ZeroDivisionError):
        redirecting.__exit__(None, None, None)


def test_a_store_without_a_backend_runs_its_own() -> None:
    with RedirectingStore() as redirecting:
        redirecting.inspector.create_bucket(f"own-{redirecting.account}")
        assert redirecting.inspector.buckets() == [f"own-{redirecting.account}"]
    with pytest.raises(ConnectionRefusedError):
        Inspector(redirecting.inspector.url).buckets()


@pytest.mark.parametrize("look", [Inspector.snapshot, Inspector.buckets, Inspector.forget])
def test_nobody_looks_into_a_store_that_has_ended(
    backend: str, look: Callable[[Inspector], object]
) -> None:
    with RedirectingStore(backend) as ended:
        ended.inspector.fill({f"ended-{ended.account}": {"k": b"1"}})
    with pytest.raises(RuntimeError, match="is closed and its contents are deleted: use"):
        look(ended.inspector)


def test_no_target_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="targets is 0"):
        RedirectingStore(targets=0)
