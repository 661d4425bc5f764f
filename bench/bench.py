"""Measure the patch beside stock boto3 and beside the patch that comes with `aistore`.

Every number is taken in fresh processes, in turn, so that what else the machine does hits all
alike. Nothing here passes or fails a build: the claims are printed with what was found.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

# Started as a file: what `bench` means is then this file, unless the root is looked at first.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench import cell, imports, isolation, overhead, overhead_async, subjects, wire  # noqa: E402  # found through the line above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.table import Table

_PACKAGES = ("botocore-redirect", "boto3", "botocore", "urllib3", "aistore", "wrapt")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the tables and the claims, and return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions: a look, no proof")
    parser.add_argument("--nox", metavar="PYTHON", help="a Python with nox: measure a cell, too")
    parser.add_argument("--aio", metavar="PYTHON", help="a Python with aiobotocore: and that")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there, too")
    options = parser.parse_args(arguments)

    versions = _versions()
    print(", ".join(f"{name} {version}" for name, version in versions.items()))
    missing = subjects.missing_peer()
    measured = [subjects.STOCK, subjects.OURS] + ([] if missing else [subjects.PEER])
    if missing:
        print(f"The peer is left out: {missing}. `pip install aistore` adds it.")

    tables = []
    for table in _measure(measured, quick=options.quick, nox=options.nox, aio=options.aio):
        print(f"\n{table.text()}", flush=True)
        tables.append(table)

    claims = [claim for table in tables for claim in table.claims]
    print("\nWhat we claim")
    for claim in claims:
        print(f"  {claim.line()}")

    if options.json:
        result = {
            "versions": versions,
            "peer_missing": missing,
            "tables": [table.as_json() for table in tables],
            "claims": [vars(claim) for claim in claims],
        }
        options.json.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    return 0


def _measure(
    measured: list[str], *, quick: bool, nox: str | None, aio: str | None
) -> Iterator[Table]:
    yield imports.measure(measured, 5 if quick else 31)
    yield overhead.measure(measured, 2 if quick else 7)
    if aio:
        yield overhead_async.measure(aio, 2 if quick else 7)
    yield from wire.measure(measured)
    yield isolation.measure(1 if quick else 5)
    if nox:
        yield cell.measure(nox)


def _versions() -> dict[str, str]:
    installed = {name: _version(name) for name in _PACKAGES}
    return {"Python": platform.python_version(), "on": platform.machine(), **installed}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
