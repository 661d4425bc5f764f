"""The comparison finds each patch that is not inert."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent

# Where the comparison must find each mutant: the start and the end of a place.
_OF_STS = {
    "signature": ("sts.", "/200"),
    "header": ("sts.", "/200"),
    "handler": ("sts: the event handlers", ""),
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
    "handler_of_ours": ("s3: the event handlers", ""),
    "bare_hop": ("s3.", "/307"),
    "hop_sleeps": ("s3.", "/307"),
    "hop_unsigned": ("s3.", "/307"),
    "hop_anew": ("s3.", "/307"),
    "stream": ("s3.GetObjectTorrent", "/200"),
}
# Only an upload that is not the first operation shows these.
_OF_AN_UPLOAD = {
    "retried_upload": ("s3.PutObjectAnnotation", "/503, then 200, legacy"),
    "from_the_start": ("s3.PutObjectAnnotation", "/307, then 503, then 307, then 200, standard"),
    "kept_early": ("s3.PutObjectAnnotation", "/the call after it"),
}
_PLACES = {**_OF_STS, **_OF_S3, **_OF_AN_UPLOAD}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The findings of all mutants, by name."""
    # The samples of S3 contain operations that return or send a stream, and few others.
    groups = [("99:sts", _OF_STS), ("41:s3", [*_OF_S3, "gone"]), ("79:s3", _OF_AN_UPLOAD)]
    subjects = [
        f"{tasks}:{','.join(f'mutants:{name}' for name in names)}" for tasks, names in groups
    ]
    path = [str(_HERE), str(_HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(_HERE / "driver.py"), *subjects],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        capture_output=True,
        text=True,
        check=True,
    )
    findings: dict[str, Any] = json.loads(done.stdout)
    return {name.rpartition(":")[2]: each for name, each in findings.items()}


@pytest.mark.parametrize("name", _PLACES)
def test_a_mutant_is_found_where_it_shows(found: dict[str, Any], name: str) -> None:
    start, end = _PLACES[name]
    places = found[name]["where"]
    assert [each for each in places if each.startswith(start) and each.endswith(end)]


@pytest.mark.parametrize(
    "name", ["bucket", "generous", "no_retries", "other_failure", "error", "handler"]
)
def test_a_mutant_is_found_nowhere_else(found: dict[str, Any], name: str) -> None:
    assert not [each for each in found[name]["where"] if each.startswith("sts.") and "/200" in each]


def test_a_patch_that_follows_nothing_is_different_and_proves_nothing(
    found: dict[str, Any],
) -> None:
    answers = {each.partition("/")[2].partition(",")[0] for each in found["nothing"]["where"]}
    assert answers == {"301", "302", "307", "308"}
    assert found["nothing"]["unproven"] == {"s3": "none of its redirects was followed"}


def test_a_patch_that_goes_away_proves_nothing(found: dict[str, Any]) -> None:
    assert found["gone"]["error"].startswith("Contaminated: After s3, the patch was gone from")
