"""Digests of botocore's source: of the files of the request path, and of each function in them.

Layout, comments and docstrings do not change a digest, and every Python that can parse the source
computes the same one. botocore is read, not imported.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

#: The files of botocore that an S3 call runs through, found by tracing the contract of the matrix
#: on botocore 1.13.50, 1.29.24 and 1.44.5: what ran below `_make_api_call`. The last row was added
#: by hand: the other modes of retrying, and where the defaults of a client come from. Not all of
#: them are in every release.
REQUEST_PATH = (
    *("auth.py", "awsrequest.py", "client.py", "compat.py", "compress.py", "config.py"),
    *("context.py", "credentials.py", "endpoint.py", "endpoint_provider.py", "errorfactory.py"),
    *("eventstream.py", "exceptions.py", "handlers.py", "history.py", "hooks.py"),
    *("httpchecksum.py", "httpsession.py", "model.py", "parsers.py", "regions.py"),
    *("response.py", "retries/quota.py", "retries/special.py", "retries/standard.py"),
    *("retryhandler.py", "serialize.py", "signers.py", "useragent.py", "utils.py", "validate.py"),
    *("args.py", "configprovider.py", "retries/adaptive.py", "retries/base.py"),
    *("retries/bucket.py", "retries/throttling.py"),
)

#: The functions of botocore that the patch replaces or calls, or whose inner workings it presumes:
#: the names are `module.Class.method`, or `module.Class` for what a class says outside of them.
RELIED_ON = (
    # replaced or called by the hook, and who calls it
    *(
        f"endpoint.Endpoint.{name}"
        for name in (
            *("__init__", "create_request", "prepare_request", "_send_request", "_get_response"),
            *("_do_get_response", "_needs_retry", "_update_retries_context", "_send"),
        )
    ),
    "endpoint.convert_to_response_dict",
    # made into requests and answers
    "awsrequest.create_request_object",
    "awsrequest.prepare_request_dict",
    *(f"awsrequest.AWSRequest.{name}" for name in ("__init__", "prepare")),
    *(f"awsrequest.AWSRequestPreparer.{name}" for name in ("prepare", "_prepare_url")),
    "awsrequest.AWSPreparedRequest.reset_stream",
    "awsrequest.AWSResponse.__init__",
    # watched: connections, and the pools and sessions that make them
    *(
        f"awsrequest.AWSConnection.{name}"
        for name in (
            *("__init__", "close", "request", "send", "_send_request", "_send_output"),
            *("_consume_headers", "_handle_expect_response", "_is_100_continue_status"),
            *("_send_message_body", "_tunnel"),
        )
    ),
    *(f"awsrequest.AWSHTTPResponse.{name}" for name in ("__init__", "_read_status")),
    "awsrequest.AWSHTTPConnection",
    "awsrequest.AWSHTTPConnectionPool",
    "awsrequest.AWSHTTPSConnection",
    "awsrequest.AWSHTTPSConnectionPool",
    *(
        f"httpsession.URLLib3Session.{name}"
        for name in (
            *("__init__", "send", "close", "_get_pool_manager_kwargs", "_get_proxy_manager"),
            *("_get_connection_manager", "_get_request_target"),
        )
    ),
    # asked for the proxies and the TLS context of a hop
    "httpsession.ProxyConfiguration.__init__",
    "httpsession.ProxyConfiguration.proxy_url_for",
    "httpsession.create_urllib3_context",
    "utils.get_environ_proxies",
    # bodies that are sent again
    *(f"httpchecksum.AwsChunkedWrapper.{name}" for name in ("__init__", "read", "seek")),
    # what signs the next hop, and what must not rewrite it
    *(f"signers.RequestSigner.{name}" for name in ("handler", "sign")),
    *(f"auth.HmacV1Auth.{name}" for name in ("canonical_resource", "get_signature")),
    "utils.fix_s3_host",
    "utils.switch_to_virtual_host_style",
    # told of attempts and hops
    "handlers.add_retry_headers",
    "retries.adaptive.ClientRateLimiter.on_sending_request",
    "retries.bucket.TokenBucket.acquire",
    # what takes the answers that are left to it
    *(
        f"utils.{redirector}.{name}"
        for redirector in ("S3RegionRedirector", "S3RegionRedirectorv2")
        for name in ("redirect_from_error", "get_bucket_region")
    ),
    *(
        f"parsers.RestXMLParser.{name}"
        for name in ("_do_error_parse", "_parse_error_from_body", "_parse_error_from_http_status")
    ),
    "exceptions.ClientError.__init__",
)

SHORT = 8  # of a digest in functions.json, of which each is compared with few others
_LENGTH = 16  # of a digest: 64 bits, for some thousand of them
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)
_DEFINED = "define "

Read = Callable[[str], Optional[bytes]]
"""Return the content of a file by its path in botocore's folder; None if there is no such file."""


class UnreadableSource(Exception):
    """A file cannot be parsed by the Python that runs."""


@dataclass(frozen=True)
class SourceDigests:
    """The digests of one botocore, over `REQUEST_PATH`."""

    #: Path in botocore's folder -> digest, for the files that the release has.
    files: Mapping[str, str]
    #: Name of a function -> digest; the name of a class or module stands for the rest of its code.
    functions: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The digest of all files together: releases that share it run the same S3 code."""
        return _digest([f"{path} {self.files[path]}" for path in sorted(self.files)])

    @property
    def relied_on(self) -> dict[str, str | None]:
        """The digests of the functions that the patch relies on; None for a missing function."""
        return {name: self.functions.get(name) for name in RELIED_ON}


def digest_folder(folder: Path) -> SourceDigests:
    """Compute the digests of a botocore from the folder of its package.

    Raises `FileNotFoundError` where there is no botocore, and `UnreadableSource`.
    """
    if not (folder / "endpoint.py").is_file():
        raise FileNotFoundError(f"{folder} holds no source of botocore: it has no endpoint.py")

    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return digest_files(read)


def digest_files(read: Read) -> SourceDigests:
    """Compute the digests of a botocore whose files `read` returns."""
    files, functions = {}, {}
    for path in REQUEST_PATH:
        content = read(path)
        if content is not None:
            files[path], found = digest_source(content, path)
            functions.update(found)
    return SourceDigests(files, functions)


def digest_source(content: bytes, path: str) -> tuple[str, dict[str, str]]:
    """Return the digest of one file and those of its functions, whose names begin with `path`."""
    try:
        with warnings.catch_warnings():
            # Old releases have escapes in strings that newer Pythons warn of, some as errors.
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError) as problem:
        raise UnreadableSource(
            f"{path} cannot be read as Python here ({problem}); use the Python that it runs on."
        ) from None
    module = path.rpartition(".py")[0].replace("/", ".")
    everything: list[str] = []
    parts: dict[str, list[str]] = defaultdict(list)
    waiting: list[tuple[str, ast.AST]] = [(module, tree)]
    for scope, node in waiting:
        words: list[str] = []
        inner: list[tuple[str, ast.AST]] = []
        _serialize(node, words, scope, None if isinstance(node, _FUNCTIONS) else inner)
        waiting += inner
        everything.append(_digest(words))
        # What is defined inside counts for itself: a new method does not change its class.
        own = _digest([word for word in words if not word.startswith(_DEFINED)])
        parts[f"{module}.<module>" if node is tree else scope].append(own)
    # One name may be defined several times, in the branches of an `if`.
    functions = {name: each[0] if len(each) == 1 else _digest(each) for name, each in parts.items()}
    return _digest(everything), functions


def _serialize(
    node: Any, words: list[str], scope: str, inner: list[tuple[str, ast.AST]] | None
) -> None:
    """Write a tree as text; of the definitions in it, only the names: they go into `inner`."""
    if isinstance(node, ast.Constant):
        # !a, because repr() depends on the Unicode that a Python knows.
        words.append(f"({type(node.value).__name__} {node.value!a})")
        return
    words.append(f"({type(node).__name__}")
    for field in node._fields:
        value = getattr(node, field, None)
        # `is_lazy`: Python 3.15 and later say of each import whether it is.
        if value is None or value == [] or field == "ctx" or (field == "is_lazy" and not value):
            continue
        words.append(f" {field}=")
        several = isinstance(value, list)
        for item in _items(node, field, value) if several else [value]:
            if inner is not None and isinstance(item, _DEFINITIONS):
                words.append(f"{_DEFINED}{item.name}")
                inner.append((f"{scope}.{item.name}", item))
            elif isinstance(item, ast.AST):
                _serialize(item, words, scope, inner)
            else:
                words.append(f" {item!a}")
        if several:
            words.append(";")
    words.append(")")


def _items(node: ast.AST, field: str, items: list[ast.AST]) -> list[ast.AST]:
    if (
        field == "body"
        and isinstance(node, (ast.Module, *_DEFINITIONS))
        and _is_docstring(items[0])
    ):
        return items[1:]  # without the docstring
    return _merge_texts(items) if isinstance(node, ast.JoinedStr) else items


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _merge_texts(parts: list[ast.AST]) -> list[ast.AST]:
    """Bring the parts of an f-string to one form: Pythons differ in how they cut its texts."""
    joined: list[ast.AST] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, ast.Constant) and isinstance(last, ast.Constant):
            joined[-1] = ast.Constant(f"{last.value!s}{part.value!s}")
        elif not (isinstance(part, ast.Constant) and part.value == ""):
            joined.append(part)
    return joined


def _digest(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:_LENGTH]
