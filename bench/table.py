"""What was measured: a table for people and for programs, and the claims that rest on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

Value = Union[str, int, float, None]


@dataclass(frozen=True)
class Claim:
    """What we promise of a number, the number, and whether it keeps the promise."""

    what: str
    measured: float
    aim: float
    unit: str
    holds: bool

    def line(self) -> str:
        """Return one line for people."""
        mark = "PASS" if self.holds else "over"
        return f"{mark}  {self.what}: {self.measured:g} {self.unit} (aim: {self.aim:g})"


def at_most(what: str, measured: float, aim: float, unit: str) -> Claim:
    """Claim that a number does not exceed its aim."""
    return Claim(what, measured, aim, unit, measured <= aim)


@dataclass(frozen=True)
class Table:
    """One topic; the first column of each row names what the row is about."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]
    note: str = ""
    claims: list[Claim] = field(default_factory=list)

    def text(self) -> str:
        """Return the table for people, its columns aligned."""
        cells = [self.columns, *(tuple(map(_shown, row)) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells)]
        lines = ["  " + _aligned(row, widths).rstrip() for row in cells]
        return "\n".join([self.title, *lines, *([f"  {self.note}"] if self.note else [])])

    def as_json(self) -> dict[str, object]:
        """Return the same for programs."""
        return {
            "title": self.title,
            "rows": [dict(zip(self.columns, row)) for row in self.rows],
            "note": self.note,
        }


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    first, *others = (cell.ljust(width) for cell, width in zip(row, widths))
    return "   ".join([first, *others])


def _shown(value: Value) -> str:
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
