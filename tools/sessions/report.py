"""The pages of the last matrix run: written, published or checked by `nox -s report`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nox

from tools.environments.cells import PINNED
from tools.results import compatibility, outcomes, records, report
from tools.results.proof import StaleError


def run(session: nox.Session) -> None:
    """Write the pages, and do what the arguments of the session say."""
    options = make_parser().parse_args(session.posargs)
    try:
        written = report.write(records.BUILD, PINNED, records.digest_all_sources())
        if options.check:
            compatibility.check_documents(Path(), PINNED)
        elif options.publish:
            changed = ", ".join(map(str, compatibility.update_documents(Path())))
            session.log(f"Changed: {changed or 'nothing'}.")
        else:
            print(report.render_table(written, colour=report.supports_colour(sys.stdout)))
    except (StaleError, outcomes.RecordError) as error:
        session.error(str(error).rstrip("."))


def make_parser() -> argparse.ArgumentParser:
    """Describe the arguments of the session."""
    parser = argparse.ArgumentParser(
        prog="nox -s report --",
        description="Write build/matrix/report.* from the records of the last run.",
        allow_abbrev=False,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--publish", action="store_true", help="write docs/compatibility.md, the badge, proof.json"
    )
    what.add_argument("--check", action="store_true", help="fail if one of these is stale")
    return parser
