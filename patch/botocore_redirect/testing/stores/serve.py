"""Run a `MotoStore` for the process that started this one.

    python -m botocore_redirect.testing.stores.serve

It prints one line, its URL, and serves until its standard input is closed, SIGTERM or SIGINT.
"""

from __future__ import annotations

import signal
import sys

from botocore_redirect.testing.stores.moto_store import MotoStore


def main() -> int:
    """Serve until the end; return the exit status: 0, or 1 if moto is missing."""
    # SIGINT, too: a shell lets its background jobs ignore it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        with MotoStore() as store:
            print(store.url, flush=True)
            sys.stdin.read()  # until the parent closes its end, or dies, which closes it too
    except (KeyboardInterrupt, ConnectionError):  # standard input may be a socket
        pass
    except ImportError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
