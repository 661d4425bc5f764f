"""Worker processes follow redirects with one line, and do not without it."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from workers.conftest import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from workers.conftest import Example

KEYS = ["0", "1", "2", "3"]
#: A program, its arguments, and whether its workers are forks of a patched process.
PROGRAMS = [
    ("multiprocessing_pool.py", "fork", True),
    ("multiprocessing_pool.py", "spawn", False),
    ("multiprocessing_pool.py", "forkserver", False),
    ("concurrent_futures.py", "", False),
    ("joblib_loky.py", "", False),
    ("dask_cluster.py", "", False),
    ("pyspark_job.py", "", False),
    ("torch_loader.py", "fork", True),
    ("torch_loader.py", "spawn", False),
]
SERVERS = {"celery_app.py", "gunicorn_app.py"}
#: They take minutes to install.
OPTIONAL = {"pyspark_job.py": "pyspark", "torch_loader.py": "torch"}


def test_every_example_is_run() -> None:
    assert {name for name, *_ in PROGRAMS} | SERVERS == {each.name for each in FOLDER.glob("*.py")}


@pytest.mark.parametrize(("name", "argument", "forks"), PROGRAMS)
def test_workers_follow_with_the_line(
    example: Example, name: str, argument: str, forks: bool
) -> None:
    package = OPTIONAL.get(name)
    if package and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: nox -s workers -- --with {package}")
    done = example.run(example.write(name), *argument.split())
    assert done.returncode == 0, done.stderr
    stored = example.stored()
    assert sorted(stored) == KEYS
    example.store.inspector.forget()
    example.store.inspector.create_bucket("data")
    done = example.run(example.write(name, has_line=False), *argument.split())
    assert (sorted(example.stored()), done.returncode == 0) == (KEYS if forks else [], forks)


@pytest.mark.parametrize("has_line", [True, False])
def test_workers_of_celery(
    example: Example, has_line: bool, stop: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    program = example.write("celery_app.py", has_line=has_line)
    (example.folder / "queue").mkdir()
    worker = example.start(
        *("-m", "celery", "-A", "celery_app", "worker", "--pool=prefork", "--concurrency=2")
    )
    stop(worker)
    done = example.run(program)
    stored = example.stored()
    assert sorted(stored) == (KEYS if has_line else [])
    assert worker.pid not in stored.values()
    assert ("RecursionError" in done.stderr) is not has_line


@pytest.mark.parametrize("has_line", [True, False])
@pytest.mark.parametrize("options", [["--preload"], []])
def test_workers_of_gunicorn(
    example: Example,
    options: list[str],
    has_line: bool,
    stop: Callable[[subprocess.Popen[bytes]], None],
) -> None:
    example.write("gunicorn_app.py", has_line=has_line)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, descriptor = listening.getsockname()[1], listening.fileno()
        command = ("-m", "gunicorn", f"--bind=fd://{descriptor}", "--workers=2", *options)
        server = example.start(*command, "gunicorn_app:app", pass_fds=(descriptor,))
        stop(server)
        statuses = {_ask(f"http://127.0.0.1:{port}/{key}") for key in KEYS}
    stored = example.stored()
    assert statuses == {200 if has_line else 500}
    assert sorted(stored) == (KEYS if has_line else [])
    assert server.pid not in stored.values()


def _ask(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
