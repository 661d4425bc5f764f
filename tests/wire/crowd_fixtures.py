"""Fixtures for many servers: host names and file descriptors."""

from __future__ import annotations

import resource
import socket
from typing import TYPE_CHECKING, Any

import pytest

from wire.servers.crowd import DESCRIPTORS, Crowd

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in (-1, resource.RLIM_INFINITY) and hard < DESCRIPTORS:
        pytest.skip(f"needs {DESCRIPTORS} file descriptors, and no more than {hard} are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, DESCRIPTORS), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    original = socket.getaddrinfo

    def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        known = isinstance(host, str) and host.endswith(".test")
        return original("127.0.0.1" if known else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture
def crowd(request: pytest.FixtureRequest) -> Iterator[Crowd]:
    with Crowd(getattr(request, "param", 30)) as crowd:
        yield crowd
