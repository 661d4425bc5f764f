"""The request at a gateway, in the parts that a Location can lose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from botocore_redirect.testing import Received
from wire.servers.s3_requests import Dialect, parse_request
from wire.servers.s3_routes import find_route
from wire.servers.s3_state import describe, find_resource, is_reading

if TYPE_CHECKING:
    from wire.same_operation.calls import Call

GATEWAY = "s3.store.test"
NODE = "node1.store.test"
MOUNT = "/s3"
NEW_PREFIX = "/v1/s3"
DIALECT = Dialect(prefixes=(NEW_PREFIX, MOUNT), hosts=(GATEWAY, NODE))

_LOCATION = re.compile(rb"(?:(?:http:)?//([^/?#]*))?([^#]*).*", re.DOTALL)


@dataclass(frozen=True)
class Mutation:
    """One answer of the gateway. A faithful one means the same request, at another place."""

    kind: str
    what: str
    location: bytes
    is_faithful: bool = False
    status: int = 307
    dialect: Dialect = DIALECT

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


@dataclass(frozen=True)
class Asked:
    """A request at the gateway, its escapes as they came."""

    call: Call
    received: Received
    gateway_port: int
    node_port: int

    @property
    def method(self) -> str:
        return self.received.method

    @cached_property
    def host(self) -> str:
        return str(self.received.headers["Host"]).rpartition(":")[0]

    @property
    def is_virtual(self) -> bool:
        return self.host.endswith(f".{GATEWAY}")

    @cached_property
    def mount(self) -> str:
        """Return the path of the endpoint itself."""
        return MOUNT if self.call.style == "mounted" else ""

    @cached_property
    def path(self) -> str:
        """Return the path below the endpoint's own."""
        return self.received.path[len(self.mount) :]

    @cached_property
    def bucket(self) -> str:
        """Return the bucket, or nothing for a call without one."""
        if "Bucket" not in self.call.arguments:
            return ""
        if self.is_virtual:
            return self.host[: -len(GATEWAY) - 1]
        return self.path.split("/")[1]

    @cached_property
    def key(self) -> str:
        if not self.bucket:
            return ""
        if self.is_virtual:
            return self.path[1:]
        return "/".join(self.path.split("/")[2:])

    @cached_property
    def level(self) -> str:
        return "object" if self.key else "bucket" if self.bucket else "service"

    @cached_property
    def parameters(self) -> list[str]:
        """Return the parameters of the query, each as it came."""
        return self.received.query.split("&") if self.received.query else []

    @property
    def operation(self) -> str:
        route, _ = find_route(parse_request(self.received, DIALECT), DIALECT)
        return route.operation if route else ""

    @property
    def is_reading(self) -> bool:
        return is_reading(self.operation)

    @property
    def whole_path(self) -> str:
        """Return the path with the bucket in it, whether it was asked so or not."""
        if not self.bucket:
            return self.path
        return f"/{self.bucket}/{self.key}" if self.key else f"/{self.bucket}"

    @property
    def here(self) -> str:
        """Return the origin that was asked."""
        return f"http://{self.host}:{self.gateway_port}"

    @property
    def there(self) -> str:
        """Return an origin elsewhere where the path that was asked means the same."""
        return f"http://{self.host if self.is_virtual else NODE}:{self.node_port}"

    @property
    def node(self) -> str:
        """Return an origin elsewhere where the bucket is in the path."""
        return f"http://{NODE}:{self.node_port}"

    def at_bucket(self, bucket: str, name: str = GATEWAY) -> str:
        """Return an origin that holds the bucket in its name."""
        return f"http://{bucket}.{name}:{self.node_port}"

    def is_another(self, location: bytes, dialect: Dialect = DIALECT) -> bool:
        """Tell whether a server would do or answer something else at that Location."""
        return self._carried_out(location, dialect) != self._carried_out(
            self.received.target.encode("latin-1"), dialect
        )

    def _carried_out(self, location: bytes, dialect: Dialect) -> object:
        found = _LOCATION.fullmatch(location)
        assert found is not None
        host = (found[1] or str(self.received.headers["Host"]).encode()).decode()
        # What is no part of a URL is escaped on its way; of the rest, nothing changes.
        target = quote_from_bytes(found[2].strip() or b"/", safe="".join(map(chr, range(33, 127))))
        received = Received(self.method, target if target.startswith("/") else f"/{target}")
        for name, value in self.received.raw_headers:
            received.headers[name] = host if name.lower() == "host" else value
        route, request = find_route(parse_request(received, dialect), dialect)
        if route is None:
            return None
        return find_resource(route, request), describe(route, request)
