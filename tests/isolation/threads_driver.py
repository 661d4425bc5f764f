"""Call S3 in many threads while others install and remove the patch; print what went wrong.

On a Python without the GIL the threads run in parallel. On others they are switched as often as
possible, in the middle of the patch's own code.
"""

from __future__ import annotations

import gc
import itertools
import json
import logging
import random
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Callable

import boto3
import botocore.endpoint
from botocore import awsrequest, utils
from botocore.config import Config
from botocore.retries import bucket

import botocore_redirect
from botocore_redirect import RedirectPolicy
from botocore_redirect.testing.server import Gateway, Redirect
from botocore_redirect.testing.server.exchange import Received, Response
from botocore_redirect.transport import pools

OURS = str(Path(botocore_redirect.__file__).parent)
KIT = str(Path(OURS, "testing"))
STOCK = 10  # how many pools urllib3 keeps
TARGETS = 12
KEY = {"Bucket": "bkt", "Key": "key"}
PATCHED = (
    botocore.endpoint.Endpoint,
    awsrequest.AWSConnection,
    awsrequest.AWSHTTPConnection,
    awsrequest.AWSHTTPSConnection,
    awsrequest.AWSHTTPResponse,
    bucket.TokenBucket,
    utils.S3RegionRedirectorv2,
)
OTHERS = [RedirectPolicy(max_hops=3), RedirectPolicy(trust="*.store.com"), None]


def main(seconds: float) -> None:
    """Run all threads for some seconds, and print the problems as a list."""
    before = [dict(vars(owner)) for owner in PATCHED]
    warnings = _Warnings()
    logging.getLogger("botocore_redirect").addHandler(warnings)
    with ExitStack() as servers:
        targets = [servers.enter_context(_serve(_answer)).url for _ in range(TARGETS)]
        turn = itertools.count()
        gateway = _serve(lambda _: Redirect.to(targets[next(turn) % TARGETS]))
        url = servers.enter_context(gateway).url
        problems = [*_run(url, seconds), *warnings.messages]
    gc.collect()
    if botocore_redirect.is_installed():
        problems.append("still installed")
    problems += [
        f"{owner.__name__} is not restored"
        for owner, attributes in zip(PATCHED, before)
        if dict(vars(owner)) != attributes
    ]
    if pools._sizes or pools._stamps:
        problems.append("the pools of clients that are gone are remembered")
    if getattr(sys, "_is_gil_enabled", bool)() and "free-threading" in sys.version:
        problems.append("the GIL was enabled")
    print(json.dumps(problems))


def _serve(rule: Any) -> Gateway:
    return Gateway("http://127.0.0.1:9", rule=rule)


def _answer(request: Received) -> Response:
    return Response(200, body=b"content" if request.method == "GET" else b"")


def _run(url: str, seconds: float) -> list[str]:
    clients = [_make_client(url) for _ in range(6)]
    changes: list[Callable[[], Any]] = [_install, _leave, botocore_redirect.is_installed]
    shared = clients[0]
    followed: list[Callable[[], Any]] = [
        *[partial(_follow_and_call, each) for each in clients[1:4]],
        *[partial(_call, shared)] * 2,
        *[partial(_call_stock, each) for each in clients[4:]],
        partial(_drop, shared),
    ]
    # Now and then there is no patch at all.
    stock = [partial(_call_stock, each) for each in clients]
    botocore_redirect.follow(shared)
    problems = _in_threads([*changes, *followed], seconds / 2)
    for client in clients:
        botocore_redirect.unfollow(client)
    gc.collect()  # clients that were dropped
    problems |= _in_threads([*changes, *stock], seconds / 2)
    botocore_redirect.uninstall()
    sizes = {client._endpoint.http_session._manager.pools._maxsize for client in clients}
    if sizes != {STOCK}:
        problems.add(f"clients keep as many pools: {sizes}")
    return sorted(problems)


def _in_threads(work: list[Callable[[], Any]], seconds: float) -> set[str]:
    problems: set[str] = set()
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(len(work)) as pool, _switching_often():
        futures = [pool.submit(_repeat, each, end, problems) for each in work]
        for future in futures:
            future.result()
    return problems


def _repeat(work: Callable[[], Any], end: float, problems: set[str]) -> None:
    """Work at least once, and until the end or the first problem."""
    is_first = True
    while is_first or (time.monotonic() < end and not problems):
        is_first = False
        try:
            work()
        except Exception:  # noqa: BLE001 - whatever it is, it is reported
            problems.add(traceback.format_exc())


def _call(client: Any) -> None:
    for body in (None, b"content"):
        answer = client.put_object(Body=body, **KEY) if body else client.get_object(**KEY)
        assert body or answer["Body"].read() == b"content"
        assert len(answer["ResponseMetadata"]["Redirects"]) == 1


def _follow_and_call(client: Any) -> None:
    for policy in OTHERS:
        botocore_redirect.follow(client, policy)
        _call(client)
    botocore_redirect.unfollow(client)


def _call_stock(client: Any) -> None:
    """Call a client that is patched at times. Errors are those of stock botocore, not of ours."""
    try:
        client.get_object(**KEY)["Body"].read()
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        if frames[-1].filename.startswith(OURS):
            raise


def _install() -> None:
    botocore_redirect.install()
    botocore_redirect.install(RedirectPolicy(max_hops=2))
    botocore_redirect.uninstall()


def _leave() -> None:
    with botocore_redirect.install(RedirectPolicy(max_hops=2)):
        botocore_redirect.is_installed()


def _drop(client: Any) -> None:
    """Drop clients that are followed, as programs do."""
    botocore_redirect.follow(_Copy(client))


class _Copy:
    """A cheap client: an endpoint, and the metadata that the patch reads."""

    def __init__(self, client: Any) -> None:
        self.meta = client.meta
        self._endpoint = object.__new__(type(client._endpoint))


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _make_client(url: str) -> Any:
    return boto3.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="user",
        aws_secret_access_key="secret",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
    )


@contextmanager
def _switching_often() -> Iterator[None]:
    """Let other threads run after any instruction of the patch, where the GIL lets one run."""
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        yield
        return
    chance = random.Random()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if event == "call":
            name = frame.f_code.co_filename
            if not name.startswith(OURS) or name.startswith(KIT):
                return None
            frame.f_trace_opcodes = True
        elif event == "opcode" and chance.random() < 0.05:
            time.sleep(1e-6)
        return trace

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threading.settrace(trace)
    try:
        yield
    finally:
        threading.settrace(None)  # type: ignore[arg-type]  # typeshed's fault
        sys.setswitchinterval(interval)


if __name__ == "__main__":
    main(float(sys.argv[1]))
