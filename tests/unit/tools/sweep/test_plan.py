"""A sweep runs the newest release of each class, on a Python that the table shows to run it."""

from __future__ import annotations

from typing import Any

import pytest
from tools.environments.cells import Cell
from tools.sweep import plan
from tools.sweep.arguments import Shard
from tools.sweep.plan import Task

CENSUS = {
    "1.13.0": "1.13.0",
    "1.14.0": "1.14.0",
    "1.14.9": "1.14.0",
    "1.14.10": "1.14.0",
    "1.15.0": "1.15.0",
    "1.16.0": None,
    "1.44.0": "1.44.0",
    "1.44.9": "1.44.9",
}
TABLE = [
    *(Cell("3.10", release) for release in ("1.14.0", "1.44.0")),
    *(Cell("3.9", release) for release in ("1.14.0", "1.20.0", "1.40.0")),
    *(Cell("3.13", release) for release in ("1.30.0", "1.44.0")),
    Cell("3.14", aiobotocore="3.0.0", backend="aiohttp"),
    Cell("3.14t", "1.44.0"),
]
RANGES = plan.find_ranges(TABLE)


def row(python: str, botocore: str, moto: str | None) -> Any:
    return {"python": python, "botocore": botocore, "moto": moto, "boto3": "", "urllib3": ""}


def test_a_python_runs_what_lies_between_its_cells_or_is_newer_than_the_table() -> None:
    runs = {each.python: [release for release in CENSUS if release in each] for each in RANGES}
    assert [*runs] == ["3.9", "3.10", "3.13"]
    assert runs["3.9"] == ["1.14.0", "1.14.9", "1.14.10", "1.15.0", "1.16.0"]
    assert runs["3.10"] == [release for release in CENSUS if release != "1.13.0"]
    assert runs["3.13"] == ["1.44.0", "1.44.9"]


def test_the_newest_release_stands_for_its_class_and_neighbours_have_different_pythons() -> None:
    tasks = plan.make_tasks(CENSUS, "1.14.0", RANGES)
    assert tasks == [
        Task("1.14.10", "1.14.0", "3.9", 3),
        Task("1.15.0", "1.15.0", "3.10", 1),
        Task("1.44.0", "1.44.0", "3.10", 1),
        Task("1.44.9", "1.44.9", "3.13", 1),
    ]
    assert str(tasks[0]) == "botocore 1.14.10 on Python 3.9, for the 3 releases from 1.14.0 on"
    assert str(tasks[1]) == "botocore 1.15.0 on Python 3.10"


def test_the_motos_to_try_are_those_of_the_nearest_cells_of_the_python() -> None:
    cells = [
        row("3.9", "1.13.9", "4.2"),
        row("3.9", "1.14.5", None),
        row("3.9", "1.20.0", "5.0"),
        row("3.9", "1.40.0", "5.1"),
        row("3.10", "1.9.0", "4.1"),
    ]
    tasks = plan.make_tasks(CENSUS, "1.14.0", RANGES, cells)
    assert [task.motos for task in tasks] == [("5.0", "4.2"), ("4.1",), ("4.1",), ()]


def test_parts_are_the_whole_and_do_not_change_with_what_is_done() -> None:
    tasks = plan.make_tasks(CENSUS, "1.14.0", RANGES)
    parts = [plan.select(tasks, [], Shard(number, 3)) for number in (1, 2, 3)]
    assert sorted(task.release for part in parts for task in part) == [
        *("1.14.10", "1.15.0", "1.44.0", "1.44.9")
    ]
    assert [task.release for task in parts[0]] == ["1.14.10", "1.44.9"]
    assert plan.select(tasks, ["1.14.0", None], Shard(1, 3)) == parts[0][1:]


def test_releases_that_are_named_are_run_themselves() -> None:
    tasks = plan.make_tasks(CENSUS, "1.14.0", RANGES)
    chosen = plan.choose(tasks, ["1.14.9"], CENSUS)
    assert chosen == [Task("1.14.9", "1.14.0", "3.9", 3)]


@pytest.mark.parametrize("release", ["1.2.3", "1.16.0"])
def test_a_release_that_the_census_lacks_is_refused(release: str) -> None:
    with pytest.raises(ValueError, match=f"No class of the sweep has botocore {release}"):
        plan.choose(plan.make_tasks(CENSUS, "1.14.0", RANGES), [release], CENSUS)
