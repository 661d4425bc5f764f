"""What the plugin of the AWS CLI does when it is loaded (tests/cli runs it in the AWS CLI)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore import endpoint
from botocore.hooks import HierarchicalEmitter

import botocore_redirect
from botocore_redirect import UnsupportedBotocore, lifecycle
from botocore_redirect.awscli import awscli_initialize

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def events() -> Iterator[HierarchicalEmitter]:
    yield HierarchicalEmitter()
    botocore_redirect.uninstall()


def test_the_plugin_installs_the_patch_with_the_policy_of_the_environment(
    events: HierarchicalEmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTOCORE_REDIRECT_MAX_HOPS", "3")
    awscli_initialize(events)
    assert botocore_redirect.is_installed()
    assert lifecycle.install().policy.max_hops == 3
    assert events.emit("session-initialized", session=None) == []


def test_the_kill_switch_keeps_it_from_doing_so(
    events: HierarchicalEmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTOCORE_REDIRECT", "off")
    monkeypatch.setenv("BOTOCORE_REDIRECT_MAX_HOPS", "many")
    awscli_initialize(events)
    assert not botocore_redirect.is_installed()
    assert events.emit("session-initialized", session=None) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOTOCORE_REDIRECT", "of"),
        ("BOTOCORE_REDIRECT_TRUST", "http://store"),
        ("BOTOCORE_REDIRECT_MAX_HOPS", "many"),
        ("BOTOCORE_REDIRECT_REWRITES", "maybe"),
    ],
)
def test_an_environment_that_makes_no_sense_is_the_error_of_the_command(
    events: HierarchicalEmitter, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    awscli_initialize(events)
    assert not botocore_redirect.is_installed()
    with pytest.raises(ValueError, match=f"botocore-redirect: {name}"):
        events.emit("session-initialized", session=None)


def test_so_is_a_botocore_that_is_not_known(
    events: HierarchicalEmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "create_request_object", None)
    awscli_initialize(events)
    with pytest.raises(UnsupportedBotocore, match=r"^botocore-redirect: botocore .* nothing was"):
        events.emit("session-initialized", session=None)
