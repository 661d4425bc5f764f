"""`python -m botocore_redirect.testing`: a store that redirects, started and stopped by hand."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from botocore_redirect.testing.dialects import DIALECTS
from botocore_redirect.testing.server.exchange import REDIRECT_ALL, Received, Redirect
from botocore_redirect.testing.stores.redirecting_store import RedirectingStore

_STATUSES = (301, 302, 303, 307, 308)
_HIGHEST_PORT = 65535
_MOST_TARGETS = 100
_DESCRIPTION = """\
A store that redirects, on this machine: a gateway answers every request with a redirect to one of
its targets, in turn, and these relay it to the S3 of moto. With --dialect, gateway and targets do
as a real store does. It writes a line for each request.
Ctrl-C stops it, and deletes what was stored. It checks no signatures, and keeps objects in memory.

Needs moto: pip install 'botocore-redirect[testing]'.
"""
_EPILOG = """\
examples:
  %(prog)s
  %(prog)s --port 9000 --targets 3
  %(prog)s --status 301 --tls
  %(prog)s --dialect aistore --targets 3

exit status:
  0  it was stopped, by Ctrl-C or SIGTERM
  1  it could not start; the message says why
  2  an argument is wrong
"""


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal ends it, and return the exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.dialect and asked.status:
        parser.error(f"the dialect {asked.dialect} says which status it sends: omit --status")
    # SIGINT, too: a shell lets its background jobs ignore it.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, signal.default_int_handler)
    store = RedirectingStore(
        targets=asked.targets,
        redirect=Redirect(asked.status) if asked.status else REDIRECT_ALL,
        tls=asked.tls,
        dialect=asked.dialect,
        port=asked.port,
    )
    try:
        with store:
            print_lock = threading.Lock()
            store.gateway.received = RequestLog("gateway", print_lock)
            for number, target in enumerate(store.targets, 1):
                target.received = RequestLog(f"target {number}", print_lock)
            print(_introduction(store, _describe_redirects(asked)), flush=True)
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        print("Stopped.")
        return 0
    except ImportError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"The store cannot listen on port {asked.port}: {error}.", file=sys.stderr)
    return 1


class RequestLog(list[Received]):
    """Prints the requests that are added to it, and keeps none: they hold bodies."""

    def __init__(self, server: str, lock: threading.Lock) -> None:
        super().__init__()
        self._server = server
        self._lock = lock

    def append(self, received: Received) -> None:
        """Print a request in a line."""
        target = "".join(each if each.isprintable() else "?" for each in received.target)
        line = (
            f"{self._server:<9} {received.status or '---'}  {received.method:<6} {target}"
            f"  {received.body_bytes} bytes"
        )
        with self._lock, suppress(OSError):  # whoever read it has gone
            print(line, flush=True)


def _describe_redirects(asked: argparse.Namespace) -> str:
    """Describe what the store redirects, for its first line."""
    if asked.dialect is None:
        return f"redirects with {asked.status or REDIRECT_ALL.status}"
    dialect = DIALECTS[asked.dialect]
    return f"redirects as {dialect.store} ({dialect.redirects})"


def _introduction(store: RedirectingStore, redirects: str) -> str:
    url, authority = store.url, store.ca
    targets = ", ".join(target.url for target in store.targets)
    option = f" --ca-bundle {authority}" if authority else ""
    lines = [
        f"A store that {redirects}: {url} to {targets}. Ctrl-C stops it.",
        "",
        f"  export AWS_ENDPOINT_URL_S3={url}",
        "  export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing",
        "  export AWS_DEFAULT_REGION=us-east-1",
        *([f"  export AWS_CA_BUNDLE={authority}"] if authority else []),
        f"  aws --endpoint-url {url}{option} s3 mb s3://my-bucket",
        f"  python -m botocore_redirect probe --endpoint-url {url}{option}",
        "",
    ]
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m botocore_redirect.testing",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--targets",
        type=_number(1, _MOST_TARGETS),
        default=1,
        metavar="N",
        help="how many targets there are (default: 1)",
    )
    parser.add_argument(
        "--status",
        type=int,
        choices=_STATUSES,
        help="the status of the redirects (default: 307)",
    )
    parser.add_argument(
        "--dialect", choices=sorted(DIALECTS), help="redirect as this store does (docs/stores.md)"
    )
    parser.add_argument(
        "--port",
        type=_number(0, _HIGHEST_PORT),
        default=0,
        help="the port of the gateway (default: a free one)",
    )
    parser.add_argument(
        "--tls", action="store_true", help="speak TLS, and print the file of the authority"
    )
    return parser


def _number(lowest: int, highest: int) -> Any:
    """Return a type of argparse: a whole number between two others."""

    def number(text: str) -> int:
        found = int(text) if text.isascii() and text.isdigit() else -1
        if not lowest <= found <= highest:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {lowest} to {highest}")
        return found

    return number


if __name__ == "__main__":
    sys.exit(main())
