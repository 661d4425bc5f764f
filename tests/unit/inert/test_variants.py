"""The variants in which an operation is called."""

from __future__ import annotations

import botocore.session
import pytest

from inert.calls.variants import list_variants

_SESSION = botocore.session.get_session()


def labels(
    service: str, operation: str, *, first: bool = False, number: int = 1, patched: bool = True
) -> list[str]:
    model = _SESSION.get_service_model(service).operation_model(operation)
    followed = service == "s3"
    variants = list_variants(model, number, first=first, followed=followed, patched=patched)
    return [each.label for each in variants]


@pytest.mark.parametrize("operation", ["PutObject", "UploadPart"])
def test_an_upload_of_a_stream_is_always_retried(operation: str) -> None:
    found = labels("s3", operation)
    modes = ("legacy", "standard", "adaptive")
    assert {f"503, then 200, {mode}" for mode in modes} < {*found}
    assert "307, then 503, then 307, then 200, standard" in found


def test_the_first_and_every_tenth_operation_is_retried() -> None:
    def retried(number: int, *, first: bool) -> int:
        found = labels("sqs", "ListQueues", first=first, number=number)
        return sum(each.startswith("503, then 200") for each in found)

    assert [retried(7, first=True), retried(10, first=False), retried(7, first=False)] == [3, 1, 0]


def test_the_first_is_redirected_with_every_status_that_does_not_depend_on_the_method() -> None:
    others = {*labels("sqs", "ListQueues", first=True)}
    assert {"301", "302", "303", "307", "308"} < others
    assert others - {*labels("s3", "ListBuckets", first=True)} == {"303"}


def test_an_upload_is_answered_early_and_then_called_again_where_patched() -> None:
    patched, stock = (labels("s3", "PutObject", patched=patched) for patched in (True, False))
    assert [each for each in patched if each not in stock] == ["the call after it"]
    assert "403 instead of 100" in stock
    first = labels("s3", "PutObject", first=True)
    assert len(first) == len({*first})
