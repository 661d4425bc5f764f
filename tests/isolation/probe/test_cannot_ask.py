"""Where the probe cannot ask, it says why in one sentence."""

from __future__ import annotations

import socket
import sys

import pytest

from botocore_redirect import UnsupportedBotocore, __main__, hooks
from botocore_redirect.commands.probe import run
from botocore_redirect.testing import (
    RedirectingStore,
)
from isolation.probe.asking import BUCKET, Captured, Probe, denies
from wire.servers.raw import RawServer

pytest.importorskip("moto.server", reason="these tests need moto with its server")


NO_URL = "is not the URL of a store"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://store",
        "store:9000",
        "http://",
        "http://[::1",
        "http://h:0",
        "http://h:x",
        "http://h?a",
    ]
    + ["http://h#a", "http://user@h"],
)
def test_what_is_no_url_of_a_store_is_refused(probe: Probe, url: str) -> None:
    assert NO_URL in probe.refuse(url)


def test_a_store_that_is_not_there_is_named(probe: Probe) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert f"{url} cannot be asked: " in probe.refuse(url)


def test_a_server_of_something_else_is_named(probe: Probe) -> None:
    with RawServer(b"SSH-2.0-OpenSSH_9\r\n\r\n") as server:
        assert "cannot be asked: SSH-2.0-OpenSSH_9" in probe.refuse(server.url)


def test_a_store_that_accepts_and_is_silent_ends_at_the_time_limit(probe: Probe) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert "took too long: timed out. --timeout allows" in probe.refuse(url, "--timeout", "0.2")


def test_a_call_that_ends_nowhere_ends_at_its_limit(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_TIMES", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert "ListBuckets did not end within 0.2 s" in probe.refuse(url, "--timeout", "20")


@pytest.mark.parametrize("bucket", ["missing-bucket", "no/bucket"])
def test_a_bucket_that_does_not_exist_is_named(
    store: RedirectingStore, probe: Probe, bucket: str
) -> None:
    assert bucket in probe.refuse(store.url, "--bucket", bucket)


def test_a_bucket_that_may_not_be_read_is_named(store: RedirectingStore, probe: Probe) -> None:
    store.gateway.rule = denies("HEAD")
    said = probe.refuse(store.url, "--bucket", BUCKET)
    assert "answered HeadBucket with 403 Forbidden. Is 'data' the name" in said


def test_a_list_of_buckets_that_may_not_be_read_asks_for_a_bucket(
    store: RedirectingStore, probe: Probe
) -> None:
    store.gateway.rule = denies("GET")
    said = probe.refuse(store.url)
    assert "answered ListBuckets with 403 AccessDenied no. Name a bucket with --bucket" in said


def test_an_unknown_profile_is_named(store: RedirectingStore, probe: Probe) -> None:
    assert "profile (nobody) could not be found" in probe.refuse(store.url, "--profile", "nobody")


def test_a_botocore_that_the_patch_does_not_know_is_named(
    store: RedirectingStore, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> None:
        raise UnsupportedBotocore("unknown here")

    monkeypatch.setattr(hooks.compatibility, "check", unknown)
    assert "cannot ask: unknown here" in probe.refuse(store.url)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BOTOCORE_REDIRECT", "off", "unset it"),
        ("BOTOCORE_REDIRECT", "x", "neither 'on' nor 'off'"),
        ("BOTOCORE_REDIRECT_TRUST", "http://", "can match no host"),
        ("http_proxy", "http://proxy:3128", "set NO_PROXY=store.example"),
    ],
)
def test_an_environment_in_which_it_cannot_ask_is_named(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv(name, value)
    assert words in probe.refuse("http://store.example")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--write"], "--bucket"), (["--ca-bundle", "/no/such/file"], "does not exist")],
)
def test_arguments_that_do_not_go_together_are_refused(
    probe: Probe, arguments: list[str], words: str
) -> None:
    assert words in probe.refuse("http://store.example", *arguments)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "x", "3601"])
def test_a_timeout_that_is_none_is_a_usage_error(capsys: Captured, seconds: str) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(["probe", "--endpoint-url", "http://h", "--timeout", seconds])
    assert ended.value.code == 2
    assert "is not a number of seconds" in capsys.readouterr().err


def test_without_botocore_the_probe_says_so(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore_redirect.commands.probe", None)
    assert "needs botocore" in probe.refuse("http://store.example")


def test_missing_credentials_are_named(
    store: RedirectingStore, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert "There are no credentials: set AWS_ACCESS_KEY_ID" in probe.refuse(store.url)
