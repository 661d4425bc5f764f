"""The kit as pytest fixtures, for a `conftest.py` or a test file.

    pytest_plugins = ["botocore_redirect.testing.fixtures"]

Each fixture wraps a context manager of `botocore_redirect.testing`. None of them patches botocore:
that is up to the code under test and its tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Callable

import pytest

from botocore_redirect.testing.sandbox import session_sandbox
from botocore_redirect.testing.sandbox.refused_calls import (
    CallRefused,
    CallRefusedInThread,
    RefusedCall,
)
from botocore_redirect.testing.stores import clients, moto_mock
from botocore_redirect.testing.stores.redirecting_store import RedirectingStore
from botocore_redirect.testing.stores.store_process import StoreProcess

if TYPE_CHECKING:
    from collections.abc import Generator

    from _pytest.runner import CallInfo

MakeStore = Callable[..., RedirectingStore]
MakeStubbed = Callable[..., "tuple[Any, Any]"]

_FAILED = pytest.StashKey[bool]()


class _TestFailedError(Exception):
    """The test failed or was skipped before its end."""


@contextmanager
def _contexts_of_test(request: pytest.FixtureRequest) -> Iterator[ExitStack]:
    """Exit contexts as the test itself would: after a failure with an error, so they add none."""
    with suppress(_TestFailedError), ExitStack() as contexts:
        yield contexts
        if request.node.stash.get(_FAILED, False):
            raise _TestFailedError


@pytest.fixture(scope="session")
def aws_sandbox(pytestconfig: pytest.Config) -> Iterator[list[RefusedCall]]:
    """Keep all tests off AWS, from the first one that asks for it to the end of the session.

    Fake credentials and a region, no configuration files, and no connection but to this machine. A
    test whose code tried to leave fails, even if the error was swallowed. A test that does so on
    purpose ends with `aws_sandbox.clear()`.
    """
    with session_sandbox.entered(pytestconfig) as refused:
        yield refused


@pytest.fixture(scope="session")
def _redirecting_s3_backend() -> Iterator[str]:
    # In a process of its own: the tests' process stays free of moto, and no mock deletes the store.
    with StoreProcess() as store:
        yield store.url


@pytest.fixture
def make_redirecting_s3(
    request: pytest.FixtureRequest, _redirecting_s3_backend: str
) -> Iterator[MakeStore]:
    """Make redirecting stores; the options (`targets`, `redirect`, `tls`) are `RedirectingStore`'s.

    In a file marked `quadrant(redirects=False)` a store redirects nothing, unless `redirect=` or
    `store.redirect()` says otherwise. Unused steps of a script fail a test that passed.
    """
    marker = request.node.get_closest_marker("quadrant")
    answers = marker is not None and marker.kwargs.get("redirects") is False
    defaults = {"redirect": None} if answers else {}
    with _contexts_of_test(request) as stores:

        def make(**options: Any) -> RedirectingStore:
            return stores.enter_context(
                RedirectingStore(_redirecting_s3_backend, **{**defaults, **options})
            )

        yield make


@pytest.fixture
def redirecting_s3(make_redirecting_s3: MakeStore) -> RedirectingStore:
    """Give an empty store on real sockets whose gateway redirects every request.

    In a file marked `quadrant(redirects=False)` it redirects nothing until `redirect()` is called.
    Unused steps of a script fail a test that passed. The store does not patch botocore.
    """
    return make_redirecting_s3()


@pytest.fixture
def stubbed_client(request: pytest.FixtureRequest) -> Iterator[MakeStubbed]:
    """Make clients that send nothing, each with its botocore `Stubber`.

        s3, stub = stubbed_client("s3")

    Unused responses fail a test that passed.
    """
    with _contexts_of_test(request) as stubbed:

        def make(service: str = "s3", **options: Any) -> tuple[Any, Any]:
            return stubbed.enter_context(clients.stubbed_client(service, **options))

        yield make


def _moto_s3() -> Iterator[Any]:
    """Start moto's mock of AWS, empty, and give an S3 client made inside it.

    Only one mock can be on at a time; a second one is an error.
    """
    with moto_mock.moto_s3() as s3:
        yield s3


moto_s3 = pytest.fixture(_moto_s3, name="moto_s3")
class_moto_s3 = pytest.fixture(_moto_s3, scope="class", name="class_moto_s3")
module_moto_s3 = pytest.fixture(_moto_s3, scope="module", name="module_moto_s3")
session_moto_s3 = pytest.fixture(_moto_s3, scope="session", name="session_moto_s3")


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Fail a test that passed although the sandbox refused a call of it."""
    _fail_if_refused(item)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Fail a teardown in which the sandbox refused a call."""
    _fail_if_refused(item)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: CallInfo[None]
) -> Generator[None, Any, None]:
    """Report each refused call once, also where the test was skipped or is expected to fail."""
    if call.when != "teardown":
        item.stash[_FAILED] = call.excinfo is not None
    outcome = yield
    unreported = session_sandbox.unreported(item.config)
    error = call.excinfo.value if call.excinfo else None
    if outcome.get_result().failed:
        unreported.clear()  # the report of the failure shows them
    elif isinstance(error, (CallRefused, CallRefusedInThread)) and error.call in unreported:
        unreported.remove(error.call)


def _fail_if_refused(item: pytest.Item) -> None:
    unreported = session_sandbox.unreported(item.config)
    if unreported:
        pytest.fail("\n".join(map(str, unreported)), pytrace=False)
