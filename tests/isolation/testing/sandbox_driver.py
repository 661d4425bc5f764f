"""Runs a function of this module in a fresh interpreter: no sandbox was on, no moto is imported.

    python sandbox_driver.py FUNCTION

prints what the function returns, as JSON.
"""

from __future__ import annotations

import importlib
import json
import socket
import sys
from contextlib import ExitStack
from typing import Any

from botocore_redirect.testing.sandbox import CallRefused, aws_sandbox


def imports() -> dict[str, Any]:
    """Return the modules that the kit imports, and whether a look-up is refused afterwards."""
    importlib.import_module("botocore_redirect.testing.fixtures")
    with aws_sandbox():
        modules = sorted(sys.modules)
    return {"modules": modules, "refused": _refuses_a_look_up()}


def _refuses_a_look_up() -> bool:
    try:
        socket.getaddrinfo("nowhere.invalid", 80)
    except CallRefused:
        return True
    except OSError:
        pass
    return False


def advice() -> dict[str, str]:
    """Return the error of each refused call, "" where moto's mock answered."""
    import boto3  # noqa: PLC0415 - `imports` must not have it

    session = boto3.session.Session()
    old, handed_over = (_client(session) for _ in range(2))
    before_moto = _error(old, mock=False)

    import moto  # noqa: F401, PLC0415 - the order is what this is about
    from moto.core import patch_client  # noqa: PLC0415 - as above

    patch_client(handed_over)
    return {
        "no moto": before_moto,
        "no mock": _error(_client(boto3.session.Session()), mock=False),
        "client before moto": _error(old, mock=True),
        "client before moto, no mock": _error(old, mock=False),
        "session before moto": _error(_client(session), mock=True),
        "handed over": _error(handed_over, mock=True),
        "unknown host": _error(
            _client(boto3.session.Session(), endpoint_url="http://store.example"), mock=True
        ),
    }


def _client(session: Any, **options: Any) -> Any:
    return session.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="user",
        aws_secret_access_key="secret",
        **options,
    )


def _error(client: Any, *, mock: bool) -> str:
    with aws_sandbox(), ExitStack() as mocks:
        if mock:
            import moto  # noqa: PLC0415 - as above

            mocks.enter_context(moto.mock_aws() if hasattr(moto, "mock_aws") else moto.mock_s3())
        try:
            client.list_buckets()
        except CallRefused as error:
            return str(error)
    return ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(globals()[sys.argv[1]]()))
