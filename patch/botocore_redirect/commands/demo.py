"""One boto3 client and a store that redirects: what happens before and after `install()`."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any, Callable

import boto3
import botocore
from botocore.config import Config

import botocore_redirect
from botocore_redirect.testing import Gateway, RedirectingStore

_BUCKET = "demo"
_KEY = "hello.bin"
_BODY = bytes(range(256)) * 4096  # 1 MiB


class CannotShow(RuntimeError):
    """The difference cannot be seen in a process like this one; the message says why."""


@dataclass(frozen=True)
class Shown:
    """The text for the reader, and what in it is not as the patch promises."""

    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Step:
    """One call: what it ended in, and what gateway and target saw of it."""

    name: str
    outcome: dict[str, Any] | Exception
    at_gateway: int
    at_target: int
    body_at_gateway: int
    body_at_target: int

    @property
    def answer(self) -> dict[str, Any]:
        """What the call returned; nothing if it raised."""
        return {} if isinstance(self.outcome, Exception) else self.outcome

    @property
    def hops(self) -> list[dict[str, Any]]:
        return list(self.answer.get("ResponseMetadata", {}).get("Redirects", []))

    def problem(self) -> str | None:
        if isinstance(self.outcome, Exception):
            return f"{self.name} ended in {_named(self.outcome)}: {self.outcome}"
        if (len(self.hops), self.at_gateway, self.at_target) != (1, 1, 1):
            return (
                f"{self.name} took {len(self.hops)} hops, with {self.at_gateway} requests to the"
                f" gateway and {self.at_target} to the target, instead of one each"
            )
        if self.body_at_gateway:
            return f"{self.name} sent {self.body_at_gateway} bytes of its body to the gateway"
        return None

    def lines(self) -> list[str]:
        if isinstance(self.outcome, Exception):
            return [f"   {self.name:<16} {_named(self.outcome)}"]
        status = self.outcome["ResponseMetadata"]["HTTPStatusCode"]
        return [
            (
                f"   {self.name:<16} {status}"
                f"   gateway: {_counted(self.at_gateway, 'request')},"
                f" {self.body_at_gateway:>7} body bytes"
                f"   target: {_counted(self.at_target, 'request')},"
                f" {self.body_at_target:>7} body bytes"
            ),
            *(f"{'':19} {hop['Status']}   {hop['From']} -> {hop['To']}" for hop in self.hops),
        ]


def run() -> Shown:
    """Make the calls and judge them. Raises `CannotShow` where the patch is on, or cannot be."""
    if botocore_redirect.is_installed():
        raise CannotShow(
            "The patch is installed in this process already, so stock boto3 cannot be shown;"
            " start the demo in a Python that does not import botocore_redirect.auto."
        )
    # What install() would warn of is said below, once.
    logging.getLogger("botocore_redirect").addHandler(logging.NullHandler())
    with RedirectingStore() as store:
        store.inspector.create_bucket(_BUCKET)
        client = _client(store.url)

        stock = _step(store, "put_object", _put, client)
        stored_by_stock = store.inspector.keys(_BUCKET)

        with _installed():
            put = _step(store, "put_object", _put, client)
            get = _step(store, "get_object", _get, client)
            listing = _step(store, "list_objects_v2", _list, client)
        stored = store.inspector.snapshot().get(_BUCKET, {}).get(_KEY)

    problems = [step.problem() for step in (put, get, listing)]
    if not isinstance(stock.outcome, Exception):
        problems.append("stock boto3 stored the object, though it was expected to fail")
    if stored_by_stock:
        problems.append(f"stock boto3 left {stored_by_stock} in the store")
    if stored != _BODY:
        problems.append("what is stored is not what was put")
    if get.answer.get("Body", _BODY) != _BODY:
        problems.append("what was got is not what was put")
    if [each["Key"] for each in listing.answer.get("Contents", [])] != [_KEY]:
        problems.append("the list does not name the one object there should be")
    found = tuple(filter(None, problems))

    lines = [
        (
            f"A store whose gateway answers every request with 307 and another address;"
            f" botocore {botocore.__version__}."
        ),
        "",
        "1. Stock boto3",
        (
            f"   {stock.name:<16} {_named(stock.outcome)},"
            f" after {_counted(stock.at_gateway, 'request')} to the gateway;"
            f" objects in the store: {len(stored_by_stock)}"
        ),
        "",
        "2. The same client, after botocore_redirect.install()",
        *(line for step in (put, get, listing) for line in step.lines()),
        "",
        (
            f"   {'in the store':<16} {_BUCKET}/{_KEY}, {len(stored or b'')} bytes:"
            f" {'what was put' if stored == _BODY else 'NOT what was put'}"
        ),
        "",
        f"Not as promised: {'; '.join(found)}." if found else "All of it is as promised.",
    ]
    return Shown("\n".join(lines), found)


def _installed() -> botocore_redirect.Installation:
    try:
        installation = botocore_redirect.install()
    except (ValueError, botocore_redirect.UnsupportedBotocore) as problem:
        raise CannotShow(str(problem)) from problem
    if not botocore_redirect.is_installed():
        raise CannotShow(
            f"BOTOCORE_REDIRECT={os.environ.get('BOTOCORE_REDIRECT')} switches the patch off, so"
            " there is nothing to show; unset it and run the demo again."
        )
    return installation


def _client(url: str) -> Any:
    # What the machine's own configuration may say of regions, addressing or proxies is not asked.
    return boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="demo",
        aws_secret_access_key="demo",  # noqa: S106  # nobody's
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )


def _put(client: Any) -> Any:
    return client.put_object(Bucket=_BUCKET, Key=_KEY, Body=_BODY)


def _get(client: Any) -> Any:
    response = client.get_object(Bucket=_BUCKET, Key=_KEY)
    return dict(response, Body=response["Body"].read())


def _list(client: Any) -> Any:
    return client.list_objects_v2(Bucket=_BUCKET)


def _step(store: RedirectingStore, name: str, call: Callable[[Any], Any], client: Any) -> _Step:
    store.clear()
    outcome: dict[str, Any] | Exception
    try:
        outcome = call(client)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what is to be shown
        outcome = error
    servers: tuple[Gateway, ...] = (store.gateway, *store.targets)
    requests = [len(server.received) for server in servers]
    bodies = [sum(each.body_bytes for each in server.received) for server in servers]
    return _Step(name, outcome, requests[0], sum(requests[1:]), bodies[0], sum(bodies[1:]))


def _named(outcome: object) -> str:
    return type(outcome).__name__ if isinstance(outcome, Exception) else "success"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
