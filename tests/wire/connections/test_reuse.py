"""A client keeps its connections to many targets, within limits."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from botocore import UNSIGNED

import botocore_redirect
from botocore_redirect import RedirectPolicy
from botocore_redirect.policy import WORKAROUNDS
from wire.aiobotocore_differences import about_urllib3
from wire.servers.crowd import DESCRIPTORS, STOCK, Crowd, allow_files, ask_each

if TYPE_CHECKING:
    from wire.conftest import Follow, MakeClient

pytest_plugins = ["wire.crowd_fixtures"]
pytestmark = [
    about_urllib3,
    pytest.mark.usefixtures("descriptors", "names"),
]


@pytest.mark.parametrize("crowd", [900], indirect=True)
def test_connections_to_nine_hundred_targets_are_reused_and_bounded(
    crowd: Crowd, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_files(monkeypatch, DESCRIPTORS)
    client = make_client(crowd.url, signature_version=UNSIGNED)
    with botocore_redirect.install():
        for _ in range(2):
            ask_each(client, range(900))
        assert sum(crowd.opened.values()) == 1 + 900
        assert sum(crowd.requests.values()) == 2 * 2 * 900
        crowd.targets = 1100
        ask_each(client, range(900, 1100))
        crowd.settle()
        assert sum(crowd.opened.values()) == 1 + 1100
        assert 900 < sum(crowd.open.values()) <= STOCK + DESCRIPTORS // 4


@pytest.mark.parametrize("used_before", [True, False])
@pytest.mark.parametrize("process_wide", [True, False])
def test_a_client_reuses_its_connections_even_if_it_is_older_than_the_patch(
    crowd: Crowd, make_client: MakeClient, follow: Follow, process_wide: bool, used_before: bool
) -> None:
    client = make_client(crowd.url)
    if used_before:
        crowd.straight = True
        client.head_object(Bucket="bkt", Key="key-0")
        crowd.straight = False
    if process_wide:
        botocore_redirect.install()
    else:
        follow(client)
    for _ in range(3):
        ask_each(client, range(30))
    botocore_redirect.uninstall()
    assert set(crowd.opened.values()) == {1}
    assert len(crowd.opened) == 1 + 30


def test_beyond_the_limit_the_least_recently_used_target_is_closed_at_once(
    crowd: Crowd, make_client: MakeClient, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_files(monkeypatch, 60)
    client = follow(make_client(crowd.url))
    gc.disable()  # connections are closed without the collector
    try:
        for last in range(30):
            ask_each(client, range(last, last + 1))
            crowd.settle()
            assert sum(crowd.open.values()) == min(1 + last + 1, STOCK + 15)
    finally:
        gc.enable()
    ask_each(client, range(7, 30))
    assert set(crowd.opened.values()) == {1}
    ask_each(client, range(1))
    assert crowd.opened["t0.test"] == 2


def test_after_uninstall_a_client_keeps_as_many_connections_as_unpatched(
    crowd: Crowd, make_client: MakeClient
) -> None:
    client = make_client(crowd.url)
    with botocore_redirect.install():
        ask_each(client, range(30))
    crowd.settle()
    assert sum(crowd.open.values()) == STOCK
    assert client._endpoint.http_session._manager.pools._maxsize == STOCK


def test_a_client_without_the_workaround_opens_a_connection_for_each_hop(
    crowd: Crowd, make_client: MakeClient, follow: Follow
) -> None:
    client = follow(make_client(crowd.url), RedirectPolicy(workarounds=WORKAROUNDS - {"pools"}))
    for _ in range(2):
        ask_each(client, range(30))
    assert sum(crowd.opened.values()) == 1 + 2 * 30


def test_a_collected_client_closes_its_connections(crowd: Crowd, make_client: MakeClient) -> None:
    client = make_client(crowd.url)
    with botocore_redirect.install():
        ask_each(client, range(30))
    del client
    gc.collect()  # clients of botocore are reference cycles, patched or not
    crowd.settle()
    assert sum(crowd.open.values()) == 0
