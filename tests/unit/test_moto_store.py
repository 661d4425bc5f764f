"""moto's server behind the gateways: stores, and peeking into them."""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterator
from typing import Any, Callable
from urllib.parse import urlsplit

import pytest

from botocore_redirect.testing import (
    Gateway,
    MotoStore,
    Peek,
    Received,
    Redirect,
    RedirectingStore,
    contents,
)

boto3 = pytest.importorskip("boto3", reason="these tests need boto3 as a client")
pytest.importorskip("moto.server", reason="these tests need moto with its server")

from botocore.config import Config  # noqa: E402

SESSION = boto3.session.Session()
ODD_KEYS = ["semi;colon", "a b+c", "ünï/日本", "a//b", "/lead", "..", "a%2Fb", "q?x#y", "ctl\x01"]
PART = 5 * 2**20


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    with MotoStore() as moto:
        yield moto.url


@pytest.fixture
def store(backend: str, request: pytest.FixtureRequest) -> Iterator[RedirectingStore]:
    with RedirectingStore(backend, **getattr(request, "param", {})) as redirecting:
        yield redirecting


@pytest.fixture
def bucket(store: RedirectingStore) -> str:
    name = f"bucket-{store.account}"
    store.peek.create_bucket(name)
    return name


@pytest.fixture
def s3(store: RedirectingStore) -> Any:
    return SESSION.client(
        "s3",
        endpoint_url=store.url,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"max_attempts": 0}),
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


# -- Peek ------------------------------------------------------------------------------------------


def _s3_alone(seen: Received) -> Redirect | None:
    return Redirect(404, None) if seen.path == contents.PATH else None


@pytest.fixture(params=["moto's", "any other"])
def peek(request: pytest.FixtureRequest, store: RedirectingStore, backend: str) -> Iterator[Peek]:
    """Look into the store as it is, and as if it knew nothing but S3."""
    if request.param == "moto's":
        yield store.peek
        return

    with Gateway(backend, rule=_s3_alone) as other:
        yield Peek(other.url, store.peek.headers)


def test_a_snapshot_holds_every_bucket_key_and_byte(
    store: RedirectingStore, bucket: str, peek: Peek
) -> None:
    for key in ODD_KEYS:
        store.peek.put(bucket, key, key.encode())
    assert peek.snapshot() == {bucket: {key: key.encode() for key in ODD_KEYS}}


def test_a_store_is_filled_with_every_bucket_key_and_byte(
    store: RedirectingStore, peek: Peek
) -> None:
    buckets = {
        f"empty-{store.account}": {},
        f"full-{store.account}": {key: key.encode() * 1000 for key in ODD_KEYS},
    }
    peek.fill(buckets)
    assert peek.snapshot() == buckets
    assert sorted(store.peek.buckets()) == sorted(buckets)
    full = f"full-{store.account}"
    assert {key: store.peek.get(full, key) for key in store.peek.keys(full)} == buckets[full]


def test_a_snapshot_holds_what_a_client_sees_and_no_older_version(
    store: RedirectingStore, bucket: str, s3: Any, peek: Peek
) -> None:
    store.relay()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"old", b"new"):
        store.peek.put(bucket, "kept", body)
        store.peek.put(bucket, "gone", body)
    s3.delete_object(Bucket=bucket, Key="gone")
    assert peek.snapshot() == {bucket: {"kept": b"new"}}


def test_a_bucket_that_is_there_is_filled(store: RedirectingStore, bucket: str, peek: Peek) -> None:
    store.peek.put(bucket, "old", b"1")
    peek.fill({bucket: {"new": b"2"}})
    assert store.peek.snapshot() == {bucket: {"old": b"1", "new": b"2"}}


def test_a_bucket_that_is_there_is_filled_where_making_it_again_is_an_error(
    store: RedirectingStore, bucket: str, backend: str
) -> None:
    def strict(seen: Received) -> Redirect | None:
        if (seen.method, seen.path) == ("PUT", f"/{bucket}"):
            return Redirect(409, None)
        return _s3_alone(seen)

    with Gateway(backend, rule=strict) as other:
        Peek(other.url, store.peek.headers).fill({bucket: {"k": b"v"}})
    assert store.peek.snapshot() == {bucket: {"k": b"v"}}


def test_a_bucket_of_another_account_cannot_be_filled(
    store: RedirectingStore, bucket: str, backend: str
) -> None:
    with (
        RedirectingStore(backend) as other,
        pytest.raises(RuntimeError, match=r"PUT .* was answered 400: .*BucketAlreadyExists"),
    ):
        other.peek.fill({bucket: {}})
    assert store.peek.snapshot() == {bucket: {}}


def test_motos_store_takes_one_request_for_the_whole(store: RedirectingStore, backend: str) -> None:
    with Gateway(backend) as between:
        peek = Peek(between.url, store.peek.headers)
        peek.fill({f"bucket-{store.account}": {"a": b"1", "b": b"2"}})
        peek.snapshot()
        assert [seen.method for seen in between.received] == ["HEAD", "PUT", "GET"]


def test_another_store_is_asked_before_anything_is_written_there_or_deleted(
    store: RedirectingStore, backend: str
) -> None:
    with Gateway(backend, rule=_s3_alone) as other:
        peek = Peek(other.url, store.peek.headers)
        peek.fill({f"bucket-{store.account}": {"a": b"1"}})
        peek.forget()
        asked = [seen.method for seen in other.received if seen.path == contents.PATH]
    assert asked == ["HEAD"]


def test_what_is_forgotten_is_gone_and_its_names_are_free(
    store: RedirectingStore, bucket: str, backend: str
) -> None:
    store.peek.put(bucket, "k", b"v")
    with RedirectingStore(backend) as other:
        kept = f"kept-{other.account}"
        other.peek.fill({kept: {"k": b"kept"}})
        store.peek.forget()
        assert store.peek.snapshot() == {}
        assert other.peek.snapshot() == {kept: {"k": b"kept"}}
        other.peek.create_bucket(bucket)


def test_what_was_deleted_by_a_marker_is_forgotten_too(
    store: RedirectingStore, bucket: str, s3: Any
) -> None:
    store.redirect(None)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    store.peek.put(bucket, "k", b"v")
    assert s3.delete_object(Bucket=bucket, Key="k")["DeleteMarker"]
    store.peek.forget()
    assert store.peek.buckets() == []


def test_another_store_keeps_what_it_is_asked_to_forget(
    backend: str, store: RedirectingStore, bucket: str
) -> None:
    with Gateway(backend, rule=Redirect(404, None)) as other:
        Peek(other.url, store.peek.headers).forget()
    assert store.peek.buckets() == [bucket]


def test_keys_are_listed_over_several_pages(
    store: RedirectingStore, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"k{number}" for number in range(5)]
    for key in keys:
        store.peek.put(bucket, key, b"")
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    store.relay()
    if len(s3.list_objects_v2(Bucket=bucket)["Contents"]) != 2:
        pytest.skip("this moto reads MOTO_S3_DEFAULT_MAX_KEYS only when it is imported")
    assert store.peek.keys(bucket) == keys


def test_uploads_in_progress_are_listed(store: RedirectingStore, bucket: str, s3: Any) -> None:
    store.relay()
    started = s3.create_multipart_upload(Bucket=bucket, Key="big")
    assert store.peek.uploads(bucket) == [("big", started["UploadId"])]
    s3.abort_multipart_upload(Bucket=bucket, Key="big", UploadId=started["UploadId"])
    assert store.peek.uploads(bucket) == []


def test_tags_are_read(store: RedirectingStore, bucket: str, s3: Any) -> None:
    store.relay()
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="colour=blue&size=x%20l")
    assert store.peek.tags(bucket, "k") == {"colour": "blue", "size": "x l"}


def test_a_refusal_of_the_store_is_an_error_with_its_words(store: RedirectingStore) -> None:
    with pytest.raises(RuntimeError, match=r"GET .*/no-such-bucket/k was answered 404: .*NoSuchB"):
        store.peek.get("no-such-bucket", "k")


def test_a_bucket_with_an_underscore_is_not_taken_for_a_service(backend: str) -> None:
    peek = Peek(backend)
    peek.create_bucket("under_score")
    peek.put("under_score", "k", b"v")
    assert peek.get("under_score", "k") == b"v"


# -- accounts --------------------------------------------------------------------------------------


def test_each_store_lists_only_its_own_buckets(
    store: RedirectingStore, bucket: str, s3: Any, backend: str
) -> None:
    store.relay()
    with RedirectingStore(backend) as other:
        other.peek.create_bucket(f"other-{other.account}")
        assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == store.peek.buckets() == [bucket]
        assert other.peek.buckets() == [f"other-{other.account}"]


def test_a_bucket_made_through_a_target_belongs_to_the_store(store: RedirectingStore) -> None:
    name = f"by-target-{store.account}"
    assert ask(f"{store.targets[0].url}/{name}", "PUT").status == 200
    assert store.peek.buckets() == [name]


# -- relaying with stock boto3 ---------------------------------------------------------------------


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
    assert store.peek.snapshot() == {bucket: {"a/ü b": b"x" * 1000}}
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
    assert store.peek.get(bucket, "big") == b"".join(bodies)
    puts = [seen for seen in store.gateway.received if seen.method == "PUT"]
    assert [seen.body_bytes for seen in puts] == [PART, 10]


# -- redirecting -----------------------------------------------------------------------------------


def test_a_redirected_put_is_stored_only_when_followed(
    store: RedirectingStore, bucket: str
) -> None:
    answer = ask(f"{store.url}/{bucket}/k", "PUT", b"body")
    assert answer.status == 307
    assert answer.headers["Location"] == f"{store.targets[0].url}/{bucket}/k"
    assert store.peek.snapshot() == {bucket: {}}
    assert ask(answer.headers["Location"], "PUT", b"body").status == 200
    assert store.peek.snapshot() == {bucket: {"k": b"body"}}
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
        redirecting.peek.create_bucket(f"own-{redirecting.account}")
        assert redirecting.peek.buckets() == [f"own-{redirecting.account}"]
    with pytest.raises(ConnectionRefusedError):
        Peek(redirecting.peek.url).buckets()


@pytest.mark.parametrize("look", [Peek.snapshot, Peek.buckets, Peek.forget])
def test_nobody_looks_into_a_store_that_has_ended(
    backend: str, look: Callable[[Peek], object]
) -> None:
    with RedirectingStore(backend) as ended:
        ended.peek.fill({f"ended-{ended.account}": {"k": b"1"}})
    with pytest.raises(RuntimeError, match="has ended, and nothing of it is left: look into it"):
        look(ended.peek)


def test_no_target_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="targets is 0"):
        RedirectingStore(targets=0)
