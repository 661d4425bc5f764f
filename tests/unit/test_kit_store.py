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
    Fault,
    InProcessStore,
    MotoStore,
    RedirectingStore,
    clients,
    moto_s3,
    stubbed_client,
)

boto3 = pytest.importorskip("boto3", reason="these tests need boto3 as a client")
pytest.importorskip("moto", reason="these tests need moto")
pytest.importorskip("flask", reason="these tests need moto with its server")

from botocore.exceptions import ClientError, ConnectionClosedError, SSLError  # noqa: E402


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
        store.peek.create_bucket("not-patched")
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


def test_the_end_frees_the_names_of_buckets(backend: str) -> None:
    for _ in range(2):
        with RedirectingStore(backend) as store:
            store.peek.fill({"the-same-name": {"key": b"x"}})
            assert store.peek.snapshot() == {"the-same-name": {"key": b"x"}}


# -- TLS -------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")  # of urllib3, of a certificate that is not verified
def test_gateway_and_target_speak_tls(tls: RedirectingStore) -> None:
    assert {urlsplit(each.url).scheme for each in (tls.gateway, *tls.targets)} == {"https"}
    s3 = botocore_redirect.follow(tls.client())
    s3.create_bucket(Bucket="over-tls")
    s3.put_object(Bucket="over-tls", Key="k", Body=b"x" * 100_000)
    assert tls.peek.get("over-tls", "k") == b"x" * 100_000
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
        assert {each.name for each in folder.iterdir()} == {"ca.pem", "server.pem"}
    assert not folder.exists()


def test_without_tls_there_is_no_certificate(backend: str) -> None:
    with RedirectingStore(backend) as store:
        assert (store.ca, urlsplit(store.url).scheme) == (None, "http")


# -- the other clients -----------------------------------------------------------------------------


def test_a_stubbed_client_answers_as_written() -> None:
    with stubbed_client("sqs", region_name="eu-west-1") as (sqs, stub):
        assert sqs.meta.region_name == "eu-west-1"
        stub.add_response("list_queues", {"QueueUrls": ["u"]}, {"QueueNamePrefix": "a"})
        assert sqs.list_queues(QueueNamePrefix="a")["QueueUrls"] == ["u"]


def test_an_answer_that_was_not_asked_for_is_an_error() -> None:
    with pytest.raises(AssertionError, match="1 responses remaining"), stubbed_client() as s3_stub:
        s3_stub[1].add_response("list_buckets", {})


def test_what_went_wrong_before_is_not_hidden_by_answers_left() -> None:
    with pytest.raises(KeyError), stubbed_client() as (_, stub):
        _fail_with_an_answer_left(stub)


def _fail_with_an_answer_left(stub: Any) -> None:
    stub.add_response("list_buckets", {})
    raise KeyError


def test_the_mock_begins_empty_and_reaches_clients_made_inside() -> None:
    for _ in range(2):
        with moto_s3() as s3:
            assert s3.list_buckets()["Buckets"] == []
            s3.create_bucket(Bucket="mocked")
            theirs = boto3.session.Session().client("s3", region_name="us-east-1")
            assert [each["Name"] for each in theirs.list_buckets()["Buckets"]] == ["mocked"]


def test_a_store_in_process_knows_faults() -> None:
    with InProcessStore() as store:
        s3: Any = clients.session().client(
            "s3", endpoint_url=store.url, config=clients.config(retries={"max_attempts": 0})
        )
        store.attach(s3)
        store.redirect(Fault(409, "Strange"))
        with pytest.raises(ClientError, match="Strange"):
            s3.list_buckets()
        store.redirect(HANG_UP)
        with pytest.raises(ConnectionClosedError):
            s3.list_buckets()
        assert [(r.status, r.redirected) for r in store.gateway_received] == [
            (409, False),
            (0, False),
        ]


# -- what is missing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("boto3", lambda _: clients.session()),
        ("boto3", lambda _: stubbed_client().__enter__()),
        ("moto", lambda _: moto_s3().__enter__()),
        ("cryptography", lambda backend: RedirectingStore(backend, tls=True).__enter__()),
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
        "('boto3', 'botocore', 'moto', 'cryptography', 'botocore_redirect.hook')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
