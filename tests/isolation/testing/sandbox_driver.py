"""Takes one step in a fresh interpreter, where no sandbox is on and nothing was imported.

    python sandbox_driver.py STEP

prints one JSON value: what the step saw.
"""

from __future__ import annotations

import json
import socket
import sys
import warnings
from contextlib import ExitStack
from typing import Any

from botocore_redirect.testing.sandbox import loopback
from botocore_redirect.testing.sandbox.environment import CallRefused, aws_sandbox

NAMES = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")


def imports() -> list[str]:
    with aws_sandbox():
        return sorted(sys.modules)


def restored() -> dict[str, bool]:
    before = dict(vars(socket.socket)), dict(vars(socket))
    with aws_sandbox(), aws_sandbox():
        on = dict(vars(socket.socket)), dict(vars(socket))
    after = dict(vars(socket.socket)), dict(vars(socket))
    return {"changed while on": before != on, "as before": before == after}


def wrapped_over() -> dict[str, Any]:
    """Wrap getaddrinfo while the sandbox is on; put it back between two later uses."""
    stock = socket.getaddrinfo
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with aws_sandbox():
            guard = socket.getaddrinfo

            def theirs(*args: Any, **options: Any) -> Any:
                return guard(*args, **options)

            socket.getaddrinfo = theirs
        seen: dict[str, Any] = {
            "warnings": [str(each.message) for each in warned],
            "about": [each.filename for each in warned],
            "theirs stays": socket.getaddrinfo is theirs,
            "inert": _looks_up(),
        }
        with aws_sandbox():
            seen["works again"] = not _looks_up()
        seen["theirs still stays"] = socket.getaddrinfo is theirs
        socket.getaddrinfo = guard
        with aws_sandbox():
            pass
        seen["stock in the end"] = socket.getaddrinfo is stock
        seen["said once"] = len(warned) == 1
    return seen


def kept_guards() -> dict[str, bool]:
    """Send with guards that somebody held on to, after the sandbox has ended."""
    with aws_sandbox():
        connect, sendto = socket.socket.connect, socket.socket.sendto
        sendmsg = socket.socket.sendmsg
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sendto(sock, b"1", there.getsockname())
            sendmsg(sock, [b"2"], [], 0, there.getsockname())
            connect(sock, ("192.0.2.1", 9))  # a datagram socket sends nothing when it connects
            outside = sock.getpeername() == ("192.0.2.1", 9)
        return {"sent": [there.recv(1), there.recv(1)] == [b"1", b"2"], "outside": outside}


def fewer_functions() -> dict[str, bool]:
    """Turn the sandbox on where the socket module lacks a function, as on Windows."""
    loopback._PLACES += ((socket.socket, "sendmsg_of_tomorrow", loopback._guarded_sendmsg),)
    with aws_sandbox():
        return {"added": hasattr(socket.socket, "sendmsg_of_tomorrow"), "looks up": _looks_up()}


def _looks_up() -> bool:
    """Whether a name gets as far as the resolver."""
    try:
        socket.getaddrinfo("nowhere.invalid", 80)
    except CallRefused:
        return False
    except OSError:
        pass
    return True


def client_before_moto() -> str:
    client = _client()
    return _refusal(client, mock=True)


def client_before_moto_without_a_mock() -> str:
    client = _client()
    import moto  # noqa: F401, PLC0415  # the order is what this is about

    return _refusal(client, mock=False)


def session_before_moto() -> str:
    import boto3  # noqa: PLC0415 - the order is what this is about

    session = boto3.session.Session()
    with aws_sandbox(), ExitStack() as mock:
        mock.enter_context(_mock())
        return _refusal(session.client("s3", region_name="us-east-1"), mock=False)


def patched_client() -> str:
    client = _client()
    from moto.core import patch_client  # noqa: PLC0415 - as above

    patch_client(client)
    return _refusal(client, mock=True)


def no_moto() -> str:
    return _refusal(_client(), mock=False)


def after_the_mock() -> str:
    import moto  # noqa: F401, PLC0415 - as above

    return _refusal(_client(), mock=False)


def host_unknown_to_moto() -> str:
    import moto  # noqa: F401, PLC0415 - as above

    return _refusal(_client(endpoint_url="http://store.example"), mock=True)


def _client(**options: Any) -> Any:
    import boto3  # noqa: PLC0415 - not before a row asks for it

    return boto3.session.Session().client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="user",
        aws_secret_access_key="secret",
        **options,
    )


def _mock() -> Any:
    import moto  # noqa: PLC0415 - as above

    return moto.mock_aws() if hasattr(moto, "mock_aws") else moto.mock_s3()


def _refusal(client: Any, *, mock: bool) -> str:
    with aws_sandbox(), ExitStack() as mocks:
        if mock:
            mocks.enter_context(_mock())
        try:
            client.list_buckets()
        except CallRefused as error:
            return str(error)
    return ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(globals()[sys.argv[1]]()))
