"""Stand in for an interpreter: `python -I -S fork_client.py SOCKET ARGUMENT ...`.

The fork server runs what the arguments say in a child of its own, with the standard streams, the
folder and the environment of this process. This one ends when the child does, and as it does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys


def main(address: str, *arguments: str) -> int:
    """Let the server run the arguments in a child; return its exit status as a shell would."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # pytest decides what becomes of its workers
    folder = os.getcwd()  # noqa: PTH109 - pathlib would cost as much as all the rest
    request = {"arguments": arguments, "folder": folder, "environment": {**os.environ}}
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        socket.send_fds(server, [b"\n"], [0, 1, 2])
        server.sendall(json.dumps(request).encode() + b"\n")
        status = int(server.makefile().readline() or 1)  # nothing: the server is gone
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
