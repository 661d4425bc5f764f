"""`python -m botocore_redirect run`: programs that cannot be edited, in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import zipapp
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest

if TYPE_CHECKING:
    from botocore_redirect.testing import RedirectingStore

PUT = Path(__file__).with_name("put.py")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def write(path: Path, content: str) -> Path:
    path.write_text(content)
    path.chmod(0o755)
    return path


def make_zipapp(folder: Path) -> Path:
    (folder / "app").mkdir()
    (folder / "app" / "__main__.py").write_text(PUT.read_text())
    zipapp.create_archive(folder / "app", folder / "app.pyz")
    return folder / "app.pyz"


PROGRAMS: dict[str, Callable[[Path, Path], list[Any]]] = {
    "an interpreter": lambda _, python: [python, PUT],
    "a console script": lambda folder, python: [
        write(folder / "tool", f"#!{python}\n{PUT.read_text()}")
    ],
    "a shell that starts it": lambda _, python: ["sh", "-c", f'"{python}" {PUT} "$0"'],
    "a zipapp": lambda folder, python: [python, make_zipapp(folder)],
}


@pytest.mark.parametrize("form", PROGRAMS)
def test_a_program_of_another_environment_follows(
    form: str,
    ours: Path,
    theirs: Path,
    tmp_path: Path,
    run: Run,
    redirecting_s3: RedirectingStore,
) -> None:
    program = PROGRAMS[form](tmp_path, theirs)
    alone = run(*program, "key")
    assert "RecursionError" in alone.stderr
    assert redirecting_s3.inspector.keys("data") == []
    done = run(ours, "-m", "botocore_redirect", "run", "--", *program, "key")
    assert (done.returncode, done.stderr) == (0, "")
    assert redirecting_s3.inspector.keys("data") == ["key"]


def test_programs_of_this_environment_follow(
    activated: Run, tmp_path: Path, redirecting_s3: RedirectingStore
) -> None:
    plain = tmp_path / "module.py"
    plain.write_text(PUT.read_text())
    for program in (
        [plain, "script"],
        ["-m", "module", "module"],
        ["-c", PUT.read_text(), "code"],
        [make_zipapp(tmp_path), "zipapp"],
    ):
        done = activated(*program, PYTHONPATH=str(tmp_path))
        assert (done.returncode, done.stderr) == (0, "")
    assert redirecting_s3.inspector.keys("data") == ["code", "module", "script", "zipapp"]


def test_another_interpreter_gets_the_package_and_nothing_else(
    ours: Path, theirs: Path, run: Run
) -> None:
    (site_packages,) = ours.parents[1].glob("lib/python*/site-packages")
    (site_packages / "beside_it.py").touch()
    ask = """if True:
        import botocore_redirect, botocore.endpoint, importlib.util, sys
        print(botocore_redirect.is_installed(), botocore_redirect.__file__)
        print(botocore.__file__)
        print([name for name in ("beside_it", "activation") if importlib.util.find_spec(name)])
        """
    done = run(ours, "-m", "botocore_redirect", "run", "--", theirs, "-c", ask)
    installed, botocore, visible = done.stdout.splitlines()
    assert installed == f"True {site_packages}/botocore_redirect/__init__.py"
    assert not botocore.startswith(str(site_packages))
    assert visible == "[]"


@pytest.mark.parametrize("status", [0, 7])
def test_the_status_is_that_of_the_program(status: int, activated: Run) -> None:
    assert activated("sh", "-c", f"exit {status}").returncode == status


def test_the_program_is_the_process_that_was_started(environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "botocore_redirect", "run", "sh", "-c", "echo $$; read x"]
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{process.pid}\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM


@pytest.mark.parametrize(
    ("program", "status", "message"),
    [
        ("no-such-program", 127, "there is no program no-such-program on the PATH"),
        (str(PUT.parent), 126, "is a folder, not a program"),
    ],
)
def test_what_cannot_be_run_has_the_status_of_a_shell(
    program: str, status: int, message: str, activated: Run
) -> None:
    done = activated(program)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith("botocore-redirect: ")
    assert message in done.stderr


def test_a_python_that_ignores_the_environment_is_refused(activated: Run, tmp_path: Path) -> None:
    script = write(tmp_path / "tool", f"#!{sys.executable} -I\n{PUT.read_text()}")
    done = activated(script, "key")
    assert (done.returncode, done.stdout) == (2, "")
    advice = f"name its Python: run -- {sys.executable} {script} key"
    assert advice in done.stderr
    assert activated(sys.executable, script, "key").returncode == 0


def test_the_policy_of_the_environment_applies(
    activated: Run, redirecting_s3: RedirectingStore
) -> None:
    done = activated(PUT, "key", BOTOCORE_REDIRECT_MAX_HOPS="0")
    assert "TooManyRedirects" in done.stderr
    done = activated(PUT, "key", BOTOCORE_REDIRECT="off")
    assert done.stderr.startswith("BOTOCORE_REDIRECT=off: redirects are not followed\n")
    assert "RecursionError" in done.stderr
    assert redirecting_s3.inspector.keys("data") == []


def test_a_malformed_policy_is_told_before_the_program_starts(activated: Run) -> None:
    done = activated("sh", "-c", "echo started", BOTOCORE_REDIRECT_TRUST="http://a")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("botocore-redirect: BOTOCORE_REDIRECT_TRUST: ")


def test_the_variables_that_are_printed_do_the_same(
    run: Run, theirs: Path, redirecting_s3: RedirectingStore
) -> None:
    printed = run(sys.executable, "-m", "botocore_redirect", "env", "--env-file").stdout
    variables = dict(line.split("=", 1) for line in printed.splitlines())
    assert run(theirs, PUT, "key", **variables).returncode == 0
    assert redirecting_s3.inspector.keys("data") == ["key"]
