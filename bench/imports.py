"""What an import adds to `import boto3`, in CPU time and in memory."""

from __future__ import annotations

import statistics

from bench.subjects import MODULES, OURS, STOCK, ask
from bench.table import Table, Value, at_most

_CODE = "import boto3, {module}; from bench.usage import used; print(used())"


def measure(subjects: list[str], rounds: int) -> Table:
    """Import in fresh processes, the subjects in turn, after one round that writes byte code."""
    code = {subject: _CODE.format(module=MODULES[subject]) for subject in subjects}
    samples: dict[str, list[list[float]]] = {subject: [] for subject in subjects}
    for turn in range(rounds + 1):
        for subject in subjects:
            numbers = ask("-c", code[subject])
            if turn:
                samples[subject].append(numbers)

    rows: list[tuple[Value, ...]] = []
    claims = []
    for subject in subjects:
        cells: list[Value] = [subject]
        for kind, (limit, unit) in enumerate(((10, "ms"), (1, "MB"))):
            values = [numbers[kind] for numbers in samples[subject]]
            stock = [numbers[kind] for numbers in samples[STOCK]]
            added = [own - base for own, base in zip(values, stock)]
            cells.append(round(statistics.median(values), 1))
            if subject == STOCK:
                cells += [None, None]
                continue
            low, middle, high = (round(each, 2) for each in statistics.quantiles(added, n=4))
            cells += [middle, f"{low:g}..{high:g}"]
            if subject == OURS:
                claims.append(at_most(f"added to `import boto3`, in {unit}", middle, limit, unit))
        rows.append(tuple(cells))
    return Table(
        "Import: `import boto3`, and what the patch adds",
        ("what", "CPU ms", "added ms", "ms, half of them", "MB", "added MB", "MB, half of them"),
        rows,
        f"Medians of {rounds} fresh processes each, in turn, byte code present. MB: resident set.",
        claims,
    )
