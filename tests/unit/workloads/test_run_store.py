"""The run store: every call of its client, and what it makes of every answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Callable

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from unit.workloads.stubbed import StubbedSession, streamed, stubbed
from workloads.run_store import (
    DEVELOPMENT,
    Configuration,
    Run,
    RunNotFound,
    RunStore,
    UnreadableRun,
    configuration,
)

URL = "http://127.0.0.1:1"
RECORD = {
    "organisation_id": "acme",
    "parameters": {"rate": 0.1},
    "run_id": "run-1",
    "status": "started",
}
RUN = Run("acme", "run-1", "started", {"rate": 0.1})
KEY = "runs/acme/run-1/metadata.json"


@pytest.fixture(autouse=True)
def _in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVELOPMENT, raising=False)


@pytest.fixture
def clients(session: Any) -> Iterator[StubbedSession]:
    with stubbed(session) as made:
        yield made


@pytest.fixture
def store(clients: StubbedSession) -> RunStore:
    return RunStore(configuration(clients, URL))


@pytest.fixture
def s3(store: RunStore, clients: StubbedSession) -> Stubber:
    assert store.bucket == "runs-production"
    return clients.stubs["s3"]


def saved(record: Any) -> dict[str, Any]:
    return {
        "Bucket": "runs-production",
        "Key": KEY,
        "Body": json.dumps(record, sort_keys=True).encode(),
        "ContentType": "application/json",
    }


def of_the_run() -> dict[str, str]:
    return {"Bucket": "runs-production", "Key": KEY}


# -- configuration ---------------------------------------------------------------------------------


def test_in_production_the_client_is_patient_and_the_endpoint_is_the_callers(
    session: Any,
) -> None:
    chosen = configuration(session)
    assert (chosen.bucket, chosen.endpoint_url) == ("runs-production", None)
    assert chosen.client.retries["max_attempts"] == 5
    assert configuration(session, URL).endpoint_url == URL


@pytest.mark.parametrize("value", ["1", "0", ""])
def test_in_development_runs_are_kept_on_this_machine_whatever_the_variable_says(
    session: Any, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(DEVELOPMENT, value)
    chosen = configuration(session)
    assert (chosen.bucket, chosen.endpoint_url) == ("runs-development", "http://127.0.0.1:9000")
    assert chosen.client.retries["max_attempts"] == 0
    assert configuration(session, URL).endpoint_url == URL


def test_the_environment_is_read_when_the_configuration_is_asked_for(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bucket() -> str:
        return configuration(session).bucket

    assert bucket() == "runs-production"
    monkeypatch.setenv(DEVELOPMENT, "1")
    assert bucket() == "runs-development"
    monkeypatch.delenv(DEVELOPMENT)
    assert bucket() == "runs-production"


def test_the_client_is_made_with_the_configuration_when_the_store_is(
    clients: StubbedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEVELOPMENT, "1")
    chosen: Configuration = configuration(clients)
    assert clients.made == []
    RunStore(chosen)
    assert clients.made == [
        ("s3", {"endpoint_url": "http://127.0.0.1:9000", "config": chosen.client})
    ]


# -- buckets, objects, prefixes --------------------------------------------------------------------


def test_buckets_are_listed(store: RunStore, s3: Stubber) -> None:
    s3.add_response("list_buckets", {"Buckets": [{"Name": "a"}, {"Name": "b"}]}, {})
    assert store.buckets() == ["a", "b"]


def test_objects_are_listed_over_several_pages(store: RunStore, s3: Stubber) -> None:
    asked = {"Bucket": "runs-production", "Prefix": "p/"}
    first = {
        "Contents": [{"Key": "p/1"}],
        "IsTruncated": True,
        "NextContinuationToken": "next",
    }
    s3.add_response("list_objects_v2", first, asked)
    s3.add_response(
        "list_objects_v2", {"Contents": [{"Key": "p/2"}]}, {**asked, "ContinuationToken": "next"}
    )
    assert list(store.objects("p/")) == ["p/1", "p/2"]


def test_a_bucket_without_objects_lists_none(store: RunStore, s3: Stubber) -> None:
    s3.add_response("list_objects_v2", {}, {"Bucket": "runs-production", "Prefix": ""})
    assert list(store.objects()) == []


EXISTENCE: list[tuple[str, Callable[[RunStore], bool], dict[str, str]]] = [
    ("head_bucket", RunStore.bucket_exists, {"Bucket": "runs-production"}),
    (
        "head_object",
        lambda store: store.object_exists("k"),
        {"Bucket": "runs-production", "Key": "k"},
    ),
]


@pytest.mark.parametrize(("operation", "ask", "parameters"), EXISTENCE)
def test_what_answers_exists(
    store: RunStore, s3: Stubber, operation: str, ask: Any, parameters: dict[str, str]
) -> None:
    s3.add_response(operation, {}, parameters)
    assert ask(store) is True


@pytest.mark.parametrize("code", ["404", "NoSuchBucket"])
@pytest.mark.parametrize(("operation", "ask", "parameters"), EXISTENCE)
def test_what_is_not_found_does_not_exist(
    store: RunStore, s3: Stubber, operation: str, ask: Any, parameters: dict[str, str], code: str
) -> None:
    s3.add_client_error(operation, code, http_status_code=404, expected_params=parameters)
    assert ask(store) is False


@pytest.mark.parametrize(("operation", "ask", "parameters"), EXISTENCE)
def test_what_is_forbidden_is_not_taken_for_missing(
    store: RunStore, s3: Stubber, operation: str, ask: Any, parameters: dict[str, str]
) -> None:
    s3.add_client_error(operation, "403", http_status_code=403, expected_params=parameters)
    with pytest.raises(ClientError, match="403"):
        ask(store)


@pytest.mark.parametrize(
    ("answer", "exists"), [({"Contents": [{"Key": "p/1"}]}, True), ({"KeyCount": 0}, False)]
)
def test_a_prefix_exists_if_one_key_has_it(
    store: RunStore, s3: Stubber, answer: dict[str, Any], exists: bool
) -> None:
    asked = {"Bucket": "runs-production", "Prefix": "p/", "MaxKeys": 1}
    s3.add_response("list_objects_v2", answer, asked)
    assert store.prefix_exists("p/") is exists


@pytest.mark.parametrize("prefix", ["data", "data/"])
def test_a_prefix_is_an_empty_object_that_ends_in_a_slash(
    store: RunStore, s3: Stubber, prefix: str
) -> None:
    s3.add_response("put_object", {}, {"Bucket": "runs-production", "Key": "data/", "Body": b""})
    assert store.make_prefix(prefix) == "data/"


# -- records ---------------------------------------------------------------------------------------


def test_a_run_is_saved_under_its_organisation(store: RunStore, s3: Stubber) -> None:
    s3.add_response("put_object", {}, saved(RECORD))
    store.save(RUN)


def test_a_run_that_cannot_be_saved_is_an_error(store: RunStore, s3: Stubber) -> None:
    s3.add_client_error("put_object", "AccessDenied", expected_params=saved(RECORD))
    with pytest.raises(ClientError, match="AccessDenied"):
        store.save(RUN)


def test_a_run_is_loaded_as_it_was_saved(store: RunStore, s3: Stubber) -> None:
    s3.add_response("get_object", {"Body": streamed(json.dumps(RECORD).encode())}, of_the_run())
    assert store.load("acme", "run-1") == RUN


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_a_run_that_is_not_there_is_named(store: RunStore, s3: Stubber, code: str) -> None:
    s3.add_client_error("get_object", code, expected_params=of_the_run())
    with pytest.raises(RunNotFound, match=r"acme has no run 'run-1'.*metadata\.json"):
        store.load("acme", "run-1")


def test_a_run_that_one_may_not_read_is_not_taken_for_missing(store: RunStore, s3: Stubber) -> None:
    s3.add_client_error("get_object", "AccessDenied", expected_params=of_the_run())
    with pytest.raises(ClientError, match="AccessDenied"):
        store.load("acme", "run-1")


@pytest.mark.parametrize("stored", [b"{", b"[1]", b'{"status": "done"}', b"\xff"])
def test_what_is_no_record_is_named(store: RunStore, s3: Stubber, stored: bytes) -> None:
    s3.add_response("get_object", {"Body": streamed(stored)}, of_the_run())
    with pytest.raises(UnreadableRun, match=r"runs/acme/run-1/metadata\.json in runs-production"):
        store.load("acme", "run-1")


def test_a_run_is_finished_with_all_else_kept(store: RunStore, s3: Stubber) -> None:
    s3.add_response("get_object", {"Body": streamed(json.dumps(RECORD).encode())}, of_the_run())
    s3.add_response("put_object", {}, saved({**RECORD, "status": "done"}))
    assert store.finish("acme", "run-1", "done") == Run("acme", "run-1", "done", {"rate": 0.1})


def test_the_runs_of_an_organisation_are_those_with_a_record(store: RunStore, s3: Stubber) -> None:
    keys = [KEY, "runs/acme/run-1/log", "runs/acme/run-2/metadata.json"]
    s3.add_response(
        "list_objects_v2",
        {"Contents": [{"Key": key} for key in keys]},
        {"Bucket": "runs-production", "Prefix": "runs/acme/"},
    )
    assert store.runs("acme") == ["run-1", "run-2"]


def test_a_record_is_deleted(store: RunStore, s3: Stubber) -> None:
    s3.add_response("delete_object", {}, of_the_run())
    store.delete("acme", "run-1")


@pytest.mark.parametrize("wrong", ["", "a/b"])
@pytest.mark.parametrize("name", ["organisation_id", "run_id"])
def test_ids_that_are_no_part_of_a_key_are_refused(name: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"The {name} '{wrong}' cannot be a part of a key"):
        replace(RUN, **{name: wrong})  # type: ignore[arg-type]
