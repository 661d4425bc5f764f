"""Processes that a patched process starts: each says whether it follows redirects, and how.

The arguments: how they are started, and whether `install()` is told to take them along.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import botocore_redirect
from botocore_redirect import RedirectPolicy

POLICY = RedirectPolicy(trust=("a.com", "b.com"), max_hops=3, workarounds=frozenset({"pools"}))
ASK = "from isolation.activation.children_driver import describe_policy as it; print(it())"


def describe_policy() -> str:
    import botocore.endpoint  # noqa: F401, PLC0415  # as every program that uses S3

    return f"{botocore_redirect.install().policy if botocore_redirect.is_installed() else None}"


def start(method: str) -> str:
    if method == "subprocess":
        done = subprocess.run([sys.executable, "-c", ASK], stdout=subprocess.PIPE, check=True)
        return done.stdout.decode().strip()
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(describe_policy).result(timeout=60)


def main(method: str, when: str) -> None:
    before = dict(os.environ)
    if when == "after the fork server":
        start("forkserver")
    with botocore_redirect.install(POLICY, children=when != "alone"):
        print(start(method))
    print(dict(os.environ) == before)
    print(start(method) if method != "forkserver" else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
