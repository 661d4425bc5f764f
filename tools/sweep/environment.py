"""The environment of one run of a sweep: resolved on the spot, and deleted after the run."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.environments import install, resolver
from tools.environments.cells import CLIENT, Cell
from tools.releases import versions
from tools.sweep.plan import Task

FOLDER = install.BUILT / "sweep-runs"


class EnvironmentFailedError(Exception):
    """The environment of a run cannot be made; the message says why."""


@contextmanager
def temporary(task: Task, wheel: Path) -> Iterator[Path]:
    """Make the environment of a task, and delete it in the end."""
    folder = (FOLDER / f"{task.release}-py{task.python}").resolve()
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was interrupted
    folder.mkdir(parents=True)
    try:
        _install(folder, _resolve(folder, task), task.python, wheel)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def python_of(folder: Path) -> Path:
    """Return the interpreter of an environment."""
    windows = folder / "Scripts" / "python.exe"
    return windows if windows.exists() else folder / "bin" / "python"


def _resolve(folder: Path, task: Task) -> Path:
    """Compile the lock: the client with libraries of its time, and what the tests need.

    Users who pin an old botocore usually pin the urllib3 of that time, too. The cells of the matrix
    have the newest that botocore allows.
    """
    cell = Cell(python=task.python, botocore=task.release)
    lock = cell.lock(folder)
    options = [f"--python-version={task.python}"]
    try:
        uploaded = versions.find_upload_date(resolver.find_uv(), task.release)
        if uploaded:
            # boto3 follows botocore within hours, and the next one does not fit.
            until = f"--exclude-newer={uploaded + dt.timedelta(days=1)}"
            client = folder / "client.txt"
            resolver.compile_lock(client, [*cell.pins, "boto3"], *options, until)
            options.append(f"--constraints={client}")
        for moto in (*task.motos, ""):
            in_process = [f"moto[s3]=={moto}"] if moto else []
            try:
                resolver.compile_lock(lock, [*cell.pins, *CLIENT, *in_process], *options)
            except resolver.NoFitError:
                if not moto:
                    raise
            else:
                break
    except (resolver.ResolverError, versions.ReleaseError) as error:
        raise EnvironmentFailedError(str(error)) from error
    return lock


def _install(folder: Path, lock: Path, python: str, wheel: Path) -> None:
    """Install the lock and the wheel of this project, checking every hash.

    botocore does not go through the cache of uv: 200 releases of it would fill 9 GB there.
    """
    text = lock.read_text("utf-8")
    (botocore,) = re.findall(r"(?m)^botocore==.*(?:\n +.*)*\n", text)
    others, alone = folder / "others.txt", folder / "botocore.txt"
    others.write_text(text.replace(botocore, ""), "utf-8")
    alone.write_text(botocore, "utf-8")
    target = ("--require-hashes", f"--python={folder}")
    _uv("venv", "--allow-existing", f"--python={python}", str(folder))
    _uv("pip", "sync", *target, str(others), str(wheel))
    _uv("pip", "install", "--no-deps", "--no-cache", *target, f"--requirement={alone}")


def _uv(*command: str) -> None:
    ended = subprocess.run(  # noqa: S603 - the arguments are ours
        [resolver.find_uv(), *command, "--quiet", "--color=never"],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise EnvironmentFailedError(f"uv {command[0]} failed: {' '.join(ended.stderr.split())}")
