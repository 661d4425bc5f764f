"""The rule 'is it the same operation?' as a table: each row is played through a real client.

No socket is opened: a hook answers the requests. What the rows are is in `unit/rules/redirects`.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Callable
from urllib.parse import urlsplit

import boto3
import botocore
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from urllib3._collections import HTTPHeaderDict

from botocore_redirect import RedirectError, RedirectPolicy
from unit.rules.redirects import TABLE
from unit.rules.redirects.row import Followed, Gateway, Refused, Row

VERSION = tuple(map(int, botocore.__version__.split(".")[:2]))
#: More requests than any row needs: stock botocore would ask again and again.
_MOST_REQUESTS = 8
_ANYTHING = Followed("", "")


class TooMany(BaseException):
    """No handler of botocore's stops this one."""


class _Raw(io.BytesIO):
    """The answer as urllib3 has it: the fields of a header that came twice are still two."""

    def __init__(self, headers: HTTPHeaderDict, content: bytes) -> None:
        super().__init__(content)
        self.headers = headers

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


class Script:
    """Answers with a redirect to each Location in turn, and then that all is well."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.left = [*((307, location) for location in row.after), (row.status, row.location)]
        self.requests: list[Any] = []

    def __call__(self, request: Any, **_: object) -> AWSResponse:
        if len(self.requests) == _MOST_REQUESTS:
            raise TooMany
        self.requests.append(request)
        headers, content = HTTPHeaderDict(), b""
        if self.left:
            status, location = self.left.pop(0)
            for value in (location,) if isinstance(location, str) else location:
                asked = urlsplit(self.requests[0].url)
                headers.add("Location", value.replace("$args", asked.query))
        else:
            status = 200
            if request.method != "HEAD":
                content = b"{}" if self.row.gateway.service == "dynamodb" else b"<Result/>"
        return AWSResponse(request.url, status, headers, _Raw(headers, content))


@pytest.fixture(scope="module")
def clients(session: boto3.session.Session) -> dict[Gateway, Any]:
    """The clients of the rows: making one takes longer than all rows that it is used in."""

    class Clients(dict[Gateway, Any]):
        def __missing__(self, gateway: Gateway) -> Any:
            made = self[gateway] = _make(session, gateway)
            return made

    return Clients()


def _make(session: boto3.session.Session, gateway: Gateway) -> Any:
    config = Config(
        signature_version=gateway.signature if gateway.service == "s3" else None,
        s3={"addressing_style": gateway.style},
        retries={"max_attempts": 0},
    )
    client = session.client(
        gateway.service, region_name=gateway.region, endpoint_url=gateway.url, config=config
    )

    def add_query(params: Any, **_: object) -> None:
        params["url"] += ("&" if "?" in params["url"] else "?") + gateway.query

    if gateway.query:
        client.meta.events.register("before-call", add_query)
    return client


def _play(client: Any, row: Row, script: Script) -> Any:
    client.meta.events.register_first("before-send", script)
    try:
        return getattr(client, row.call.method)(**row.call.parameters)
    finally:
        client.meta.events.unregister("before-send", script)


def _without_signature(url: str) -> str:
    bare, _, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if not part.startswith("X-Amz-"))
    return f"{bare}?{kept}" if kept else bare


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{group}: {row.name}") for group, row in TABLE]
)
def test_a_redirect_is_followed_or_refused_as_the_table_says(
    clients: dict[Gateway, Any], row: Row, follow: Callable[..., Any]
) -> None:
    since = row.gateway.since
    if since > VERSION:
        pytest.skip(f"botocore before {'.'.join(map(str, since))} cannot make this call")
    client = follow(clients[row.gateway], RedirectPolicy(**row.policy))
    script = Script(row)
    if isinstance(row.expected, Refused):
        with pytest.raises(RedirectError) as error:
            _play(client, row, script)
        assert (type(error.value).__name__, error.value.reason) == (
            row.expected.kind,
            row.expected.reason,
        )
        assert len(script.requests) == len(row.after) + 1
    else:
        answer = _play(client, row, script)
        _check_followed(row, row.expected, script.requests, answer["ResponseMetadata"]["Redirects"])


def _check_followed(row: Row, expected: Followed, requests: list[Any], hops: list[Any]) -> None:
    first, last = requests[0], requests[-1]
    in_query = row.gateway.signature.endswith("-query")
    url = _without_signature(last.url) if in_query and expected.sent == "signed" else last.url
    assert url == expected.url.replace("$args", urlsplit(first.url).query)
    assert hops[-1]["Sent"] == expected.sent
    assert ("Authorization" in last.headers) == (expected.sent == "signed" and not in_query)
    if in_query and expected.sent == "signed":
        assert last.url.count("X-Amz-Signature=") == 1
    assert last.method == first.method
    assert len(requests) == len(hops) + 1 == len(row.after) + 2


def test_the_table_does_not_shrink() -> None:
    followed = [row for _, row in TABLE if isinstance(row.expected, Followed)]
    assert len(followed) >= 200
    assert len(TABLE) - len(followed) >= 150


def test_the_names_of_the_rows_are_unique() -> None:
    seen = Counter(row.name for _, row in TABLE)
    assert [name for name, times in seen.items() if times > 1] == []


def test_no_row_of_the_table_is_duplicated() -> None:
    seen = Counter(repr(replace(row, name="", expected=_ANYTHING)) for _, row in TABLE)
    assert [row for row, times in seen.items() if times > 1] == []
