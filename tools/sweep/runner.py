"""One run of a sweep: the contract on one release, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore_redirect.commands import source_digests
from tools.results import contract_results, sweep_results
from tools.results.sweep_results import Sources, SweepResult
from tools.sweep import environment
from tools.sweep.plan import Task

_SECONDS = 900  # a run takes 15 where two share two cores


class NotRunError(Exception):
    """The contract did not run on a release; the message says why."""


@dataclass(frozen=True)
class Runner:
    """What all runs share."""

    #: The requirement of the wheel of this project.
    wheel: Path
    #: The URL of the store.
    store: str
    sources: Sources
    #: Class -> digest, as in the census.
    digests: Mapping[str, str]
    folder: Path = sweep_results.BUILD

    def run(self, task: Task) -> SweepResult:
        """Run the contract on one release and keep the result; a failure leaves a log beside it."""
        with environment.temporary(task, self.wheel) as folder:
            self._check_class(folder, task)
            report = folder / "contract.xml"
            ended = self._run_contract(folder, report)
            run = contract_results.read_report(report)
        result = sweep_results.make_result(run, self.sources) if run else None
        log = self.folder / f"{task.release}.log"
        log.unlink(missing_ok=True)
        if result is None or not sweep_results.is_green(result):
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(ended.stdout, "utf-8")
        if result is None:
            raise NotRunError(f"pytest ended with status {ended.returncode}: see {log}")
        if result["botocore"] != task.release:
            raise NotRunError(f"the contract ran with botocore {result['botocore']}")
        sweep_results.write_build(result, self.folder)
        return result

    def _run_contract(self, folder: Path, report: Path) -> subprocess.CompletedProcess[str]:
        python = str(environment.python_of(folder))
        try:
            return subprocess.run(  # noqa: S603 - the arguments are ours
                # Runs are parallel already, so each has one worker at a time.
                [python, *contract_results.pytest_arguments(report, "-n1")],
                env={**os.environ, "BOTOCORE_REDIRECT_STORE": self.store},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise NotRunError(f"the contract did not end within {_SECONDS} seconds") from None

    def _check_class(self, folder: Path, task: Task) -> None:
        """Make sure that the installed code is what the census read."""
        (package,) = folder.glob("[Ll]ib/**/site-packages/botocore")
        if source_digests.digest_folder(package).digest != self.digests[task.class_]:
            raise NotRunError(f"its code is not that of botocore {task.release} in the census")
