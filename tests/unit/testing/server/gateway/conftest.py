"""A gateway in front of an upstream that describes each request."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from botocore_redirect.testing.server.gateway import Gateway
from unit.testing.server.gateway.echo import ORIGIN, Echo, EchoServer


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with EchoServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def gateway(upstream: str) -> Iterator[Gateway]:
    with Gateway(upstream, target=ORIGIN) as server:
        yield server
