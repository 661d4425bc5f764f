"""What happens at the start of an activated interpreter, and when it imports botocore."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest

from botocore_redirect.children import ACTIVATION

if TYPE_CHECKING:
    from botocore_redirect.testing import RedirectingStore

PUT = Path(__file__).with_name("put.py")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def python(run: Run) -> Run:
    """Run code in an activated interpreter, with some more folders on its path."""

    def start(code: str, *folders: Path, **more: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([ACTIVATION, *map(str, folders)])
        return run(sys.executable, "-c", code, PYTHONPATH=path, **more)

    return start


def put(python: Any, *folders: Path) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = python(
        f"import sys; sys.argv[1:] = ['key']; exec(open({str(PUT)!r}).read())", *folders
    )
    return done


def test_it_costs_no_more_than_its_own_modules(python: Run, run: Run) -> None:
    ask = "import sys; print(*sorted(sys.modules))"
    stock = run(sys.executable, "-c", ask).stdout.split()
    more = {*python(ask).stdout.split()} - {*stock}
    assert more - {"__future__"} == {
        "sitecustomize",
        *("botocore_redirect", "botocore_redirect.after_import", "botocore_redirect.deferred"),
    }


def test_the_hook_is_gone_once_botocore_was_imported(python: Run) -> None:
    done = python("""if True:
        import sys
        def waiting():
            ours = [each for each in sys.meta_path if "redirect" in type(each).__module__]
            return sorted(each.waits_for for each in ours)
        print(*waiting())
        import boto3, botocore_redirect
        print(botocore_redirect.is_installed(), *waiting())
        botocore_redirect.uninstall()
        print(botocore_redirect.is_installed(), *waiting())
        """)
    assert done.stdout.splitlines() == [
        "aiobotocore.session botocore.endpoint s3fs.core",
        "True aiobotocore.session s3fs.core",  # those that `install()` waits for as well
        "False",
    ]


def test_a_botocore_that_was_imported_before_is_patched_at_once(run: Run) -> None:
    done = run(
        *(sys.executable, "-c"),
        "import botocore.endpoint, botocore_redirect.deferred\n"
        "botocore_redirect.deferred.install_after_import()\n"
        "print(botocore_redirect.is_installed())",
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_the_next_sitecustomize_runs_as_it_would_have(
    python: Run, tmp_path: Path, redirecting_s3: RedirectingStore
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys; sys.path.append('/added'); print('theirs', file=sys.stderr)"
    )
    done = python("import sitecustomize; print(sitecustomize.__file__)", tmp_path)
    assert done.stdout == f"{tmp_path / 'sitecustomize.py'}\n"
    assert done.stderr == "theirs\n"
    done = python("import sys; print(sys.path[1], sys.path[-1])", tmp_path)
    assert done.stdout == f"{ACTIVATION} /added\n"
    assert put(python, tmp_path).returncode == 0
    assert redirecting_s3.inspector.keys("data") == ["key"]


def test_the_next_sitecustomize_fails_as_it_would_have(
    python: Run, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import no_such_module")
    alone = run(sys.executable, "-c", "pass", PYTHONPATH=str(tmp_path))
    assert "Error in sitecustomize" in alone.stderr
    done = put(python, tmp_path)
    assert (done.returncode, done.stderr) == (0, alone.stderr)


def test_two_activation_folders_run_both(
    python: Run, ours: Path, redirecting_s3: RedirectingStore
) -> None:
    (other,) = ours.parents[1].glob("lib/python*/site-packages/botocore_redirect/activation")
    done = put(python, other)
    assert (done.returncode, done.stderr) == (0, "")
    assert redirecting_s3.inspector.keys("data") == ["key"]


def test_a_python_that_is_too_old_is_told_and_runs_on(python: Run) -> None:
    # The real ones need not be there: this one says that it is older.
    done = python("""if True:
        import sys
        for name in ("sitecustomize", *(each for each in sys.modules if "redirect" in each)):
            del sys.modules[name]
        sys.version_info = (3, 8)
        import sitecustomize
        print("botocore_redirect" in sys.modules)
        """)
    expected = "botocore-redirect needs Python 3.9 or later: redirects are not followed in"
    assert (done.stdout, done.stderr) == ("False\n", f"{expected} {sys.executable}\n")


def test_its_syntax_is_that_of_old_pythons() -> None:
    source = Path(ACTIVATION, "sitecustomize.py").read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 4))
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred, ast.Nonlocal)
    assert not [node for node in ast.walk(tree) if isinstance(node, new)]


def test_a_botocore_that_is_unknown_is_told_and_used_as_it_is(python: Run, tmp_path: Path) -> None:
    (tmp_path / "botocore").mkdir()
    (tmp_path / "botocore" / "__init__.py").touch()
    (tmp_path / "botocore" / "endpoint.py").write_text("Endpoint = 'old'")
    done = python("from botocore.endpoint import Endpoint; print(Endpoint)", tmp_path)
    assert done.stdout == "old\n"
    assert "RuntimeWarning: redirects are not followed: " in done.stderr


def test_a_malformed_policy_ends_the_import(python: Run) -> None:
    done = python("import boto3", BOTOCORE_REDIRECT_MAX_HOPS="many")
    assert done.returncode == 1
    (*_, last) = done.stderr.splitlines()
    assert last == "ValueError: BOTOCORE_REDIRECT_MAX_HOPS='many' is not a whole number from 0 up"


def test_no_process_is_patched_that_did_not_ask(run: Run) -> None:
    done = run(
        sys.executable,
        *("-c", "import boto3, botocore_redirect; print(botocore_redirect.is_installed())"),
    )
    assert done.stdout == "False\n"
