"""`python -m botocore_redirect`, as a user starts it: in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect.commands import demo as steps

UNWANTED = ("AWS_", "BOTOCORE_REDIRECT")
INSTALL = "pip install 'botocore-redirect[testing]'"


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def demo(before: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the demo, in a process that has run the line `before`."""
    start = "from botocore_redirect.__main__ import main; raise SystemExit(main(['demo']))"
    return run("-c", f"{before}\n{start}", **variables)


def test_the_demo_shows_that_stock_fails_and_that_the_same_client_works_when_patched() -> None:
    shown = run("-m", "botocore_redirect", "demo")

    stock, patched = shown.stdout.split("\n2. ")
    assert re.search(r"put_object +\w+Error, after \d+ requests .* objects in the store: 0", stock)
    for name, sent in (("put_object", 1048576), ("get_object", 0), ("list_objects_v2", 0)):
        line = rf"{name} +200 +gateway: 1 request, +0 body bytes +target: 1 request, +{sent} body"
        assert re.search(line, patched), (name, patched)
    assert len(re.findall(r"307 +http://\S+ -> http://\S+", patched)) == 3
    assert "1048576 bytes: what was put" in patched
    assert (shown.returncode, shown.stderr) == (0, "")


def test_a_demo_that_does_not_show_what_it_promises_says_what_is_wrong_and_fails() -> None:
    shown = demo(
        "import botocore_redirect as it; policy = it.RedirectPolicy(max_hops=0);"
        " real = it.install; it.install = lambda: real(policy)"
    )

    last = shown.stdout.splitlines()[-1]
    assert last.startswith("Not as promised: put_object ended in TooManyRedirects: ")
    assert "what is stored is not what was put" in last
    assert shown.returncode == 1


def test_a_demo_in_which_nothing_differs_or_what_is_got_is_not_what_was_put_fails() -> None:
    shown = demo(
        "import botocore_redirect as it; it.install(); once = iter([False])\n"
        "it.is_installed = lambda: next(once, True)\n"
        "from botocore_redirect.commands import demo\n"
        "demo._get = lambda client: dict(demo._list(client), Body=b'something else')"
    )

    last = shown.stdout.splitlines()[-1]
    for words in (
        "stock boto3 stored the object, though it was expected to fail",
        "stock boto3 left ['hello.bin'] in the store",
        "what was got is not what was put",
    ):
        assert words in last
    assert shown.returncode == 1


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"at_gateway": 2}, "took 1 hops, with 2 requests to the gateway and 1 to the target"),
        ({"outcome": {}}, "took 0 hops"),
        ({"body_at_gateway": 7}, "put sent 7 bytes of its body to the gateway"),
    ],
)
def test_a_step_says_what_was_more_than_two_requests_and_one_body(
    seen: dict[str, Any], words: str
) -> None:
    step = steps._Step("put", {"ResponseMetadata": {"Redirects": [{}]}}, 1, 1, 0, 7)
    assert step.problem() is None
    assert words in str(replace(step, **seen).problem())


@pytest.mark.parametrize("missing", ["boto3", "moto"])
def test_what_the_demo_needs_and_does_not_find_is_named_with_its_cure(
    missing: str, tmp_path: Path
) -> None:
    (tmp_path / f"{missing}.py").write_text(f"raise ImportError('no {missing} here')\n")

    shown = demo(f"import sys; sys.path.insert(0, {str(tmp_path)!r})")

    assert f"no {missing} here" in shown.stderr
    assert shown.stderr.count(INSTALL) == shown.stderr.count("\n") == 1
    assert (shown.returncode, shown.stdout) == (2, "")


@pytest.mark.parametrize(("value", "what"), [("off", "BOTOCORE_REDIRECT=off"), ("x", "'x'")])
def test_the_demo_does_not_pretend_where_the_environment_keeps_the_patch_from_installing(
    value: str, what: str
) -> None:
    shown = run("-m", "botocore_redirect", "demo", BOTOCORE_REDIRECT=value)

    assert what in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert (shown.returncode, shown.stdout) == (2, "")


def test_the_demo_does_not_run_in_a_process_that_is_patched_already() -> None:
    shown = demo("import botocore_redirect.auto")

    assert "installed in this process already" in shown.stderr
    assert (shown.returncode, shown.stdout) == (2, "")


@pytest.mark.parametrize("arguments", [(), ("unheard-of",)])
def test_without_a_known_subcommand_the_usage_is_printed(arguments: tuple[str, ...]) -> None:
    shown = run("-m", "botocore_redirect", *arguments)

    assert shown.stderr.startswith("usage: python -m botocore_redirect [-h] {demo,check}")
    assert shown.returncode == 2


def test_importing_the_entry_point_loads_neither_botocore_nor_the_demo() -> None:
    heavy = "{'botocore', 'boto3', 'moto', 'botocore_redirect.commands.demo'}"
    shown = run("-c", f"import sys, botocore_redirect.__main__; print({heavy} & set(sys.modules))")

    assert (shown.stdout, shown.stderr) == ("set()\n", "")
