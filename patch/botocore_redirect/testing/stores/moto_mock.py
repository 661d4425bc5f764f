"""moto's mock of AWS, in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore_redirect.testing.sandbox.environment import fake_environment
from botocore_redirect.testing.stores import moto_store
from botocore_redirect.testing.stores.clients import session


def mock() -> Any:
    """Make moto's mock, a context manager: of all AWS, or with moto 4 of S3."""
    try:
        import moto  # noqa: PLC0415 - only now: it reads the environment
    except ImportError as error:
        raise ImportError(
            f"A store in this process needs moto, but {error}. "
            "Install it with: pip install 'botocore-redirect[testing]'"
        ) from error
    if moto_store.running:
        raise RuntimeError(
            "A mock of moto begins by deleting all that moto holds in this process, but a store is"
            f" on here, at {', '.join(moto_store.running)}: run that in a process of its own, `with"
            " StoreProcess() as store` (and `RedirectingStore(store.url)`), or end it before."
        )
    # moto 4 has one decorator per service.
    return moto.mock_aws() if hasattr(moto, "mock_aws") else moto.mock_s3()


@contextmanager
def moto_s3() -> Iterator[Any]:
    """Run moto's mock of AWS; what is given is a client of S3, made after it began.

    Make your own clients inside, too: a client, or a session, that is older than the first import
    of moto goes on to the real AWS. `aws_sandbox` refuses that, and says so. Meanwhile the
    environment is the one of `aws_sandbox`, so that no configuration of this machine, such as
    AWS_ENDPOINT_URL, leads your clients past the mock. Stores that redirect are not mocked by it.

    It begins with nothing stored; so while another mock of moto, or a `MotoStore`, is on in this
    process, it is a RuntimeError.
    """
    stubber = getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None)
    if getattr(stubber, "enabled", False):
        raise RuntimeError(
            "moto_s3 begins with nothing stored, but another mock of moto is on, with all that is"
            " stored there: use that one here (of two scopes the wider), or end it before."
        )
    with fake_environment(), mock():
        yield session().client("s3")
