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


NOTHING_REDIRECTS = {"patched": True, "redirects": False}
STOCK_FAILS = {"patched": False, "redirects": True}


def has_test(group: str, quadrant: dict[str, bool], **parameters: Any) -> bool:
    """Whether a group has a test of all behaviours, in a quadrant, with these parameters."""
    test = (
        "test_the_region_redirector_of_stock_botocore_runs_into_itself"
        if quadrant["redirects"]
        else "test_results_storage_and_wire_are_those_of_stock_botocore"
    )
    item: Any = SimpleNamespace(
        name=test,
        originalname=test,
        callspec=SimpleNamespace(params=parameters),
        iter_markers_with_node=lambda _: [(object(), pytest.mark.quadrant(**quadrant).mark)],
    )
    return conftest._is_in_group(item, group)


def names(group: str, quadrant: dict[str, bool], kind: str) -> set[str]:
    """Return the behaviours of which a group has that test."""
    return {
        each.name
        for each in all_behaviours.ALL
        if has_test(group, quadrant, kind=kind, behaviour=each)
    }


EVERYTHING = {each.name for each in all_behaviours.ALL}
CORE = {*groups.AISTORE_TESTS.values()}


def test_all_of_the_contract_is_in_the_full_group() -> None:
    for quadrant in (NOTHING_REDIRECTS, STOCK_FAILS):
        assert names(groups.FULL, quadrant, SOCKETS) == EVERYTHING
        assert names(groups.FULL, quadrant, IN_PROCESS) == EVERYTHING
    assert has_test(groups.FULL, STOCK_FAILS, kind=SOCKETS)


def test_over_sockets_all_is_common_but_the_programs_that_use_machines() -> None:
    common = names(groups.COMMON, NOTHING_REDIRECTS, SOCKETS)
    assert EVERYTHING - common == {"job_manager", "cluster_provider"}
    for workload in all_behaviours.USING_OTHER_SERVICES:
        expected = workload.name in common
        found = has_test(groups.COMMON, STOCK_FAILS, kind=SOCKETS, workload=workload)
        assert found is expected


def test_stock_botocore_commonly_fails_at_an_operation_of_each_method() -> None:
    core = CORE - groups.NEVER_REDIRECTED
    assert names(groups.CORE, STOCK_FAILS, SOCKETS) == core
    assert names(groups.COMMON, STOCK_FAILS, SOCKETS) == core | groups.OF_EACH_METHOD
    assert not has_test(groups.COMMON, STOCK_FAILS, kind=SOCKETS)


@pytest.mark.parametrize("quadrant", [NOTHING_REDIRECTS, STOCK_FAILS])
def test_in_process_the_core_alone_is_common(quadrant: dict[str, bool]) -> None:
    core = names(groups.CORE, quadrant, IN_PROCESS)
    assert core == (CORE - groups.NEVER_REDIRECTED if quadrant["redirects"] else CORE)
    assert names(groups.COMMON, quadrant, IN_PROCESS) == core


def test_the_operations_of_each_method_are_those_of_the_contract() -> None:
    assert {each.name for each in all_behaviours.OF_EACH_METHOD} == groups.OF_EACH_METHOD


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
