"""What a call that is not redirected costs more, without a socket in the way.

As a program it measures one subject in this process, and prints its numbers as JSON.
"""

from __future__ import annotations

import importlib
import inspect
import json
import statistics
import sys
import time
import timeit
from typing import Any, Callable

from bench.subjects import MODULES, OURS, PEER, STOCK, ask
from bench.table import Table, Value, at_most

_OK = 200
_NUMBER = 50_000


def measure(subjects: list[str], rounds: int) -> Table:
    """Measure the subjects in turn, each time in a fresh process."""
    samples: dict[str, list[dict[str, Any]]] = {subject: [] for subject in subjects}
    for _ in range(rounds):
        for subject in subjects:
            samples[subject].append(ask("-m", "bench.overhead", subject))

    calls = {subject: [each["call"] for each in results] for subject, results in samples.items()}
    rows: list[tuple[Value, ...]] = []
    claims = []
    for subject, results in samples.items():
        pairs = [own - stock for own, stock in zip(calls[subject], calls[STOCK])]
        within = f"{round(min(pairs))}..{round(max(pairs))}" if subject != STOCK else None
        added = round(min(calls[subject]) - min(calls[STOCK])) if subject != STOCK else None
        rows.append((f"{subject}: head_object", round(min(calls[subject])), added, within))
        for part in results[0]["parts"]:
            values = [each["parts"][part] for each in results]
            middle = round(statistics.median(values))
            within = f"{round(min(values))}..{round(max(values))}"
            rows.append((f"{subject}: {part}", None, middle, within))
            if part == _BOTH:
                claims.append(at_most("the two wrappers, no redirect", middle, 300, "ns"))
    return Table(
        "Overhead of a call that is not redirected, CPU nanoseconds",
        ("what", "whole call", "added", "added, all rounds"),
        rows,
        f"Medians of {rounds} processes each, in turn; whole calls: the fastest; where all rounds"
        " do not agree on a sign, nothing was seen. Parts: wrapped minus bare function.",
        claims,
    )


_BOTH = "both wrappers alone"


def _whole_call(client: Any, batches: int = 25, calls: int = 100) -> float:
    return fastest(lambda: client.head_object(Bucket="bucket", Key="key"), calls, batches)


def fastest(function: Callable[[], object], number: int = _NUMBER, repeat: int = 9) -> float:
    """Return the CPU nanoseconds of one call, from the fastest of some batches."""
    timer = timeit.Timer(function, timer=time.process_time)
    timer.timeit(number // 10)  # what is done once is done by now
    return min(timer.repeat(repeat, number)) / number * 1e9


class _Raw:
    """The body of an answer, which is empty."""

    def stream(self, *_: object, **__: object) -> list[bytes]:
        return []


class _Session:
    """An HTTP session that answers at once."""

    def __init__(self) -> None:
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415  # after the subject's import

        self._response = AWSResponse

    def send(self, request: Any) -> Any:
        return self._response(request.url, _OK, {"content-length": "0"}, _Raw())


def _client() -> Any:
    import boto3  # noqa: PLC0415  # after the subject's import

    client = boto3.session.Session().client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="user",
        aws_secret_access_key="secret",  # noqa: S106  # nobody's
    )
    client._endpoint.http_session = _Session()  # noqa: SLF001  # no socket is to be measured
    return client


def _wrappers(client: Any) -> dict[str, float]:
    """Measure our two wrappers around methods that do nothing, as `install()` applies them."""
    from botocore_redirect.hooks.active_patch import ActivePatch  # noqa: PLC0415  # only where it is the subject
    from botocore_redirect.policy import RedirectPolicy  # noqa: PLC0415  # as above

    params, model, request, response = _one_call(client)

    class Endpoint:
        http_session = None

        def create_request(self, params: Any, operation_model: Any = None) -> Any:
            del params, operation_model
            return request

        def _get_response(self, request: Any, operation_model: Any, context: Any) -> Any:
            del request, operation_model, context
            return response, None

    def costs() -> list[float]:
        context = params["context"]
        return [
            fastest(lambda: endpoint.create_request(params, model)),
            fastest(lambda: endpoint._get_response(request, model, context)),  # noqa: SLF001  # what the patch wraps
        ]

    endpoint = Endpoint()
    bare = costs()
    patched = ActivePatch(Endpoint, RedirectPolicy())
    wrapped = costs()
    patched.remove()
    parts = [after - before for after, before in zip(wrapped, bare)]
    return {_BOTH: sum(parts), "create_request": parts[0], "_get_response": parts[1]}


def _connection() -> dict[str, float]:
    """Measure what it costs a connection to notice redirects."""
    from botocore import awsrequest  # noqa: PLC0415  # after the subject's import

    owner: Any = awsrequest.AWSHTTPConnection
    base = next(kind for kind in owner.__mro__[1:] if hasattr(kind, "getresponse"))

    class Response:
        status = _OK

    connection = owner("127.0.0.1")
    original, base.getresponse = base.getresponse, lambda _: Response
    noticing = fastest(connection.getresponse)
    ours = vars(owner)["getresponse"]
    del owner.getresponse
    bare = fastest(connection.getresponse)
    owner.getresponse, base.getresponse = ours, original
    return {"connection": noticing - bare}


def _redirector(client: Any) -> dict[str, float]:
    """Measure the peer's wrapper around the handler that botocore asks after each answer."""
    from botocore import utils  # noqa: PLC0415  # after the subject's import

    name = "redirect_from_error"
    kind = utils.S3RegionRedirectorv2
    wrapped = getattr(kind(None, client), name)
    bare = inspect.getattr_static(kind, name).__wrapped__.__get__(kind(None, client))
    params, model, _, response = _one_call(client)
    given = {"request_dict": params, "response": response, "operation": model}
    cost = fastest(lambda: wrapped(**given)) - fastest(lambda: bare(**given))
    return {"its wrapper alone": cost}


def _one_call(client: Any) -> tuple[Any, Any, Any, Any]:
    """Return what one real call hands around: request dict, model, request and response."""
    seen: dict[str, Any] = {}

    def keep(request_dict: Any, operation: Any, response: Any, **_: object) -> None:
        seen.update(params=request_dict, model=operation, response=response)

    event = "needs-retry.s3.HeadObject"
    client.meta.events.register(event, keep)
    client.head_object(Bucket="bucket", Key="key")
    client.meta.events.unregister(event, keep)
    endpoint = client._endpoint  # noqa: SLF001  # there is no public way to a request
    request = endpoint.create_request(seen["params"], seen["model"])
    return seen["params"], seen["model"], request, seen["response"]


def main(subject: str) -> None:
    """Print what one call costs, and what the parts of it cost that the subject brings."""
    importlib.import_module(MODULES[subject])
    client = _client()
    call = _whole_call(client)
    parts: dict[str, float] = {}
    if subject == OURS:
        parts = {**_wrappers(client), **_connection()}
        parts[_BOTH] = sum(cost for part, cost in parts.items() if part != _BOTH)
    elif subject == PEER:
        parts = _redirector(client)
    print(json.dumps({"call": call, "parts": parts}))


if __name__ == "__main__":
    main(sys.argv[1])
