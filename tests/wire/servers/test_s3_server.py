"""The store of `test_same_operation` does what a request says, whatever was meant by it."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any, Callable

import pytest

from botocore_redirect.testing import Gateway
from wire.conftest import NOWHERE, MakeClient
from wire.servers.s3_requests import Dialect
from wire.servers.s3_routes import list_routes, load_model
from wire.servers.s3_server import S3Store
from wire.servers.s3_state import Resource, State

if TYPE_CHECKING:
    from collections.abc import Iterator

Ask = Callable[..., http.client.HTTPResponse]

BEFORE: State = {
    ("bucket", b"b", b"", ""): "made",
    ("policy", b"b", b"", ""): "a policy",
    ("object", b"b", b"k", ""): "the newest",
    ("object", b"b", b"k", "versionId=1"): "version 1",
    ("tagging", b"b", b"k", ""): "tags",
    ("upload", b"b", b"k", "uploadId=u"): "begun",
    ("part", b"b", b"k", "partNumber=1&uploadId=u"): "part 1",
    ("object", b"other", b"k", ""): "of another bucket",
}


@pytest.fixture
def store() -> S3Store:
    store = S3Store()
    store.reset(BEFORE, Dialect(prefixes=("/s3",), hosts=("store.test",)))
    return store


@pytest.fixture
def server(store: S3Store) -> Iterator[Gateway]:
    with Gateway(NOWHERE, rule=store.reply, expect="late") as server:
        yield server


@pytest.fixture
def ask(server: Gateway) -> Iterator[Ask]:
    connections = []

    def ask(method: str, target: str, body: bytes = b"", **headers: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]))
        connections.append(connection)
        connection.putrequest(method, target, skip_host=True)
        headers = {"host": "127.0.0.1:1", "content-length": str(len(body)), **headers}
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        return connection.getresponse()

    yield ask
    for connection in connections:
        connection.close()


def changes(store: S3Store) -> tuple[set[Resource], set[Resource]]:
    """Return what is gone, and what was written."""
    after = store.state
    written = {each for each, text in after.items() if BEFORE.get(each) != text}
    return set(BEFORE) - set(after), written


OBJECT = ("object", b"b", b"k", "")


@pytest.mark.parametrize(
    ("method", "target", "operation", "gone", "written"),
    [
        ("DELETE", "/b/k", "DeleteObject", {OBJECT}, set()),
        ("DELETE", "/b/k?versionId=1", "DeleteObject", {(*OBJECT[:3], "versionId=1")}, set()),
        ("DELETE", "/b/k?tagging", "DeleteObjectTagging", {("tagging", b"b", b"k", "")}, set()),
        ("DELETE", "/b/k?unknown=1", "DeleteObject", {OBJECT}, set()),
        ("DELETE", "/b?policy", "DeleteBucketPolicy", {("policy", b"b", b"", "")}, set()),
        ("DELETE", "/b/?policy", "DeleteBucketPolicy", {("policy", b"b", b"", "")}, set()),
        ("DELETE", "/b", "DeleteBucket", {each for each in BEFORE if each[1] == b"b"}, set()),
        ("DELETE", "/other/b/k", "DeleteObject", set(), set()),
        ("DELETE", "/s3/b/k", "DeleteObject", {OBJECT}, set()),
        ("PUT", "/b/k", "PutObject", set(), {OBJECT}),
        ("PUT", "/b/k?tagging", "PutObjectTagging", set(), {("tagging", b"b", b"k", "")}),
        ("PUT", "/b/k?append&position=7", "AppendObject", set(), {OBJECT}),
        ("PUT", "/b/k?policy", "PutObject", set(), {OBJECT}),
        ("PUT", "/b/k?Tagging", "PutObject", set(), {OBJECT}),
        ("PUT", "/b/k?uploadId=u", "PutObject", set(), {OBJECT}),
        ("PUT", "/b/k;x?a", "PutObject", set(), {("object", b"b", b"k;x", "")}),
        ("PUT", "/b//k", "PutObject", set(), {("object", b"b", b"/k", "")}),
        ("PUT", "/b/x/../k", "PutObject", set(), {("object", b"b", b"x/../k", "")}),
        ("PUT", "/b/a+%252F%C3%A9", "PutObject", set(), {("object", b"b", b"a+%2F\xc3\xa9", "")}),
        ("PUT", "/b%2Fk", "CreateBucket", set(), {("bucket", b"b/k", b"", "")}),
        ("POST", "/b/k?uploads=", "CreateMultipartUpload", set(), {
            ("upload", b"b", b"k", "uploadId=new")
        }),
        ("PUT", "/b/k?uploadId=u&partNumber=1", "UploadPart", set(), {
            ("part", b"b", b"k", "partNumber=1&uploadId=u")
        }),
        ("PUT", "/b/k?uploadId=a+b%2B&partNumber=2", "UploadPart", set(), {
            ("part", b"b", b"k", "partNumber=2&uploadId=a b+")
        }),
        ("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload", {
            ("upload", b"b", b"k", "uploadId=u"), ("part", b"b", b"k", "partNumber=1&uploadId=u")
        }, set()),
        ("POST", "/b/k?uploadId=u", "CompleteMultipartUpload", {
            ("upload", b"b", b"k", "uploadId=u"), ("part", b"b", b"k", "partNumber=1&uploadId=u")
        }, {OBJECT}),
        ("GET", "/b/k?tagging", "GetObjectTagging", set(), set()),
        ("GET", "/b/k?tagging&acl&versionId=1", "GetObjectTagging", set(), set()),
        ("GET", "/b/k?acl&tagging", "GetObjectAcl", set(), set()),
        ("GET", "/b?list-type=2", "ListObjectsV2", set(), set()),
        ("GET", "/b?list-type=1", "ListObjects", set(), set()),
        ("GET", "/", "ListBuckets", set(), set()),
        ("POST", "/b", "none", set(), set()),
    ],
)  # fmt: skip
def test_a_request_is_the_most_specific_operation_and_has_its_effect(
    ask: Ask, store: S3Store, method: str, target: str, operation: str, gone: Any, written: Any
) -> None:
    status = ask(method, target, b"body" if method == "PUT" else b"").status
    assert [each for each, _ in store.done] == [operation]
    assert changes(store) == (gone, written)
    assert (status == 405) == (operation == "none")


def test_host_names_contain_buckets(ask: Ask, store: S3Store) -> None:
    ask("DELETE", "/k", host="b.store.test:1")
    ask("DELETE", "/b/k?tagging", host="store.test:1")
    assert changes(store) == ({OBJECT, ("tagging", b"b", b"k", "")}, set())


def test_many_objects_are_deleted_by_name_and_by_version(ask: Ask, store: S3Store) -> None:
    objects = b"<Object><Key>k</Key></Object><Object><Key>k</Key><VersionId>1</VersionId></Object>"
    ask("POST", "/b?delete", b"<Delete>" + objects + b"</Delete>")
    assert changes(store) == ({OBJECT, (*OBJECT[:3], "versionId=1")}, set())


def test_a_copy_source_in_a_header_or_the_query_makes_a_write_a_copy(
    ask: Ask, store: S3Store
) -> None:
    ask("PUT", "/b/k", x_amz_copy_source="/a/b")
    ask("PUT", "/b/k?X-Amz-Copy-Source=/a/b")
    assert [each for each, _ in store.done] == ["CopyObject", "CopyObject"]
    assert "'/a/b'" in store.state[OBJECT]


@pytest.mark.skipif("RenameObject" not in load_model().operation_names, reason="botocore is older")
def test_an_object_is_renamed(ask: Ask, store: S3Store) -> None:
    ask("PUT", "/b/new?renameObject", x_amz_rename_source="/b/k")
    assert changes(store) == ({OBJECT}, {("object", b"b", b"new", "")})


def test_a_stored_text_describes_body_parameters_and_headers(ask: Ask, store: S3Store) -> None:
    texts = set()
    for body, headers in ((b"1", {}), (b"2", {}), (b"2", {"x_amz_acl": "private"})):
        ask("PUT", "/b/k", body, **headers)
        texts.add(store.state[OBJECT])
    assert len(texts) == 3


def test_an_answer_shows_what_was_read(ask: Ask) -> None:
    targets = ["/b/k", "/b/k?versionId=1", "/b/K", "/b?tagging", "/b?prefix=a", "/b", "/b/k?acl"]
    texts = {ask("GET", target).getheader("x-description") for target in targets}
    assert len(texts) == len(targets)
    assert b"the newest" in ask("GET", "/b/k").read()


@pytest.mark.parametrize(
    ("dialect", "query", "operation"),
    [
        (Dialect(any_case=True), "Tagging", "PutObjectTagging"),
        (Dialect(semicolons=True), "a;tagging", "PutObjectTagging"),
        (Dialect(), "a;tagging", "PutObject"),
    ],
)
def test_servers_differ_in_how_they_read_a_query(
    ask: Ask, store: S3Store, dialect: Dialect, query: str, operation: str
) -> None:
    store.reset(BEFORE, dialect)
    ask("PUT", f"/b/k?{query}")
    assert [each for each, _ in store.done] == [operation]


@pytest.mark.parametrize(("last", "version"), [(False, "1"), (True, "2")])
def test_the_first_or_the_last_of_two_equal_names_counts(
    ask: Ask, store: S3Store, last: bool, version: str
) -> None:
    store.reset(BEFORE, Dialect(last_wins=last))
    ask("DELETE", "/b/k?versionId=1&versionId=2")
    ask("DELETE", "/b?policy&cors")
    policy = ("DeleteBucketCors", "cors") if last else ("DeleteBucketPolicy", "policy")
    assert store.done == [
        ("DeleteObject", (*OBJECT[:3], f"versionId={version}")),
        (policy[0], (policy[1], b"b", b"", "")),
    ]


def test_every_operation_of_the_model_is_reached(make_client: MakeClient, server: Gateway) -> None:
    names = set(load_model().operation_names)
    routed = {route.operation for route in list_routes()}
    assert {"AppendObject"} == routed - names
    assert len(names - routed) <= 5  # older names of the same requests
    listed = make_client(server.url).list_objects_v2(Bucket="b", Prefix="a")
    assert "prefix='a'" in listed["ResponseMetadata"]["HTTPHeaders"]["x-description"]
