"""Clients of the kit: fake credentials, no configuration of this machine, stubbed responses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect.testing import (
    Gateway,
    InProcessStore,
    RedirectingStore,
    Response,
    moto_s3,
    stubbed_client,
)
from botocore_redirect.testing.stores import clients

boto3 = pytest.importorskip("boto3", reason="these tests need boto3 as a client")
pytest.importorskip("moto", reason="these tests need moto")

EMPTY = Response(200, body=b"<ListAllMyBucketsResult/>")


def test_an_asynchronous_client_says_that_it_needs_aiobotocore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aiobotocore", None)
    with pytest.raises(ImportError, match=r"needs aiobotocore, .*: pip install aiobotocore$"):
        clients.aio_client({})


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure a real store, in the environment and in files, as a developer may have it."""
    profile = "region = eu-north-1\nretry_mode = adaptive\nendpoint_url = http://127.0.0.1:1\n"
    (tmp_path / ".aws").mkdir()
    for name in ("config", "credentials"):
        (tmp_path / ".aws" / name).write_text(f"[default]\n{profile}[profile work]\n{profile}")
    for name, value in (
        ("HOME", str(tmp_path)),
        ("USERPROFILE", str(tmp_path)),
        ("AWS_CONFIG_FILE", str(tmp_path / ".aws" / "config")),
        ("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / ".aws" / "credentials")),
        ("AWS_PROFILE", "work-sso"),
        ("AWS_ACCESS_KEY_ID", "real"),
        ("AWS_SECRET_ACCESS_KEY", "real"),
        ("AWS_SESSION_TOKEN", "real"),
        ("AWS_DEFAULT_REGION", "eu-north-1"),
        ("AWS_MAX_ATTEMPTS", "9"),
        ("AWS_CA_BUNDLE", "/nowhere"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"),
    ):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("profile", ["work-sso", None])
def test_clients_have_fake_credentials_and_no_configuration_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, profile: str | None
) -> None:
    if profile is None:
        monkeypatch.delenv("AWS_PROFILE")
    credentials = clients.session().get_credentials()
    assert (credentials.access_key, credentials.secret_key) == ("testing", "testing")
    assert credentials.token is None
    client = clients.session().client("s3")
    assert client.meta.region_name == "us-east-1"
    assert client.meta.endpoint_url.endswith("amazonaws.com")
    assert "adaptive" not in str(client.meta.config.retries)
    assert "9" not in str(client.meta.config.retries)


@pytest.mark.usefixtures("configured")
def test_every_kind_of_client_ignores_a_missing_profile() -> None:
    with Gateway("http://127.0.0.1:1", rule=EMPTY) as store:
        with RedirectingStore(store.url, redirect=None) as redirecting:
            assert redirecting.client().list_buckets().get("Buckets", []) == []
            assert redirecting.gateway.received
        with stubbed_client("sqs") as (sqs, _):
            assert sqs.meta.region_name == "us-east-1"
        with InProcessStore() as in_process:
            assert in_process.snapshot() == {}


def test_clients_inside_the_mock_do_not_use_a_configured_endpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Gateway("http://127.0.0.1:1", rule=EMPTY) as real:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", real.url)
        monkeypatch.setenv("AWS_PROFILE", "work-sso")
        with moto_s3() as s3:
            s3.create_bucket(Bucket="mocked")
            boto3.session.Session().client("s3").put_object(Bucket="mocked", Key="k", Body=b"x")
            assert s3.list_objects_v2(Bucket="mocked")["KeyCount"] == 1
        assert real.received == []


def test_a_mock_inside_another_is_an_error() -> None:
    with moto_s3() as s3:
        s3.create_bucket(Bucket="of-the-outer")
        with pytest.raises(RuntimeError, match="another mock of moto is on"):
            moto_s3().__enter__()


@pytest.mark.parametrize("mock", [moto_s3, InProcessStore])
def test_a_mock_that_would_empty_a_store_of_this_process_is_an_error(mock: Any) -> None:
    pytest.importorskip("flask", reason="the store needs moto with its server")
    with RedirectingStore() as store:
        store.inspector.fill({"kept": {"a": b"1"}})
        with pytest.raises(
            RuntimeError, match=f"a store is on here, at {store.inspector.url}. Run"
        ):
            mock().__enter__()
        assert store.inspector.snapshot() == {"kept": {"a": b"1"}}
    with moto_s3() as s3:
        assert s3.list_buckets()["Buckets"] == []


UNUSED = r"client of sqs was not asked for ListQueues, PurgeQueue: .* \(2 responses remaining"


def test_an_unused_response_is_an_error_that_names_its_operation() -> None:
    with pytest.raises(AssertionError, match=UNUSED), stubbed_client("sqs") as (_, stub):
        _stub_two(stub)


def test_unused_responses_do_not_hide_another_error() -> None:
    with pytest.raises(KeyError), stubbed_client() as (_, stub):
        _fail_with_an_unused_response(stub)


def _stub_two(stub: Any) -> None:
    stub.add_response("list_queues", {})
    stub.add_client_error("purge_queue")


def _fail_with_an_unused_response(stub: Any) -> None:
    stub.add_response("list_buckets", {})
    raise KeyError
