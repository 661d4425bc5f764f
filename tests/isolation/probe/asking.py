"""Run the probe in this process, and read its report."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest

from botocore_redirect import __main__
from botocore_redirect.testing import (
    Fault,
    Received,
    Response,
)

BUCKET = "data"
PREFIX = "botocore-redirect-probe-"
Captured = pytest.CaptureFixture[str]


class Probe:
    def __init__(self, capsys: Captured) -> None:
        self._capsys = capsys

    def run(self, url: str, *arguments: str) -> tuple[int, str, str]:
        status = __main__.main(["probe", "--endpoint-url", url, *arguments])
        output = self._capsys.readouterr()
        return status, output.out, output.err

    def ask(self, url: str, *arguments: str, status: int = 0) -> dict[str, Any]:
        """Return the report for programs."""
        ended, out, err = self.run(url, "--bucket", BUCKET, "--json", *arguments)
        assert (ended, err) == (status, ""), err
        report: dict[str, Any] = json.loads(out)
        return report

    def refuse(self, url: str, *arguments: str) -> str:
        """Return the one line that says why the store cannot be asked."""
        status, out, err = self.run(url, *arguments)
        assert (status, out, err.count("\n")) == (2, "", 1), err
        return err


def by_name(report: dict[str, Any]) -> dict[str, Any]:
    return {each["operation"]: each for each in report["observations"]}


def other_bytes(received: Received) -> Response | None:
    is_own = received.method == "GET" and received.path.startswith(f"/{BUCKET}/{PREFIX}")
    return Response(200, body=b"other") if is_own else None


def denies(*methods: str) -> Callable[[Received], Fault | None]:
    denied = Fault(403, "AccessDenied", "no")
    return lambda received: denied if received.method in methods else None
