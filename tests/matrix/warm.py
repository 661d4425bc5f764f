"""What the process that forks the quadrants has imported before: third-party things, no patch.

Each quadrant would import and read the same again, at a third of its whole cost.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import tempfile
from collections.abc import Iterable

import pytest
import s3transfer  # noqa: F401 - for the processes that are forked
import urllib3  # noqa: F401 - as above

from botocore_redirect.testing import InProcessStore
from botocore_redirect.testing.guards import leftovers, live_objects
from botocore_redirect.testing.guards.changes import take_snapshot
from botocore_redirect.testing.guards.subject import OURS, Subject, named
from matrix import models


def warm_up() -> None:
    """Import pytest with its plugins and boto with its models, and leave botocore as it is."""
    with tempfile.TemporaryDirectory() as empty, contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["-q", "-n0", f"--rootdir={empty}", "-c", os.devnull, empty])
    _read_models()
    take_snapshot()  # the children's guards compare with the baseline that is made then
    leftovers.find()
    _spare_the_collector()


def warm_up_moto() -> None:
    """Import moto, which registers itself with botocore: not before the last run over sockets."""
    with contextlib.suppress(ImportError), InProcessStore() as store:
        store.snapshot()
    _spare_the_collector()


def expect_neutral(modules: Iterable[str] | None = None, subject: Subject | None = None) -> None:
    """Raise if this process holds a module of ours or the subject's: children would inherit it."""
    patches = {named(OURS), subject or named(OURS)}
    here = list(sys.modules if modules is None else modules)
    held = {name for patch in patches for name in patch.among(here)}
    if held:
        raise RuntimeError(
            f"The process that forks the quadrants has imported {', '.join(sorted(held))}, so no"
            " child of it would be unpatched. Run with --isolation fresh."
        )


def _spare_the_collector() -> None:
    # What is there now stays: no collection of a child needs to look at it, nor do its guards.
    found = live_objects.freeze()
    if found:
        raise RuntimeError(
            f"In the process that forks the quadrants {'; '.join(found.values())}: no child of it"
            " would be stock. Run with --isolation fresh."
        )
    gc.set_threshold(50_000, 20, 20)


def _read_models() -> None:
    session = models.session(
        region_name="us-east-1", aws_access_key_id="warm", aws_secret_access_key="up"
    )
    for service in ("ec2", "eks", "iam", "sts", "transcribe"):
        session.client(service, endpoint_url="http://127.0.0.1:1")
    client = session.client("s3", endpoint_url="http://127.0.0.1:1")
    session.resource("s3", endpoint_url="http://127.0.0.1:1")
    client.get_paginator("list_objects_v2")
    client.get_waiter("object_exists")
    client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})
