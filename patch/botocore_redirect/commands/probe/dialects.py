"""Which stores redirect like this one: by their answers, without asking any further."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Callable, NamedTuple
from urllib.parse import urlsplit

from botocore_redirect.rules.call import parse_query
from botocore_redirect.rules.hosts.aws import is_aws_s3
from botocore_redirect.rules.presigned import is_presigned
from botocore_redirect.rules.target_host import host_of

_RGW_ID = re.compile(r"tx[0-9a-f]{20,}-[0-9a-f]+-[0-9a-f]+-.+")


class Redirected(NamedTuple):
    """A redirect, as far as a store can be recognised by it."""

    #: The endpoint that was asked, and the URL that the answer leads to; None if it says none.
    endpoint: str
    target: str | None
    #: By lower-case name.
    headers: Mapping[str, str]
    #: There is no Location, but an `<Endpoint>`.
    by_endpoint_alone: bool = False

    @property
    def query(self) -> str:
        """The query of the target."""
        return urlsplit(self.target or "").query

    @property
    def parameters(self) -> set[str]:
        """The names in the query of the target."""
        return {name for name, _ in parse_query(self.query)}


def recognise(redirects: Iterable[Redirected]) -> tuple[str, ...]:
    """Name the stores that redirect like this one, each once, the first seen first."""
    names = [name for each in redirects for name, matches in _DIALECTS if matches(each)]
    return tuple(dict.fromkeys(names))


def _is_aistore(redirect: Redirected) -> bool:
    return {"pid", "utm"} <= redirect.parameters


def _is_aistore_signed(redirect: Redirected) -> bool:
    return _is_aistore(redirect) and {"vpams", "x"} <= redirect.parameters


def _is_rgw(redirect: Redirected) -> bool:
    by_id = _RGW_ID.fullmatch(redirect.headers.get("x-amz-request-id", ""))
    return bool(by_id) or redirect.headers.get("server", "").startswith("Ceph Object Gateway")


def _is_hugging_face(redirect: Redirected) -> bool:
    hosts = (host_of(redirect.endpoint), host_of(redirect.target or ""))
    return any(f".{host}".endswith((".hf.co", ".huggingface.co")) for host in hosts)


def _is_lakefs(redirect: Redirected) -> bool:
    return any(name.startswith("x-lakefs-") for name in redirect.headers)


def _is_alluxio(redirect: Redirected) -> bool:
    return "redirect" in redirect.parameters


def _is_aws(redirect: Redirected) -> bool:
    return is_aws_s3(host_of(redirect.endpoint))


def _is_in_front_of_aws(redirect: Redirected) -> bool:
    return not _is_aws(redirect) and is_aws_s3(host_of(redirect.target or ""))


_DIALECTS: tuple[tuple[str, Callable[[Redirected], bool]], ...] = (
    ("NVIDIA AIStore, signed redirects", _is_aistore_signed),
    ("NVIDIA AIStore", lambda each: _is_aistore(each) and not _is_aistore_signed(each)),
    ("Ceph RGW", _is_rgw),
    ("Hugging Face buckets", _is_hugging_face),
    ("lakeFS", _is_lakefs),
    ("Alluxio", _is_alluxio),
    ("AWS S3", _is_aws),
    ("a gateway in front of AWS S3", _is_in_front_of_aws),
    ("a store with its Endpoint in the body, as Dell ECS", lambda each: each.by_endpoint_alone),
    (
        "presigned targets, as lakeFS, S3Proxy and Hugging Face send",
        lambda each: is_presigned(each.query),
    ),
)
