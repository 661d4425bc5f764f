"""Read releases of botocore from a clone of its repository, or from the package index.

A clone holds every release that was tagged when it was fetched. From the index, only the list of
releases and the wheels of those that a clone lacks are downloaded, by pip with the user's
configuration.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from botocore_redirect.commands import source_digests
from tools.environments.resolver import find_uv
from tools.releases import versions
from tools.results.outcomes import version_key

OLDEST = version_key("1.13.0")
_FINAL = re.compile(r"\d+\.\d+\.\d+")


class CensusError(Exception):
    """The census or a release cannot be read; the message says what to do."""


def select_supported(releases: Iterable[str]) -> list[str]:
    """Return the final releases of the supported range, oldest first."""
    final = {release for release in releases if _FINAL.fullmatch(release)}
    supported = [release for release in final if version_key(release) >= OLDEST]
    return sorted(supported, key=version_key)


class Clone:
    """A clone of botocore's git repository, bare or not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}

    def releases(self) -> list[str]:
        return select_supported(self._git("tag", "--list").decode().split())

    def read_digests(
        self, releases: list[str]
    ) -> Iterator[tuple[str, source_digests.SourceDigests]]:
        """Yield the digests of each release, reading each distinct file once."""
        paths = source_digests.REQUEST_PATH
        names = [f"refs/tags/{release}:botocore/{path}" for release in releases for path in paths]
        answers = self._git("cat-file", "--batch-check", given=names).decode().splitlines()
        blobs = [answer.split()[0] if " blob " in answer else "" for answer in answers]
        self._read({(path, blob) for path, blob in zip(paths * len(releases), blobs) if blob})
        for at, release in enumerate(releases):
            files, functions = {}, {}
            for path, blob in zip(paths, blobs[at * len(paths) :]):
                if blob:
                    files[path], found = self._digests[path, blob]
                    functions.update(found)
            yield release, source_digests.SourceDigests(files, functions)

    def _read(self, wanted: set[tuple[str, str]]) -> None:
        missing = sorted(wanted - self._digests.keys())
        content = self._git("cat-file", "--batch", given=[blob for _, blob in missing])
        at = 0
        for path, blob in missing:
            head = content.index(b"\n", at)
            size = int(content[at:head].split()[2])
            source = content[head + 1 : head + 1 + size]
            self._digests[path, blob] = source_digests.digest_source(source, path)
            at = head + size + 2

    def _git(self, *command: str, given: Iterable[str] = ()) -> bytes:
        text = "".join(f"{line}\n" for line in given).encode()
        try:
            return subprocess.run(  # noqa: S603 - the arguments are ours
                ["git", "-C", str(self._folder), *command],  # noqa: S607 - the user's git
                input=text,
                capture_output=True,
                check=True,
            ).stdout
        except FileNotFoundError:
            raise CensusError("A clone is read with git, which is not installed here.") from None
        except subprocess.CalledProcessError as error:
            why = error.stderr.decode(errors="replace").strip().splitlines()
            raise CensusError(
                f"{self._folder} cannot be read as a clone of botocore's repository"
                f" ({why[-1] if why else 'git failed'}); name one with --clone."
            ) from None


def list_supported() -> list[str]:
    """List the releases on the index, in one request."""
    return select_supported(versions.list_published(find_uv()))


def read_wheel(release: str) -> source_digests.SourceDigests:
    """Download the wheel of one release and compute its digests."""
    with tempfile.TemporaryDirectory() as folder:
        versions.run_pip(
            find_uv(),
            *("download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"),
            *("--quiet", f"--dest={folder}", f"botocore=={release}"),
        )
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = {f"botocore/{path}" for path in source_digests.REQUEST_PATH}
            found = names & set(archive.namelist())
            content = {name.removeprefix("botocore/"): archive.read(name) for name in found}
        return source_digests.digest_files(content.get)
