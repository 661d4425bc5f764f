"""Looking into a store: what is read, filled and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from botocore_redirect.testing import Gateway, Inspector, Received, Redirect, RedirectingStore
from botocore_redirect.testing.stores import moto_contents

ODD_KEYS = ["semi;colon", "a b+c", "ünï/日本", "a//b", "/lead", "..", "a%2Fb", "q?x#y", "ctl\x01"]


def _s3_alone(seen: Received) -> Redirect | None:
    return Redirect(404, None) if seen.path == moto_contents.PATH else None


@pytest.fixture(params=["moto's", "any other"])
def inspector(
    request: pytest.FixtureRequest, store: RedirectingStore, backend: str
) -> Iterator[Inspector]:
    """Look into the store as it is, and as if it knew nothing but S3."""
    if request.param == "moto's":
        yield store.inspector
        return

    with Gateway(backend, rule=_s3_alone) as other:
        yield Inspector(other.url, store.inspector.headers)


def test_a_snapshot_holds_every_bucket_key_and_byte(
    store: RedirectingStore, bucket: str, inspector: Inspector
) -> None:
    for key in ODD_KEYS:
        store.inspector.put(bucket, key, key.encode())
    assert inspector.snapshot() == {bucket: {key: key.encode() for key in ODD_KEYS}}


def test_a_store_is_filled_with_every_bucket_key_and_byte(
    store: RedirectingStore, inspector: Inspector
) -> None:
    buckets = {
        f"empty-{store.account}": {},
        f"full-{store.account}": {key: key.encode() * 1000 for key in ODD_KEYS},
    }
    inspector.fill(buckets)
    assert inspector.snapshot() == buckets
    assert sorted(store.inspector.buckets()) == sorted(buckets)
    full = f"full-{store.account}"
    assert {key: store.inspector.get(full, key) for key in store.inspector.keys(full)} == buckets[
        full
    ]


def test_a_snapshot_holds_what_a_client_sees_and_no_older_version(
    store: RedirectingStore, bucket: str, s3: Any, inspector: Inspector
) -> None:
    store.relay()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"old", b"new"):
        store.inspector.put(bucket, "kept", body)
        store.inspector.put(bucket, "gone", body)
    s3.delete_object(Bucket=bucket, Key="gone")
    assert inspector.snapshot() == {bucket: {"kept": b"new"}}


def test_a_bucket_that_is_there_is_filled(
    store: RedirectingStore, bucket: str, inspector: Inspector
) -> None:
    store.inspector.put(bucket, "old", b"1")
    inspector.fill({bucket: {"new": b"2"}})
    assert store.inspector.snapshot() == {bucket: {"old": b"1", "new": b"2"}}


def test_a_bucket_that_is_there_is_filled_where_making_it_again_is_an_error(
    store: RedirectingStore, bucket: str, backend: str
) -> None:
    def strict(seen: Received) -> Redirect | None:
        if (seen.method, seen.path) == ("PUT", f"/{bucket}"):
            return Redirect(409, None)
        return _s3_alone(seen)

    with Gateway(backend, rule=strict) as other:
        Inspector(other.url, store.inspector.headers).fill({bucket: {"k": b"v"}})
    assert store.inspector.snapshot() == {bucket: {"k": b"v"}}


def test_a_bucket_of_another_account_cannot_be_filled(
    store: RedirectingStore, bucket: str, backend: str
) -> None:
    with (
        RedirectingStore(backend) as other,
        pytest.raises(RuntimeError, match=r"PUT .* was answered 400: .*BucketAlreadyExists"),
    ):
        other.inspector.fill({bucket: {}})
    assert store.inspector.snapshot() == {bucket: {}}


def test_motos_store_takes_one_request_for_the_whole(store: RedirectingStore, backend: str) -> None:
    with Gateway(backend) as between:
        inspector = Inspector(between.url, store.inspector.headers)
        inspector.fill({f"bucket-{store.account}": {"a": b"1", "b": b"2"}})
        inspector.snapshot()
        assert [seen.method for seen in between.received] == ["HEAD", "PUT", "GET"]


def test_another_store_is_asked_before_anything_is_written_there_or_deleted(
    store: RedirectingStore, backend: str
) -> None:
    with Gateway(backend, rule=_s3_alone) as other:
        inspector = Inspector(other.url, store.inspector.headers)
        inspector.fill({f"bucket-{store.account}": {"a": b"1"}})
        inspector.forget()
        asked = [seen.method for seen in other.received if seen.path == moto_contents.PATH]
    assert asked == ["HEAD"]


def test_what_is_forgotten_is_gone_and_its_names_are_free(
    store: RedirectingStore, bucket: str, backend: str
) -> None:
    store.inspector.put(bucket, "k", b"v")
    with RedirectingStore(backend) as other:
        kept = f"kept-{other.account}"
        other.inspector.fill({kept: {"k": b"kept"}})
        store.inspector.forget()
        assert store.inspector.snapshot() == {}
        assert other.inspector.snapshot() == {kept: {"k": b"kept"}}
        other.inspector.create_bucket(bucket)


def test_what_was_deleted_by_a_marker_is_forgotten_too(
    store: RedirectingStore, bucket: str, s3: Any
) -> None:
    store.redirect(None)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    store.inspector.put(bucket, "k", b"v")
    assert s3.delete_object(Bucket=bucket, Key="k")["DeleteMarker"]
    store.inspector.forget()
    assert store.inspector.buckets() == []


def test_another_store_keeps_what_it_is_asked_to_forget(
    backend: str, store: RedirectingStore, bucket: str
) -> None:
    with Gateway(backend, rule=Redirect(404, None)) as other:
        Inspector(other.url, store.inspector.headers).forget()
    assert store.inspector.buckets() == [bucket]


def test_keys_are_listed_over_several_pages(
    store: RedirectingStore, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"k{number}" for number in range(5)]
    for key in keys:
        store.inspector.put(bucket, key, b"")
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    store.relay()
    if len(s3.list_objects_v2(Bucket=bucket)["Contents"]) != 2:
        pytest.skip("this moto reads MOTO_S3_DEFAULT_MAX_KEYS only when it is imported")
    assert store.inspector.keys(bucket) == keys


def test_uploads_in_progress_are_listed(store: RedirectingStore, bucket: str, s3: Any) -> None:
    store.relay()
    started = s3.create_multipart_upload(Bucket=bucket, Key="big")
    assert store.inspector.uploads(bucket) == [("big", started["UploadId"])]
    s3.abort_multipart_upload(Bucket=bucket, Key="big", UploadId=started["UploadId"])
    assert store.inspector.uploads(bucket) == []


def test_tags_are_read(store: RedirectingStore, bucket: str, s3: Any) -> None:
    store.relay()
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="colour=blue&size=x%20l")
    assert store.inspector.tags(bucket, "k") == {"colour": "blue", "size": "x l"}


def test_a_refusal_of_the_store_is_an_error_with_its_words(store: RedirectingStore) -> None:
    with pytest.raises(RuntimeError, match=r"GET .*/no-such-bucket/k was answered 404: .*NoSuchB"):
        store.inspector.get("no-such-bucket", "k")


def test_a_bucket_with_an_underscore_is_not_taken_for_a_service(backend: str) -> None:
    inspector = Inspector(backend)
    inspector.create_bucket("under_score")
    inspector.put("under_score", "k", b"v")
    assert inspector.get("under_score", "k") == b"v"
