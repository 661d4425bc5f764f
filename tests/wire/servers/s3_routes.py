"""Find the operation of an S3 request, by the model of botocore."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import botocore.session

if TYPE_CHECKING:
    from wire.servers.s3_requests import Dialect, S3Request

#: The same request under two names in the model. The older name is left out.
_OLDER_NAMES = (
    "GetBucketLifecycle",
    "GetBucketNotification",
    "ListDirectoryBuckets",  # differs from ListBuckets in its host alone
    "PutBucketLifecycle",
    "PutBucketNotification",
)


@dataclass(frozen=True)
class Route:
    """One operation: what a request must have to be it, and which parameters it reads."""

    operation: str
    method: str
    level: str
    path: str = ""  # for the operation that is at one path and nowhere else
    static: dict[str, str] = field(default_factory=dict)
    required_parameters: tuple[str, ...] = ()
    required_headers: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, ...]:
        """Return how specific this route is; a sub-resource comes first."""
        return (
            len(self.path),
            len(self.static),
            len(self.required_parameters),
            len(self.required_headers),
        )

    def matches(self, request: S3Request) -> bool:
        """Tell whether the request can be this operation."""
        if request.method != self.method:
            return False
        if self.path:
            return request.path == self.path
        return (
            request.level == self.level
            # A name without a value in the model may have any in the request.
            and all(
                name in request.parameters and value in ("", request.parameters[name])
                for name, value in self.static.items()
            )
            and all(name in request.parameters for name in self.required_parameters)
            and all(name in request.headers for name in self.required_headers)
        )


# Ceph RGW's own, which no model has.
_APPEND = Route("AppendObject", "PUT", "object", "", {"append": ""}, (), (), ("position",))


@cache
def load_model() -> Any:
    """Load the model afresh. Clients change theirs: they cut the bucket out of the URIs."""
    return botocore.session.Session().get_service_model("s3")


@cache
def list_routes() -> tuple[Route, ...]:
    """List the routes of every operation, the most specific one first."""
    model = load_model()
    names = [name for name in model.operation_names if name not in _OLDER_NAMES]
    routes = [_make_route(model.operation_model(name)) for name in names]
    return tuple(sorted([*routes, _APPEND], key=lambda route: route.rank, reverse=True))


def find_route(request: S3Request, dialect: Dialect) -> tuple[Route | None, S3Request]:
    """Find the most specific route. The request comes back with the model's spelling of names.

    Of several sub-resources, the first in the query counts, or the last.
    """
    if dialect.any_case:
        request = _respell(request)
    found = [route for route in list_routes() if route.matches(request)]
    found = [route for route in found if route.rank == found[0].rank]
    if not found[1:]:
        return (found[0] if found else None), request
    order = [*request.parameters]
    pick = max if dialect.last_wins else min
    return pick(found, key=lambda route: [order.index(name) for name in route.static]), request


@cache
def list_parameters() -> dict[str, str]:
    """Return the name of every parameter of the model, by its lower case."""
    routes = list_routes()
    names = {name for route in routes for name in (*route.static, *route.parameters)}
    return {name.lower(): name for name in names}


def _respell(request: S3Request) -> S3Request:
    known = list_parameters()
    parameters: dict[str, str] = {}
    for name, value in request.parameters.items():
        parameters.setdefault(known.get(name.lower(), name), value)
    return type(request)(**{**vars(request), "parameters": parameters})


def _make_route(operation: Any) -> Route:
    path, _, query = operation.http["requestUri"].partition("?")
    members = operation.input_shape.members if operation.input_shape else {}
    required = operation.input_shape.required_members if operation.input_shape else ()

    def names(location: str, members_of: Any) -> tuple[str, ...]:
        found = [members[name].serialization for name in members_of]
        return tuple(each["name"] for each in found if each.get("location") == location)

    return Route(
        operation.name,
        operation.http["method"],
        "object" if "{Key" in path else "bucket" if "{Bucket" in path else "service",
        "" if "{" in path or path == "/" else path,
        dict(parse_qsl(query, keep_blank_values=True)),
        names("querystring", required),
        tuple(name.lower() for name in names("header", required)),
        names("querystring", members),
    )
