"""What `probe --write` writes, and that it removes all of it."""

from __future__ import annotations

from typing import Any

import pytest

from botocore_redirect.testing import (
    HANG_UP,
    Fault,
    Received,
    RedirectingStore,
    Response,
)
from isolation.probe.asking import BUCKET, PREFIX, Probe, by_name, denies, other_bytes

pytest.importorskip("moto.server", reason="these tests need moto with its server")


def test_a_store_that_returns_other_bytes_is_a_problem(
    store: RedirectingStore, probe: Probe
) -> None:
    store.targets[0].rule = other_bytes
    report = probe.ask(store.url, "--write", status=1)
    assert by_name(report)["GetObject (own)"]["outcome"]["code"] == "DifferentBody"
    assert store.inspector.keys(BUCKET) == []  # it was removed all the same


def test_a_store_that_returns_other_bytes_itself_is_noted(
    store: RedirectingStore, probe: Probe
) -> None:
    store.gateway.rule = other_bytes
    report = probe.ask(store.url, "--write")
    assert "GetObject (own), not redirected: 200 DifferentBody." in report["notes"]


def test_what_cannot_be_removed_is_named(store: RedirectingStore, probe: Probe) -> None:
    store.gateway.rule = denies("DELETE")
    report = probe.ask(store.url, "--write", status=1)
    upload, own, copy = report["left_behind"]
    assert upload.startswith("the multipart upload ")
    assert own.startswith(f"s3://{BUCKET}/{PREFIX}")
    assert ".copy: " in copy
    assert "AccessDenied" in own
    assert len(store.inspector.keys(BUCKET)) == 2


def test_an_upload_that_could_not_be_aborted_at_once_is_aborted_at_the_end(
    store: RedirectingStore, probe: Probe
) -> None:
    denied = iter([Fault(403, "AccessDenied", "no")])
    store.gateway.rule = lambda each: (
        next(denied, None) if (each.method, "uploadId" in each.query) == ("DELETE", True) else None
    )
    report = probe.ask(store.url, "--write")
    assert by_name(report)["AbortMultipartUpload"]["outcome"]["status"] == 403
    assert (report["left_behind"], store.inspector.uploads(BUCKET)) == ([], [])


def test_an_object_that_is_still_there_after_its_deletion_is_named(
    store: RedirectingStore, probe: Probe
) -> None:
    store.gateway.rule = lambda each: Response(204) if each.method == "DELETE" else None
    report = probe.ask(store.url, "--write", status=1)
    assert "the store still has it" in report["left_behind"][0]


def test_a_write_that_the_store_denies_leaves_nothing_to_remove(
    store: RedirectingStore, probe: Probe
) -> None:
    store.gateway.rule = denies("PUT", "DELETE")
    report = probe.ask(store.url, "--write")
    assert (report["left_behind"], report["works"]) == ([], True)
    assert "PutObject, not redirected: 403 AccessDenied." in report["notes"]


def test_uploads_that_the_store_denies_are_skipped(store: RedirectingStore, probe: Probe) -> None:
    store.gateway.rule = denies("POST")
    found = by_name(probe.ask(store.url, "--write"))
    assert found["CreateMultipartUpload"]["outcome"]["status"] == 403
    assert "UploadPart" not in found
    assert store.inspector.keys(BUCKET) == []


def test_what_was_written_is_removed_where_the_probe_cannot_go_on(
    store: RedirectingStore, probe: Probe
) -> None:
    def hang_up_for_copies(received: Received) -> Any:
        return HANG_UP if "x-amz-copy-source" in received.headers else None

    store.gateway.rule = hang_up_for_copies
    assert "cannot be asked" in probe.refuse(store.url, "--bucket", BUCKET, "--write")
    assert store.inspector.keys(BUCKET) == []


def test_what_cannot_be_removed_then_is_said(store: RedirectingStore, probe: Probe) -> None:
    def rule(received: Received) -> Any:
        copies = "x-amz-copy-source" in received.headers
        return HANG_UP if copies else denies("DELETE")(received)

    store.gateway.rule = rule
    status, out, err = probe.run(store.url, "--bucket", BUCKET, "--write")
    assert (status, out) == (2, "")
    assert err.startswith(f"This may be left in the store: s3://{BUCKET}/{PREFIX}")
    assert "cannot be asked" in err.splitlines()[-1]
