"""Which transfers boto3 gets, with a stand-in for those of awscrt; tests/crt has the real ones."""

from __future__ import annotations

import functools
import importlib
import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from boto3.s3 import transfer
from boto3.s3.transfer import TransferConfig
from botocore import compat

import botocore_redirect
from botocore_redirect import RedirectPolicy, after_import
from botocore_redirect.aio import loading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unit.conftest import Follow

CREATE = "create_crt_transfer_manager"
ASKED = TransferConfig(preferred_transfer_client="crt")
NAME = "boto3_that_is_waited_for"


def create_crt(client: Any, config: Any) -> str:
    """What boto3 has if awscrt is installed."""
    assert isinstance(config, TransferConfig)
    return f"CRT for {client.meta.endpoint_url}"


@pytest.fixture(autouse=True)
def _awscrt(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(compat, "HAS_CRT", True)
    monkeypatch.setattr(transfer, CREATE, create_crt, raising=False)
    yield
    botocore_redirect.uninstall()
    assert getattr(transfer, CREATE, create_crt) is create_crt


@pytest.fixture
def own(session: Any) -> Any:
    return session.client("s3", endpoint_url="http://store.test:9000")


def choose(client: Any, config: TransferConfig = ASKED) -> Any:
    return getattr(transfer, CREATE)(client, config)


def test_a_store_that_is_not_awss_gets_the_classic_transfers_while_installed(own: Any) -> None:
    with botocore_redirect.install():
        assert choose(own) is None
    assert choose(own) == "CRT for http://store.test:9000"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"region_name": "us-gov-west-1"},
        {"region_name": "cn-north-1"},
        {"endpoint_url": "https://bucket.vpce-1a2b3c-4d.s3.us-east-1.vpce.amazonaws.com"},
    ],
)
def test_awss_own_endpoints_keep_theirs(session: Any, options: dict[str, str]) -> None:
    client = session.client("s3", **options)
    with botocore_redirect.install():
        assert choose(client) == f"CRT for {client.meta.endpoint_url}"


def test_a_client_that_follows_is_alone_in_that(session: Any, own: Any, follow: Follow) -> None:
    other = session.client("s3", endpoint_url="http://store.test:9000")
    follow(own)
    assert choose(own) is None
    assert choose(other) == "CRT for http://store.test:9000"
    botocore_redirect.unfollow(own)
    assert choose(own) == "CRT for http://store.test:9000"


def test_a_policy_without_s3_leaves_transfers_alone(own: Any) -> None:
    with botocore_redirect.install(RedirectPolicy(services=frozenset({"sqs"}))):
        assert choose(own) == "CRT for http://store.test:9000"


def test_a_wrapper_of_somebody_else_stays_and_ours_below_it_does_nothing(
    own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    botocore_redirect.install()
    ours = getattr(transfer, CREATE)
    monkeypatch.setattr(transfer, CREATE, functools.partial(ours))
    assert choose(own) is None
    botocore_redirect.uninstall()
    assert choose(own) == "CRT for http://store.test:9000"
    monkeypatch.setattr(transfer, CREATE, create_crt)


@pytest.mark.parametrize(
    ("preferred", "level"), [("crt", logging.WARNING), ("CRT", logging.WARNING), ("auto", 20)]
)
def test_it_is_logged_once_for_each_endpoint(
    session: Any, own: Any, caplog: pytest.LogCaptureFixture, preferred: str, level: int
) -> None:
    other = session.client("s3", endpoint_url="http://other.test")
    config = TransferConfig(preferred_transfer_client=preferred)
    with caplog.at_level(logging.INFO), botocore_redirect.install():
        for client in (own, own, other):
            choose(client, config)
    assert [each.levelno for each in caplog.records] == [level, level]
    for record, url in zip(caplog.records, ("http://store.test:9000", "http://other.test")):
        assert f"boto3 with {url} use the classic client" in record.getMessage()


def test_a_boto3_without_these_transfers_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(transfer, CREATE)
    with botocore_redirect.install():
        assert not hasattr(transfer, CREATE)


def test_without_awscrt_nothing_is_replaced_and_nothing_waits(
    own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compat, "HAS_CRT", False)
    monkeypatch.setattr(loading, "BOTO3", NAME)
    with botocore_redirect.install():
        assert choose(own) == "CRT for http://store.test:9000"
        assert NAME not in _waited_for()


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A boto3 that was not imported."""
    monkeypatch.setattr(loading, "BOTO3", NAME)
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / f"{NAME}.py"
    file.write_text(f"def {CREATE}(client, config):\n    return 'CRT'\n", "utf-8")
    yield file
    sys.modules.pop(NAME, None)
    after_import._loaded.discard(NAME)


def _waited_for() -> set[str]:
    return {getattr(each, "waits_for", "") for each in sys.meta_path}


def _import_later() -> ModuleType:
    return importlib.import_module(NAME)


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("start", ["install", "follow"])
def test_boto3_may_be_imported_afterwards(own: Any, follow: Follow, start: str) -> None:
    if start == "install":
        botocore_redirect.install()
    else:
        follow(own)
    create = getattr(_import_later(), CREATE)
    assert create(own, ASKED) is None
    botocore_redirect.uninstall()
    botocore_redirect.unfollow(own)
    assert create(own, ASKED) == "CRT"
    assert getattr(sys.modules[NAME], CREATE)(own, ASKED) == "CRT"


@pytest.mark.usefixtures("later")
def test_it_is_not_waited_for_after_uninstall(own: Any) -> None:
    with botocore_redirect.install():
        assert NAME in _waited_for()
    assert NAME not in _waited_for()
    assert getattr(_import_later(), CREATE)(own, ASKED) == "CRT"


def test_another_thread_may_be_importing_it(
    own: Any, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    monkeypatch.setattr(threading, "importing", (begun, may_end), raising=False)
    waits = "import threading\nthreading.importing[0].set()\nthreading.importing[1].wait(60)\n"
    later.write_text(waits + later.read_text("utf-8"), "utf-8")

    def wait_for_it(name: str) -> ModuleType:
        may_end.set()
        return importlib.import_module(name)

    monkeypatch.setattr(loading, "importlib", SimpleNamespace(import_module=wait_for_it))
    with ThreadPoolExecutor(1) as pool:
        imported = pool.submit(_import_later)
        assert begun.wait(60)
        botocore_redirect.install()
        assert getattr(imported.result(60), CREATE)(own, ASKED) is None
