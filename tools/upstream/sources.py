"""The tests that a release of botocore or s3transfer brings along in its source distribution."""

from __future__ import annotations

import hashlib
import re
import shutil
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

from tools.environments import install, resolver
from tools.releases import versions

FOLDER = install.BUILT / "upstream"


class SourceError(Exception):
    """The tests cannot be downloaded or verified; the message says why."""


def locked_release(lock: Path, project: str) -> str:
    """Return the release of a project that a lock pins."""
    found = re.search(rf"(?m)^{re.escape(project)}==([^\s;]+)", lock.read_text("utf-8"))
    if not found:
        raise SourceError(f"{lock} pins no {project}.")
    return found[1]


def fetch_tests(lock: Path, project: str) -> Path:
    """Return a folder with the tests of the release that a lock pins; download them once.

    The source distribution must have one of the hashes of the lock. Nothing else of it is unpacked:
    the code that is tested is what is installed.
    """
    release = locked_release(lock, project)
    folder = FOLDER / "tests" / f"{project}-{release}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        sdist = _download(project, release, fresh)
        checksum = hashlib.sha256(sdist.read_bytes()).hexdigest()
        if checksum not in lock.read_text("utf-8"):
            raise SourceError(f"{sdist.name} has another hash than {lock} says: {checksum}.")
        unpack_tests(sdist, fresh / "unpacked")
        with suppress(OSError):  # another session was faster
            (fresh / "unpacked").rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def unpack_tests(sdist: Path, folder: Path) -> None:
    """Unpack the tests alone, with an empty configuration that pytest finds before ours."""
    folder.mkdir()
    top = sdist.name[: -len(".tar.gz")]
    with tarfile.open(sdist) as archive:
        members = [each for each in archive if each.name.startswith(f"{top}/tests/")]
        if not members:
            raise SourceError(f"{sdist.name} holds no tests.")
        for member in members:
            member.name = member.name[len(top) + 1 :]
            archive.extract(member, folder, filter="data")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")


def _download(project: str, release: str, folder: Path) -> Path:
    # pip reads the metadata, for which it builds; uv has no command for it.
    options = ("--no-deps", f"--no-binary={project}", "--ignore-requires-python", "--quiet")
    wanted = (f"--dest={folder}", f"{project}=={release}")
    try:
        versions.run_pip(resolver.find_uv(), "download", *options, *wanted)
    except (versions.ReleaseError, resolver.ResolverError) as error:
        raise SourceError(str(error)) from error
    (sdist,) = folder.glob(f"{project}-*.tar.gz")
    return sdist
