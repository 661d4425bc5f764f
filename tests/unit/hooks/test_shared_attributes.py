"""SharedAttributes replacements last as long as a patch uses them, whatever interrupts what."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSHTTPConnection

import botocore_redirect
from botocore_redirect.aio import compatibility, loading
from botocore_redirect.hooks import shared_attributes as module
from botocore_redirect.hooks.attributes import Replaced
from botocore_redirect.hooks.shared_attributes import SharedAttributes, shared_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = 60


class Owner:
    """A stand-in for botocore."""

    value = "stock"


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedAttributes]:
    """The users of one attribute."""
    replaced = {"botocore": [(Owner, "value", "replaced")]}
    monkeypatch.setattr(module, "_replacements", lambda library: replaced.get(library, []))
    yield SharedAttributes()
    Owner.value = "stock"


def test_an_attribute_is_replaced_while_there_are_users(users: SharedAttributes) -> None:
    seen = []
    for change in (users.add_user, users.remove_user):
        for user in ("one", "two"):
            change(user)
            seen.append(Owner.value)
    assert seen == ["replaced", "replaced", "replaced", "stock"]


def test_a_user_may_come_while_another_is_added(
    users: SharedAttributes, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def interrupted(*replacement: Any) -> Replaced:
        users.add_user("second")
        made.append(Replaced(*replacement))
        return made[-1]

    monkeypatch.setattr(module, "Replaced", interrupted)
    users.add_user("first")
    assert (Owner.value, len(made)) == ("replaced", 1)
    users.remove_user("first")
    users.remove_user("second")
    assert Owner.value == "stock"


@pytest.mark.parametrize(("is_usable", "is_loaded"), [(True, True), (True, False), (False, True)])
def test_the_attribute_of_s3fs_is_replaced_once_it_and_aiobotocore_are_imported(
    users: SharedAttributes, monkeypatch: pytest.MonkeyPatch, is_usable: bool, is_loaded: bool
) -> None:
    of_s3fs = {"s3fs": [(Owner, "value", "of s3fs")]}
    monkeypatch.setattr(module, "_replacements", lambda library: of_s3fs.get(library, []))
    monkeypatch.setattr(compatibility, "is_usable", lambda: is_usable)
    monkeypatch.setattr(loading, "is_loaded", lambda _: is_loaded)
    users.add_user("one")
    assert (Owner.value == "of s3fs") is (is_usable and is_loaded)
    users.remove_user("one")
    assert Owner.value == "stock"


@pytest.mark.parametrize("first", [[], ["first"]])
def test_a_user_may_end_while_another_is_added(
    users: SharedAttributes, monkeypatch: pytest.MonkeyPatch, first: list[str]
) -> None:
    for user in first:
        users.add_user(user)

    def interrupted(*replacement: Any) -> Replaced:
        made = Replaced(*replacement)
        users.remove_user("second")
        return made

    monkeypatch.setattr(module, "Replaced", interrupted)
    users.add_user("second")
    if first:
        users.remove_user("second")
    assert Owner.value == ("replaced" if first else "stock")


def test_a_user_may_come_while_the_last_one_ends(
    users: SharedAttributes, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.add_user("first")
    restore = users.restore

    def interrupted(replaced: list[Replaced]) -> None:
        users.add_user("second")
        restore(replaced)

    monkeypatch.setattr(users, "restore", interrupted)
    users.remove_user("first")
    assert Owner.value == "replaced"


def test_a_user_may_end_while_another_thread_makes_a_change(
    users: SharedAttributes,
) -> None:
    users.add_user("first")
    with users.changing():
        other = threading.Thread(target=users.remove_user, args=("first",))
        other.start()
        other.join(WAIT)
        assert not other.is_alive()
        assert Owner.value == "replaced"
    assert Owner.value == "stock"


def test_a_client_that_is_collected_during_a_change_is_no_longer_a_user(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(vars(AWSHTTPConnection))

    def collecting(*replacement: Any) -> Replaced:
        gc.collect()
        return Replaced(*replacement)

    monkeypatch.setattr(module, "Replaced", collecting)
    for _ in range(3):
        client = botocore_redirect.follow(session.client("s3"))
        del client
    gc.collect()
    assert dict(vars(AWSHTTPConnection)) == before


def test_many_threads_lose_no_user(session: Any) -> None:
    before = dict(vars(AWSHTTPConnection))
    clients = [session.client("s3") for _ in range(8)]

    def change(client: Any) -> None:
        for _ in range(50):
            botocore_redirect.follow(client)
            assert "getresponse" in vars(AWSHTTPConnection)
            botocore_redirect.install()
            botocore_redirect.unfollow(client)
            botocore_redirect.uninstall()
            dropped = botocore_redirect.follow(_Copy(client))
            del dropped

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(change, clients, timeout=WAIT))
    gc.collect()
    assert dict(vars(AWSHTTPConnection)) == before


class _Copy:
    """A cheap client: an endpoint, and the metadata that the patch reads."""

    def __init__(self, client: Any) -> None:
        self.meta = client.meta
        self._endpoint = object.__new__(type(client._endpoint))


def test_a_wrapped_replacement_is_logged_after_the_lock_is_released(
    users: SharedAttributes, monkeypatch: pytest.MonkeyPatch
) -> None:
    free: list[bool] = []

    def warn(*_: object) -> None:
        with ThreadPoolExecutor(1) as pool:
            free.append(pool.submit(users._lock.acquire, blocking=False).result(WAIT))

    monkeypatch.setattr(module._logger, "warning", warn)
    users.add_user("one")
    monkeypatch.setattr(Owner, "value", "wrapped")
    with users.changing():
        users._users.clear()
    assert free == [True]


def test_a_fork_during_a_change_leaves_the_lock_to_its_holder() -> None:
    with shared_attributes.changing():
        shared_attributes.lock_for_fork()
        shared_attributes.unlock_after_fork()
        with ThreadPoolExecutor(1) as pool:
            assert not pool.submit(shared_attributes._lock.acquire, blocking=False).result(WAIT)


def test_two_threads_that_warn_at_once_log_each_warning_once(
    users: SharedAttributes, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = []

    def warn(_: str, name: str) -> None:
        logged.append(name)
        users._warn()  # as another thread would

    monkeypatch.setattr(module._logger, "warning", warn)
    users._not_restored.extend(["one", "two", "three"])
    users._warn()
    assert logged == ["one", "two", "three"]
