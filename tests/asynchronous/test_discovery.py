"""botocore's discovery of a region by HEAD, in aiobotocore: it ends, and in a clear error."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect
from asynchronous.clients import content, opened, run
from botocore_redirect.testing import Redirect
from wire.conftest import answer

if TYPE_CHECKING:
    from botocore_redirect.testing import Received
    from wire.conftest import Serve

pytestmark = pytest.mark.usefixtures("patched")

NO_LOCATION = Redirect(301, location=None)


def test_a_region_that_head_tells_is_used(serve: Serve) -> None:
    gateway = serve(answer(), regions=("us-east-1", "eu-west-1"))

    def rule(received: Received) -> Any:
        if received.method == "HEAD":
            return answer(200, b"", ("x-amz-bucket-region", "eu-west-1"))
        signed = "/eu-west-1/s3/" in received.headers["Authorization"]
        return answer(200, b"content") if signed else NO_LOCATION

    gateway.rule = rule

    async def main() -> None:
        async with opened(gateway.url) as client:
            assert await content(client) == b"content"

    run(main())
    assert [each.method for each in gateway.received] == ["GET", "HEAD", "GET"]


def test_a_redirect_that_says_nothing_is_one_error(serve: Serve) -> None:
    gateway = serve(NO_LOCATION)

    async def main() -> None:
        async with opened(gateway.url) as client:
            with pytest.raises(botocore_redirect.InvalidLocation) as error:
                await content(client)
            assert error.value.operation_name == "GetObject"
            assert error.value.reason == "missing"

    run(main())
    assert [each.method for each in gateway.received] == ["GET", "HEAD"]


@pytest.mark.parametrize("error", [None, TypeError("expected string, got NoneType")])
def test_no_region_ends_in_the_error_that_was_kept(error: Exception | None) -> None:
    from botocore_redirect.aio import replacements  # noqa: PLC0415  # the fixture patches first
    from botocore_redirect.state import DISCOVERY_ERROR  # noqa: PLC0415  # as above

    answered = SimpleNamespace(**{DISCOVERY_ERROR: LookupError("nowhere to go")})

    async def search(*_: Any) -> Any:
        if error:
            raise error

    async def main() -> None:
        with pytest.raises(LookupError, match="nowhere to go"):
            await replacements._wrap_get_bucket_region(search)(None, "bkt", (answered, {}))

    run(main())


def test_an_answer_without_a_kept_error_is_left_to_stock() -> None:
    from botocore_redirect.aio import replacements  # noqa: PLC0415  # the fixture patches first

    async def search(*_: Any) -> None: ...

    async def main() -> None:
        found = replacements._wrap_get_bucket_region(search)
        assert await found(None, "bkt", (object(), {})) is None

    run(main())
