"""Use one boto3 client with a store that redirects, before and after `install()`."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any, Callable, Literal

import boto3
import botocore
from botocore.config import Config

import botocore_redirect
from botocore_redirect.commands.sequence import Exchange, draw
from botocore_redirect.testing import Received, RedirectingStore

_BUCKET = "demo"
_KEY = "hello.bin"
_BODY = bytes(range(256)) * 4096  # 1 MiB


class CannotShow(RuntimeError):
    """The demo cannot show the difference in this process; the message says why."""


@dataclass(frozen=True)
class Report:
    """The text for the user, and the problems that it names."""

    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Call:
    """One call: its result, and the requests that it took."""

    name: str
    result: dict[str, Any] | Exception
    exchanges: tuple[Exchange, ...]

    @property
    def response(self) -> dict[str, Any]:
        """The response; empty if the call failed."""
        return {} if isinstance(self.result, Exception) else self.result

    @property
    def hops(self) -> list[dict[str, Any]]:
        return list(self.response.get("ResponseMetadata", {}).get("Redirects", []))

    def to(self, server: str) -> list[Exchange]:
        return [each for each in self.exchanges if each.to == server]

    def problem(self) -> str | None:
        if isinstance(self.result, Exception):
            return f"{self.name} failed with {type(self.result).__name__}: {self.result}"
        gateway, target = len(self.to("gateway")), len(self.to("target"))
        if (len(self.hops), gateway, target) != (1, 1, 1):
            return (
                f"{self.name} took {len(self.hops)} hops, {gateway} requests to the gateway and"
                f" {target} to the target, instead of one each"
            )
        unneeded = sum(each.body_bytes for each in self.to("gateway"))
        return f"{self.name} sent {unneeded} bytes of its body to the gateway" if unneeded else None

    def lines(self) -> list[str]:
        if isinstance(self.result, Exception):
            attempts = _count(len(self.exchanges), "request")
            how = f"failed: {type(self.result).__name__}, {attempts}"
        else:
            how = str(self.result["ResponseMetadata"]["HTTPStatusCode"])
        return [f"   {self.name:<16} {how}", *(f"   {each}" for each in draw(self.exchanges)), ""]


def run() -> Report:
    """Make the calls and check them. Raises `CannotShow` if the patch is on, or cannot be."""
    if botocore_redirect.is_installed():
        raise CannotShow(
            "The patch is installed in this process already, so stock boto3 cannot be shown."
            " Start the demo in a Python that does not import botocore_redirect.auto."
        )
    # The report says what install() would warn of.
    logging.getLogger("botocore_redirect").addHandler(logging.NullHandler())
    with RedirectingStore() as store:
        store.inspector.create_bucket(_BUCKET)
        client = _client(store.url)

        stock = _call(store, "put_object", _put, client)
        stored_by_stock = store.inspector.keys(_BUCKET)

        with _install():
            put = _call(store, "put_object", _put, client)
            get = _call(store, "get_object", _get, client)
            listing = _call(store, "list_objects_v2", _list, client)
        stored = store.inspector.snapshot().get(_BUCKET, {}).get(_KEY, b"")

    checks = [
        *(call.problem() for call in (put, get, listing)),
        "" if isinstance(stock.result, Exception) else "stock boto3 did not fail",
        f"stock boto3 stored {stored_by_stock}" if stored_by_stock else "",
        "" if stored == _BODY else "the stored object differs from what was sent",
        "" if get.response.get("Body", _BODY) == _BODY else "get_object returned something else",
        ""
        if [each["Key"] for each in listing.response.get("Contents", [])] == [_KEY]
        else "list_objects_v2 does not list the one object",
    ]
    problems = tuple(filter(None, checks))
    equal = "equal to" if stored == _BODY else "NOT equal to"
    last = "Every call was redirected once. The body was sent once, to the target."
    lines = [
        "An S3 store on this machine: its gateway redirects every request (307) to a target.",
        "",
        f"1. Stock boto3 (botocore {botocore.__version__})",
        "",
        *stock.lines(),
        f"   {'in the store':<16} {_count(len(stored_by_stock), 'object')}",
        "",
        "2. The same client, after botocore_redirect.install()",
        "",
        *(line for call in (put, get, listing) for line in call.lines()),
        f"   {'in the store':<16} {_BUCKET}/{_KEY}, {len(stored)} bytes, {equal} what was sent",
        "",
        f"Problems: {'; '.join(problems)}." if problems else last,
    ]
    return Report("\n".join(lines), problems)


def _install() -> botocore_redirect.Installation:
    try:
        installation = botocore_redirect.install()
    except (ValueError, botocore_redirect.UnsupportedBotocore) as problem:
        raise CannotShow(str(problem)) from problem
    if not botocore_redirect.is_installed():
        raise CannotShow(
            f"BOTOCORE_REDIRECT={os.environ.get('BOTOCORE_REDIRECT')} switches the patch off, so"
            " there is nothing to show. Unset it and run the demo again."
        )
    return installation


def _client(url: str) -> Any:
    # Not configured by this machine: neither its region nor its addressing style nor its proxies.
    return boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="demo",
        aws_secret_access_key="demo",  # noqa: S106 - a fake
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )


def _put(client: Any) -> Any:
    return client.put_object(Bucket=_BUCKET, Key=_KEY, Body=_BODY)


def _get(client: Any) -> Any:
    response = client.get_object(Bucket=_BUCKET, Key=_KEY)
    return dict(response, Body=response["Body"].read())


def _list(client: Any) -> Any:
    return client.list_objects_v2(Bucket=_BUCKET)


def _call(store: RedirectingStore, name: str, call: Callable[[Any], Any], client: Any) -> _Call:
    store.clear()
    result: dict[str, Any] | Exception
    try:
        result = call(client)
    except Exception as error:  # noqa: BLE001 - the report shows it, whatever it is
        result = error
    gateway = [_exchange("gateway", each) for each in store.gateway.received]
    target = [_exchange("target", each) for server in store.targets for each in server.received]
    return _Call(name, result, (*gateway, *target))


def _exchange(to: Literal["gateway", "target"], received: Received) -> Exchange:
    return Exchange(to, received.method, received.path, received.body_bytes, received.status)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
