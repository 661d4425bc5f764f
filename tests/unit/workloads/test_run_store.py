"""The run store: its configuration, and errors that moto does not give."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from unit.workloads.stub import Stub, streamed
from workloads.run_store import DEVELOPMENT, Run, RunStore, UnreadableRun, configuration

URL = "http://127.0.0.1:1"
RUN = Run("acme", "run-1", "started", {"rate": 0.1})
RECORD = vars(RUN)
KEY = "runs/acme/run-1/metadata.json"
BUCKET = {"Bucket": "runs-production"}
OBJECT = {**BUCKET, "Key": KEY}
LISTED = {**BUCKET, "Prefix": "runs/acme/"}
SAVED = {
    **OBJECT,
    "Body": json.dumps(RECORD, sort_keys=True).encode(),
    "ContentType": "application/json",
}


@pytest.fixture(autouse=True)
def _in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVELOPMENT, raising=False)


@pytest.fixture
def store(aws: mock.Mock) -> RunStore:
    return RunStore(configuration(aws, URL))


@pytest.mark.parametrize(
    ("variable", "bucket", "endpoint_url", "settings"),
    [
        (None, "runs-production", None, (10, {"max_attempts": 5}, None)),
        *(
            (
                value,
                "runs-development",
                "http://127.0.0.1:9000",
                (2, {"max_attempts": 0}, {"addressing_style": "path"}),
            )
            for value in ("1", "0", "")
        ),
    ],
)
def test_the_environment_chooses_between_production_and_development(
    aws: mock.Mock,
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    bucket: str,
    endpoint_url: str | None,
    settings: tuple[Any, ...],
) -> None:
    if variable is not None:
        monkeypatch.setenv(DEVELOPMENT, variable)
    chosen = configuration(aws)
    assert (chosen.bucket, chosen.endpoint_url) == (bucket, endpoint_url)
    client = chosen.client
    assert (client.connect_timeout, client.retries, client.s3) == settings
    assert configuration(aws, URL).endpoint_url == URL
    aws.client.assert_not_called()
    RunStore(chosen)
    aws.client.assert_called_once_with("s3", endpoint_url=endpoint_url, config=client)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[1]",
        b'{"status": "done"}',
        b"\xff",
        *(
            json.dumps({**RECORD, **other}).encode()
            for other in (
                {"organisation_id": "other"},
                {"run_id": "run-2"},
                {"run_id": 1},
                {"run_id": "a/b"},
            )
        ),
    ],
)
def test_an_object_that_is_not_the_record_of_the_run_is_an_error_and_nothing_is_written(
    store: RunStore, s3: Stub, content: bytes
) -> None:
    s3.answers("get_object", OBJECT, {"Body": streamed(content)})
    with pytest.raises(UnreadableRun, match=r"runs/acme/run-1/metadata\.json in runs-production"):
        store.finish("acme", "run-1", "done")


def test_the_runs_of_an_organisation_are_those_with_a_record(store: RunStore, s3: Stub) -> None:
    keys = [KEY, "runs/acme/run-1/log", "runs/acme/run-2/metadata.json"]
    keys += ["runs/acme/metadata.json", "runs/acme//metadata.json", "runs/acme/a/b/metadata.json"]
    s3.answers("list_objects_v2", LISTED, {"Contents": [{"Key": key} for key in keys]})
    assert store.runs("acme") == ["run-1", "run-2"]


@pytest.mark.parametrize("wrong", ["", "a/b"])
@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("organisation_id", lambda _, wrong: replace(RUN, organisation_id=wrong)),
        ("run_id", lambda _, wrong: replace(RUN, run_id=wrong)),
        ("organisation_id", lambda store, wrong: store.load(wrong, "run-1")),
        ("run_id", lambda store, wrong: store.load("acme", wrong)),
        ("organisation_id", lambda store, wrong: store.finish(wrong, "run-1", "done")),
        ("organisation_id", lambda store, wrong: store.runs(wrong)),
        ("organisation_id", lambda store, wrong: store.delete(wrong, "run-1")),
        ("run_id", lambda store, wrong: store.delete("acme", wrong)),
    ],
)
def test_ids_that_cannot_be_part_of_a_key_are_refused_before_any_request(
    store: RunStore, name: str, act: Callable[[RunStore, str], Any], wrong: str
) -> None:
    with pytest.raises(ValueError, match=f"The {name} '{wrong}' cannot be a part of a key"):
        act(store, wrong)


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket"])
@pytest.mark.parametrize(
    ("act", "operation", "parameters"),
    [
        (RunStore.buckets, "list_buckets", {}),
        (lambda store: [*store.objects("p/")], "list_objects_v2", {**BUCKET, "Prefix": "p/"}),
        (
            lambda store: store.prefix_exists("p/"),
            "list_objects_v2",
            {**BUCKET, "Prefix": "p/", "MaxKeys": 1},
        ),
        (RunStore.bucket_exists, "head_bucket", BUCKET),
        (lambda store: store.object_exists(KEY), "head_object", OBJECT),
        (
            lambda store: store.make_prefix("data/"),
            "put_object",
            {**BUCKET, "Key": "data/", "Body": b""},
        ),
        (lambda store: store.save(RUN), "put_object", SAVED),
        (lambda store: store.load("acme", "run-1"), "get_object", OBJECT),
        (lambda store: store.finish("acme", "run-1", "done"), "get_object", OBJECT),
        (lambda store: store.runs("acme"), "list_objects_v2", LISTED),
        (lambda store: store.delete("acme", "run-1"), "delete_object", OBJECT),
    ],
)
def test_a_refusal_is_an_error_and_does_not_mean_that_something_is_missing(
    store: RunStore,
    s3: Stub,
    act: Callable[[RunStore], Any],
    operation: str,
    parameters: dict[str, Any],
    code: str,
) -> None:
    s3.refuses(operation, parameters, code)
    with pytest.raises(ClientError, match=code):
        act(store)
