"""What runs of the contract with these clients and this kind of store."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from matrix import conftest
from matrix.contract import all_behaviours, groups
from matrix.contract.groups import AISTORE_TESTS, NEVER_REDIRECTED
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


QUADRANTS = {
    (False, False): "test_stock_botocore_does_it",
    (False, True): "test_the_region_redirector_of_stock_botocore_runs_into_itself",
    (True, False): "test_results_storage_and_wire_are_those_of_stock_botocore",
    (True, True): "test_results_storage_and_requests_are_those_of_stock_botocore_without_redirects",
}
"""The test of each that is parametrized with all behaviours, by patched and redirects."""
STOCK_FAILS = (False, True)


def has_test(group: str, quadrant: tuple[bool, bool], **parameters: Any) -> bool:
    """Whether a group has that test of a quadrant with these parameters."""
    patched, redirects = quadrant
    mark = pytest.mark.quadrant(patched=patched, redirects=redirects).mark
    item: Any = SimpleNamespace(
        name=QUADRANTS[quadrant],
        originalname=QUADRANTS[quadrant],
        callspec=SimpleNamespace(params=parameters),
        iter_markers_with_node=lambda _: [(object(), mark)],
    )
    return conftest._is_in_group(item, group)


def names(group: str, quadrant: tuple[bool, bool], kind: str) -> set[str]:
    """Return the behaviours for which a group has that test."""
    return {
        each.name
        for each in all_behaviours.ALL
        if has_test(group, quadrant, kind=kind, behaviour=each)
    }


def core_of(quadrant: tuple[bool, bool]) -> set[str]:
    _, redirects = quadrant
    return {*AISTORE_TESTS.values()} - (NEVER_REDIRECTED if redirects else frozenset())


EVERYTHING = {each.name for each in all_behaviours.ALL}


@pytest.mark.parametrize("quadrant", QUADRANTS)
def test_all_of_the_contract_is_in_the_full_group(quadrant: tuple[bool, bool]) -> None:
    assert names(groups.FULL, quadrant, SOCKETS) == EVERYTHING
    assert names(groups.FULL, quadrant, IN_PROCESS) == EVERYTHING
    assert has_test(groups.FULL, quadrant, kind=SOCKETS)


@pytest.mark.parametrize("quadrant", [each for each in QUADRANTS if each != STOCK_FAILS])
def test_over_sockets_all_is_common_but_the_programs_that_use_machines(
    quadrant: tuple[bool, bool],
) -> None:
    common = names(groups.COMMON, quadrant, SOCKETS)
    assert EVERYTHING - common == {"job_manager", "cluster_provider"}
    assert has_test(groups.COMMON, quadrant, kind=SOCKETS)


@pytest.mark.parametrize("quadrant", [STOCK_FAILS, (True, True)])
def test_where_other_services_redirect_the_program_without_machines_is_common(
    quadrant: tuple[bool, bool],
) -> None:
    common = {
        each.name
        for each in all_behaviours.USING_OTHER_SERVICES
        if has_test(groups.COMMON, quadrant, kind=SOCKETS, workload=each)
    }
    assert common == {"transcription"}


def test_stock_botocore_commonly_fails_at_the_core_and_an_operation_of_each_method() -> None:
    common = names(groups.COMMON, STOCK_FAILS, SOCKETS)
    assert common == core_of(STOCK_FAILS) | groups.OF_EACH_METHOD
    assert not has_test(groups.COMMON, STOCK_FAILS, kind=SOCKETS)


@pytest.mark.parametrize("quadrant", QUADRANTS)
def test_in_process_the_core_alone_is_common(quadrant: tuple[bool, bool]) -> None:
    assert names(groups.CORE, quadrant, IN_PROCESS) == core_of(quadrant)
    assert names(groups.COMMON, quadrant, IN_PROCESS) == core_of(quadrant)


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
