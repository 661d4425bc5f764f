"""Which releases there are: asked of the census first, and of the index by pip."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest
from tools.releases.versions import (
    ReleaseError,
    find_upload_date,
    list_published,
    list_recorded,
    select_span,
    translate_settings,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_versions_are_ordered_as_numbers() -> None:
    span = select_span(["1.9.10", "1.10.0", "1.9.9"], "1.9.9", "1.10.0")

    assert span == ["1.9.9", "1.9.10", "1.10.0"]


def test_the_census_is_asked_first_and_may_be_missing(tmp_path: Path) -> None:
    census = tmp_path / "census.json"
    assert list_recorded(census) == []

    census.write_text(json.dumps({"releases": {"1.13.0": 1, "1.13.1": 1}}), "utf-8")
    assert list_recorded(census) == ["1.13.0", "1.13.1"]


def uv_that_ends(folder: Path, status: int, says: str, complains: str) -> str:
    program = folder / "uv"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nprint({says!r})\n"
        f"print({complains!r}, file=sys.stderr)\nsys.exit({status})\n",
        "utf-8",
    )
    program.chmod(0o755)
    return str(program)


@pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")
def test_the_index_is_asked_for_all_releases(tmp_path: Path) -> None:
    uv = uv_that_ends(tmp_path, 0, '{"name": "botocore", "versions": ["1.2", "1.1"]}', "")

    assert list_published(uv) == ["1.2", "1.1"]


@pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")
@pytest.mark.parametrize(
    ("status", "complains"),
    [
        (1, "ERROR: No matching distribution found for botocore"),
        # pip then lists what an extra index has.
        (0, "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken"),
    ],
)
def test_an_index_that_does_not_answer_is_no_list_of_releases(
    tmp_path: Path, status: int, complains: str
) -> None:
    uv = uv_that_ends(tmp_path, status, '{"versions": ["1.1"]}', complains)

    with pytest.raises(ReleaseError, match=f"pip said: {re.escape(complains)}$"):
        list_published(uv)


def test_pip_asks_the_index_that_uv_is_told_of() -> None:
    told = {
        "UV_DEFAULT_INDEX": "ours=https://index.test/simple",
        "UV_INDEX": "a=file:///a file:///b",
    }

    assert translate_settings(told) == {
        "PIP_INDEX_URL": "https://index.test/simple",
        "PIP_EXTRA_INDEX_URL": "file:///a file:///b",
    }
    assert translate_settings({"UV_DEFAULT_INDEX": "", "HOME": "/"}) == {}


LOCK = """\
[[package]]
name = "botocore"
version = "1.15.2"
sdist = { url = "https://h/botocore-1.15.2.tar.gz", upload-time = "2020-03-12T23:52:51Z" }
wheels = [
    { url = "https://h/botocore-1.15.2-py3-none-any.whl", upload-time = "2020-03-13T00:00:01Z" },
]
[[package]]
name = "urllib3"
sdist = { url = "https://h/urllib3-1.25.8.tar.gz", upload-time = "2020-01-02T00:00:00Z" }
"""


def uv_that_locks(folder: Path, lock: str, status: int = 0) -> str:
    program = folder / "uv"
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "(project,) = [w[10:] for w in sys.argv if w.startswith('--project=')]\n"
        "assert 'botocore==1.15.2' in (pathlib.Path(project) / 'pyproject.toml').read_text()\n"
        f"(pathlib.Path(project) / 'uv.lock').write_text({lock!r})\n"
        f"print('error: no such release', file=sys.stderr)\nsys.exit({status})\n",
        "utf-8",
    )
    program.chmod(0o755)
    return str(program)


@pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")
def test_the_day_of_a_release_is_read_from_a_lock(tmp_path: Path) -> None:
    assert find_upload_date(uv_that_locks(tmp_path, LOCK), "1.15.2") == dt.date(2020, 3, 12)


@pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")
def test_an_index_may_not_tell_the_day_of_a_release(tmp_path: Path) -> None:
    without = LOCK.replace("upload-time", "size")
    assert find_upload_date(uv_that_locks(tmp_path, without), "1.15.2") is None


@pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")
def test_a_release_that_cannot_be_resolved_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"cannot resolve botocore 1\.15\.2: .*no such release"):
        find_upload_date(uv_that_locks(tmp_path, LOCK, 2), "1.15.2")
