"""One store for all quadrants, and what is chosen of the contract."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing import InProcessStore, StoreProcess
from botocore_redirect.testing.plugin import quadrant_of
from botocore_redirect.testing.quadrants.quadrant import Quadrant
from matrix import control as controls
from matrix import groups
from matrix.limit import TookTooLong, limited
from matrix.stage import IN_PROCESS, SOCKETS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_BACKEND = "BOTOCORE_REDIRECT_STORE"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=[SOCKETS, IN_PROCESS, "all"],
        default="all",
        help="run the contract over sockets, with moto in the same process, or both",
    )
    parser.addoption(
        "--group",
        choices=[groups.CORE, groups.FULL],
        default=groups.FULL,
        help="of the contract: what the suite of the peer asserts as well, or all",
    )
    parser.addoption(
        "--time-limit",
        type=float,
        default=20.0,
        help="seconds that a test may take where the patch follows redirects",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    whole = config.getoption("--group") == groups.FULL
    chosen = [item for item in items if _can_be(item) and (whole or _is_core(item))]
    left_out = [item for item in items if item not in chosen]
    items[:] = chosen
    config.hook.pytest_deselected(items=left_out)


def _can_be(item: pytest.Item) -> bool:
    """Whether the store has what the test is about: in process, it has S3 alone."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    elsewhere = any(getattr(each, "elsewhere", False) for each in parameters.values())
    return not (elsewhere and parameters.get("kind") == IN_PROCESS)


def _is_core(item: pytest.Item) -> bool:
    declared = quadrant_of(item)
    return declared is not None and groups.is_core(
        getattr(item, "originalname", item.name),
        getattr(getattr(item, "callspec", None), "params", {}),
        redirects=declared.redirects,
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """End a test whose patch follows for ever: that is known of others, and would be ours, too."""
    declared = quadrant_of(item)
    if declared is None or not (declared.patched and declared.redirects):
        yield
        return
    with limited(item.config.getoption("--time-limit"), item.name):
        outcome: Any = yield
    if outcome.excinfo and issubclass(outcome.excinfo[0], TookTooLong):
        # Anew: what led here may be a thousand frames in a thousand contexts, and to show them
        # takes longer than the test.
        outcome.force_exception(TookTooLong(str(outcome.excinfo[1])))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--store")
        kinds = [SOCKETS, IN_PROCESS] if chosen == "all" else [chosen]
        metafunc.parametrize("kind", kinds, scope="module")


@pytest.fixture(scope="module")
def backend(kind: str) -> Iterator[str]:
    """Where moto's server is: outside, where the matrix runs it, or a child of this process."""
    given = os.environ.get(_BACKEND, "")
    if given or kind == IN_PROCESS:
        yield given
        return
    with StoreProcess(sys.executable) as started:
        yield started.url


@pytest.fixture(scope="module")
def control(request: pytest.FixtureRequest, kind: str, backend: str) -> controls.Observations:
    """What stock botocore did without redirects, for each behaviour that this file is about."""
    return controls.find(kind, backend, _names(request, kind, "behaviour"))


@pytest.fixture(scope="module")
def failures(request: pytest.FixtureRequest, kind: str, backend: str) -> controls.Observations:
    """How stock botocore failed where services other than S3 redirect."""
    return controls.find(kind, backend, _names(request, kind, "workload"), redirects=True)


def _names(request: pytest.FixtureRequest, kind: str, parameter: str) -> dict[str, None]:
    """Give what the tests of this file on such a store are about."""
    here = [item for item in request.session.items if item.path == request.path]
    chosen = [getattr(item, "callspec", None) for item in here]
    return dict.fromkeys(
        each.params[parameter].name
        for each in chosen
        if each and parameter in each.params and each.params.get("kind") == kind
    )


@pytest.fixture(scope="module", autouse=True)
def going(kind: str, quadrant: Quadrant) -> Iterator[None]:  # noqa: ARG001 - `quadrant` goes before it
    """Keep moto going from test to test: to start it is dearer than most behaviours."""
    moto: Any = InProcessStore(None) if kind == IN_PROCESS and _has_moto() else nullcontext()
    with moto:
        yield


@pytest.fixture
def store_kind(kind: str) -> str:
    """The kind of store, if this environment can have it."""
    if kind == IN_PROCESS and not _has_moto():
        pytest.skip("this environment holds the client alone: moto runs outside of it")
    return kind


def _has_moto() -> bool:
    return importlib.util.find_spec("moto") is not None
