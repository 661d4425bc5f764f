"""The controls: every behaviour by stock botocore, and how it fails where other services redirect.

The patched quadrants compare themselves with them: what is compared is then of the same botocore,
the same day and the same store, and no file of expectations can be stale.

Where quadrants run together, those of stock botocore leave what they observed in a folder, and the
others look there. A file that runs alone has it observed by a fresh process:

    python -m matrix.harness.control KIND BACKEND_URL redirects|noredirect BEHAVIOUR ...

prints one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from botocore_redirect.testing import aws_sandbox
from botocore_redirect.testing.guards.proof import expect_stock
from matrix.contract.all_behaviours import ALL, USING_OTHER_SERVICES
from matrix.harness import settings
from matrix.harness.stage import as_data, others_redirect, staged


class Observations(dict[str, dict[str, Any]]):
    """What was observed, by the name of the behaviour."""

    def __missing__(self, name: str) -> NoReturn:
        raise LookupError(
            f"There is no control for {name}: stock botocore did not do what it should either, as"
            " test_noredirect_unpatched.py and test_redirects_unpatched.py show."
        )


_SECONDS = 300
_WORDS = {False: "noredirect", True: "redirects"}


def leave(kind: str, observed: Observations, *, redirects: bool = False) -> None:
    """Leave what was observed for the patched quadrants, if they share a folder with this one.

    The guards prove at the end of the file that it was by stock botocore.
    """
    folder = os.environ.get(settings.CONTROL)
    if folder:
        _file(folder, kind, redirects).write_text(json.dumps(observed), encoding="utf-8")


def find(kind: str, backend: str, names: Iterable[str], *, redirects: bool = False) -> Observations:
    """Return the observations of these behaviours: those that were left, the others made now."""
    folder = os.environ.get(settings.CONTROL)
    left = Observations()
    if folder and _file(folder, kind, redirects).exists():
        left.update(json.loads(_file(folder, kind, redirects).read_text("utf-8")))
    missing = [name for name in names if name not in left]
    if missing:
        left.update(_observe_in_a_fresh_process(kind, backend, redirects, missing))
    return left


def _file(folder: str, kind: str, redirects: bool) -> Path:
    return Path(folder) / f"control-{_WORDS[redirects]}-{kind}.json"


def _observe_in_a_fresh_process(
    kind: str, backend: str, redirects: bool, names: list[str]
) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "matrix.harness.control", kind, backend, _WORDS[redirects], *names],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"the control run failed:\n{done.stderr}")
    observed: dict[str, Any] = json.loads(done.stdout)
    return observed


def main(kind: str, backend: str, word: str, *names: str) -> None:
    """Observe these behaviours and print what was seen."""
    redirects = word == _WORDS[True]
    observed = {}
    for behaviour in USING_OTHER_SERVICES if redirects else ALL:
        if behaviour.name in names:
            rule = others_redirect if redirects else None
            # One that stock botocore cannot do says nothing of the others.
            with suppress(Exception), staged(kind, behaviour, rule, backend) as stage:
                seen = stage.observe_failure() if redirects else stage.observe()
                observed[behaviour.name] = as_data(seen)
    expect_stock("in the control run")
    print(json.dumps(observed))


if __name__ == "__main__":
    with aws_sandbox():
        main(*sys.argv[1:])
