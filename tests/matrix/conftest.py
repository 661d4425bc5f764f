"""One process per quadrant, one store for all."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing import InProcessStore, StoreProcess
from matrix import control as controls
from matrix import isolation
from matrix.scenes import IN_PROCESS, SOCKETS

if TYPE_CHECKING:
    from collections.abc import Iterator

_BACKEND = "BOTOCORE_REDIRECT_STORE"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=[SOCKETS, IN_PROCESS, "all"],
        default="all",
        help="run the contract over sockets, with moto in the same process, or both",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--store")
        kinds = [SOCKETS, IN_PROCESS] if chosen == "all" else [chosen]
        metafunc.parametrize("kind", kinds, scope="module")


@pytest.fixture(scope="module", autouse=True)
def quadrant(request: pytest.FixtureRequest) -> Iterator[isolation.Quadrant]:
    """Make the process what the file's QUADRANT says, and prove it before and after."""
    declared: isolation.Quadrant = request.module.QUADRANT
    isolation.enter(request.path.name)
    isolation.expect_stock(f"before {request.path.name}")
    if not declared.patched:
        yield declared
        isolation.expect_stock(f"after {request.path.name}")
        return
    # Here and nowhere else: collection must leave every process unpatched.
    import botocore_redirect  # noqa: PLC0415

    with botocore_redirect.install():
        isolation.expect_patched(f"before {request.path.name}")
        yield declared
        isolation.expect_patched(f"after {request.path.name}")


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
    chosen = [getattr(i, "callspec", None) for i in request.session.items if i.path == request.path]
    behaviours = [
        each.params["behaviour"] for each in chosen if each and "behaviour" in each.params
    ]
    return controls.find(kind, backend, dict.fromkeys(each.name for each in behaviours))


@pytest.fixture(scope="module", autouse=True)
def going(kind: str, quadrant: isolation.Quadrant) -> Iterator[None]:  # noqa: ARG001
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
