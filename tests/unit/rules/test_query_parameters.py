"""The names that S3 knows in a query are those of the model of the newest botocore."""

from __future__ import annotations

from urllib.parse import parse_qsl

import botocore
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from botocore_redirect.rules import query_parameters

_CHOSEN_BY_VALUE = {"partNumber", "uploadId", "versionId"}


@pytest.fixture(scope="module")
def operations() -> list[tuple[str, set[str], set[str]]]:
    """The level of each operation, the names in its URI, and what its parameters are called."""
    model = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
    found = []
    for operation in map(model.operation_model, model.operation_names):
        path, _, query = operation.http["requestUri"].partition("?")
        level = "object" if "{Key" in path else "bucket" if "{Bucket}" in path else "service"
        members = operation.input_shape.members.values() if operation.input_shape else ()
        taken = {
            member.serialization["name"]
            for member in members
            if member.serialization.get("location") == "querystring"
        }
        fixed = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        found.append((level, fixed, taken))
    return found


def test_what_selects_an_operation_is_known(
    operations: list[tuple[str, set[str], set[str]]],
) -> None:
    fixed = set().union(*(each for _, each, _ in operations)) - query_parameters.IGNORED
    assert fixed <= query_parameters.SELECTING
    if botocore.__version__.startswith("1.44."):  # an older model has fewer
        assert fixed | _CHOSEN_BY_VALUE == query_parameters.SELECTING


def test_what_operations_take_in_the_query_is_known_for_their_level(
    operations: list[tuple[str, set[str], set[str]]],
) -> None:
    for level in query_parameters.TAKEN:
        taken = set().union(*(each for at, _, each in operations if at == level))
        assert taken <= query_parameters.TAKEN[level] | query_parameters.SELECTING
        if botocore.__version__.startswith("1.44."):
            assert taken - query_parameters.SELECTING == query_parameters.TAKEN[level]
