"""In which ways an operation is called."""

from __future__ import annotations

import botocore.session
import pytest

from inert import call_variants

_SESSION = botocore.session.get_session()


def labels(
    service: str, operation: str, *, first: bool = False, number: int = 1, patched: bool = True
) -> list[str]:
    model = _SESSION.get_service_model(service).operation_model(operation)
    given = call_variants.of(model, number, first=first, followed=service == "s3", patched=patched)
    return [label for label, *_ in given]


@pytest.mark.parametrize("operation", ["PutObject", "UploadPart"])
def test_an_operation_that_sends_a_stream_is_retried_wherever_it_is(operation: str) -> None:
    found = labels("s3", operation)
    modes = ("legacy", "standard", "adaptive")
    assert {f"503, then 200, {mode}" for mode in modes} < {*found}
    assert "307, then 503, then 307, then 200, standard" in found


def test_others_are_retried_if_they_are_the_first_or_a_tenth() -> None:
    def retried(number: int, *, first: bool) -> int:
        found = labels("sqs", "ListQueues", first=first, number=number)
        return sum(each.startswith("503, then 200") for each in found)

    assert [retried(7, first=True), retried(10, first=False), retried(7, first=False)] == [3, 1, 0]


def test_the_first_is_redirected_with_every_status_but_303_where_that_depends_on_the_method() -> (
    None
):
    others = {*labels("sqs", "ListQueues", first=True)}
    assert {"301", "302", "303", "307", "308"} < others
    assert others - {*labels("s3", "ListBuckets", first=True)} == {"303"}


def test_an_upload_is_answered_early_and_on_the_patched_side_there_is_a_call_after_it() -> None:
    patched, stock = (labels("s3", "PutObject", patched=patched) for patched in (True, False))
    assert [each for each in patched if each not in stock] == ["the call after it"]
    assert "403 instead of 100" in stock


@pytest.mark.parametrize("first", [False, True])
def test_no_way_is_gone_twice(first: bool) -> None:
    found = labels("s3", "PutObject", first=first)
    assert len(found) == len({*found})
