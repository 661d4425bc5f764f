"""Clients of aiobotocore that are called like those of boto3, so that one table tests both.

Their calls run in an event loop of a thread of its own. Any number of threads may wait for calls.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import Iterator
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

#: How long a call may take, in seconds: a test that hangs says where.
LIMIT = 60


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, awaitable: Any) -> Any:
        """Await something in the loop, and return its result here."""
        future = asyncio.run_coroutine_threadsafe(_awaited(awaitable), self._loop)
        try:
            return future.result(LIMIT)
        except BaseException:  # of the time limit of a test as well
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel what is left of tasks, close asynchronous generators, and end the thread."""
        self.run(_cancel_other_tasks())
        self.run(self._loop.shutdown_asyncgens())
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_other_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


class BlockingClients:
    """Makes clients like `session` does, of aiobotocore with one of its HTTP back ends."""

    def __init__(self, backend: str = "aiohttp", *, loader: Any = None, **credentials: Any) -> None:
        self.loop = Loop()
        self._session = get_session()
        if loader is not None:  # of the models, which it may have read already
            self._session.register_component("data_loader", loader)
        self._credentials = credentials
        self._backend = backend
        self._opened: list[Any] = []

    def client(self, service: str, *, config: Any = None, **options: Any) -> Any:
        """Make a client, which is closed with this object."""
        given = {} if config is None else dict(config._user_provided_options)  # what `merge` reads
        if self._backend == "httpx":
            from aiobotocore.httpxsession import HttpxSession  # noqa: PLC0415  # not in all versions

            given["http_session_cls"] = HttpxSession
        context = self._session.create_client(
            service, config=AioConfig(**given), **{**self._credentials, **options}
        )
        client = self.loop.run(context.__aenter__())
        self._opened.append(context)
        return Blocking(client, self.loop)

    def close(self) -> None:
        """Close all clients, and the loop."""
        for context in reversed(self._opened):
            self.loop.run(context.__aexit__(None, None, None))
        self.loop.close()


class Blocking:
    """An object whose coroutines are awaited for the caller."""

    def __init__(self, inner: Any, loop: Loop) -> None:
        vars(self).update(_inner=inner, _loop=loop)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)  # so that it has what the object has, no more
        if not inspect.isroutine(found):
            return found
        return functools.partial(self._call, found)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._inner, name, value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._loop.run(_collected(self._inner)))

    def __enter__(self) -> Any:
        self._loop.run(self._inner.__aenter__())
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.run(self._inner.__aexit__(*error))

    def _call(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        result = self._loop.run(_called(method, args, kwargs))
        if isinstance(result, dict):
            return {key: self._wrapped(value) for key, value in result.items()}
        return self._wrapped(result)

    def _wrapped(self, value: Any) -> Any:
        kind = type(value)
        if kind.__module__.startswith("aiobotocore"):
            return Blocking(value, self._loop)
        return value


async def _collected(iterable: Any) -> list[Any]:
    return [each async for each in iterable]


async def _called(method: Any, args: Any, kwargs: Any) -> Any:
    # In the loop: pools and conditions belong to the loop that they are made in.
    result = method(*args, **kwargs)
    return await result if inspect.isawaitable(result) else result
