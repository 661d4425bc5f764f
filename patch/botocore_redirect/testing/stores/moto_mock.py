"""moto's mock of AWS in this process, started so that it deletes no store that is in use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore_redirect.testing.sandbox.environment import fake_environment
from botocore_redirect.testing.stores import moto_store
from botocore_redirect.testing.stores.clients import session


def mock() -> Any:
    """Make moto's mock, a context manager: of all AWS, with moto 4 of S3 alone."""
    try:
        import moto  # noqa: PLC0415 - only now: it reads the environment
    except ImportError as error:
        raise ImportError(
            f"A store in this process needs moto, but {error}. "
            "Install it with: pip install 'moto[s3]'"
        ) from error
    if moto_store.running:
        raise RuntimeError(
            "A mock of moto begins by deleting everything that moto stores in this process, but a"
            f" store is on here, at {', '.join(moto_store.running)}. Run the store in a process of"
            " its own, `with StoreProcess() as store` (and `RedirectingStore(store.url)`), or close"
            " it first."
        )
    # moto 4 has one decorator per service.
    return moto.mock_aws() if hasattr(moto, "mock_aws") else moto.mock_s3()


@contextmanager
def moto_s3() -> Iterator[Any]:
    """Run moto's mock of AWS and give an S3 client that was made inside it.

    Make your own clients inside it, too: a client or session that is older than the first import of
    moto still calls the real AWS. `aws_sandbox` refuses such a call and says why. The environment
    is that of `aws_sandbox` meanwhile, so that no configuration of this machine, such as
    AWS_ENDPOINT_URL, leads your clients past the mock. Redirecting stores are not mocked.

    The mock begins empty. Raises RuntimeError while another mock of moto or a `MotoStore` is on in
    this process, as its contents would be lost.
    """
    stubber = getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None)
    if getattr(stubber, "enabled", False):
        raise RuntimeError(
            "moto_s3 begins empty, but another mock of moto is on and would lose its contents. Use"
            " that one here (of two fixtures the one with the wider scope), or end it first."
        )
    with fake_environment(), mock():
        yield session().client("s3")
