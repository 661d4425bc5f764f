"""Presigned URLs in other HTTP clients, and the examples of docs/presigned-urls.md."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
import urllib3
from botocore.config import Config

from botocore_redirect.testing import Fault, Redirect
from wire.signatures import sigv2, sigv4

if TYPE_CHECKING:
    from botocore_redirect.testing import Received, RedirectingStore

PAGE = (Path(__file__).parents[2] / "docs/presigned-urls.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {name[1]: block for block in BLOCKS if (name := re.match(r"# (\w+\.py)\n", block))}
BODY = bytes(range(256)) * 1024
KEY = "testing"
CURL = shutil.which("curl")

Put = Callable[[str, Path], int]


def put_by_urllib3(url: str, file: Path) -> int:
    with urllib3.PoolManager() as pool:
        return int(pool.request("PUT", url, body=file.read_bytes()).status)


def put_by_requests(url: str, file: Path) -> int:
    return int(requests.put(url, data=file.read_bytes(), timeout=60).status_code)


def put_by_page(url: str, file: Path) -> int:
    names: dict[str, Any] = {"__name__": "put"}
    exec(FILES["put.py"], names)  # it is what the page shows
    status: int = names["put"](url, file.read_bytes()).status_code
    return status


def _curl(url: str, *words: str) -> int:
    assert CURL is not None
    wanted = [CURL, "-sS", "-L", "-o", "-", "-w", "\n%{http_code}", *words, url]
    done = subprocess.run(wanted, capture_output=True, timeout=60, check=True)
    return int(done.stdout.rpartition(b"\n")[2])


def put_by_curl(url: str, file: Path) -> int:
    return _curl(url, "-T", str(file))


def put_by_trusting_curl(url: str, file: Path) -> int:
    return _curl(url, "--location-trusted", "-T", str(file))


def put_by_curl_with_a_method(url: str, file: Path) -> int:
    return _curl(url, "-X", "PUT", "-H", "Content-Type:", "--data-binary", f"@{file}")


needs_curl = pytest.mark.skipif(CURL is None, reason="curl is not installed")
CURLS = [pytest.param(put, marks=needs_curl) for put in (put_by_curl, put_by_trusting_curl)]
WITH_METHOD = pytest.param(put_by_curl_with_a_method, marks=needs_curl)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "body"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def store(redirecting_s3: RedirectingStore) -> RedirectingStore:
    redirecting_s3.inspector.create_bucket("data")
    return redirecting_s3


def _verify(received: Received) -> Fault | None:
    wrong = sigv4.mismatch(received, KEY, KEY, body_was_read=False)
    return Fault(403, "SignatureDoesNotMatch", wrong) if wrong else None


@pytest.fixture
def strict(store: RedirectingStore) -> RedirectingStore:
    for target in store.targets:
        target.rule = _verify
    return store


def presign(endpoint: str, version: str = "s3v4") -> str:
    session = boto3.session.Session(KEY, KEY, region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=endpoint, config=Config(signature_version=version))
    url: str = s3.generate_presigned_url("put_object", Params={"Bucket": "data", "Key": "key"})
    return url


def stored(store: RedirectingStore) -> dict[str, bytes]:
    return store.inspector.snapshot()["data"]


def presigned_location(store: RedirectingStore, status: int) -> Redirect:
    return Redirect(status, lambda _: presign(store.targets[0].url))


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("put", [put_by_urllib3, put_by_requests, put_by_page, *CURLS, WITH_METHOD])
def test_a_put_is_stored_where_the_method_must_stay(
    store: RedirectingStore, file: Path, put: Put, status: int
) -> None:
    store.redirect(Redirect(status))
    assert put(presign(store.url), file) == 200
    assert stored(store) == {"key": BODY}


@pytest.mark.parametrize("put", [put_by_urllib3, put_by_requests, put_by_page, *CURLS])
def test_a_put_is_stored_where_the_store_presigns(
    strict: RedirectingStore, file: Path, put: Put
) -> None:
    strict.redirect(presigned_location(strict, 307))
    assert put(presign(strict.url), file) == 200
    assert stored(strict) == {"key": BODY}


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("put", [put_by_urllib3, put_by_page, *CURLS])
def test_some_clients_keep_method_and_body_of_others_too(
    store: RedirectingStore, file: Path, put: Put, status: int
) -> None:
    store.redirect(Redirect(status))
    assert put(presign(store.url), file) == 200
    assert stored(store) == {"key": BODY}


@pytest.mark.parametrize(
    ("put", "status"),
    [
        (put_by_requests, 301),
        *(
            pytest.param(put_by_curl_with_a_method, status, marks=needs_curl)
            for status in (301, 302, 303)
        ),
    ],
)
def test_some_store_an_empty_object_and_report_success(
    store: RedirectingStore, file: Path, put: Put, status: int
) -> None:
    store.redirect(Redirect(status))
    assert put(presign(store.url), file) == 200
    assert stored(store) == {"key": b""}


@pytest.mark.parametrize(("put", "status"), [(put_by_requests, 302), (put_by_urllib3, 303)])
def test_some_turn_a_put_into_a_get(
    store: RedirectingStore, file: Path, put: Put, status: int
) -> None:
    store.redirect(Redirect(status))
    assert put(presign(store.url), file) == 404
    assert stored(store) == {}


@pytest.mark.parametrize("put", [put_by_urllib3, put_by_requests, *CURLS])
def test_no_client_is_let_in_with_a_signature_for_another_host(
    strict: RedirectingStore, file: Path, put: Put
) -> None:
    strict.redirect()
    assert put(presign(strict.url), file) == 403
    assert stored(strict) == {}


@pytest.mark.parametrize("put", [put_by_urllib3, put_by_requests, *CURLS])
def test_an_old_signature_does_not_cover_the_host(
    store: RedirectingStore, file: Path, put: Put
) -> None:
    def verify(received: Received) -> Fault | None:
        wrong = sigv2.mismatch(received, KEY, KEY)
        return Fault(403, "SignatureDoesNotMatch", wrong) if wrong else None

    store.targets[0].rule = verify
    store.redirect()
    url = presign(store.url, "s3")
    assert put(url.replace("Signature=", "Signature=x"), file) == 403
    assert put(url, file) == 200
    assert stored(store) == {"key": BODY}


PROGRAM = """
import sys
import boto3
from presign_for_target import presign_for_target
session = boto3.session.Session("testing", "testing", region_name="us-east-1")
url, operation = sys.argv[1:]
print(presign_for_target(session, url, operation, Bucket="data", Key="key"))
"""


def _presign_for_target(folder: Path, endpoint: str, operation: str) -> str:
    (folder / "presign_for_target.py").write_text(FILES["presign_for_target.py"], "utf-8")
    (folder / "program.py").write_text(PROGRAM, "utf-8")
    done = subprocess.run(
        [sys.executable, "program.py", endpoint, operation],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_url_that_is_presigned_for_the_target_is_good_there(
    strict: RedirectingStore, file: Path
) -> None:
    strict.redirect()
    url = _presign_for_target(file.parent, strict.url, "put_object")
    assert url.startswith(strict.targets[0].url)
    assert put_by_requests(url, file) == 200
    assert stored(strict) == {"key": BODY}
    url = _presign_for_target(file.parent, strict.url, "get_object")
    assert requests.get(url, timeout=60).content == BODY


def test_it_is_for_the_store_itself_if_that_does_not_redirect(
    store: RedirectingStore, tmp_path: Path
) -> None:
    store.relay()
    assert _presign_for_target(tmp_path, store.url, "get_object").startswith(store.url)


def test_the_page_has_only_what_is_run_here() -> None:
    assert [*FILES] == ["put.py", "presign_for_target.py"]
    assert len(BLOCKS) == 2
