"""A redirecting store that speaks a dialect: its addresses, its rules and its clients."""

from __future__ import annotations

from typing import Any, Callable
from urllib.parse import urlsplit

import pytest

from botocore_redirect import InvalidLocation
from botocore_redirect.testing import Fault, Received, Redirect, RedirectingStore
from botocore_redirect.testing.dialects import DIALECTS, Dialect, Rules
from botocore_redirect.testing.server.exchange import Reply
from botocore_redirect.testing.stores.inspector import AUTHORIZATION
from unit.testing.http_requests import ask

pytest.importorskip("flask", reason="these tests need moto with its server")

Follow = Callable[..., Any]


def _put(store: RedirectingStore, name: str) -> str:
    store.inspector.fill({name: {"key": b"content"}})
    return name


@pytest.fixture
def aistore(backend: str) -> Any:
    with RedirectingStore(backend, dialect="aistore") as store:
        _put(store, f"ais-{store.account}")
        yield store


def _get(store: RedirectingStore) -> int:
    path = f"/s3/ais-{store.account}/key"
    return ask(store.gateway, "GET", path, Authorization=AUTHORIZATION)[0].status


def test_the_endpoint_has_the_path_of_the_dialect(aistore: RedirectingStore) -> None:
    assert aistore.url == f"{aistore.gateway.url}/s3"


def test_what_the_dialect_does_not_redirect_is_relayed(aistore: RedirectingStore) -> None:
    assert ask(aistore.gateway, "GET", f"/s3/ais-{aistore.account}")[0].status == 200


def test_a_rule_replaces_what_the_gateway_answers(backend: str) -> None:
    for redirect, status in ((None, 200), (Fault(), 503), (Redirect(302), 302)):
        with RedirectingStore(backend, redirect=redirect, dialect="aistore") as store:
            _put(store, f"ais-{store.account}")
            assert _get(store) == status


def test_a_script_comes_first_and_redirect_goes_back_to_the_dialect(
    aistore: RedirectingStore,
) -> None:
    aistore.script(None, Fault())
    assert [_get(aistore) for _ in range(3)] == [200, 503, 307]
    aistore.relay()
    assert _get(aistore) == 200
    aistore.redirect()
    assert _get(aistore) == 307
    aistore.redirect(Fault(500))
    assert _get(aistore) == 500


@pytest.mark.parametrize(
    ("name", "user_agent"),
    [("lakefs", "my-program/1.0 s3RedirectionSupport"), ("huggingface", "my-program/1.0")],
)
def test_clients_send_the_user_agent_that_the_store_redirects(
    backend: str, follow: Follow, name: str, user_agent: str
) -> None:
    with RedirectingStore(backend, dialect=name) as store:
        bucket = _put(store, f"{name}-{store.account}")
        resource = store.resource()
        follow(resource.meta.client)
        answers = [
            follow(store.client()).get_object(Bucket=bucket, Key="key"),
            resource.Object(bucket, "key").get(),
        ]
        assert [answer["Body"].read() for answer in answers] == [b"content"] * 2
        hops = [answer["ResponseMetadata"]["Redirects"] for answer in answers]
        assert [hop["Sent"] for (hop,) in hops] == ["presigned"] * 2
        assert {each.headers["User-Agent"] for each in store.gateway.received} == {user_agent}


def test_without_a_dialect_clients_send_the_user_agent_of_boto3(backend: str) -> None:
    with RedirectingStore(backend, redirect=None) as store:
        store.client().list_buckets()
        assert "Boto3/" in store.gateway.received[0].headers["User-Agent"]


def test_a_signed_redirect_fits_no_other_body(backend: str) -> None:
    with RedirectingStore(backend, dialect="aistore-signed") as store:
        store.inspector.create_bucket(f"ais-{store.account}")
        path = f"/s3/ais-{store.account}/key"
        # As a client that asks first, with an empty body, where to send the real one.
        response, _ = ask(store.gateway, "PUT", path)
        parts = urlsplit(response.headers["Location"])
        target = store.targets[0]
        longer, error = ask(target, "PUT", f"{parts.path}?{parts.query}", b"content")
        assert (longer.status, b"AccessDenied" in error) == (403, True)
        assert store.inspector.keys(f"ais-{store.account}") == []
        assert ask(target, "PUT", f"{parts.path}?{parts.query}", b"")[0].status == 200


def test_a_key_that_the_gateway_cuts_overwrites_no_other_object(
    aistore: RedirectingStore, follow: Follow
) -> None:
    bucket = f"ais-{aistore.account}"
    with pytest.raises(InvalidLocation, match="key"):
        follow(aistore.client()).put_object(Bucket=bucket, Key="key?x=1", Body=b"other")
    assert aistore.inspector.snapshot() == {bucket: {"key": b"content"}}
    assert aistore.targets[0].received == []


def test_a_dialect_of_ones_own_can_be_given(backend: str) -> None:
    class Teapot(Rules):
        def answer(self, received: Received) -> Reply | None:
            return Fault(418, "Teapot") if received.method == "DELETE" else Redirect(302)

    dialect = Dialect("teapot", "none", "as invented", "all but DELETE", Teapot)
    with RedirectingStore(backend, dialect=dialect) as store:
        statuses = [ask(store.gateway, method)[0].status for method in ("GET", "DELETE")]
        assert statuses == [302, 418]
    assert "teapot" not in DIALECTS
