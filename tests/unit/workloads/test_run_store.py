"""The run store: its configuration, and errors that moto does not give."""

from __future__ import annotations

import json
from typing import Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from unit.workloads.stub import Stub, streamed
from workloads.run_store import DEVELOPMENT, Run, RunStore, UnreadableRun, configuration

RUN = Run("acme", "run-1", "started")
KEY = "runs/acme/run-1/metadata.json"
BUCKET = {"Bucket": "runs-production"}
OBJECT = {**BUCKET, "Key": KEY}
LISTED = {**BUCKET, "Prefix": "runs/acme/"}


@pytest.fixture(autouse=True)
def _in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVELOPMENT, raising=False)


@pytest.fixture
def store(aws: mock.Mock) -> RunStore:
    return RunStore(configuration(aws))


@pytest.mark.parametrize(
    ("variables", "bucket", "endpoint_url", "retries"),
    [
        ({}, "runs-production", None, 5),
        ({DEVELOPMENT: ""}, "runs-development", "http://127.0.0.1:9000", 0),
    ],
)
def test_the_environment_chooses_between_production_and_development(
    aws: mock.Mock, variables: dict[str, str], bucket: str, endpoint_url: str | None, retries: int
) -> None:
    with mock.patch.dict("os.environ", variables):
        chosen = configuration(aws)
        assert configuration(aws, "http://aws").endpoint_url == "http://aws"
    assert (chosen.bucket, chosen.client.retries) == (bucket, {"max_attempts": retries})
    RunStore(chosen)
    aws.client.assert_called_once_with("s3", endpoint_url=endpoint_url, config=chosen.client)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[1]",
        b'{"status": "done"}',
        b"\xff",
        json.dumps({**vars(RUN), "run_id": "run-2"}).encode(),
        json.dumps({**vars(RUN), "run_id": "a/b"}).encode(),
    ],
)
def test_an_object_that_is_not_the_record_of_the_run_is_an_error_and_nothing_is_written(
    store: RunStore, s3: Stub, content: bytes
) -> None:
    s3.answers("get_object", OBJECT, {"Body": streamed(content)})
    with pytest.raises(UnreadableRun, match=r"runs/acme/run-1/metadata\.json in runs-production"):
        store.finish("acme", "run-1", "done")


def test_the_runs_of_an_organisation_are_those_with_a_record(store: RunStore, s3: Stub) -> None:
    keys = [KEY, "runs/acme/run-1/log", "runs/acme//metadata.json", "runs/acme/a/b/metadata.json"]
    s3.answers("list_objects_v2", LISTED, {"Contents": [{"Key": key} for key in keys]})
    assert store.runs("acme") == ["run-1"]


@pytest.mark.parametrize("wrong", ["", "a/b"])
@pytest.mark.parametrize(
    "act",
    [
        lambda _, wrong: Run("acme", wrong, "started"),
        lambda store, wrong: store.load(wrong, "run-1"),
        lambda store, wrong: store.runs(wrong),
        lambda store, wrong: store.delete("acme", wrong),
    ],
)
def test_ids_that_cannot_be_part_of_a_key_are_refused_before_any_request(
    store: RunStore, act: Callable[[RunStore, str], Any], wrong: str
) -> None:
    with pytest.raises(ValueError, match=f"'{wrong}' cannot be a part of a key"):
        act(store, wrong)


@pytest.mark.parametrize(
    ("act", "operation", "parameters"),
    [
        (
            lambda store: store.prefix_exists("runs/acme/"),
            "list_objects_v2",
            {**LISTED, "MaxKeys": 1},
        ),
        (RunStore.bucket_exists, "head_bucket", BUCKET),
        (lambda store: store.object_exists(KEY), "head_object", OBJECT),
        (lambda store: store.load("acme", "run-1"), "get_object", OBJECT),
        (lambda store: store.runs("acme"), "list_objects_v2", LISTED),
    ],
)
def test_a_refusal_does_not_mean_that_something_is_missing(
    store: RunStore,
    s3: Stub,
    act: Callable[[RunStore], Any],
    operation: str,
    parameters: dict[str, Any],
) -> None:
    s3.refuses(operation, parameters, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        act(store)
