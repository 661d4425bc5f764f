"""How two texts differ, in few lines."""

from __future__ import annotations

import difflib
from itertools import islice

_WIDTH = 120
_LINES = 16  # of a diff: enough to know it by


def diff(stock: str, patched: str) -> str:
    """Show how two texts differ, in few lines; nothing if they do not."""
    if stock == patched:
        return ""
    lines = difflib.unified_diff(
        _lines(stock), _lines(patched), "unpatched", "patched", n=0, lineterm=""
    )
    shown = [*islice(lines, _LINES + 1)]
    return "\n".join([*shown[:_LINES], *(["..."] if shown[_LINES:] else [])])


def _lines(text: str) -> list[str]:
    """Split into lines, and long ones, such as bodies, into pieces."""
    return [
        line[start : start + _WIDTH]
        for line in text.splitlines()
        for start in range(0, max(len(line), 1), _WIDTH)
    ]
