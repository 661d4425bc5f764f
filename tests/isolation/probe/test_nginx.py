"""The probe against nginx, in two configurations."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from typing import Any

import pytest

from botocore_redirect.testing import (
    RedirectingStore,
)
from isolation.probe.asking import Probe, by_name

pytest.importorskip("moto.server", reason="these tests need moto with its server")


NGINX = shutil.which("nginx")


@pytest.mark.skipif(NGINX is None, reason="nginx (seen with 1.22.1) is not installed here")
@pytest.mark.parametrize(
    ("directive", "status", "expect", "connection"),
    [
        ("return 307 {}$request_uri;", 307, "late", "kept"),
        ("location / {{ rewrite ^ {}$request_uri? redirect; }}", 302, "early", "stuck"),
    ],
)
def test_nginx_keeps_a_connection_that_waits_for_the_body_after_a_rewrite(
    store: RedirectingStore,
    probe: Probe,
    tmp_path: Any,
    directive: str,
    status: int,
    expect: str,
    connection: str,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = f"server {{ listen 127.0.0.1:{port}; {directive.format(store.targets[0].url)} }}"
    temporary = " ".join(
        f"{name}_temp_path {tmp_path};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    settings = tmp_path / "nginx.conf"
    settings.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}}"
        f" http {{ access_log off; {temporary} {server} }}"
    )
    with subprocess.Popen([str(NGINX), "-p", str(tmp_path), "-c", str(settings)]) as nginx:
        try:
            wait_for(port)
            found = by_name(probe.ask(f"http://127.0.0.1:{port}", "--write"))
        finally:
            nginx.terminate()
    put = found["PutObject"]
    assert (put["status"], put["expect"], put["connection"]) == (status, expect, connection)
    assert put["outcome"]["status"] == 200
    assert found["GetObject (own)"]["connection"] == "kept"


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as trying:
            trying.settimeout(1)
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    raise AssertionError("nginx did not start within 10 s")
