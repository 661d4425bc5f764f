"""What a sweep runs: a release and a Python for each class of botocore. Pure: others run it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from tools.environments.cells import Cell
from tools.results.outcomes import version_key
from tools.results.proof import Combination
from tools.sweep.arguments import Shard


@dataclass(frozen=True)
class Task:
    """One run: a release of botocore, which stands for its class, on a Python."""

    release: str
    class_: str
    python: str
    #: How many releases the class has.
    size: int
    #: The releases of moto to try, best first: to look through all takes the resolver minutes.
    motos: tuple[str, ...] = ()

    def __str__(self) -> str:
        others = f", for the {self.size} releases from {self.class_} on" if self.size > 1 else ""
        return f"botocore {self.release} on Python {self.python}{others}"


@dataclass(frozen=True)
class PythonRange:
    """The releases of botocore that a Python runs, by the table of cells."""

    python: str
    oldest: Version
    #: None: also those that are newer than the table.
    newest: Version | None

    def __contains__(self, release: str) -> bool:
        """Whether this Python runs a release."""
        version = Version(release)
        return self.oldest <= version and (self.newest is None or version <= self.newest)


def find_ranges(cells: Iterable[Cell]) -> list[PythonRange]:
    """Read from the table of cells which Python runs which releases.

    Pythons without the GIL (3.14t) are left to cells: a sweep looks for differences of botocore.
    """
    releases: dict[str, list[Version]] = {}
    for cell in cells:
        if cell.botocore and not cell.python.endswith("t"):
            releases.setdefault(cell.python, []).append(Version(cell.botocore))
    newest = max((max(found) for found in releases.values()), default=None)
    return [
        PythonRange(python, min(found), None if max(found) == newest else max(found))
        for python, found in sorted(releases.items(), key=lambda item: Version(item[0]))
    ]


def make_tasks(
    by_release: Mapping[str, str | None],
    oldest: str,
    ranges: Sequence[PythonRange],
    cells: Sequence[Combination] = (),
) -> list[Task]:
    """Choose the release and the Python for each class of the census, oldest first.

    The newest release stands for its class: it is what a requirement such as `botocore<1.36` gives.
    Neighbouring classes are run on different Pythons, so that each Python meets botocore of all
    ages.
    """
    members: dict[str, list[str]] = {}
    for release in sorted(by_release, key=version_key):
        name = by_release[release]
        if name and version_key(release) >= version_key(oldest):
            members.setdefault(name, []).append(release)
    tasks = []
    for position, (name, releases) in enumerate(members.items()):
        release = releases[-1]
        pythons = [each.python for each in ranges if release in each]
        python = pythons[position % len(pythons)]
        motos = _find_motos(release, [cell for cell in cells if cell["python"] == python])
        tasks.append(Task(release, name, python, len(releases), motos))
    return tasks


def _find_motos(release: str, cells: Sequence[Combination]) -> tuple[str, ...]:
    """Return the moto of the cell with the next newer botocore, and that of the next older one."""
    with_moto = sorted(
        (version_key(cell["botocore"]), cell["moto"]) for cell in cells if cell["moto"]
    )
    newer = [moto for botocore, moto in with_moto if botocore >= version_key(release)]
    older = [moto for botocore, moto in with_moto if botocore < version_key(release)]
    return tuple(dict.fromkeys([*newer[:1], *older[-1:]]))


def select(tasks: Sequence[Task], done: Iterable[str | None], shard: Shard) -> list[Task]:
    """Return the tasks of a part, without those of classes that are done.

    The parts are the same whatever is done, so that no two machines run the same class.
    """
    finished = {*done}
    part = tasks[shard.number - 1 :: shard.total]
    return [task for task in part if task.class_ not in finished]


def choose(
    tasks: Sequence[Task], releases: Iterable[str], by_release: Mapping[str, str | None]
) -> list[Task]:
    """Return tasks for exactly these releases, on the Pythons that their classes are run on."""
    by_class = {task.class_: task for task in tasks}
    chosen = []
    for release in releases:
        task = by_class.get(by_release.get(release) or "")
        if task is None:
            raise ValueError(
                f"No class of the sweep has botocore {release}: see requirements/census.json"
            )
        chosen.append(replace(task, release=release))
    return chosen
