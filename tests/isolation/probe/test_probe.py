"""What `python -m botocore_redirect probe` reports of stores on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import Any

import pytest

from botocore_redirect.commands.probe import run
from botocore_redirect.testing import (
    SILENCE,
    Received,
    Redirect,
    RedirectingStore,
    Response,
)
from isolation.probe.asking import BUCKET, PREFIX, Probe, by_name

pytest.importorskip("moto.server", reason="these tests need moto with its server")


def test_a_store_that_redirects_everything_needs_no_policy_and_nothing_is_left(
    store: RedirectingStore, probe: Probe
) -> None:
    store.inspector.put(BUCKET, "a", b"content")
    before = store.inspector.snapshot()

    report = probe.ask(store.url, "--write")

    found = by_name(report)
    assert list(found) == [
        "ListBuckets",
        "HeadBucket",
        "ListObjectsV2",
        "HeadObject",
        "GetObject",
        "GetObject (no such key)",
        "PutObject",
        "HeadObject (own)",
        "GetObject (own)",
        "CopyObject",
        "CreateMultipartUpload",
        "UploadPart",
        "AbortMultipartUpload",
        "DeleteObject",
    ]
    for each in found.values():
        assert (each["status"], each["redirect"]["location"]) == (307, "absolute"), each
        assert (each["redirect"]["trusted"], each["redirect"]["goes_on"]) == ("same host", "signed")
        assert each["outcome"]["hops"] == 1
    assert found["GetObject (no such key)"]["outcome"]["code"] == "NoSuchKey"
    assert {found[name]["expect"] for name in ("PutObject", "UploadPart")} == {"early"}
    assert (report["works"], report["set_policy"], report["left_behind"]) == (True, None, [])
    assert store.inspector.snapshot() == before
    written = [each for each in store.targets[0].received if each.method in ("PUT", "POST")]
    assert len(written) == 4
    assert all(f"/{BUCKET}/{PREFIX}" in each.path for each in written)


def test_a_policy_that_leaves_the_status_out_is_named(
    store: RedirectingStore, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTOCORE_REDIRECT_STATUSES", "308")
    report = probe.ask(store.url, status=1)
    assert by_name(report)["GetObject (no such key)"]["redirect"]["goes_on"] == "ignored"
    assert report["set_environment"] == {"BOTOCORE_REDIRECT_STATUSES": "307,308"}
    assert any("leaves some statuses to botocore" in note for note in report["notes"])
    assert any(note.startswith("Without the patch, boto3") for note in report["notes"])


def test_without_write_nothing_is_written(store: RedirectingStore, probe: Probe) -> None:
    report = probe.ask(store.url)
    assert {each["method"] for each in report["observations"]} == {"GET", "HEAD"}
    assert {each.method for each in store.targets[0].received} == {"GET", "HEAD"}


def test_without_following_no_target_is_asked(store: RedirectingStore, probe: Probe) -> None:
    report = probe.ask(store.url, "--write", "--no-follow")
    assert {each["outcome"] for each in report["observations"]} == {None}
    assert {each["status"] for each in report["observations"]} == {307}
    assert store.targets[0].received == []
    assert not any(each.body_bytes for each in store.gateway.received)


def test_a_store_that_answers_itself_needs_nothing(store: RedirectingStore, probe: Probe) -> None:
    store.relay()
    report = probe.ask(store.url, "--write")
    assert {each["redirect"] for each in report["observations"]} == {None}
    assert report["notes"][0].startswith("Nothing was redirected")
    assert report["server"].startswith("Werkzeug")
    assert store.inspector.keys(BUCKET) == []


def test_without_a_bucket_it_asks_for_the_list_of_buckets(
    store: RedirectingStore, probe: Probe
) -> None:
    status, out, _ = probe.run(store.url)
    assert status == 0
    assert "ListBuckets" in out
    assert "HeadBucket" not in out
    assert "name a bucket with --bucket" in out


def test_a_body_that_goes_out_twice_is_noted(store: RedirectingStore, probe: Probe) -> None:
    store.gateway.expect = "late"
    report = probe.ask(store.url, "--write")
    assert by_name(report)["PutObject"]["expect"] == "late"
    assert any("each body is sent twice" in note for note in report["notes"])


def stranger(store: RedirectingStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have a public name of the gateway redirect to another one; return its URL."""
    resolve = socket.getaddrinfo

    def resolve_examples(host: Any, *rest: Any, **options: Any) -> Any:
        is_ours = isinstance(host, str) and host.endswith(".example")
        return resolve("127.0.0.1" if is_ours else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_examples)
    there = store.targets[0].url.replace("127.0.0.1", "node7.other.example")
    store.redirect(Redirect.to(there))
    return store.url.replace("127.0.0.1", "s3.store.example")


def test_a_redirect_that_loses_the_query_is_a_problem_of_the_store(
    store: RedirectingStore, probe: Probe
) -> None:
    target = store.targets[0].url
    store.redirect(Redirect(location=lambda received: target + received.path))
    report = probe.ask(store.url, status=1)
    assert by_name(report)["ListObjectsV2"]["outcome"]["reason"] == "other-operation"
    assert "$is_args$args" in report["problems"][0]


def test_an_endpoint_in_the_body_is_shown_and_recognised(
    store: RedirectingStore, probe: Probe
) -> None:
    host = store.targets[0].url.removeprefix("http://")
    body = f"<Error><Code>TemporaryRedirect</Code><Endpoint>{host}</Endpoint></Error>".encode()
    store.redirect(Response(307, (("Content-Type", "application/xml"),), body))
    report = probe.ask(store.url, status=1)  # HEAD has no body, so it says nothing
    assert by_name(report)["ListObjectsV2"]["redirect"]["endpoint_in_body"] == host
    assert by_name(report)["ListObjectsV2"]["outcome"]["status"] == 200
    assert "Dell ECS" in report["dialects"][0]


def test_a_malformed_location_is_a_problem_of_the_store(
    store: RedirectingStore, probe: Probe
) -> None:
    store.redirect(Redirect(location="http://[::1"))
    report = probe.ask(store.url, status=1)
    assert by_name(report)["HeadBucket"]["redirect"]["reason"] == "malformed"


def test_a_target_that_is_not_there_is_a_problem(store: RedirectingStore, probe: Probe) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    store.redirect(Redirect.to(f"http://127.0.0.1:{port}"))
    report = probe.ask(store.url, status=1)
    assert "could not be asked (EndpointConnectionError)" in report["problems"][0]


def test_a_target_that_never_answers_ends_at_the_time_limit(
    store: RedirectingStore, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_TIMES", 1)  # so the limit comes before botocore's own
    store.targets[0].rule = lambda received: None if received.method == "HEAD" else SILENCE
    report = probe.ask(store.url, "--timeout", "1", status=1)
    found = by_name(report)
    assert found["ListObjectsV2"]["outcome"]["code"] == "TimeLimit"
    assert found["HeadBucket"]["outcome"]["status"] == 200
    assert "could not be asked (TimeLimit)" in report["problems"][0]


def test_the_probe_runs_without_boto3(store: RedirectingStore) -> None:
    code = (
        "import sys; sys.modules['boto3'] = None\n"
        "from botocore_redirect.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "probe", "--endpoint-url", store.url, "--bucket", BUCKET],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "With the patch, there is nothing to set." in done.stdout


def test_a_target_that_is_not_trusted_is_named_with_the_policy_that_works(
    store: RedirectingStore, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = stranger(store, monkeypatch)
    report = probe.ask(url, "--write", status=1)
    found = by_name(report)
    assert found["PutObject"]["redirect"]["reason"] == "untrusted"
    assert found["PutObject"]["outcome"]["code"] == "RedirectRefused"
    assert found["GetObject (no such key)"]["redirect"]["goes_on"] == "anonymous"
    assert list(found)[-1] == "PutObject"
    assert report["set_policy"] == "RedirectPolicy(trust=('node7.other.example',))"

    for name, value in report["set_environment"].items():
        monkeypatch.setenv(name, value)
    report = probe.ask(url, "--write")
    assert by_name(report)["DeleteObject"]["redirect"]["trusted"] == "by the policy"
    assert report["policy_in_force"] == "RedirectPolicy(trust=('node7.other.example',))"


def test_a_region_that_botocore_finds_itself_is_left_to_it(
    store: RedirectingStore, probe: Probe
) -> None:
    moved = Response(301)
    here = Response(200, (("x-amz-bucket-region", "eu-west-1"),))

    def rule(received: Received) -> Response | None:
        if received.method == "HEAD" and received.path == f"/{BUCKET}":
            return here
        scope = received.headers.get("Authorization", "")
        return moved if "/us-east-1/" in scope and "list-type" in received.query else None

    store.gateway.rule = rule
    report = probe.ask(store.url)
    found = by_name(report)["ListObjectsV2"]
    assert (found["status"], found["redirect"]["goes_on"]) == (301, "botocore")
    assert (found["outcome"]["status"], report["works"]) == (200, True)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_store_over_tls_is_asked_with_its_authority(backend: str, probe: Probe) -> None:
    with RedirectingStore(backend, tls=True) as store:
        store.inspector.create_bucket("encrypted")
        arguments = (store.url, "--bucket", "encrypted", "--write")
        assert "TLS with https" in probe.refuse(*arguments)
        assert store.ca is not None
        assert probe.run(*arguments, "--ca-bundle", store.ca)[0] == 0
        assert probe.run(*arguments, "--no-verify-ssl")[0] == 0
        assert store.inspector.keys("encrypted") == []


def test_a_folder_of_authorities_is_used(backend: str, probe: Probe, tmp_path: Any) -> None:
    with RedirectingStore(backend, tls=True) as store:
        assert "TLS with https" in probe.refuse(store.url, "--ca-bundle", str(tmp_path))


def test_reads_without_credentials_are_not_signed(store: RedirectingStore, probe: Probe) -> None:
    probe.ask(store.url, "--no-sign-request", "--region", "eu-west-1")
    assert not any("Authorization" in each.headers for each in store.gateway.received)
    probe.ask(store.url, "--region", "eu-west-1")
    assert "/eu-west-1/s3/" in store.gateway.received[-1].headers.get(
        "Authorization", "/eu-west-1/s3/"
    )
