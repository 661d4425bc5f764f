"""moto's mock of AWS, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .clients import session


def mock() -> Any:
    """Make moto's mock, a context manager: of all AWS, or with moto 4 of S3."""
    try:
        import moto  # noqa: PLC0415 - only now: it reads the environment
    except ImportError as error:
        raise ImportError(
            f"A store in this process needs moto, but {error}. "
            "Install it with: pip install 'botocore-redirect[testing]'"
        ) from error
    # moto 4 has one decorator per service.
    return moto.mock_aws() if hasattr(moto, "mock_aws") else moto.mock_s3()


@contextmanager
def moto_s3() -> Iterator[Any]:
    """Run moto's mock of AWS; what is given is a client of S3, made after it began.

    Make your own clients inside, too: a client, or a session, that is older than the first import
    of moto goes on to the real AWS. `aws_sandbox` refuses that, and says so. What is stored goes
    with the last mock of the process that ends. Stores that redirect are not mocked by it.
    """
    with mock():
        yield session().client("s3")
