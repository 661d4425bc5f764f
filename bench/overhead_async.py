"""What a call of aiobotocore that is not redirected costs more, without a socket in the way.

As a program it measures in this process, and prints its numbers as JSON.
"""

from __future__ import annotations

import json
import statistics
from typing import Any

from bench.overhead import fastest
from bench.subjects import ask
from bench.table import Table, Value, at_most

_ALL = "all of it"


def measure(python: str, rounds: int) -> Table:
    """Measure with this Python, whose environment has aiobotocore, in fresh processes."""
    samples = [ask("-m", "bench.overhead_async", python=python) for _ in range(rounds)]
    rows: list[tuple[Value, ...]] = []
    for part in samples[0]:
        values = [each[part] for each in samples]
        within = f"{round(min(values))}..{round(max(values))}"
        rows.append((part, round(statistics.median(values)), within))
    whole = statistics.median(each[_ALL] for each in samples)
    return Table(
        "Overhead of a call of aiobotocore that is not redirected, CPU nanoseconds",
        ("what", "added", "added, all rounds"),
        rows,
        f"Medians of {rounds} processes each; wrapped minus bare function, both awaited.",
        [at_most("aiobotocore's call, no redirect", round(whole), 600, "ns")],
    )


class _Answer:
    status = status_code = 200
    _continue = None


class _Client:
    """A client of aiohttp that answers at once."""

    async def request(self, *_: Any, **__: Any) -> Any:
        return _Answer


class _Session:
    """An http session that does what aiobotocore's does around its client."""

    def __init__(self) -> None:
        self.client = _Client()

    async def _get_session(self, _: Any) -> Any:
        return self.client

    async def send(self, request: Any) -> Any:
        client = await self._get_session(None)
        return await client.request(
            "HEAD",
            url=request.url,
            chunked=None,
            headers={},
            data=None,
            proxy=None,
            proxy_headers={},
        )


class _Model:
    class service_model:  # noqa: N801  # an attribute of botocore's
        service_name = "s3"


class _Request:
    url = "http://127.0.0.1:9/bucket/key"


def _awaited(coroutine: Any) -> Any:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")


def main() -> None:
    """Print what our wrappers cost around coroutines that do nothing."""
    import aiobotocore.session  # noqa: F401, PLC0415  # only in its environment
    from aiobotocore.endpoint import AioEndpoint  # noqa: PLC0415  # as above

    from botocore_redirect.aio.aiohttp_client import AiohttpClient  # noqa: PLC0415  # as above
    from botocore_redirect.aio.http_sessions import wrap_send  # noqa: PLC0415  # as above
    from botocore_redirect.hooks.active_patch import ActivePatch  # noqa: PLC0415  # as above
    from botocore_redirect.policy import RedirectPolicy  # noqa: PLC0415  # as above

    request, context = _Request(), dict[str, Any]()
    params = {"context": context, "body": b"", "url": request.url, "headers": {}}

    class Endpoint(AioEndpoint):  # type: ignore[misc]  # aiobotocore is untyped
        def __init__(self) -> None:
            """Have no emitter and no session."""

        async def create_request(self, *_: Any) -> Any:
            return request

        async def _get_response(self, *_: Any) -> Any:
            return (_Answer, {}), None

    endpoint, session = Endpoint(), _Session()

    def costs() -> dict[str, float]:
        return {
            "create_request": fastest(lambda: _awaited(endpoint.create_request(params, _Model))),
            "_get_response": fastest(
                lambda: _awaited(endpoint._get_response(request, _Model, context))  # noqa: SLF001  # what the patch wraps
            ),
            "http session": fastest(lambda: _awaited(session.send(request))),
        }

    bare = costs()
    ActivePatch(Endpoint, RedirectPolicy())
    _Session.send = wrap_send(_Session.send, AiohttpClient)  # type: ignore[method-assign]  # as installed
    wrapped = costs()
    added = {part: wrapped[part] - bare[part] for part in bare}
    print(json.dumps({**added, _ALL: sum(added.values())}))


if __name__ == "__main__":
    main()
