"""What a redirecting store gives to the authors of other programs: clients, TLS, an end."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlsplit

import pytest

import botocore_redirect
from botocore_redirect.testing import (
    HANG_UP,
    SILENCE,
    Fault,
    InProcessStore,
    MotoStore,
    Redirect,
    RedirectingStore,
    moto_s3,
    stubbed_client,
)
from botocore_redirect.testing.stores import clients

boto3 = pytest.importorskip("boto3", reason="these tests need boto3 as a client")
pytest.importorskip("moto", reason="these tests need moto")
pytest.importorskip("flask", reason="these tests need moto with its server")

from botocore.exceptions import ClientError, SSLError  # noqa: E402 - moto's absence is said first


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    with MotoStore() as store:
        yield store.url


@pytest.fixture
def tls(backend: str) -> Iterator[RedirectingStore]:
    with RedirectingStore(backend, tls=True) as store:
        yield store


def test_a_client_reads_through_the_gateway_and_is_not_patched(backend: str) -> None:
    with RedirectingStore(backend) as store:
        store.relay()
        assert store.client().list_buckets()["Buckets"] == []
        store.redirect()
        store.inspector.create_bucket("not-patched")
        with pytest.raises((ClientError, RecursionError)):
            store.client(retries={"max_attempts": 0}).list_objects_v2(Bucket="not-patched")
        assert store.targets[0].received == []
        botocore_redirect.follow(store.client()).list_objects_v2(Bucket="not-patched")
        assert len(store.targets[0].received) == 1


def test_client_and_resource_take_options_of_the_configuration(backend: str) -> None:
    with RedirectingStore(backend) as store:
        client = store.client(read_timeout=7, s3={"addressing_style": "path"})
        assert client.meta.config.read_timeout == 7
        assert client.meta.config.s3["addressing_style"] == "path"
        resource = store.resource(read_timeout=8)
        assert resource.meta.client.meta.config.read_timeout == 8
        assert resource.meta.client.meta.endpoint_url == store.url


def test_clients_ask_no_proxy(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with RedirectingStore(backend, redirect=None) as store:
        assert store.client(retries={"max_attempts": 0}).list_buckets()["Buckets"] == []


def test_the_gateway_and_a_target_have_a_script_each(backend: str) -> None:
    with RedirectingStore(backend) as store:
        store.script(Fault())
        store.targets[0].script(Fault(500, "InternalError"))
        s3 = botocore_redirect.follow(store.client(retries={"max_attempts": 3}))
        s3.list_buckets()
        assert [each.status for each in store.gateway.received] == [503, 307, 307]
        assert [each.status for each in store.targets[0].received] == [500, 200]


def test_a_redirect_of_a_target_leads_to_another_target_and_stays_in_the_store(
    backend: str,
) -> None:
    with RedirectingStore(backend, targets=2) as store:
        store.targets[0].script(Redirect())
        botocore_redirect.follow(store.client()).create_bucket(Bucket="two-hops")
        assert [each.status for each in store.gateway.received] == [307]
        assert [[r.status for r in each.received] for each in store.targets] == [[307], [200]]
        assert store.inspector.buckets() == ["two-hops"]


def test_two_hops_over_tls_are_no_downgrade(tls: RedirectingStore) -> None:
    tls.targets[0].script(Redirect())
    assert botocore_redirect.follow(tls.client()).list_buckets()["Buckets"] == []
    assert [each.status for each in tls.targets[0].received] == [307, 200]


def test_steps_that_nobody_took_are_named_with_their_server(backend: str) -> None:
    told = r"the gateway has Fault\(.*\), HANG_UP left; targets\[1\] has SILENCE left\."
    with pytest.raises(AssertionError, match=told):
        _leave_steps(RedirectingStore(backend, targets=2))
    with RedirectingStore(backend) as store:
        store.inspector.create_bucket("steps-left")  # all has ended nevertheless


def _leave_steps(making: RedirectingStore) -> None:
    with making as store:
        store.script(Fault(), HANG_UP)
        store.targets[1].script(SILENCE)
        store.inspector.create_bucket("steps-left")


def test_what_went_wrong_before_is_not_hidden_by_steps_left(backend: str) -> None:
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
def test_a_store_that_was_not_started_says_how(use: Callable[[RedirectingStore], object]) -> None:
    store = RedirectingStore()
    with pytest.raises(RuntimeError, match="before it is started: use `with RedirectingStore"):
        use(store)
    assert not hasattr(store, "anything_else")


def test_what_is_no_rule_is_refused_before_anything_starts() -> None:
    nonsense: Any = Fault
    for make in (RedirectingStore, InProcessStore):
        with pytest.raises(TypeError, match="write Fault"):
            make(redirect=nonsense)
    with pytest.raises(TypeError, match="write Fault"):
        InProcessStore().redirect(nonsense)


def test_the_end_frees_the_names_of_buckets(backend: str) -> None:
    for _ in range(2):
        with RedirectingStore(backend) as store:
            store.inspector.fill({"the-same-name": {"key": b"x"}})
            assert store.inspector.snapshot() == {"the-same-name": {"key": b"x"}}


# -- TLS -------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")  # of urllib3, of a certificate that is not verified
def test_gateway_and_target_speak_tls(tls: RedirectingStore) -> None:
    assert {urlsplit(each.url).scheme for each in (tls.gateway, *tls.targets)} == {"https"}
    s3 = botocore_redirect.follow(tls.client())
    s3.create_bucket(Bucket="over-tls")
    s3.put_object(Bucket="over-tls", Key="k", Body=b"x" * 100_000)
    assert tls.inspector.get("over-tls", "k") == b"x" * 100_000
    assert [each.status for each in tls.targets[0].received] == [200, 200]


def test_nobody_else_trusts_the_certificate(tls: RedirectingStore) -> None:
    s3 = boto3.session.Session().client(
        "s3",
        endpoint_url=tls.url,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=clients.config(retries={"max_attempts": 0}),
    )
    with pytest.raises(SSLError):
        s3.list_buckets()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_strict_clients_accept_the_certificate(tls: RedirectingStore, host: str) -> None:
    context = ssl.create_default_context(cafile=tls.ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default of Python 3.13
    port = urlsplit(tls.url).port
    connection = http.client.HTTPSConnection(host, port, context=context, timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().status == 307
    connection.close()


def test_nothing_of_the_certificate_is_left(backend: str) -> None:
    with RedirectingStore(backend, tls=True) as store:
        assert store.ca is not None
        folder = Path(store.ca).parent
        assert [each.name for each in folder.iterdir()] == ["ca.pem"]
    assert not folder.exists()


def test_without_tls_there_is_no_certificate(backend: str) -> None:
    with RedirectingStore(backend) as store:
        assert (store.ca, urlsplit(store.url).scheme) == (None, "http")


# -- what is missing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("boto3", lambda _: clients.session()),
        ("boto3", lambda _: stubbed_client().__enter__()),
        ("moto", lambda _: moto_s3().__enter__()),
        ("trustme", lambda backend: RedirectingStore(backend, tls=True).__enter__()),
    ],
)
def test_what_is_not_installed_is_named_with_the_command(
    backend: str, monkeypatch: pytest.MonkeyPatch, module: str, use: Callable[[str], Any]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError) as raised:
        use(backend)
    told = str(raised.value)
    assert f"but import of {module} halted" in told
    assert told.endswith("Install it with: pip install 'botocore-redirect[testing]'")


def test_the_fixtures_import_neither_boto_nor_moto_nor_the_patch() -> None:
    script = (
        "import sys, botocore_redirect.testing.fixtures;"
        "sys.exit(any(name in sys.modules for name in"
        "('boto3', 'botocore', 'moto', 'trustme', 'botocore_redirect.hooks.endpoint')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
