"""Sessions with one run for each cell."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

import nox

from tools.environments.cells import ASKED, Cell


def parametrize(
    pinned: Iterable[Cell], tagged: Container[Cell] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Run a session for each of these cells, or only for the one that the environment asks for.

    Those in `tagged` are found by their tags, as in `nox -t quick`.
    """
    rows = [
        nox.param(
            *(cell.python, cell.name), id=cell.name, tags=[*cell.tags] if cell in tagged else []
        )
        for cell in ([ASKED] if ASKED else pinned)
    ]
    return nox.parametrize(["python", "cell"], rows)
