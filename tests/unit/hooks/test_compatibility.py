"""A botocore of another structure is refused, with the difference named, and stays unchanged."""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING, Any

import botocore
import botocore.endpoint
import botocore.httpsession
import pytest
from botocore.httpsession import ProxyConfiguration, URLLib3Session

import botocore_redirect
from botocore_redirect import UnsupportedBotocore
from botocore_redirect.hooks import compatibility
from botocore_redirect.policy import WORKAROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

Endpoint = botocore.endpoint.Endpoint


def takes_more(self: Any, request: Any, operation_model: Any, context: Any, more: Any) -> Any:
    """Stand in for a _get_response of the future."""


def does_without(self: Any, request_dict: Any, operation_model: Any) -> Any:
    """Stand in for a _send_request that no longer calls what is hooked."""


def sends_otherwise(self: Any, prepared: Any) -> Any:
    """Stand in for a `send` of the future."""


def reads_other_keys(request_dict: Any) -> Any:
    return request_dict["verb"]


def keeps_little(self: Any, **options: Any) -> None:
    self._manager = self._proxy_config = self._proxy_managers = options


class KeepsElsewhere:
    def __init__(self, raw: Any) -> None:
        self.kept = raw


def as_botocores(function: Any) -> Any:
    """Return a function that seems to come from botocore's own source."""
    code = function.__code__.replace(co_filename=botocore.endpoint.__file__)
    return types.FunctionType(code, function.__globals__, function.__name__)


@pytest.mark.parametrize(
    ("owner", "name", "value", "words"),
    [
        (
            Endpoint,
            "_get_response",
            as_botocores(takes_more),
            r"Endpoint\._get_response takes .*'more'",
        ),
        (
            Endpoint,
            "_send_request",
            as_botocores(does_without),
            r"_send_request does not use _get_response, ",
        ),
        (Endpoint, "create_request", None, r"Endpoint\.create_request is not a function"),
        (Endpoint, "prepare_request", 7, r"Endpoint\.prepare_request is not a function"),
        (botocore.endpoint, "create_request_object", reads_other_keys, "does not read the request"),
        (
            URLLib3Session,
            "__init__",
            as_botocores(keeps_little),
            "URLLib3Session does not keep _cert_file, _key_file",
        ),
        (
            ProxyConfiguration,
            "__init__",
            as_botocores(keeps_little),
            "ProxyConfiguration does not keep _proxies",
        ),
        (
            botocore.httpsession.URLLib3Session,
            "send",
            as_botocores(sends_otherwise),
            r"URLLib3Session\.send names its request in another way",
        ),
        (
            compatibility,
            "AwsChunkedWrapper",
            KeepsElsewhere,
            "keeps the body elsewhere than in _raw",
        ),
    ],
)
@pytest.mark.parametrize("switch", ["install", "follow"])
def test_an_unknown_botocore_is_refused_and_named(
    monkeypatch: pytest.MonkeyPatch,
    session: Any,
    switch: str,
    owner: Any,
    name: str,
    value: Callable[..., Any],
    words: str,
) -> None:
    switches: dict[str, Callable[[], object]] = {
        "install": botocore_redirect.install,
        "follow": functools.partial(botocore_redirect.follow, session.client("s3")),
    }
    monkeypatch.setattr(owner, name, value)
    before = dict(vars(Endpoint))
    with pytest.raises(UnsupportedBotocore, match=words) as refusal:
        switches[switch]()
    assert f"botocore {botocore.__version__} is not built" in str(refusal.value)
    assert dict(vars(Endpoint)) == before
    assert not botocore_redirect.is_installed()


def test_the_botocore_of_this_environment_is_known() -> None:
    with botocore_redirect.install():
        assert botocore_redirect.is_installed()


@pytest.mark.parametrize("name", ["AWSHTTPResponse", "AWSConnection", "AWSHTTPSConnection"])
def test_a_missing_part_of_botocore_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delattr(f"botocore.awsrequest.{name}")
    with pytest.raises(UnsupportedBotocore, match=f"{name} is missing"):
        botocore_redirect.install(
            botocore_redirect.RedirectPolicy(workarounds=WORKAROUNDS - {"expect"})
        )
