"""What patches share is there as long as one of them is, whoever interrupts whom."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSHTTPConnection

import botocore_redirect
from botocore_redirect.hooks import shared_attributes as module
from botocore_redirect.hooks.attributes import Replaced
from botocore_redirect.hooks.shared_attributes import SharedAttributes, shared_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = 60


class Owner:
    """Stands in for botocore."""

    value = "stock"


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedAttributes]:
    """The users of one attribute."""
    monkeypatch.setattr(module, "_replacements", lambda: [(Owner, "value", "replaced")])
    yield SharedAttributes()
    Owner.value = "stock"


def test_an_attribute_is_replaced_while_there_are_users(users: SharedAttributes) -> None:
    seen = []
    for change in (users.add_user, users.remove_user):
        for user in ("one", "two"):
            change(user)
            seen.append(Owner.value)
    assert seen == ["replaced", "replaced", "replaced", "stock"]


@pytest.mark.parametrize("first", [[], ["first"]])
def test_a_user_that_ends_where_another_is_being_added_is_not_lost(
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


def test_a_user_that_comes_where_the_last_one_goes_is_not_lost(
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


def test_a_user_that_ends_while_another_thread_changes_something_is_not_lost(
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


def test_a_client_that_the_collector_finds_in_the_middle_of_a_change_counts_no_more(
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
    """A client that costs nothing: it has an endpoint, and what else is looked at."""

    def __init__(self, client: Any) -> None:
        self.meta = client.meta
        self._endpoint = object.__new__(type(client._endpoint))


def test_what_another_library_wrapped_is_named_after_the_lock_is_free(
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


FORKS = """
import os, sys, threading, time
import boto3, botocore_redirect
from botocore_redirect import RedirectPolicy

make = lambda: boto3.client("s3", region_name="us-east-1", aws_access_key_id="user",
                            aws_secret_access_key="secret")
clients = [make() for _ in range(4)]
over = threading.Event()
botocore_redirect.uninstall()  # a fork in the middle of an import is Python's own affair

def change(client):
    while not over.is_set():
        botocore_redirect.install()
        botocore_redirect.follow(client)
        botocore_redirect.install(RedirectPolicy(max_hops=2))
        botocore_redirect.unfollow(client)
        botocore_redirect.uninstall()

def child():
    botocore_redirect.install()
    assert botocore_redirect.is_installed()
    for client in clients:
        botocore_redirect.unfollow(botocore_redirect.follow(client))
    botocore_redirect.uninstall()
    assert not botocore_redirect.is_installed()
    from botocore.awsrequest import AWSHTTPConnection
    assert "getresponse" not in vars(AWSHTTPConnection)

threads = [threading.Thread(target=change, args=(client,), daemon=True) for client in clients]
for thread in threads:
    thread.start()
hung = failed = 0
for _ in range(60):
    process = os.fork()
    if not process:
        status = 1
        try:
            child()
            status = 0
        finally:
            os._exit(status)
    until = time.monotonic() + 20
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            failed += bool(status)
            break
        if time.monotonic() > until:
            hung += 1
            os.kill(process, 9)
            os.waitpid(process, 0)
            break
        time.sleep(0.005)
over.set()
print(hung, failed)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_no_child_of_a_fork_finds_the_lock_taken() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS],
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=WAIT * 5,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("0 0\n", "")


def test_a_fork_in_the_middle_of_a_change_leaves_the_lock_to_who_has_it() -> None:
    with shared_attributes.changing():
        shared_attributes.lock_for_fork()
        shared_attributes.unlock_after_fork()
        with ThreadPoolExecutor(1) as pool:
            assert not pool.submit(shared_attributes._lock.acquire, blocking=False).result(WAIT)
