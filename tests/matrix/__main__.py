"""Run the quadrants, each in a process of its own: `python -m matrix --help`."""

from __future__ import annotations

import sys

from matrix.runner import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
