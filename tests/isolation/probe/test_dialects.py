"""What the probe says of stores that redirect as real ones do."""

from __future__ import annotations

import pytest

from botocore_redirect.testing import RedirectingStore
from botocore_redirect.testing.dialects import DIALECTS
from isolation.probe.asking import BUCKET, Probe, by_name

pytest.importorskip("moto.server", reason="these tests need moto with its server")

#: The calls of the gateway that it answers itself, or that go to a presigned URL, are not listed.
_SIGNED = {
    "aistore": ("NVIDIA AIStore", {"GetObject", "PutObject", "UploadPart", "DeleteObject"}),
    "aistore-signed": ("NVIDIA AIStore, signed redirects", {"GetObject", "PutObject"}),
    "ceph-rgw": ("Ceph RGW", {"GetObject", "HeadObject"}),
    "alluxio": ("Alluxio", {"GetObject"}),
    "ecs": ("a store with its Endpoint in the body, as Dell ECS", {"GetObject", "PutObject"}),
}


@pytest.mark.parametrize("name", _SIGNED)
def test_a_dialect_is_recognised_and_needs_no_policy(name: str, backend: str, probe: Probe) -> None:
    title, signed = _SIGNED[name]
    with RedirectingStore(backend, dialect=name) as store:
        store.inspector.fill({BUCKET: {"a": b"content"}})
        report = probe.ask(store.url, "--write")
    assert (report["dialects"], report["works"], report["set_policy"]) == ([title], True, None)
    found = by_name(report)
    assert {found[each]["redirect"]["goes_on"] for each in signed} == {"signed"}
    assert report["left_behind"] == []


def test_presigned_targets_are_recognised(backend: str, probe: Probe) -> None:
    with RedirectingStore(backend, dialect="s3proxy") as store:
        store.inspector.fill({BUCKET: {"a": b"content"}})
        report = probe.ask(store.url)
    (title,) = report["dialects"]
    assert title.startswith("presigned targets")
    assert by_name(report)["GetObject"]["redirect"]["goes_on"] == "presigned"


@pytest.mark.parametrize("name", ["huggingface", "lakefs"])
def test_a_store_that_redirects_other_user_agents_needs_nothing(
    name: str, backend: str, probe: Probe
) -> None:
    with RedirectingStore(backend, dialect=name) as store:
        store.inspector.fill({BUCKET: {"a": b"content"}})
        report = probe.ask(store.url)
    assert report["works"]
    assert any("Nothing was redirected" in note for note in report["notes"])


def test_the_policy_of_a_dialect_is_what_the_probe_proposes(backend: str, probe: Probe) -> None:
    dialect = DIALECTS["seaweedfs"]
    with RedirectingStore(backend, dialect=dialect) as store:
        store.inspector.fill({BUCKET: {"a": b"content"}})
        report = probe.ask(store.url, status=1)
    assert dialect.policy == {"rewrites": True}
    assert report["set_policy"] == "RedirectPolicy(rewrites=True)"
    assert report["set_environment"] == {"BOTOCORE_REDIRECT_REWRITES": "on"}
