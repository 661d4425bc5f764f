"""A process per test file: which program the workers are, as the options say."""

from __future__ import annotations

from pathlib import Path

import pytest

from botocore_redirect.testing.quadrants import launchers
from isolation.matrix.runs import prepare, quadrant, run


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "forked" if launchers.CAN_FORK else "new interpreters"),
        (["--workers=fresh"], "new interpreters"),
    ],
)
def test_the_header_names_how_workers_are_started(
    tmp_path: Path, options: list[str], message: str
) -> None:
    for name in ("redirects_unpatched", "noredirect_unpatched"):
        quadrant(prepare(tmp_path), name)
    ran = run(tmp_path, "--store=sockets", *options)
    assert (ran.status, f"\nquadrants: workers are {message}\n" in ran.output) == (0, True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers=fork"], "--patch-first needs --workers=fresh"),
        (["-n0"], "--patch-first needs workers: use it with -n."),
        (["-osubject="], "--patch-first: this quadrant is patched, but no patch is configured"),
    ],
)
def test_patch_first_is_refused_with_conflicting_options(
    tmp_path: Path, options: list[str], message: str
) -> None:
    quadrant(prepare(tmp_path), "redirects_patched")
    ran = run(tmp_path, "--patch-first", *options)
    assert (ran.status, ran.log) == (4, [])
    assert f"ERROR: {message}" in ran.output


@pytest.mark.skipif(not launchers.CAN_FORK, reason="forking is not safe here, which is refused")
def test_workers_are_not_forked_from_a_process_that_holds_the_patch(tmp_path: Path) -> None:
    for name in ("redirects_unpatched", "noredirect_unpatched"):
        quadrant(prepare(tmp_path), name)
    preload = "-oquadrants_preload=botocore_redirect.auto"
    ran = run(tmp_path, "--store=sockets", "--workers=fork", preload)
    assert (ran.status, ran.log) == (4, [])
    assert "ERROR: Workers cannot be forked: " in ran.output
