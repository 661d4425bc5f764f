"""boto3 with awscrt installed, asked for CRT transfers: only AWS's own endpoints get them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from crt.transfers import CONTENT

if TYPE_CHECKING:
    from botocore_redirect.testing import RedirectingStore

CRT, CLASSIC = "s3transfer.crt", "s3transfer.manager"
Run = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("order", ["boto3, then install", "install, then boto3"])
def test_while_installed_only_aws_keeps_crt(run: Run, store: RedirectingStore, order: str) -> None:
    found = run(order, "own", "own", "AWS", "AWS dualstack")
    (line,) = found.pop("log")
    assert line.startswith(f"WARNING transfers of boto3 with {store.url} use the classic client")
    assert found == {"own": CLASSIC, "AWS": CRT, "AWS dualstack": CRT}


def test_with_follow_that_client_alone_does_without_crt(run: Run) -> None:
    found = run("follow", "own", "another client", "AWS")
    assert (found["own"], found["another client"], found["AWS"]) == (CLASSIC, CRT, CRT)


@pytest.mark.parametrize("patch", ["none", "uninstall"])
def test_boto3_alone_takes_crt_for_every_endpoint(run: Run, patch: str) -> None:
    assert run(patch, "own", "AWS") == {"own": CRT, "AWS": CRT, "log": []}


@pytest.mark.parametrize("patch", ["boto3, then install", "follow"])
def test_transfers_follow_redirects(run: Run, store: RedirectingStore, patch: str) -> None:
    assert run(patch, "transfer")["transfer"] == hashlib.sha256(CONTENT).hexdigest()
    assert store.inspector.snapshot() == {"data": {"large": CONTENT}}
    assert all(received.redirected for received in store.gateway.received)
    assert len(store.gateway.received) == sum(len(each.received) for each in store.targets)
