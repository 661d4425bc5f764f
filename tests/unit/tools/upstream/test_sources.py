"""The tests that `nox -s upstream` takes from a source distribution."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from tools.upstream import sources
from tools.upstream.sources import SourceError


def _sdist(path: Path, *names: str) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(f"botocore-1.2.3/{name}")
            member.size = 4
            archive.addfile(member, io.BytesIO(b"pass"))
    return path


def test_only_the_tests_are_unpacked_from_a_source_distribution(tmp_path: Path) -> None:
    names = ("setup.py", "botocore/__init__.py", "tests/__init__.py", "tests/unit/test_a.py")
    sdist = _sdist(tmp_path / "botocore-1.2.3.tar.gz", *names)
    sources.unpack_tests(sdist, tmp_path / "to")
    files = {str(path.relative_to(tmp_path / "to")) for path in tmp_path.rglob("to/**/*.*")}
    assert files == {"pytest.ini", "tests/__init__.py", "tests/unit/test_a.py"}


def test_a_source_distribution_without_tests_or_botocore_is_an_error(tmp_path: Path) -> None:
    sdist = _sdist(tmp_path / "botocore-1.2.3.tar.gz", "setup.py")
    with pytest.raises(SourceError, match="holds no tests"):
        sources.unpack_tests(sdist, tmp_path / "to")
    (tmp_path / "lock.txt").write_text("boto3==1.2.3\n")
    with pytest.raises(SourceError, match="pins no botocore"):
        sources.locked_release(tmp_path / "lock.txt", "botocore")


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock with the hash of a source distribution, which `_download` then gives, once."""
    monkeypatch.chdir(tmp_path)
    sdist = _sdist(tmp_path / "botocore-1.2.3.tar.gz", "tests/test_a.py")
    checksum = hashlib.sha256(sdist.read_bytes()).hexdigest()
    monkeypatch.setattr(sources, "_download", lambda *args: sdist.rename(args[-1] / sdist.name))
    path = tmp_path / "lock.txt"
    path.write_text(f"botocore==1.2.3 \\\n    --hash=sha256:{checksum}\nboto3==1.2.4\n")
    return path


def test_a_source_distribution_that_is_not_the_locked_one_is_refused(lock: Path) -> None:
    lock.write_text("botocore==1.2.3 \\\n    --hash=sha256:0\n")
    with pytest.raises(SourceError, match=r"botocore-1\.2\.3\.tar\.gz has another hash"):
        sources.fetch_tests(lock, "botocore")
    assert not list((sources.FOLDER / "tests").iterdir())


def test_the_tests_of_a_release_are_fetched_once(lock: Path) -> None:
    folder = sources.fetch_tests(lock, "botocore")
    assert (folder / "tests/test_a.py").is_file()
    assert sources.fetch_tests(lock, "botocore") == folder
    assert [path.name for path in folder.parent.iterdir()] == ["botocore-1.2.3"]
