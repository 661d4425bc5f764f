"""The life cycle as a table: each row in a new process, because patches remain."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

import botocore_redirect
from botocore_redirect import RedirectPolicy
from isolation import lifecycle_driver

STOCK = {"old": False, "new": False, "stock methods": True, "installed": False}
PATCHED = {"old": True, "new": True, "stock methods": False, "installed": True}
ONE_CLIENT = {"old": True, "new": False, "stock methods": True, "installed": False}
# Another library has wrapped our wrapper, which no longer acts.
INERT = {"old": False, "new": False, "stock methods": False, "installed": False}


# Forks of a process that has imported boto3, and nothing of ours, are like new processes.
FORK = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


@pytest.fixture(scope="module", autouse=True)
def _path_of_the_fork_server() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        yield


def take(*steps: str, start: str = FORK, **environ: str) -> dict[str, Any]:
    context = multiprocessing.get_context(start)
    context.set_forkserver_preload(["isolation.lifecycle_session"])
    receiving, sending = context.Pipe(duplex=False)
    arguments = (steps, {**os.environ, **environ}, sending)
    process = context.Process(target=lifecycle_driver.run, args=arguments)  # type: ignore[attr-defined]  # each context has it, and typeshed's base class does not
    process.start()
    sending.close()
    if not receiving.poll(60):
        process.kill()
    try:
        found: dict[str, Any] = receiving.recv()
    finally:
        process.join()
    return found


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        # The process
        (["import"], STOCK),
        (["make old", "import"], STOCK),
        (["install"], PATCHED),
        (["make old", "install"], PATCHED),
        (["import boto3", "import auto"], PATCHED),
        (["make old", "import auto"], PATCHED),
        (["install", "install"], PATCHED),
        (["install", "import auto", "install"], PATCHED),
        (["uninstall"], STOCK),
        (["install", "uninstall"], STOCK),
        (["make old", "install", "uninstall"], STOCK),
        (["install", "make old", "uninstall"], STOCK),
        (["install", "install", "uninstall"], STOCK),
        (["install", "uninstall", "uninstall"], STOCK),
        (["install", "uninstall", "install"], PATCHED),
        (["make old", "install", "uninstall", "install"], PATCHED),
        (["install and leave"], STOCK),
        (["install", "install and leave"], PATCHED),
        (["nest"], STOCK),
        # One client
        (["make old", "follow old"], ONE_CLIENT),
        (["make old", "follow old", "follow old"], ONE_CLIENT),
        (["make old", "follow old", "unfollow old"], STOCK),
        (["make old", "follow old", "unfollow old", "unfollow old"], STOCK),
        (["make old", "unfollow old"], STOCK),
        (["make old", "follow old", "uninstall"], ONE_CLIENT),
        # Both
        (["make old", "follow old", "install"], PATCHED),
        (["install", "make old", "follow old"], PATCHED),
        (["make old", "follow old", "install", "uninstall"], ONE_CLIENT),
        (["install", "make old", "follow old", "uninstall"], ONE_CLIENT),
        (["make old", "follow old", "install", "unfollow old"], PATCHED),
        (["make old", "install", "follow old", "unfollow old", "uninstall"], STOCK),
        # Another patcher
        (["wrap", "install"], PATCHED),
        (["install", "wrap"], PATCHED),
        (["install", "wrap", "unwrap"], PATCHED),
        (["install", "wrap", "unwrap", "uninstall"], STOCK),
        (["install", "wrap", "uninstall"], INERT),
        (["install", "wrap", "uninstall", "unwrap"], INERT),
        (["install", "wrap", "uninstall", "install"], PATCHED),
        (["wrap", "install", "uninstall"], INERT),
        (["wrap", "install", "uninstall", "unwrap"], STOCK),
        (["wrap without a trace", "install"], PATCHED),
        (["install", "wrap without a trace"], PATCHED),
        (["install", "wrap without a trace", "uninstall", "install"], PATCHED),
        (["install", "put stock back"], STOCK),
        (["install", "put stock back", "install"], PATCHED),
        (["make old", "follow old", "wrap"], {**ONE_CLIENT, "stock methods": False}),
    ],
    ids=" > ".join,
)
def test_after_these_steps(steps: list[str], state: dict[str, bool]) -> None:
    found = take(*steps)
    assert found["raised"] is None
    assert {name: found[name] for name in state} == state


def test_the_patch_can_be_imported_before_botocore() -> None:
    found = take("import auto", start="spawn")
    assert (found["old"], found["new"], found["installed"]) == (True, True, True)


@pytest.mark.parametrize("value", ["off", "OFF", "0", "no", "false"])
@pytest.mark.parametrize("steps", [["import auto"], ["install"], ["make old", "follow old"]])
def test_the_kill_switch_stops_everything_and_is_logged(steps: list[str], value: str) -> None:
    found = take("import boto3", *steps, BOTOCORE_REDIRECT=value)
    assert {name: found[name] for name in STOCK} == STOCK
    assert found["log"] == [f"BOTOCORE_REDIRECT={value.lower()}: redirects are not followed"]


@pytest.mark.parametrize("value", ["on", "1", "yes", "true", ""])
def test_the_kill_switch_can_be_on(value: str) -> None:
    found = take("install", BOTOCORE_REDIRECT=value)
    assert {name: found[name] for name in PATCHED} == PATCHED


def test_the_kill_switch_precedes_invalid_settings() -> None:
    found = take("import auto", BOTOCORE_REDIRECT="off", BOTOCORE_REDIRECT_TRUST="http://x")
    assert found["raised"] is None
    assert not found["installed"]


def test_an_invalid_kill_switch_is_an_error() -> None:
    found = take("install", BOTOCORE_REDIRECT="of")
    assert found["raised"].startswith("ValueError: BOTOCORE_REDIRECT='of' is neither 'on' nor")
    assert {name: found[name] for name in STOCK} == STOCK


def test_a_wrapper_over_ours_is_named_when_ours_stops_acting() -> None:
    (line,) = take("install", "wrap", "uninstall")["log"]
    assert "Endpoint._get_response (wrapped by" in line
    assert "lifecycle_driver.py" in line
    assert "no longer acts" in line


def test_the_inner_of_two_blocks_restores_the_policy_of_the_outer() -> None:
    assert take("nest")["log"] == [
        "RedirectPolicy(max_hops=2)",
        "RedirectPolicy(max_hops=1) after RedirectPolicy(max_hops=1)",
    ]


def test_an_invalid_policy_is_refused_and_nothing_is_patched() -> None:
    found = take("install a nonsensical policy")
    assert found["raised"] == "TypeError: policy is a RedirectPolicy or None, not 'safe'"
    assert {name: found[name] for name in STOCK} == STOCK


def test_a_handle_shows_the_policy_of_its_call() -> None:
    with botocore_redirect.install(RedirectPolicy(max_hops=3)) as installation:
        assert installation.policy.max_hops == 3
    assert repr(installation) == (
        "<botocore_redirect.Installation with RedirectPolicy(max_hops=3)>"
    )


@pytest.fixture(scope="module")
def session() -> Any:
    return boto3.session.Session(
        region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
    )


def test_a_client_of_another_service_keeps_the_policy_that_allowed_it(session: Any) -> None:
    client = session.client("sqs")
    botocore_redirect.follow(client, RedirectPolicy(services=frozenset({"sqs"})))
    assert botocore_redirect.follow(client) is client
    botocore_redirect.unfollow(client)


def test_follow_returns_the_client_or_resource_it_was_given(session: Any) -> None:
    for made in (session.client("s3"), session.resource("s3")):
        assert botocore_redirect.follow(made) is made
        assert botocore_redirect.unfollow(made) is made


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda session: session.client("sqs"), "a client of sqs"),
        (lambda session: session.resource("sqs"), "a client of sqs"),
        (lambda session: session.client("s3control"), "a client of s3control"),
        (lambda session: session, "expected a client or resource"),
        (lambda _: None, "expected a client or resource"),
        (lambda _: "s3", "expected a client or resource"),
    ],
)
def test_an_object_that_is_no_client_of_s3_is_refused(
    session: Any, make: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        botocore_redirect.follow(make(session))
