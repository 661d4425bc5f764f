"""The patches of botocore that people use: none goes unseen, and each can be a subject.

Run by `nox -s guards`, whose environment holds them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.guards import guarded

# What installs it, and what the guards say then.
PATCHES = {
    "wrapt": (
        """
import wrapt
def wrapper(wrapped, instance, args, kwargs): return wrapped(*args, **kwargs)
wrapt.wrap_function_wrapper("botocore.client", "BaseClient._make_api_call", wrapper)""",
        "botocore.client.BaseClient._make_api_call is ",
    ),
    "aws-xray-sdk": (
        "import aws_xray_sdk.core\naws_xray_sdk.core.patch(['botocore'])",
        "botocore.client.BaseClient._make_api_call is ",
    ),
    "opentelemetry": (
        (
            "from opentelemetry.instrumentation.botocore import BotocoreInstrumentor\n"
            "BotocoreInstrumentor().instrument()"
        ),
        "botocore.client.BaseClient._make_api_call is ",
    ),
    "sentry": (
        (
            "import sentry_sdk\nfrom sentry_sdk.integrations.boto3 import Boto3Integration\n"
            "sentry_sdk.init(integrations=[Boto3Integration()], default_integrations=False)"
        ),
        "botocore.client.BaseClient.__init__ is ",
    ),
    "ddtrace": (
        (
            "import os\nos.environ.update(DD_TRACE_ENABLED='false',"
            " DD_INSTRUMENTATION_TELEMETRY_ENABLED='false')\n"
            "from ddtrace.contrib.internal.botocore.patch import patch\npatch()"
        ),
        "botocore.client.BaseClient._make_api_call is ",
    ),
    "aistore": (
        "import aistore.botocore_patch.botocore",
        "botocore.",
    ),
    "vcrpy": (
        "import vcr\ncassette = vcr.use_cassette('cassette.yaml')\ncassette.__enter__()",
        "HTTPConnection is class VCR",
    ),
    "moto": ("import moto\nmoto.mock_aws().start()", "the handler of moto, whose mock is on"),
    "freezegun": (
        "import freezegun\nfreezegun.freeze_time('2030-01-01').start()",
        "datetime.datetime is class FakeDatetime of freezegun.api",
    ),
    "gevent": (
        "import gevent.monkey\ngevent.monkey.patch_all(thread=False)",
        "socket.gethostbyname is gethostbyname() of ",
    ),
}
# Of these no function of botocore is changed.
_NO_SUBJECTS = {"moto", "freezegun", "gevent"}
_SCRIPT = """
from botocore_redirect.testing import aws_sandbox
from botocore_redirect.testing.guards.importers import watch
from botocore_redirect.testing.quadrants import quadrant
watch()
with aws_sandbox():
    import boto3
    {before}
    with quadrant(patched={patched}, redirects=False, subject={subject}, name="test_it.py"):
        boto3.client("s3")
"""


def _python(folder: Path, **words: object) -> tuple[int, str]:
    (folder / "script.py").write_text(_SCRIPT.format(**words), "utf-8")
    return guarded.python(folder, "script.py")


@pytest.mark.parametrize("name", PATCHES)
def test_a_known_patch_is_seen(tmp_path: Path, name: str) -> None:
    lines, said = PATCHES[name]
    (tmp_path / "culprit.py").write_text(lines, "utf-8")
    status, output = _python(tmp_path, before="import culprit", patched=False, subject=None)
    assert status == 1, output
    assert "Contaminated: before test_it.py (unpatched, no redirects), " in output
    assert said in output.rpartition("Contaminated: ")[2]


@pytest.mark.parametrize("name", [name for name in PATCHES if name not in _NO_SUBJECTS])
def test_a_known_patch_can_be_the_subject(tmp_path: Path, name: str) -> None:
    (tmp_path / "subject_here.py").write_text(PATCHES[name][0], "utf-8")
    status, output = _python(tmp_path, before="pass", patched=True, subject="'subject_here'")
    assert status == 0, output


def test_no_known_patch_is_reported_in_a_process_with_boto3_alone(tmp_path: Path) -> None:
    status, output = _python(tmp_path, before="pass", patched=False, subject=None)
    assert status == 0, output
