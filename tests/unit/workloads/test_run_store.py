"""The run store: every call of its client, and what it makes of every answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from unit.workloads.stub import Stub, streamed
from workloads.run_store import (
    DEVELOPMENT,
    Run,
    RunNotFound,
    RunStore,
    UnreadableRun,
    configuration,
)

if TYPE_CHECKING:
    from botocore.config import Config

URL = "http://127.0.0.1:1"
RECORD = {
    "organisation_id": "acme",
    "parameters": {"rate": 0.1},
    "run_id": "run-1",
    "status": "started",
}
RUN = Run("acme", "run-1", "started", {"rate": 0.1})
KEY = "runs/acme/run-1/metadata.json"
BUCKET = {"Bucket": "runs-production"}
OBJECT = {**BUCKET, "Key": KEY}


@pytest.fixture(autouse=True)
def _in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVELOPMENT, raising=False)


@pytest.fixture
def store(aws: mock.Mock) -> RunStore:
    return RunStore(configuration(aws, URL))


def saved(record: Any) -> dict[str, Any]:
    body = json.dumps(record, sort_keys=True).encode()
    return {**OBJECT, "Body": body, "ContentType": "application/json"}


def stored(record: Any) -> dict[str, Any]:
    return {"Body": streamed(json.dumps(record).encode())}


def listed(*keys: str) -> dict[str, Any]:
    return {"Contents": [{"Key": key} for key in keys]}


# -- configuration ---------------------------------------------------------------------------------


def settings(client: Config) -> tuple[Any, ...]:
    return client.connect_timeout, client.retries, client.s3


def test_in_production_the_client_is_patient_and_the_endpoint_is_the_callers(
    aws: mock.Mock,
) -> None:
    chosen = configuration(aws)
    assert (chosen.bucket, chosen.endpoint_url) == ("runs-production", None)
    assert settings(chosen.client) == (10, {"max_attempts": 5}, None)
    assert configuration(aws, URL).endpoint_url == URL


@pytest.mark.parametrize("value", ["1", "0", ""])
def test_in_development_runs_are_kept_on_this_machine_whatever_the_variable_says(
    aws: mock.Mock, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(DEVELOPMENT, value)
    chosen = configuration(aws)
    assert (chosen.bucket, chosen.endpoint_url) == ("runs-development", "http://127.0.0.1:9000")
    by_path = {"addressing_style": "path"}
    assert settings(chosen.client) == (2, {"max_attempts": 0}, by_path)
    assert configuration(aws, URL).endpoint_url == URL


def test_the_environment_is_read_when_the_configuration_is_asked_for(
    aws: mock.Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bucket() -> str:
        return configuration(aws).bucket

    assert bucket() == "runs-production"
    monkeypatch.setenv(DEVELOPMENT, "1")
    assert bucket() == "runs-development"
    monkeypatch.delenv(DEVELOPMENT)
    assert bucket() == "runs-production"


def test_the_client_is_made_with_the_configuration_when_the_store_is(
    aws: mock.Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEVELOPMENT, "1")
    chosen = configuration(aws)
    aws.client.assert_not_called()
    RunStore(chosen)
    aws.client.assert_called_once_with(
        "s3", endpoint_url="http://127.0.0.1:9000", config=chosen.client
    )


# -- buckets, objects, prefixes --------------------------------------------------------------------


def test_buckets_are_listed(store: RunStore, s3: Stub) -> None:
    s3.answers("list_buckets", {}, {"Buckets": [{"Name": "a"}, {"Name": "b"}]})
    assert store.buckets() == ["a", "b"]


def test_objects_are_listed_over_several_pages(store: RunStore, s3: Stub) -> None:
    asked = {**BUCKET, "Prefix": "p/"}
    more = {"IsTruncated": True, "NextContinuationToken": "next"}
    s3.answers("list_objects_v2", asked, {**listed("p/1"), **more})
    s3.answers("list_objects_v2", {**asked, "ContinuationToken": "next"}, listed("p/2"))
    assert list(store.objects("p/")) == ["p/1", "p/2"]


def test_a_bucket_without_objects_lists_none(store: RunStore, s3: Stub) -> None:
    s3.answers("list_objects_v2", {**BUCKET, "Prefix": ""})
    assert list(store.objects()) == []


EXISTENCE: list[tuple[str, Callable[[RunStore], bool], dict[str, str]]] = [
    ("head_bucket", RunStore.bucket_exists, BUCKET),
    ("head_object", lambda store: store.object_exists(KEY), OBJECT),
]


@pytest.mark.parametrize(("operation", "ask", "parameters"), EXISTENCE)
def test_what_answers_exists(
    store: RunStore, s3: Stub, operation: str, ask: Any, parameters: dict[str, str]
) -> None:
    s3.answers(operation, parameters)
    assert ask(store) is True


@pytest.mark.parametrize(("operation", "ask", "parameters"), EXISTENCE)
def test_what_is_not_found_does_not_exist(
    store: RunStore, s3: Stub, operation: str, ask: Any, parameters: dict[str, str]
) -> None:
    s3.refuses(operation, parameters, "404")
    assert ask(store) is False


@pytest.mark.parametrize(
    ("answer", "exists"), [({"Contents": [{"Key": "p/1"}]}, True), ({"KeyCount": 0}, False)]
)
def test_a_prefix_exists_if_one_key_has_it(
    store: RunStore, s3: Stub, answer: dict[str, Any], exists: bool
) -> None:
    s3.answers("list_objects_v2", {**BUCKET, "Prefix": "p/", "MaxKeys": 1}, answer)
    assert store.prefix_exists("p/") is exists


@pytest.mark.parametrize("prefix", ["data", "data/"])
def test_a_prefix_is_an_empty_object_that_ends_in_a_slash(
    store: RunStore, s3: Stub, prefix: str
) -> None:
    s3.answers("put_object", {**BUCKET, "Key": "data/", "Body": b""})
    assert store.make_prefix(prefix) == "data/"


# -- records ---------------------------------------------------------------------------------------


def test_a_run_is_saved_under_its_organisation(store: RunStore, s3: Stub) -> None:
    s3.answers("put_object", saved(RECORD))
    store.save(RUN)


def test_a_run_is_loaded_as_it_was_saved(store: RunStore, s3: Stub) -> None:
    s3.answers("get_object", OBJECT, stored(RECORD))
    assert store.load("acme", "run-1") == RUN


def test_a_run_that_is_not_there_is_named(store: RunStore, s3: Stub) -> None:
    s3.refuses("get_object", OBJECT, "NoSuchKey")
    with pytest.raises(RunNotFound, match=r"acme has no run 'run-1'.*metadata\.json"):
        store.load("acme", "run-1")


@pytest.mark.parametrize("content", [b"{", b"[1]", b'{"status": "done"}', b"\xff"])
def test_what_is_no_record_is_named(store: RunStore, s3: Stub, content: bytes) -> None:
    s3.answers("get_object", OBJECT, {"Body": streamed(content)})
    with pytest.raises(UnreadableRun, match=r"runs/acme/run-1/metadata\.json in runs-production"):
        store.load("acme", "run-1")


@pytest.mark.parametrize(
    "ids", [{"organisation_id": "other"}, {"run_id": "run-2"}, {"run_id": 1}, {"run_id": "a/b"}]
)
def test_a_record_of_another_run_is_none_of_this_one_and_nothing_is_written(
    store: RunStore, s3: Stub, ids: dict[str, Any]
) -> None:
    s3.answers("get_object", OBJECT, stored({**RECORD, **ids}))
    with pytest.raises(UnreadableRun, match=r"runs/acme/run-1/metadata\.json in runs-production"):
        store.finish("acme", "run-1", "done")


def test_a_run_is_not_missed_where_the_bucket_is_missing(store: RunStore, s3: Stub) -> None:
    s3.refuses("get_object", OBJECT, "NoSuchBucket")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        store.load("acme", "run-1")


def test_a_run_is_finished_with_all_else_kept(store: RunStore, s3: Stub) -> None:
    s3.answers("get_object", OBJECT, stored(RECORD))
    s3.answers("put_object", saved({**RECORD, "status": "done"}))
    assert store.finish("acme", "run-1", "done") == Run("acme", "run-1", "done", {"rate": 0.1})


def test_the_runs_of_an_organisation_are_those_with_a_record(store: RunStore, s3: Stub) -> None:
    keys = [KEY, "runs/acme/run-1/log", "runs/acme/run-2/metadata.json"]
    no_ids = ["runs/acme/metadata.json", "runs/acme//metadata.json", "runs/acme/a/b/metadata.json"]
    s3.answers("list_objects_v2", {**BUCKET, "Prefix": "runs/acme/"}, listed(*keys, *no_ids))
    assert store.runs("acme") == ["run-1", "run-2"]


def test_a_record_is_deleted(store: RunStore, s3: Stub) -> None:
    s3.answers("delete_object", OBJECT)
    store.delete("acme", "run-1")


@pytest.mark.parametrize("wrong", ["", "a/b"])
@pytest.mark.parametrize(
    ("name", "ask"),
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
def test_ids_that_are_no_part_of_a_key_are_refused_before_anything_is_sent(
    store: RunStore, name: str, ask: Any, wrong: str
) -> None:
    with pytest.raises(ValueError, match=f"The {name} '{wrong}' cannot be a part of a key"):
        ask(store, wrong)


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "operation", "parameters"),
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
            lambda store: store.make_prefix("data"),
            "put_object",
            {**BUCKET, "Key": "data/", "Body": b""},
        ),
        (lambda store: store.save(RUN), "put_object", saved(RECORD)),
        (lambda store: store.load("acme", "run-1"), "get_object", OBJECT),
        (lambda store: store.finish("acme", "run-1", "done"), "get_object", OBJECT),
        (
            lambda store: store.runs("acme"),
            "list_objects_v2",
            {**BUCKET, "Prefix": "runs/acme/"},
        ),
        (lambda store: store.delete("acme", "run-1"), "delete_object", OBJECT),
    ],
)
def test_what_s3_forbids_is_an_error_and_never_taken_for_missing(
    store: RunStore, s3: Stub, ask: Any, operation: str, parameters: dict[str, Any]
) -> None:
    s3.refuses(operation, parameters, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        ask(store)
