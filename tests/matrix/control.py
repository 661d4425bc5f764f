"""The control: every behaviour by stock botocore without redirects, observed in a fresh process.

    python -m matrix.control KIND BACKEND_URL

prints one JSON object. The patched quadrants compare themselves with it: what is compared is then
of the same botocore, the same day and the same store, and no file of expectations can be stale.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from matrix.behaviours import BEHAVIOURS
from matrix.isolation import expect_stock
from matrix.scenes import as_data, staged

_SECONDS = 300


def observe_in_a_fresh_process(kind: str, backend: str) -> dict[str, Any]:
    """Return the observation of each behaviour, by its name."""
    done = subprocess.run(
        [sys.executable, "-m", "matrix.control", kind, backend],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"the control run failed:\n{done.stderr}")
    observed: dict[str, Any] = json.loads(done.stdout)
    return observed


def main(kind: str, backend: str) -> None:
    """Observe every behaviour and print what was seen."""
    observed = {}
    for behaviour in BEHAVIOURS:
        with staged(kind, behaviour, None, backend) as stage:
            observed[behaviour.name] = as_data(stage.observe())
    expect_stock("in the control run")
    print(json.dumps(observed))  # noqa: T201  # its output is the product


if __name__ == "__main__":
    main(*sys.argv[1:])
