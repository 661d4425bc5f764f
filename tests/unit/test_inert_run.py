"""The whole comparison, on a few operations, of patches that are and are not inert."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NoReturn

import pytest

from botocore_redirect.testing.proof import Contaminated
from inert import run as command

_TESTS = Path(__file__).parents[1]

# Patches that touch what they should not. The last is what a redirect of S3 needs, and more.
_SUBJECTS = """
import botocore.client, botocore.endpoint

def header():
    original = botocore.endpoint.Endpoint._encode_headers
    def encode(self, headers):
        if self._endpoint_prefix == "dynamodb":
            headers["X-Blot"] = "1"
        return original(self, headers)
    botocore.endpoint.Endpoint._encode_headers = encode

def handler():
    original = botocore.client.BaseClient.__init__
    def init(self, *args, **options):
        original(self, *args, **options)
        self.meta.events.register("before-send.*", watch)
    botocore.client.BaseClient.__init__ = init

def watch(**_):
    pass

def answer():
    original = botocore.client.BaseClient._make_api_call
    def call(self, name, given):
        returned = original(self, name, given)
        returned["Blot"] = 1
        return returned
    botocore.client.BaseClient._make_api_call = call

def everything():
    import botocore_redirect
    services = frozenset({"s3", "sts"})
    botocore_redirect.install(botocore_redirect.RedirectPolicy(services=services))

def nothing():
    pass
"""


def run(folder: Path, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    """Run it; give its status, what it printed, and its JSON."""
    (folder / "blots.py").write_text(_SUBJECTS)
    result = folder / "result.json"
    path = os.pathsep.join([str(_TESTS), str(folder), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "inert", *arguments, f"--json={result}"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    facts = json.loads(result.read_text("utf-8")) if result.is_file() else {}
    return done.returncode, done.stdout + done.stderr, facts


def places(facts: dict[str, Any]) -> list[str]:
    return [each["where"] for each in facts["differences"]]


def test_our_patch_is_found_inert_and_its_redirects_of_s3_followed(tmp_path: Path) -> None:
    status, said, facts = run(tmp_path, "--services=dynamodb,ec2,s3,s3control,sqs", "--sample=30")
    assert status == 0, said
    assert places(facts) == []
    assert facts["operations"] > facts["followed"] > 0
    assert facts["answers"] > 4 * facts["operations"]
    assert "identical" in said


def test_a_header_for_another_service_is_found_by_name(tmp_path: Path) -> None:
    status, said, facts = run(
        tmp_path, "--services=dynamodb,sqs", "--sample=50", "--subject=blots:header"
    )
    assert status == 1
    assert {each.partition(".")[0] for each in places(facts)} == {"dynamodb"}
    assert len(places(facts)) == 5
    assert "+X-Blot: 1" in said
    assert "5 DIFFERENCES" in said


def test_an_event_handler_is_found(tmp_path: Path) -> None:
    status, _, facts = run(tmp_path, "--services=sts", "--sample=50", "--subject=blots:handler")
    assert status == 1
    assert places(facts) == ["sts: the event handlers of the client"]
    assert "blots.watch" in facts["differences"][0]["how"]


def test_a_changed_answer_is_found(tmp_path: Path) -> None:
    status, _, facts = run(tmp_path, "--services=sts", "--sample=50", "--subject=blots:answer")
    assert status == 1
    assert all(each.endswith("200") for each in places(facts))


def test_a_redirect_followed_for_another_service_is_found(tmp_path: Path) -> None:
    status, _, facts = run(tmp_path, "--services=sts", "--sample=50", "--subject=blots:everything")
    assert status == 1
    assert [each.partition("/")[2] for each in places(facts)] == ["307"]


def test_a_patch_that_should_follow_and_does_not_is_found(tmp_path: Path) -> None:
    status, _, facts = run(tmp_path, "--services=s3", "--sample=99", "--subject=blots:nothing")
    assert status == 1
    assert facts["followed"] == 0
    assert {each.partition("/")[2] for each in places(facts)} == {"307"}


def test_without_a_patch_nothing_differs_not_even_for_s3(tmp_path: Path) -> None:
    status, said, facts = run(tmp_path, "--services=s3,sts", "--sample=50", "--subject=none")
    assert status == 0, said
    assert facts["followed"] == 0


@pytest.mark.parametrize("error", [BrokenProcessPool("it died"), Contaminated("ours was in it")])
def test_a_worker_that_cannot_go_on_is_not_mistaken_for_a_difference(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(command, "_compared", broken)
    assert command.main(["--subject=none", "--services=sts"]) == 2
    assert str(error) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--services=ec3", "no service 'ec3'"),
        ("--sample=0", "0 is not 1 or more"),
        ("--subject=there.is.none", "no module 'there'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    tmp_path: Path, argument: str, said: str
) -> None:
    status, output, _ = run(tmp_path, argument)
    assert status == 2
    assert said in output
    assert "Traceback" not in output
