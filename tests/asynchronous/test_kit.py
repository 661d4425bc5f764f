"""The asynchronous client of the kit's store, in an environment without moto."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from asynchronous.clients import run
from botocore_redirect.testing import RedirectingStore
from wire.conftest import answer

if TYPE_CHECKING:
    from wire.conftest import Serve


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.usefixtures("patched")
def test_it_reaches_the_store_by_a_redirect(serve: Serve, tls: bool) -> None:
    backend = serve(answer(), verify=False)

    async def main() -> None:
        with RedirectingStore(backend.url, tls=tls) as store:
            async with store.aio_client(read_timeout=17) as client:
                await client.delete_object(Bucket="bkt", Key="key")
                assert client.meta.config.read_timeout == 17
            assert [each.status for each in store.gateway.received] == [307]

    run(main())
    assert "DELETE" in [each.method for each in backend.received]


def test_without_aiobotocore_it_says_what_to_install(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = serve(answer(), verify=False)
    monkeypatch.setitem(sys.modules, "aiobotocore.session", None)
    with (
        RedirectingStore(backend.url) as store,
        pytest.raises(ImportError, match="pip install aiobotocore"),
    ):
        store.aio_client()
