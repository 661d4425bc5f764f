"""docs/troubleshooting.md has every reason of a refusal, and texts that are really raised."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

import botocore_redirect
from botocore_redirect import errors
from botocore_redirect.testing import Redirect

if TYPE_CHECKING:
    from botocore_redirect.testing import RedirectingStore

PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text("utf-8")
REASON = re.compile(r"^### `([a-z-]+)`\n\n```text\n(.*?)\n```$", re.MULTILINE)
HEADINGS = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
#: Functions of the patch that make a refusal, and the argument that is its reason.
MAKERS = {"Refusal": 1, "_refuse": 1}


def _refusals() -> Iterator[tuple[str, str]]:
    """Yield each reason of the code, with the text beside it."""
    folder = Path(botocore_redirect.__file__).parent
    for path in folder.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(call, "func", None), "id", None)
            if isinstance(call, ast.Call) and name in MAKERS:
                reason = call.args[MAKERS[name]]
                if isinstance(reason, ast.Constant):
                    yield str(reason.value), _text(call)


def _text(call: ast.Call) -> str:
    constants = (node for node in ast.walk(call) if isinstance(node, ast.Constant))
    # In the order of the source; a value that is put in is a gap.
    found = sorted(constants, key=lambda node: (node.lineno, node.col_offset))
    return "".join(str(node.value) for node in found)


REFUSALS = [*_refusals()]


def test_every_reason_of_the_code_has_its_heading_and_no_other_has() -> None:
    assert len(REASON.findall(PAGE)) == len({reason for reason, _ in REASON.findall(PAGE)})
    assert {reason for reason, _ in REASON.findall(PAGE)} == {reason for reason, _ in REFUSALS}


@pytest.mark.parametrize(("reason", "phrase"), REASON.findall(PAGE))
def test_a_reason_is_found_by_the_words_of_its_message(reason: str, phrase: str) -> None:
    texts = [text for each, text in REFUSALS if each == reason]
    assert any(phrase in text for text in texts), texts


def test_every_error_of_this_package_is_in_the_table() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    raised = [
        kind.__name__
        for kind in kinds
        if kind.__module__ == errors.__name__ and kind is not errors.RedirectError
    ]
    assert len(raised) == 6
    section = PAGE.partition("## Errors of this package")[2].partition("## Reasons")[0]
    assert [name for name in raised if name not in section] == []


class _Pipe:
    """A body that can be read once."""

    def __init__(self) -> None:
        self._content = io.BytesIO(b"content")
        self.read, self.tell = self._content.read, self._content.tell

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._content)

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation("seek")


def _put(client: Any, body: Any = b"") -> Any:
    return client.put_object(Bucket="data", Key="key", Body=body, ContentLength=len(b"content"))


def _with_code(status: int, code: str) -> Redirect:
    xml = f"<Error><Code>{code}</Code><Message>Elsewhere</Message></Error>".encode()
    return Redirect(status, body=xml, headers=(("Content-Type", "application/xml"),))


#: The heading, what the gateway does with all but HEAD, and the call.
STOCK: list[tuple[str, Redirect, Callable[[Any], Any]]] = [
    ("An error occurred (TemporaryRedirect)", _with_code(307, "TemporaryRedirect"), _put),
    ("An error occurred (PermanentRedirect)", _with_code(301, "PermanentRedirect"), _put),
    ("An error occurred (308)", Redirect(308), _put),
    ("sequence item 0: expected str instance, bytes found", Redirect(303), _put),
    (
        "TypeError: expected string or bytes-like object, got 'NoneType'",
        Redirect(307),
        lambda client: client.list_buckets(),
    ),
]


def _raised(call: Callable[[Any], Any], client: Any) -> str:
    with pytest.raises((ClientError, BotoCoreError, TypeError, RecursionError)) as caught:
        call(client)
    return f"{caught.type.__name__}: {caught.value}"


@pytest.mark.parametrize(("start", "redirect", "call"), STOCK, ids=[start for start, *_ in STOCK])
def test_stock_boto3_raises_what_the_page_says(
    redirecting_s3: RedirectingStore, start: str, redirect: Redirect, call: Callable[[Any], Any]
) -> None:
    (heading,) = [each for each in HEADINGS if each.startswith(start)]
    redirecting_s3.inspector.create_bucket("data")
    redirecting_s3.redirect(lambda received: None if received.method == "HEAD" else redirect)
    assert heading in _raised(call, redirecting_s3.client())
    assert redirecting_s3.inspector.snapshot() == {"data": {}}


def test_stock_boto3_runs_into_the_recursion(redirecting_s3: RedirectingStore) -> None:
    (heading,) = [each for each in HEADINGS if each.startswith("RecursionError")]
    assert _raised(_put, redirecting_s3.client()).startswith(heading)


def test_stock_boto3_cannot_rewind_a_pipe(make_redirecting_s3: Any) -> None:
    store = make_redirecting_s3(tls=True)
    store.inspector.create_bucket("data")
    region = Redirect(301, headers=(("x-amz-bucket-region", "eu-west-1"),))
    store.redirect(lambda received: None if received.method == "HEAD" else region)
    raised = _raised(lambda client: _put(client, _Pipe()), store.client())
    assert "Need to rewind the stream" in HEADINGS
    assert raised.startswith("UnseekableStreamError: Need to rewind the stream")
    assert raised.endswith("but stream is not seekable.")
