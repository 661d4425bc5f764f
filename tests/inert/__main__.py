"""Run the comparison: `python -m inert --help`."""

from __future__ import annotations

import sys

from inert.run import main

if __name__ == "__main__":  # the workers import this module as well
    sys.exit(main(sys.argv[1:]))
