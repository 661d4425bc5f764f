"""What runs of the contract with these clients and this kind of store."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from matrix import conftest
from matrix.contract import all_behaviours, groups
from matrix.contract.needs import MISSING
from matrix.harness.settings import AIOBOTOCORE, IN_PROCESS, SOCKETS


def selected(kind: str) -> set[str]:
    def item(behaviour: Any) -> Any:
        return SimpleNamespace(
            callspec=SimpleNamespace(params={"kind": kind, "behaviour": behaviour})
        )

    return {each.name for each in all_behaviours.ALL if conftest._can_be(item(each))}


def test_a_behaviour_runs_wherever_all_that_it_needs_is_there() -> None:
    everything = {each.name for each in all_behaviours.ALL}
    assert selected(SOCKETS) == everything
    assert everything - selected(IN_PROCESS) == {"transcription", "job_manager", "cluster_provider"}
    assert "select_object_content" in selected(AIOBOTOCORE["aiohttp"])
    assert selected(AIOBOTOCORE["aiohttp"]) - selected(AIOBOTOCORE["httpx"]) == {
        "select_object_content"
    }
    assert len(selected(AIOBOTOCORE["httpx"])) > len(everything) / 2


def test_programs_that_use_machines_alone_are_not_common() -> None:
    common = {each.name for each in all_behaviours.ALL if groups.is_common({"behaviour": each})}
    assert {each.name for each in all_behaviours.ALL} - common == {
        "job_manager",
        "cluster_provider",
    }


@pytest.mark.parametrize(
    ("group", "runs"), [(groups.FULL, True), (groups.COMMON, False), (groups.CORE, False)]
)
def test_only_the_full_group_has_them(group: str, runs: bool) -> None:
    (behaviour,) = (each for each in all_behaviours.ALL if each.name == "job_manager")
    item: Any = SimpleNamespace(
        callspec=SimpleNamespace(params={"workload": behaviour}),
        iter_markers_with_node=lambda _: (),
    )
    assert conftest._is_in_group(item, group) is runs


def test_nothing_is_missing_that_no_behaviour_needs() -> None:
    needed = {need for each in all_behaviours.ALL for need in each.needs}
    assert needed == {need for each in MISSING.values() for need in each}


@pytest.mark.parametrize("backend", [None, "aiohttp", "httpx"])
def test_one_file_says_how_the_clients_of_a_run_fail(backend: str | None) -> None:
    config: Any = SimpleNamespace(getoption=lambda *_: backend)
    files = [
        path.name
        for path in Path(conftest.__file__).parent.glob("test_*redirects_unpatched.py")
        if not conftest._is_of_other_clients(path, config)
    ]
    assert files == [f"test_{backend + '_' if backend else ''}redirects_unpatched.py"]
