"""What is not inert is found, wherever it shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent
_OURS = "botocore_redirect"

# What each blot must be found by, and what it must leave alone: parts of the places.
_FOUND = {
    "signature": ("sts.", "/200"),
    "header": ("sts.", "/200"),
    "handler": ("sts: the event handlers",),
    "answer": ("sts.", "/200"),
    "error": ("sts.", "/400"),
    "bucket": ("sts.", "/throttled, then 200, adaptive"),
    "generous": ("sts.", "/throttled, then 200, adaptive"),
    "no_retries": ("sts.", "/503, then 200, legacy"),
    "sleep": ("sts.", "/200"),
    "no_reuse": ("sts.", "/400"),
    "other_failure": ("sts.", "/no answer"),
    "no_retry_of_500": ("sts.", "/500, then 200, legacy"),
    "trusting": ("sts.", "/another's certificate"),
    "everything_but_307": ("sts.", "/308"),
    "everything": ("sts.", "/307, default endpoint"),
}
_OF_S3 = {
    "nothing": ("s3.", "/307"),
    "handler_of_ours": ("s3: the event handlers",),
    "bare_hop": ("s3.", "/307"),
    "hop_sleeps": ("s3.", "/307"),
    "hop_unsigned": ("s3.", "/307"),
    "hop_anew": ("s3.", "/307"),
    "stream": ("s3.GetObjectTorrent", "/200"),
}
# What only an upload shows that is not the first operation.
_OF_AN_UPLOAD = {
    "retried_upload": ("s3.PutObjectAnnotation", "/503, then 200, legacy"),
    "from_the_start": ("s3.PutObjectAnnotation", "/307, then 503, then 307, then 200, standard"),
    "kept_early": ("s3.PutObjectAnnotation", "/the call after it"),
}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    # Of S3 the samples hold what returns or sends a stream, and little else.
    return {
        **found_of("99", "sts", *_FOUND),
        **found_of("41", "s3", *_OF_S3, "gone", _OURS),
        **found_of("79", "s3", *_OF_AN_UPLOAD),
    }


def found_of(every: str, service: str, *names: str) -> dict[str, Any]:
    subjects = [name if name == _OURS else f"mutants:{name}" for name in names]
    path = [str(_HERE), str(_HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(_HERE / "driver.py"), every, service, *subjects],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return {name.rpartition(":")[2]: what for name, what in said.items()}


def test_our_patch_is_inert(found: dict[str, Any]) -> None:
    assert found[_OURS] == {"where": {}, "unproven": {}}


@pytest.mark.parametrize(
    ("name", "parts"), [*_FOUND.items(), *_OF_S3.items(), *_OF_AN_UPLOAD.items()]
)
def test_a_blot_is_found(found: dict[str, Any], name: str, parts: tuple[str, ...]) -> None:
    places = found[name]["where"]
    start, end = parts[0], parts[-1] if parts[1:] else ""
    assert [each for each in places if each.startswith(start) and each.endswith(end)]


@pytest.mark.parametrize(
    "name", ["bucket", "generous", "no_retries", "other_failure", "error", "handler"]
)
def test_a_blot_is_found_where_it_is_alone(found: dict[str, Any], name: str) -> None:
    assert not [each for each in found[name]["where"] if each.startswith("sts.") and "/200" in each]


def test_a_patch_that_follows_nothing_does_not_prove_that_redirects_are(
    found: dict[str, Any],
) -> None:
    assert found["nothing"]["unproven"] == {"s3": "none of its redirects was followed"}


def test_a_patch_that_goes_away_proves_nothing(found: dict[str, Any]) -> None:
    assert found["gone"]["error"].startswith("Contaminated: After s3, the patch was gone from")
