"""Clients for tests: with fake credentials, and with stubbed responses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_REGION = "us-east-1"
_CREDENTIALS = {
    "region_name": _REGION,
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
}
_FIXED = {
    "config_file": os.devnull,
    "credentials_file": os.devnull,
    "ignore_configured_endpoint_urls": True,
}


def session(user_agent: str | None = None) -> Any:
    """Make a boto3 session with fake credentials, whose S3 clients send this user agent, if any.

    No variable of the environment and no file configures its clients.
    """
    try:
        import boto3  # noqa: PLC0415 - boto3 is an extra
    except ImportError as error:
        raise ImportError(
            f"A client needs boto3, but {error}. Install it with: pip install boto3"
        ) from error
    from botocore.session import Session  # noqa: PLC0415 - the kit imports no botocore

    core = _identify(Session(session_vars=_variables()), user_agent)
    return boto3.session.Session(botocore_session=core, **_CREDENTIALS)


def aio_client(config: dict[str, Any], user_agent: str | None = None, **options: Any) -> Any:
    """Make an S3 client of aiobotocore, to be entered with `async with`, as `session` does.

    `config` holds the arguments of its `AioConfig`, and the options are those of `create_client`.
    """
    try:
        from aiobotocore.config import AioConfig  # noqa: PLC0415 - it may not be there
        from aiobotocore.session import AioSession  # noqa: PLC0415 - as above
    except ImportError as error:
        raise ImportError(
            f"An asynchronous client needs aiobotocore, but {error}. Install it with: pip install"
            " aiobotocore"
        ) from error
    made = _identify(AioSession(session_vars=_variables()), user_agent)
    return made.create_client("s3", config=AioConfig(**config), **_CREDENTIALS, **options)


def _identify(session: Any, user_agent: str | None) -> Any:
    """Have the S3 clients of a session send this user agent: boto3 adds to one of `Config`."""

    def identify(request: Any, **_: Any) -> None:
        request.headers["User-Agent"] = user_agent

    if user_agent is not None:
        session.register("before-send.s3", identify)
    return session


def _variables() -> dict[str, Any]:
    from botocore.session import Session  # noqa: PLC0415 - the kit imports no botocore

    return {
        # Name in the files, name in the environment, default, conversion.
        name: (None, None, _FIXED.get(name, default), kind)
        for name, (_, _, default, kind) in Session.SESSION_VARIABLES.items()
    }


def config(**options: Any) -> Any:
    """Make a botocore `Config`."""
    from botocore.config import Config  # noqa: PLC0415 - only clients need botocore

    return Config(**options)


@contextmanager
def stubbed_client(service: str = "s3", **options: Any) -> Iterator[tuple[Any, Any]]:
    """Make a client of any service that sends nothing; give it with its `Stubber`, activated.

        with stubbed_client("sqs") as (sqs, stub):
            stub.add_response("list_queues", {"QueueUrls": []}, {"QueueNamePrefix": "a"})

    The options are those of boto3's `client()`. Unused responses raise AssertionError at the end,
    unless the context ends with another error.
    """
    client = session().client(service, **options)
    from botocore.stub import Stubber  # noqa: PLC0415 - as above

    with Stubber(client) as stubber:
        yield client, stubber
        _expect_none_pending(service, stubber)


def _expect_none_pending(service: str, stubber: Any) -> None:
    try:
        stubber.assert_no_pending_responses()
    except AssertionError as error:
        # botocore says how many, but not of which operations.
        pending = [each["operation_name"] for each in getattr(stubber, "_queue", ())]
        raise AssertionError(
            f"The stubbed client of {service} was not asked for {', '.join(pending)}: call the"
            f" operation, or add no response for it. ({error})"
        ) from None
