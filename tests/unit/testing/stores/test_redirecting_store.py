"""A redirecting store: its clients, its scripts, TLS, and how it closes."""

from __future__ import annotations

import http.client
import io
import re
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlsplit

import pytest

from botocore_redirect.testing import (
    HANG_UP,
    SILENCE,
    Fault,
    InProcessStore,
    Inspector,
    MotoStore,
    Redirect,
    RedirectingStore,
    moto_s3,
    stubbed_client,
)
from botocore_redirect.testing.stores import clients
from unit.testing.http_requests import ask

boto3 = pytest.importorskip("boto3", reason="these tests need boto3 as a client")
pytest.importorskip("moto", reason="these tests need moto")
pytest.importorskip("flask", reason="these tests need moto with its server")

from botocore.exceptions import ClientError  # noqa: E402 - moto's absence is said first

Follow = Callable[..., Any]


@pytest.fixture
def tls(backend: str) -> Iterator[RedirectingStore]:
    with RedirectingStore(backend, tls=True) as store:
        yield store


def test_a_client_of_the_store_is_not_patched(backend: str, follow: Follow) -> None:
    with RedirectingStore(backend) as store:
        store.relay()
        assert store.client().list_buckets()["Buckets"] == []
        store.redirect()
        store.inspector.create_bucket("not-patched")
        with pytest.raises((ClientError, RecursionError)):
            store.client(retries={"max_attempts": 0}).list_objects_v2(Bucket="not-patched")
        assert store.targets[0].received == []
        follow(store.client()).list_objects_v2(Bucket="not-patched")
        assert len(store.targets[0].received) == 1


def test_a_redirected_put_is_stored_only_when_followed(
    store: RedirectingStore, bucket: str
) -> None:
    target = store.targets[0]
    response, _ = ask(store.gateway, "PUT", f"/{bucket}/k", b"body")
    assert response.headers["Location"] == f"{target.url}/{bucket}/k"
    assert store.inspector.snapshot() == {bucket: {}}
    assert ask(target, "PUT", f"/{bucket}/k", b"body")[0].status == 200
    assert store.inspector.snapshot() == {bucket: {"k": b"body"}}
    assert [seen.redirected for seen in store.gateway.received] == [True]
    store.clear()
    assert store.gateway.received == target.received == []


def test_stock_boto3_works_through_a_relaying_gateway(
    store: RedirectingStore, bucket: str, s3: Any
) -> None:
    store.relay()
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", Metadata={"a": "b"})
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["Metadata"]) == (b"hello", {"a": "b"})
    s3.upload_fileobj(io.BytesIO(b"x" * 1000), bucket, "a/ü b")
    s3.delete_object(Bucket=bucket, Key="k")
    assert store.inspector.snapshot() == {bucket: {"a/ü b": b"x" * 1000}}
    assert not any(seen.redirected for seen in store.gateway.received)
    assert store.targets[0].received == []


def test_each_store_lists_its_own_buckets_alone(
    store: RedirectingStore, bucket: str, s3: Any, backend: str
) -> None:
    store.relay()
    with RedirectingStore(backend) as other:
        assert ask(other.targets[0], "PUT", f"/other-{other.account}")[0].status == 200
        assert other.inspector.buckets() == [f"other-{other.account}"]
        assert store.inspector.buckets() == [bucket]
        assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == [bucket]


@pytest.mark.parametrize("store", [{"redirect": None}], indirect=True)
def test_the_rule_can_be_changed(store: RedirectingStore, bucket: str) -> None:
    def status(method: str) -> int:
        return ask(store.gateway, method, f"/{bucket}")[0].status

    assert status("GET") == 200
    store.redirect()
    assert status("GET") == 307
    store.redirect(lambda seen: Redirect(302) if seen.method == "PUT" else None)
    assert (status("GET"), status("PUT")) == (200, 302)


def test_client_and_resource_take_options_of_a_config(backend: str) -> None:
    with RedirectingStore(backend) as store:
        client = store.client(read_timeout=7, s3={"addressing_style": "path"})
        assert client.meta.config.read_timeout == 7
        assert client.meta.config.s3["addressing_style"] == "path"
        resource = store.resource(read_timeout=8)
        assert resource.meta.client.meta.config.read_timeout == 8
        assert resource.meta.client.meta.endpoint_url == store.url


def test_clients_use_no_proxy_of_the_environment(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with RedirectingStore(backend, redirect=None) as store:
        assert store.client(retries={"max_attempts": 0}).list_buckets()["Buckets"] == []


def test_two_hops_over_tls_are_no_downgrade(tls: RedirectingStore, follow: Follow) -> None:
    tls.targets[0].script(Redirect())
    assert follow(tls.client()).list_buckets()["Buckets"] == []
    assert [each.status for each in tls.targets[0].received] == [307, 200]


def test_unused_steps_are_an_error_that_names_their_server(backend: str) -> None:
    message = r"the gateway has Fault\(.*\), HANG_UP left; targets\[1\] has SILENCE left\."
    with pytest.raises(AssertionError, match=message):
        _leave_steps(RedirectingStore(backend, targets=2))
    with RedirectingStore(backend) as store:
        store.inspector.create_bucket("steps-left")  # it was closed nevertheless


def _leave_steps(making: RedirectingStore) -> None:
    with making as store:
        store.script(Fault(), HANG_UP)
        store.targets[1].script(SILENCE)
        store.inspector.create_bucket("steps-left")


def test_unused_steps_do_not_hide_another_error(backend: str) -> None:
    with pytest.raises(IndexError):
        _leave_steps(RedirectingStore(backend))  # it has no second target


def test_redirect_and_relay_leave_the_script_alone(backend: str) -> None:
    with RedirectingStore(backend) as store:
        store.script(Fault(409, "First"))
        store.relay()
        s3 = store.client(retries={"max_attempts": 0})
        with pytest.raises(ClientError, match="First"):
            s3.list_buckets()
        assert s3.list_buckets()["Buckets"] == []


@pytest.mark.parametrize(
    "use",
    [
        RedirectingStore.client,
        RedirectingStore.resource,
        lambda store: store.script(Fault()),
        RedirectingStore.relay,
        lambda store: store.inspector,
        lambda store: store.targets,
    ],
)
def test_a_store_that_is_not_started_says_how_to_start_it(
    use: Callable[[RedirectingStore], object],
) -> None:
    store = RedirectingStore()
    with pytest.raises(RuntimeError, match="before it is started: use `with RedirectingStore"):
        use(store)
    assert not hasattr(store, "anything_else")


def test_a_value_that_is_not_a_rule_is_refused_before_anything_starts() -> None:
    nonsense: Any = Fault
    for make in (RedirectingStore, InProcessStore):
        with pytest.raises(TypeError, match="write Fault"):
            make(redirect=nonsense)
    with pytest.raises(TypeError, match="write Fault"):
        InProcessStore().redirect(nonsense)


def test_a_store_needs_a_target() -> None:
    with pytest.raises(ValueError, match="targets is 0"):
        RedirectingStore(targets=0)


def test_a_moto_store_has_no_url_before_it_is_started() -> None:
    with pytest.raises(RuntimeError, match="use `with MotoStore"):
        MotoStore().url  # noqa: B018 - to read it is the test


@pytest.mark.parametrize("use", [Inspector.snapshot, Inspector.buckets, Inspector.forget])
def test_the_inspector_of_a_closed_store_is_an_error(
    backend: str, use: Callable[[Inspector], object]
) -> None:
    with RedirectingStore(backend) as closed:
        closed.inspector.fill({f"closed-{closed.account}": {"k": b"1"}})
    with pytest.raises(RuntimeError, match="is closed and its contents are deleted: use"):
        use(closed.inspector)


def test_a_closed_store_frees_the_names_of_its_buckets(backend: str) -> None:
    for _ in range(2):
        with RedirectingStore(backend) as store:
            store.inspector.fill({"the-same-name": {"key": b"x"}})
            assert store.inspector.snapshot() == {"the-same-name": {"key": b"x"}}


# -- TLS -------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")  # of urllib3, of a certificate that is not verified
def test_gateway_and_target_speak_tls(tls: RedirectingStore, follow: Follow) -> None:
    assert {urlsplit(each.url).scheme for each in (tls.gateway, *tls.targets)} == {"https"}
    s3 = follow(tls.client())
    s3.create_bucket(Bucket="over-tls")
    s3.put_object(Bucket="over-tls", Key="k", Body=b"x" * 100_000)
    assert tls.inspector.get("over-tls", "k") == b"x" * 100_000
    assert [each.status for each in tls.targets[0].received] == [200, 200]


def test_without_tls_there_is_no_certificate(backend: str) -> None:
    with RedirectingStore(backend) as store:
        assert (store.ca, urlsplit(store.url).scheme) == (None, "http")


def test_a_closed_store_deletes_its_certificate(backend: str) -> None:
    with RedirectingStore(backend, tls=True) as store:
        assert store.ca is not None
        assert [each.name for each in Path(store.ca).parent.iterdir()] == ["ca.pem"]
    assert not Path(store.ca).parent.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_strict_clients_accept_the_certificate(tls: RedirectingStore, host: str) -> None:
    context = ssl.create_default_context(cafile=tls.ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default of Python 3.13
    port = urlsplit(tls.url).port
    connection = http.client.HTTPSConnection(host, port, context=context, timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().status == 307
    connection.close()


# -- missing packages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("boto3", lambda _: clients.session()),
        ("boto3", lambda _: stubbed_client().__enter__()),
        ("moto", lambda _: moto_s3().__enter__()),
        ("moto", lambda _: InProcessStore().__enter__()),
        ("moto.server", lambda _: MotoStore().__enter__()),
        ("trustme", lambda backend: RedirectingStore(backend, tls=True).__enter__()),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    backend: str, monkeypatch: pytest.MonkeyPatch, module: str, use: Callable[[str], Any]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError) as raised:
        use(backend)
    message = str(raised.value)
    assert f"but import of {module} halted" in message
    assert re.search(rf": pip install '?{module.partition('.')[0]}\b", message)
