"""What a call ends in where botocore's search for the region of a bucket finds none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from botocore_redirect.hooks import discovery
from botocore_redirect.state import DISCOVERY_ERROR

NOWHERE = LookupError("nowhere to go")


def search(found: Any, *, left: bool) -> Any:
    def original(_: Any, __: Any, ___: Any) -> Any:
        if isinstance(found, Exception):
            raise found
        return found

    answer = SimpleNamespace()
    if left:
        setattr(answer, DISCOVERY_ERROR, NOWHERE)
    return discovery.wrap_get_bucket_region(original)(None, "bkt", (answer, {}))


# botocore 1.42.62 and some later ones check the name of a region that is not there.
@pytest.mark.parametrize("found", [None, TypeError("expected string, got NoneType")])
def test_an_answer_that_is_left_to_botocore_ends_in_its_error(found: Any) -> None:
    with pytest.raises(LookupError, match="nowhere to go"):
        search(found, left=True)


def test_the_result_of_discovery_is_returned() -> None:
    assert search("eu-west-1", left=True) == "eu-west-1"


def test_discovery_without_a_redirect_is_that_of_stock_botocore() -> None:
    assert search(None, left=False) is None
    with pytest.raises(TypeError):
        search(TypeError(), left=False)
