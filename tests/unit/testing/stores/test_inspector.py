"""The inspector reads, fills and deletes the contents of a store."""

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
    """Inspect the store as it is, and as one that has S3 alone."""
    if request.param == "moto's":
        yield store.inspector
        return

    with Gateway(backend, rule=_s3_alone) as other:
        yield Inspector(other.url, store.inspector.headers)


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


def test_a_snapshot_holds_current_versions_alone(
    store: RedirectingStore, bucket: str, s3: Any, inspector: Inspector
) -> None:
    store.relay()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"old", b"new"):
        store.inspector.put(bucket, "kept", body)
        store.inspector.put(bucket, "gone", body)
    s3.delete_object(Bucket=bucket, Key="gone")
    assert inspector.snapshot() == {bucket: {"kept": b"new"}}


def test_a_bucket_that_exists_is_filled(
    store: RedirectingStore, bucket: str, inspector: Inspector
) -> None:
    store.inspector.put(bucket, "old", b"1")
    inspector.fill({bucket: {"new": b"2"}})
    assert store.inspector.snapshot() == {bucket: {"old": b"1", "new": b"2"}}


def test_a_bucket_is_not_created_again_where_that_is_an_error(
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


def test_a_moto_store_takes_one_request_for_all_contents(
    store: RedirectingStore, backend: str
) -> None:
    with Gateway(backend) as between:
        inspector = Inspector(between.url, store.inspector.headers)
        inspector.fill({f"bucket-{store.account}": {"a": b"1", "b": b"2"}})
        inspector.snapshot()
        assert [seen.method for seen in between.received] == ["HEAD", "PUT", "GET"]


def test_nothing_is_written_to_the_contents_path_of_another_store(
    store: RedirectingStore, backend: str
) -> None:
    with Gateway(backend, rule=_s3_alone) as other:
        inspector = Inspector(other.url, store.inspector.headers)
        inspector.fill({f"bucket-{store.account}": {"a": b"1"}})
        inspector.forget()
        asked = [seen.method for seen in other.received if seen.path == moto_contents.PATH]
    assert asked == ["HEAD"]


def test_forget_deletes_contents_and_frees_the_names_of_buckets(
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


def test_forget_deletes_delete_markers(store: RedirectingStore, bucket: str, s3: Any) -> None:
    store.redirect(None)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    store.inspector.put(bucket, "k", b"v")
    assert s3.delete_object(Bucket=bucket, Key="k")["DeleteMarker"]
    store.inspector.forget()
    assert store.inspector.buckets() == []


def test_forget_deletes_nothing_in_another_store(
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


def test_an_error_of_the_store_is_raised_with_its_message(store: RedirectingStore) -> None:
    with pytest.raises(RuntimeError, match=r"GET .*/no-such-bucket/k was answered 404: .*NoSuchB"):
        store.inspector.get("no-such-bucket", "k")


def test_a_bucket_with_an_underscore_is_not_taken_for_a_service(backend: str) -> None:
    inspector = Inspector(backend)
    inspector.create_bucket("under_score")
    inspector.put("under_score", "k", b"v")
    assert inspector.get("under_score", "k") == b"v"
