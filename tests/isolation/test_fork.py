"""A process may fork while its threads install and uninstall the patch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FORKS = """
import os, sys, threading, time
import boto3, botocore_redirect
from botocore_redirect import RedirectPolicy

make = lambda: boto3.client("s3", region_name="us-east-1", aws_access_key_id="user",
                            aws_secret_access_key="secret")
clients = [make() for _ in range(4)]
over = threading.Event()
botocore_redirect.uninstall()  # a fork in the middle of an import is Python's own affair

def change(client):
    while not over.is_set():
        botocore_redirect.install()
        botocore_redirect.follow(client)
        botocore_redirect.install(RedirectPolicy(max_hops=2))
        botocore_redirect.unfollow(client)
        botocore_redirect.uninstall()

def child():
    botocore_redirect.install()
    assert botocore_redirect.is_installed()
    for client in clients:
        botocore_redirect.unfollow(botocore_redirect.follow(client))
    botocore_redirect.uninstall()
    assert not botocore_redirect.is_installed()
    from botocore.awsrequest import AWSHTTPConnection
    assert "getresponse" not in vars(AWSHTTPConnection)

threads = [threading.Thread(target=change, args=(client,), daemon=True) for client in clients]
for thread in threads:
    thread.start()
hung = failed = 0
for _ in range(60):
    process = os.fork()
    if not process:
        status = 1
        try:
            child()
            status = 0
        finally:
            os._exit(status)
    until = time.monotonic() + 20
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            failed += bool(status)
            break
        if time.monotonic() > until:
            hung += 1
            os.kill(process, 9)
            os.waitpid(process, 0)
            break
        time.sleep(0.005)
over.set()
print(hung, failed)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_no_forked_child_finds_the_lock_held() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS],
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("0 0\n", "")
