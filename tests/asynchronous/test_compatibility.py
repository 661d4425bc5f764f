"""An aiobotocore that is built in another way is refused, with what is unknown of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aiobotocore.endpoint import AioEndpoint
from aiobotocore.httpsession import AIOHTTPSession

from botocore_redirect import UnsupportedBotocore
from botocore_redirect.aio import compatibility

if TYPE_CHECKING:
    from collections.abc import Iterator

Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def _looked_at_anew() -> Iterator[None]:
    compatibility._differences.cache_clear()
    yield
    compatibility._differences.cache_clear()


def of_aiobotocore(source: str, like: Any) -> Any:
    """Return a function that looks as if it stood in the file of another."""
    found: dict[str, Any] = {}
    exec(compile(source, like.__code__.co_filename, "exec"), found)
    return found["changed"]


def test_the_installed_one_is_known() -> None:
    compatibility.check()
    assert compatibility.is_usable()


@pytest.mark.parametrize(
    ("name", "source", "unknown"),
    [
        ("create_request", "async def changed(self): pass", "create_request takes ('self',)"),
        (
            "_get_response",
            "async def changed(self, request, operation_model, context): pass",
            "_get_response does not use _do_get_response, emit",
        ),
        ("_send_request", None, "_send_request is not a function"),
    ],
)
def test_a_changed_method_is_named(
    monkeypatch: Patch, name: str, source: str | None, unknown: str
) -> None:
    like = vars(AioEndpoint)["_get_response"]
    monkeypatch.setattr(AioEndpoint, name, of_aiobotocore(source, like) if source else 5)
    with pytest.raises(UnsupportedBotocore, match=re.escape(unknown)):
        compatibility.check()
    assert not compatibility.is_usable()


def test_a_method_that_another_library_wraps_is_taken_as_it_is(monkeypatch: Patch) -> None:
    async def other(*_: Any) -> None: ...

    monkeypatch.setattr(AioEndpoint, "create_request", other)
    monkeypatch.setattr(AIOHTTPSession, "send", other)
    compatibility.check()


def test_a_session_that_gets_its_client_in_another_way_is_refused(monkeypatch: Patch) -> None:
    changed = of_aiobotocore("async def changed(self, request): pass", AIOHTTPSession.send)
    monkeypatch.setattr(AIOHTTPSession, "send", changed)
    with pytest.raises(UnsupportedBotocore, match=r"AIOHTTPSession\.send gets its client"):
        compatibility.check()
