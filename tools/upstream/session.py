"""The session: botocore's and s3transfer's own tests, without the patch and with it."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nox

from tools.environments import install
from tools.environments.cells import LOCKS
from tools.upstream import comparison, passes, proof, sources, unsent
from tools.upstream.arguments import Options
from tools.upstream.comparison import Difference
from tools.upstream.passes import Pass, Variant

LOCK = LOCKS / "upstream.txt"
#: What the tests need, beside pytest.
REQUIREMENTS = ["jsonschema<4.18", "mock", "nose"]  # later jsonschemas need what cells pin too
#: More unsteady tests than this are not chance.
MOST_UNSTEADY = 5
#: Up to this many tests that differ are run again; with more, the patch is broken.
_MOST_RERUN = 200


def run(session: nox.Session, lock: Path) -> None:
    """Compare the tests of the projects that a lock pins; fail the session if they differ."""
    options = Options.of(session.posargs)
    install.install(session, session.env_dir, lock, LOCK)
    key = _stock_key(session, lock)
    try:
        for project in options.projects:
            tests = sources.fetch_tests(lock, project)
            files = unsent.load(project, sources.locked_release(lock, project))
            folder = sources.FOLDER / "results" / lock.stem / project
            for variant in passes.VARIANTS[project]:
                results = folder / variant.name
                Comparison(session, project, tests, results, options, files, variant).run(key)
    except (sources.SourceError, unsent.TableError, passes.PassError) as error:
        session.error(str(error).rstrip("."))


@dataclass(frozen=True)
class Comparison:
    """Both passes over the tests of one release."""

    session: nox.Session
    project: str
    tests: Path
    #: Gets what the passes leave.
    folder: Path
    options: Options
    #: The files that send no requests.
    unsent: Sequence[str]
    variant: Variant

    def run(self, stock_key: str) -> None:
        """Run both passes, print what was found, and fail the session on a difference."""
        stock = self._run_stock(stock_key)
        patched = self._run_pass("patched", self.options.for_pytest, is_patched=True)
        different, unsteady = self._find_differences(stock, patched)
        countable = self.options.has_whole_files and self.variant.is_countable
        unproven = list(proof.find_problems(stock, patched, self.unsent, is_countable=countable))
        lines = [
            f"The tests of {self.project}{self.variant.name and f' ({self.variant.name})'}:",
            comparison.describe_tests(stock, patched),
            comparison.describe_calls(patched),
            *unproven,
            *comparison.describe_differences("Differed once, and not when run again", unsteady),
            *comparison.describe_differences("Different", different),
        ]
        print("\n".join(["", *lines, ""]))
        if different or unproven:
            self.session.error(
                f"{len(different)} tests differ and {len(unproven)} things are not proven; what"
                f" pytest printed is in {self.folder}"
            )
        if len(unsteady) > MOST_UNSTEADY:
            self.session.error(
                f"{len(unsteady)} tests are unsteady, too many to be chance: run the session again"
                " while the machine is idle"
            )

    def _find_differences(
        self, stock: Pass, patched: Pass
    ) -> tuple[list[Difference], list[Difference]]:
        """Return the tests that differ twice, and those that do not differ when run again."""
        found = comparison.find_differences(stock, patched)
        if not found or len(found) > _MOST_RERUN:
            return found, []
        self.session.log(f"{len(found)} tests differ: their files run once more")
        options = [f"-n{self.options.workers}", *sorted({each.file for each in found})]
        repeated = comparison.find_repeated(
            found,
            self._run_pass("stock-again", options),
            self._run_pass("patched-again", options, is_patched=True),
        )
        names = {each.test for each in repeated}
        return repeated, [each for each in found if each.test not in names]

    def _run_stock(self, key: str) -> Pass:
        """Run the tests without the patch, or read what they came to in the same environment."""
        kept = self.folder / f"stock-{key}"
        if self.options.is_whole and not self.options.fresh and kept.is_dir():
            last_line = passes.read_last_line(kept)
            self.session.log(f"Without the patch, from the cache: {last_line}")
            return passes.read(kept)
        found = self._run_pass("stock", self.options.for_pytest)
        if self.options.is_whole:
            for old in self.folder.glob("stock-*"):
                shutil.rmtree(old)
            (self.folder / "stock").rename(kept)
        return found

    def _run_pass(self, name: str, options: Sequence[str], *, is_patched: bool = False) -> Pass:
        began = time.monotonic()
        found = passes.run(
            *(self.session, self.project, self.tests, self.folder / name, options),
            is_patched=is_patched,
            mutant=self.options.mutant if is_patched else "",
            variant=self.variant,
        )
        which = "With" if is_patched else "Without"
        took = f"{time.monotonic() - began:.0f} s"
        last_line = passes.read_last_line(self.folder / name)
        self.session.log(f"{which} the patch, {took}: {last_line}")
        return found


def _stock_key(session: nox.Session, lock: Path) -> str:
    """Return what the results without the patch depend on: never the patch itself."""
    # The hash of the source distribution is in the lock.
    files = install.digest(lock, LOCK, passes.PLUGINS, Path(passes.__file__))
    whole = f"{files}\0{install.identify_interpreter(session.env_dir)}"
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
