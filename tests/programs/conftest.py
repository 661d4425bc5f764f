"""Programs that use S3 through aiobotocore, each run in a process of its own against a store.

The store redirects every request to one of three targets, which verify signatures as strictly as
AWS does. The programs are what users write; the tests compare what they print and what they stored
with a run against the store itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing import Fault, Redirect
from wire.signatures import sigv4

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore_redirect.testing import Received, RedirectingStore

FOLDER = Path(__file__).parent
KEY = "testing"
_LIMIT = 120


@dataclass
class Outcome:
    """What a program printed, by the name of its step, and what the store holds afterwards."""

    results: dict[str, Any]
    stored: dict[str, dict[str, bytes]]
    requests: list[Received] = field(default_factory=list)


class Programs:
    """Runs programs of this folder against one store."""

    def __init__(self, store: RedirectingStore) -> None:
        self.store = store
        for target in store.targets:
            target.rule = _refuse_wrong_signature

    def run_direct(self, program: str, **environment: str) -> Outcome:
        """Run a program while the store redirects nothing."""
        self.store.relay()
        return self._run(program, environment)

    def run_redirected(self, program: str, **environment: str) -> Outcome:
        """Run a program while every request is redirected to a target, which gets it signed."""
        self.store.redirect()
        outcome = self._run(program, environment)
        sent = [received for target in self.store.targets for received in target.received]
        assert [received.target for received in sent if _mismatch(received, body=True)] == []
        assert all(target.received for target in self.store.targets)
        assert len(sent) == len(self.store.gateway.received)
        return outcome

    def run_refused(self, program: str, **environment: str) -> Outcome:
        """Run a program while every request is redirected to where nothing may be sent."""
        self.store.redirect(Redirect.to("ftp://elsewhere.example"))
        return self._run(program, environment)

    def run_unpatched(self, program: str, **environment: str) -> Outcome:
        """Run a program while every request is redirected and the patch is switched off."""
        self.store.redirect()
        return self._run(program, {"BOTOCORE_REDIRECT": "off", **environment})

    def _run(self, program: str, environment: dict[str, str]) -> Outcome:
        self.store.inspector.forget()
        self.store.clear()
        self.store.inspector.create_bucket("data")
        done = subprocess.run(
            [sys.executable, FOLDER / program],
            env={
                **os.environ,
                "PYTHONPATH": str(FOLDER.parent),
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": KEY,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": self.store.url,
                "AWS_MAX_ATTEMPTS": "1",
                "AWS_S3_ADDRESSING_STYLE": "path",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return Outcome(
            json.loads(done.stdout),
            self.store.inspector.snapshot(),
            list(self.store.gateway.received),
        )


def _mismatch(received: Received, *, body: bool) -> str | None:
    return sigv4.mismatch(received, KEY, KEY, body_was_read=body)


def _refuse_wrong_signature(received: Received) -> Fault | None:
    # This is asked before the body is read; what is signed of it is verified afterwards.
    found = _mismatch(received, body=False)
    return Fault(403, "SignatureDoesNotMatch", "The signature is wrong.") if found else None


@pytest.fixture
def programs(make_redirecting_s3: Callable[..., RedirectingStore]) -> Programs:
    return Programs(make_redirecting_s3(targets=3))
