"""The kit as fixtures of pytest, for a `conftest.py` or a test file.

    pytest_plugins = ["botocore_redirect.testing.fixtures"]

Each is a context manager of `botocore_redirect.testing` in the form of a fixture. None of them
patches botocore: whether it is patched is up to the code under test, and its tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Callable

import pytest

from botocore_redirect.testing.sandbox import shared
from botocore_redirect.testing.sandbox.refused_calls import (
    CallRefused,
    CallRefusedInThread,
    Refusal,
)
from botocore_redirect.testing.stores import clients, moto_mock
from botocore_redirect.testing.stores.redirecting_store import RedirectingStore
from botocore_redirect.testing.stores.store_process import StoreProcess

if TYPE_CHECKING:
    from collections.abc import Generator

    from _pytest.runner import CallInfo

MakeStore = Callable[..., RedirectingStore]
MakeStubbed = Callable[..., "tuple[Any, Any]"]

_STOPPED = pytest.StashKey[bool]()


class _TestStopped(Exception):
    """The test failed, or was skipped, before its end."""


@contextmanager
def _for_test(request: pytest.FixtureRequest) -> Iterator[ExitStack]:
    """Hold contexts as the test itself would: after a failure, they do not ask what is left."""
    with suppress(_TestStopped), ExitStack() as contexts:
        yield contexts
        if request.node.stash.get(_STOPPED, False):
            raise _TestStopped


@pytest.fixture(scope="session")
def aws_sandbox(pytestconfig: pytest.Config) -> Iterator[list[Refusal]]:
    """Never the cloud, from the first test that asks for it to the end of the session.

    Fake credentials and a region, no configuration files, and no connection but to this machine. A
    test that tried to leave fails, though something swallowed the error; one that shall try ends
    with `aws_sandbox.clear()`.
    """
    with shared.entered(pytestconfig) as refused:
        yield refused


@pytest.fixture(scope="session")
def _redirecting_s3_backend() -> Iterator[str]:
    # In a process of its own: no moto in that of the tests, and no mock of theirs empties it.
    with StoreProcess() as store:
        yield store.url


@pytest.fixture
def make_redirecting_s3(
    request: pytest.FixtureRequest, _redirecting_s3_backend: str
) -> Iterator[MakeStore]:
    """Make stores that redirect, of `RedirectingStore`'s options: `targets`, `redirect`, `tls`.

    Steps of a script that were not taken are an error at the end of a test that passed.
    """
    with _for_test(request) as stores:

        def make(**options: Any) -> RedirectingStore:
            return stores.enter_context(RedirectingStore(_redirecting_s3_backend, **options))

        yield make


@pytest.fixture
def redirecting_s3(make_redirecting_s3: MakeStore) -> RedirectingStore:
    """Have an empty store whose gateway redirects everything, on real sockets.

    It does not patch botocore. Steps of a script that were not taken are an error at the end of a
    test that passed.
    """
    return make_redirecting_s3()


@pytest.fixture
def stubbed_client(request: pytest.FixtureRequest) -> Iterator[MakeStubbed]:
    """Make clients that never call, each with its `Stubber`.

        s3, stub = stubbed_client("s3")

    Answers that were not asked for are an error at the end of a test that passed.
    """
    with _for_test(request) as stubbed:

        def make(service: str = "s3", **options: Any) -> tuple[Any, Any]:
            return stubbed.enter_context(clients.stubbed_client(service, **options))

        yield make


def _mocked() -> Iterator[Any]:
    """Have moto's mock of AWS, empty, and a client of S3 that was made after it began.

    One at a time: with another mock on, it is an error.
    """
    with moto_mock.moto_s3() as s3:
        yield s3


moto_s3 = pytest.fixture(_mocked, name="moto_s3")
class_moto_s3 = pytest.fixture(_mocked, scope="class", name="class_moto_s3")
module_moto_s3 = pytest.fixture(_mocked, scope="module", name="module_moto_s3")
session_moto_s3 = pytest.fixture(_mocked, scope="session", name="session_moto_s3")


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Fail a test that passed, and tried to leave the sandbox."""
    _fail_if_refused(item)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Fail where a fixture tried it."""
    _fail_if_refused(item)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: CallInfo[None]
) -> Generator[None, Any, None]:
    """Say a refusal once; but say it, also where the test was skipped or shall fail."""
    if call.when != "teardown":
        item.stash[_STOPPED] = call.excinfo is not None
    outcome = yield
    refused = shared.refused(item.config)
    error = call.excinfo.value if call.excinfo else None
    if outcome.get_result().failed:
        refused.clear()  # it is in the report by now
    elif isinstance(error, (CallRefused, CallRefusedInThread)) and error.refusal in refused:
        refused.remove(error.refusal)


def _fail_if_refused(item: pytest.Item) -> None:
    refused = shared.refused(item.config)
    if refused:
        pytest.fail("\n".join(map(str, refused)), pytrace=False)
