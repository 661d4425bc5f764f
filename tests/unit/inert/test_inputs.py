"""Minimal valid parameters of an operation, from its model."""

from __future__ import annotations

import io
from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from inert.calls.inputs import TOKEN, build_parameters

_TEXT = {"type": "string"}
_ARN = "arn:aws:example:us-east-1:123456789012:example/example"


def operation(shapes: dict[str, Any], members: dict[str, Any], **more: Any) -> Any:
    """Model an operation with these members, required unless `more` says otherwise."""
    given = {"type": "structure", "required": [*members], "members": members, **more}
    model = {
        "metadata": {"protocol": "json", "endpointPrefix": "example"},
        "operations": {
            "Do": {"name": "Do", "http": {"method": "POST"}, "input": {"shape": "Input"}}
        },
        "shapes": {"Text": _TEXT, **shapes, "Input": given},
    }
    return ServiceModel(model, "example").operation_model("Do")


def build(shape: dict[str, Any], name: str = "It") -> Any:
    """Build the value of a single required member of that shape."""
    return build_parameters(operation({"It": shape}, {name: {"shape": "It"}}))[name]


def structure(*required: str, **members: str) -> dict[str, Any]:
    shapes = {name: {"shape": shape} for name, shape in members.items()}
    return {"type": "structure", "required": [*required], "members": shapes}


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ({"type": "string", "enum": ["first", "second"]}, "first"),
        ({"type": "string", "min": 9}, "examplexx"),
        ({"type": "string", "max": 2}, "ex"),
        ({"type": "integer", "min": 5, "max": 9}, 5),
        ({"type": "integer", "max": 0}, 1),
        ({"type": "double", "min": 2}, 2.0),
        ({"type": "boolean"}, True),
        ({"type": "blob", "min": 8}, b"examplex"),
        ({"type": "list", "member": {"shape": "Text"}, "min": 2}, ["example"] * 2),
        (
            {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}, "min": 2},
            {"example": "example", "example1": "example"},
        ),
        ({"type": "structure", "members": {}, "document": True}, {"example": "document"}),
        # Only what is required is given, and one member of a union.
        (structure("Must", Must="Text", May="Text"), {"Must": "example"}),
        ({**structure(A="Text", B="Text"), "union": True}, {"A": "example"}),
        # A union that contains itself ends.
        ({**structure(Not="It", Is="Text"), "union": True}, {"Is": "example"}),
    ],
)
def test_a_value_is_minimal_and_within_the_limits_of_the_model(
    shape: dict[str, Any], value: object
) -> None:
    built = build(shape)
    assert built == value
    assert type(built) is type(value)


def test_a_list_of_the_shape_that_contains_it_is_empty() -> None:
    shapes = {
        "Tree": structure("Below", Below="Trees"),
        "Trees": {"type": "list", "member": {"shape": "Tree"}},
    }
    parameters = build_parameters(operation(shapes, {"Tree": {"shape": "Tree"}}))
    assert parameters == {"Tree": {"Below": []}}


@pytest.mark.parametrize(
    ("name", "least", "value"),
    [
        ("AccountId", 0, "123456789012"),
        ("ResourceArn", 0, _ARN),
        ("roleARN", 60, _ARN.ljust(60, "x")),
        ("PredictEndpoint", 0, "https://gateway.test"),
    ],
)
def test_a_string_has_the_form_that_its_name_demands(name: str, least: int, value: str) -> None:
    assert build({**_TEXT, "min": least}, name) == value


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ({"SourceRegion": {"shape": "Text"}}, "eu-west-1"),
        ({"ClientToken": {"shape": "Text", "idempotencyToken": True}}, TOKEN),
    ],
)
def test_tokens_and_source_regions_are_given_though_optional(
    member: dict[str, Any], value: str
) -> None:
    assert [*build_parameters(operation({}, member, required=[])).values()] == [value]


def test_a_streaming_payload_is_a_stream_that_is_not_at_its_start() -> None:
    put = botocore.session.get_session().get_service_model("s3").operation_model("PutObject")
    first, second = build_parameters(put)["Body"], build_parameters(put)["Body"]
    assert isinstance(first, io.BytesIO)
    assert first.read() == second.read() == b"example" != first.getvalue()


@pytest.mark.parametrize("service", ["s3", "s3control", "dynamodb", "iam", "lexv2-models"])
def test_botocore_accepts_the_parameters_of_every_operation(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        given = build_parameters(model.operation_model(name))
        assert shape is None or not ParamValidator().validate(given, shape).has_errors(), name
