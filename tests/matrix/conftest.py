"""One store for all quadrants, and what is chosen of the contract."""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import signal
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing import InProcessStore, StoreProcess
from botocore_redirect.testing.guards.subject import NONE, parse_subject
from botocore_redirect.testing.plugin import quadrant_of, subject_of
from botocore_redirect.testing.quadrants.quadrant import Quadrant
from matrix.contract import groups
from matrix.contract.needs import MISSING
from matrix.harness import free_threads
from matrix.harness.error_chains import shorten_chain
from matrix.harness.settings import AIOBOTOCORE, BACKEND, CONTROL, IN_PROCESS, SOCKETS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from matrix.harness.control import Observations

_PACKAGES = (
    *("botocore", "boto3", "s3transfer", "urllib3", "moto", "pytest"),
    *("aiobotocore", "aiohttp", "httpx", "httpx2"),
)
_AGAIN = 5.0  # seconds
#: How the stock client fails where the store redirects: each has its own way, and its own file.
_FAILURES = {
    None: "test_redirects_unpatched.py",
    "aiohttp": "test_aiohttp_redirects_unpatched.py",
    "httpx": "test_httpx_redirects_unpatched.py",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=[SOCKETS, IN_PROCESS, "all"],
        default="all",
        help="run the contract over sockets, with moto in the same process, or both",
    )
    parser.addoption(
        "--group",
        choices=[groups.CORE, groups.COMMON, groups.FULL],
        default=groups.FULL,
        help="of the contract: what aistore's suite asserts as well (core), what runs in each cell"
        " (common), or all of it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder in which the quadrants of stock botocore leave what they observed."""
    if not hasattr(config, "workerinput") and not os.environ.get(CONTROL):
        folder = tempfile.TemporaryDirectory(prefix="control-")
        environment = pytest.MonkeyPatch()
        environment.setenv(CONTROL, folder.name)
        config.add_cleanup(folder.cleanup)
        config.add_cleanup(environment.undo)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Collect garbage once where tests ran, and leave the rest: pytest collects up to ten times."""
    controls_workers = config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")
    if not controls_workers:
        gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Start no worker for how other clients fail than those of this run."""
    return _is_of_other_clients(collection_path, config) or None


def _is_of_other_clients(path: Path, config: pytest.Config) -> bool:
    own = _FAILURES[config.getoption("--aiobotocore", None)]
    return path.name in {*_FAILURES.values()} - {own}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--aiobotocore", None) and not config.getoption("--patch-first"):
        importlib.import_module("aiobotocore.session")  # the patch finds it, and covers it
    group = config.getoption("--group")
    chosen = [
        item
        for item in items
        if _can_be(item)
        and _is_in_group(item, group)
        and not _is_of_other_clients(item.path, config)  # such as a file that was named
    ]
    left_out = [item for item in items if item not in chosen]
    items[:] = chosen
    config.hook.pytest_deselected(items=left_out)
    if config.pluginmanager.hasplugin("timeout") and config.getoption("--timeout") is None:
        for item in items:
            item.add_marker(_limit(item))


def _limit(item: pytest.Item) -> pytest.MarkDecorator:
    """Limit the time of a test: a patch that follows for ever is known, and fails test by test."""
    declared = quadrant_of(item)
    if declared and declared.patched and declared.redirects:
        return pytest.mark.timeout(20, func_only=True)  # what is compared may be observed before
    return pytest.mark.timeout(300)


@pytest.hookimpl(optionalhook=True, hookwrapper=True)
def pytest_timeout_set_timer(settings: Any) -> Generator[None, Any, None]:
    """Have the limit come again: where the stack ends, or in a destructor, an exception is lost."""
    yield
    if settings.method == "signal" and settings.func_only:
        signal.setitimer(signal.ITIMER_REAL, settings.timeout, _AGAIN)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_call() -> Generator[None, Any, None]:
    """Replace the error of a time limit by one without a thousand frames."""
    outcome = yield
    error = outcome.excinfo[1] if outcome.excinfo else None
    if str(error).startswith("Timeout (>"):
        outcome.force_exception(pytest.fail.Exception(str(error)))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """Shorten what a patch that follows for ever leaves behind, also what a teardown finds."""
    if call.excinfo:
        shorten_chain(call.excinfo.value)
    yield


@pytest.fixture(scope="session", autouse=True)
def _without_gil() -> Iterator[None]:
    """Have no run without the GIL that had it after all."""
    yield
    free_threads.check()


@pytest.fixture(scope="session", autouse=True)
def _versions(request: pytest.FixtureRequest) -> None:
    """Let the report say, with the first test of a process, what that ran on."""
    package = parse_subject(subject_of(request.config) or NONE).package
    packages = [*_PACKAGES, *([package] if package else [])]
    request.session.items[0].user_properties += [
        ("python", platform.python_version()),
        ("implementation", platform.python_implementation()),
        ("platform", sys.platform),
        *((f"version of {name}", found) for name in packages if (found := _version(name))),
    ]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _can_be(item: pytest.Item) -> bool:
    """Whether the store and the client have what the test is about."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    missing = MISSING.get(parameters.get("kind", ""), frozenset())
    return not any(
        missing & getattr(each, "needs", missing - missing) for each in parameters.values()
    )


def _is_in_group(item: pytest.Item, group: str) -> bool:
    if group == groups.FULL:
        return True
    declared = quadrant_of(item)
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    belongs = groups.is_core if group == groups.CORE else groups.is_common
    return declared is not None and belongs(
        getattr(item, "originalname", item.name), parameters, declared
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--store")
        backend = metafunc.config.getoption("--aiobotocore", None)
        kinds = [SOCKETS, IN_PROCESS] if chosen == "all" else [chosen]
        if backend:  # moto's mock in process answers boto3 alone
            kinds = [AIOBOTOCORE[backend]]
        metafunc.parametrize("kind", kinds, scope="module")


@pytest.fixture(scope="module")
def backend(kind: str) -> Iterator[str]:
    """Where moto's server is: outside, where the matrix runs it, or a child of this process."""
    given = os.environ.get(BACKEND, "")
    if given or kind == IN_PROCESS:
        yield given
        return
    with StoreProcess(sys.executable) as started:
        yield started.url


@pytest.fixture(scope="module")
def control(request: pytest.FixtureRequest, kind: str, backend: str) -> Observations:
    """What stock botocore did without redirects, for each behaviour that this file is about."""
    from matrix.harness import control as controls  # noqa: PLC0415 - xdist's controller needs no botocore

    return controls.find(kind, backend, _names(request, kind, "behaviour"))


@pytest.fixture(scope="module")
def failures(request: pytest.FixtureRequest, kind: str, backend: str) -> Observations:
    """How stock botocore failed where services other than S3 redirect."""
    from matrix.harness import control as controls  # noqa: PLC0415 - xdist's controller needs no botocore

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
def running_moto(kind: str, quadrant: Quadrant) -> Iterator[None]:  # noqa: ARG001 - `quadrant` goes before it
    """Keep moto running between tests: starting it costs more than most behaviours."""
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
