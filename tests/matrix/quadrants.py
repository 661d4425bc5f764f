"""Which quadrants a run is made of: every file, on every store that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

#: Pytest's options that take the next word as their value, also where it looks like a file.
_OPTIONS = (
    "-k -m --pdbcls --capture --lfnf --last-failed-no-failures --durations --durations-min"
    " --verbosity -r --report-chars --tb --show-capture --color --code-highlight --pastebin"
    " --junitxml --junit-xml --junitprefix --junit-prefix -W --pythonwarnings --maxfail"
    " --max-warnings -c --config-file --rootdir --ignore --ignore-glob --deselect --confcutdir"
    " --import-mode --doctest-report --doctest-glob --basetemp -p -o --override-ini --assert"
    " --log-level --log-format --log-date-format --log-cli-level --log-cli-format"
    " --log-cli-date-format --log-file --log-file-mode --log-file-level --log-file-format"
    " --log-file-date-format --log-auto-indent --log-disable --time-limit"
)
WITH_VALUE = frozenset(_OPTIONS.split())


class UsageError(Exception):
    """What was asked for does not exist."""


@dataclass(frozen=True)
class Run:
    """One file on one store: what gets a process of its own."""

    file: Path
    store: str
    #: What of the file is run, as pytest takes it: the file, or `file::test`, several times.
    arguments: tuple[str, ...]

    @property
    def patched(self) -> bool:
        """Whether the patch is in force, which the name of the file says."""
        return "unpatched" not in self.file.stem

    @property
    def redirects(self) -> bool:
        """Whether the store redirects, which the name of the file says."""
        return "noredirect" not in self.file.stem

    def waits_for(self, other: Run) -> bool:
        """Whether this one compares itself with what the other observes.

        Patched with redirects: with stock botocore without any, and with how it fails with some.
        """
        return (
            self.store == other.store
            and self.patched
            and not other.patched
            and self.redirects >= other.redirects
        )

    def __str__(self) -> str:
        return f"{self.file.name} {self.store}"


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Tell the files from pytest's options in what was left of the command line.

    The value of a plugin's option is written with it: `--option=FILE`.
    """
    files, options = [], []
    takes_value = False
    for word in words:
        if not takes_value and not word.startswith("-") and _looks_like_a_file(word):
            files.append(word)
        else:
            options.append(word)
        takes_value = not takes_value and word in WITH_VALUE
    return files, options


def runs(words: list[str], stores: list[str]) -> list[Run]:
    """Give each file, on each store, those first for which others wait."""
    chosen: dict[Path, list[str]] = {}
    for word in words or [str(HERE)]:
        name, separator, test = word.partition("::")
        for file in _files(name):
            chosen.setdefault(file, []).append(f"{file}{separator}{test}")
    found = [
        Run(file, store, tuple(arguments)) for store in stores for file, arguments in chosen.items()
    ]
    return sorted(found, key=lambda run: (stores.index(run.store), run.patched, run.redirects))


def _looks_like_a_file(word: str) -> bool:
    path = Path(word.partition("::")[0])
    return "::" in word or path.suffix == ".py" or path.is_dir()


def _files(name: str) -> list[Path]:
    path = next((path for path in (Path(name), HERE / name) if path.exists()), None)
    if path is None:
        known = ", ".join(file.name for file in sorted(HERE.glob("test_*.py")))
        raise UsageError(f"There is no file {name!r}; the quadrants are {known}.")
    return sorted(path.resolve().glob("test_*.py")) if path.is_dir() else [path.resolve()]
