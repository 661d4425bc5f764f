"""Looking into a store: what is read, filled and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from botocore_redirect.testing import Gateway, Peek, Received, Redirect, RedirectingStore
from botocore_redirect.testing.stores import moto_contents

ODD_KEYS = ["semi;colon", "a b+c", "ünï/日本", "a//b", "/lead", "..", "a%2Fb", "q?x#y", "ctl\x01"]


def _s3_alone(seen: Received) -> Redirect | None:
    return Redirect(404, None) if seen.path == moto_contents.PATH else None


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
        asked = [seen.method for seen in other.received if seen.path == moto_contents.PATH]
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
