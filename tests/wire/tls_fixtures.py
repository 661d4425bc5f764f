"""Scripted servers over TLS, and clients with temporary credentials for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from wire.servers.tls import CA, KEY_ID, TOKEN, resolve_examples, server_context

if TYPE_CHECKING:
    from wire.conftest import Serve
    from wire.servers.tls import Client


@pytest.fixture
def serve_tls(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Start scripted servers as `serve` does, over TLS, with `*.example` names for them."""
    resolve_examples(monkeypatch)
    context = server_context()
    return lambda *script, **options: serve(*script, ssl_context=context, **options)


@pytest.fixture
def client(session: Any, _asynchronous: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Make S3 clients with temporary credentials, for servers over TLS."""
    resolve_examples(monkeypatch)
    session = _asynchronous or session

    def make(endpoint: str, **options: Any) -> Any:
        options.setdefault("s3", {"addressing_style": "path"})
        options.setdefault("retries", {"max_attempts": 0})
        return session.client(
            "s3",
            endpoint_url=endpoint,
            verify=CA,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key="secret-of-the-user",
            aws_session_token=TOKEN,
            config=Config(**options),
        )

    return make
