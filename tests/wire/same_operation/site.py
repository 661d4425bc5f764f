"""A store with two addresses, clients of one of them, and the outcome of a call."""

from __future__ import annotations

from typing import Any

from botocore.config import Config

from botocore_redirect import RedirectError
from botocore_redirect.testing import Gateway, Redirect
from wire.same_operation.asked import DIALECT, GATEWAY, MOUNT, Asked, Mutation
from wire.same_operation.calls import BUCKET, KEY, UPLOAD_ID, VERSION_ID, Call
from wire.servers.s3_routes import list_routes
from wire.servers.s3_server import S3Store
from wire.servers.s3_state import State, find_kind, show


class Site:
    """A store with two addresses, the one that clients know and another, and those clients."""

    def __init__(self, session: Any, gateway: Gateway, node: Gateway) -> None:
        self.gateway, self.node = gateway, node
        self.store = S3Store()
        gateway.rule = node.rule = self.store.reply
        self.before = full_store()
        port = _port(gateway)
        styles = {"path": "", "virtual": "", "mounted": MOUNT, "access point": ""}
        self._clients = {
            style: session.client(
                "s3",
                endpoint_url=f"http://{GATEWAY}:{port}{path}",
                config=Config(
                    s3={"addressing_style": "virtual" if style == "virtual" else "path"},
                    retries={"max_attempts": 0},
                ),
            )
            for style, path in styles.items()
        }

    def run(self, call: Call, mutation: Mutation | None = None) -> Outcome:
        """Call, directly or through that redirect, on a store as it was before."""
        self.store.reset(self.before, mutation.dialect if mutation else DIALECT)
        self.gateway.clear()
        self.node.clear()
        if mutation:
            self.gateway.script(Redirect(mutation.status, mutation.location))
        try:
            result: Any = call.run(self._clients[call.style])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
            result = error
        return Outcome(self, result)

    def ask(self, call: Call) -> tuple[Asked, Outcome]:
        """Call directly; return the request and what came of it."""
        outcome = self.run(call)
        assert isinstance(outcome.result, dict), repr(outcome.result)
        (received,) = self.gateway.received
        return Asked(call, received, _port(self.gateway), _port(self.node)), outcome


class Outcome:
    """What a call returned or raised, what the store did and what it holds."""

    def __init__(self, site: Site, result: Any) -> None:
        self.result = result
        self.state = site.store.state
        self.done = site.store.done
        self.requests = len(site.gateway.received) + len(site.node.received)

    def problem(self, direct: Outcome, before: State, mutation: Mutation) -> str | None:
        """Say what is wrong with this outcome, if it is neither the direct one nor an error."""
        same = (self.result, self.state, self.done) == (direct.result, direct.state, direct.done)
        refused = (
            isinstance(self.result, RedirectError)
            and bool(self.result.response["Error"]["Message"].strip())
            and (self.state, self.done, self.requests) == (before, [], 1)
        )
        if same or (refused and not mutation.is_faithful):
            return None
        location = mutation.location.decode("utf-8", "replace")
        return (
            f"{mutation} ({mutation.status}, Location: {location})\n"
            f"  the direct call: {direct.describe(before)}\n"
            f"  the redirected:  {self.describe(before)}"
        )

    def describe(self, before: State) -> str:
        """Write down what was done, how the store changed, and what the client got."""
        done = [f"{operation} on {show(resource)}" for operation, resource in self.done]
        gone = [show(each) for each in before if each not in self.state]
        new = [
            f"{show(each)} = {text}"
            for each, text in self.state.items()
            if before.get(each) != text
        ]
        result = repr(self.result) if isinstance(self.result, Exception) else "a result"
        return (
            f"did {done or 'nothing'}; gone {gone[:3]}; written {new[:3]}; client: {result[:300]}"
        )


def full_store() -> State:
    """Return a store that holds something of every kind, so that what is deleted is missed."""
    version, upload = f"versionId={VERSION_ID}", f"uploadId={UPLOAD_ID}"
    parts = [f"partNumber={number}&{upload}" for number in (1, 2)]
    which = {"versionId": ["", version], "uploadId": [upload], "partNumber": parts}
    keys = {"service": [b""], "bucket": [b""], "object": [KEY.encode(), b"other", b"old"]}
    return {
        (find_kind(route), bucket, key, each): f"{route.level} of old"
        for route in list_routes()
        for bucket in (BUCKET.encode(), b"other")
        for key in keys[route.level]
        for each in which.get((*route.required_parameters, *route.parameters, "")[0], [""])
    }


def _port(server: Gateway) -> int:
    return int(server.url.rpartition(":")[2])
