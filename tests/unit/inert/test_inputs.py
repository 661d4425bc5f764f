"""Minimal valid input of an operation, from its model."""

from __future__ import annotations

import io
from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from inert import inputs, strings

_TEXT = {"type": "string"}


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


def built(shape: dict[str, Any], name: str = "Member") -> Any:
    """Build the value of a single required member of that shape."""
    return inputs.of(operation({"It": shape}, {name: {"shape": "It"}}))[name]


def test_only_what_is_required_is_given() -> None:
    members = {"Must": {"shape": "Text"}, "May": {"shape": "Text"}}
    assert inputs.of(operation({}, members, required=["Must"])) == {"Must": "example"}


def test_an_operation_without_input_is_given_nothing() -> None:
    model = {
        "metadata": {"protocol": "json"},
        "operations": {"Do": {"name": "Do", "http": {"method": "POST"}}},
        "shapes": {},
    }
    assert inputs.of(ServiceModel(model, "example").operation_model("Do")) == {}


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ({"type": "string", "enum": ["first", "second"]}, "first"),
        ({"type": "string", "min": 9}, "examplexx"),
        ({"type": "string", "max": 2}, "ex"),
        ({"type": "integer", "min": 5, "max": 9}, 5),
        ({"type": "integer", "max": 0}, 1),
        ({"type": "long"}, 1),
        ({"type": "boolean"}, True),
        ({"type": "blob", "min": 8}, b"examplex"),
        ({"type": "list", "member": {"shape": "Text"}}, ["example"]),
        ({"type": "list", "member": {"shape": "Text"}, "min": 2}, ["example"] * 2),
        (
            {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
            {"example": "example"},
        ),
        ({"type": "structure", "members": {}, "document": True}, {"example": "document"}),
    ],
)
def test_values_are_within_what_the_model_allows(shape: dict[str, Any], value: object) -> None:
    assert built(shape) == value


def test_a_map_has_as_many_keys_as_it_must() -> None:
    shape = {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}, "min": 3}
    assert len(built(shape)) == 3


def test_floating_point_members_get_floating_point_numbers() -> None:
    assert isinstance(built({"type": "double", "min": 2}), float)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AccountId", "123456789012"),
        ("ResourceArn", "arn:aws:example:us-east-1:123456789012:example/example"),
        ("roleARN", "arn:aws:example:us-east-1:123456789012:example/example"),
        ("PredictEndpoint", "https://gateway.test"),
    ],
)
def test_strings_have_the_form_that_their_member_asks_for(name: str, value: str) -> None:
    assert built(_TEXT, name) == value


def test_a_name_of_a_resource_is_as_long_as_it_must_be() -> None:
    assert len(built({"type": "string", "min": 150}, "ResourceArn")) == 150


def test_of_a_union_one_member_is_given() -> None:
    shape = {"type": "structure", "union": True, "members": {n: {"shape": "Text"} for n in "AB"}}
    assert built(shape) == {"A": "example"}


def test_a_union_within_itself_comes_to_an_end() -> None:
    tree = {
        "type": "structure",
        "union": True,
        "members": {"Not": {"shape": "Tree"}, "Is": {"shape": "Text"}},
    }
    assert inputs.of(operation({"Tree": tree}, {"Tree": {"shape": "Tree"}})) == {
        "Tree": {"Is": "example"}
    }


def test_a_list_of_what_it_is_in_stays_empty() -> None:
    tree = {"type": "structure", "required": ["Below"], "members": {"Below": {"shape": "Trees"}}}
    shapes = {"Tree": tree, "Trees": {"type": "list", "member": {"shape": "Tree"}}}
    assert inputs.of(operation(shapes, {"Tree": {"shape": "Tree"}})) == {"Tree": {"Below": []}}


def test_tokens_are_given_though_botocore_would_make_them_up() -> None:
    members = {"ClientToken": {"shape": "Text", "idempotencyToken": True}}
    assert inputs.of(operation({}, members, required=[])) == {"ClientToken": strings.TOKEN}


def test_a_payload_is_given_as_a_stream_where_it_may_be_one() -> None:
    session = botocore.session.get_session()
    client = session.create_client("s3", "us-east-1")
    put = client.meta.service_model.operation_model("PutObject")
    first, second = inputs.of(put)["Body"], inputs.of(put)["Body"]
    assert isinstance(first, io.BytesIO)
    assert first.read() == second.read() == b"example"
    assert first.getvalue() != b"example"  # it does not stand at its beginning


def test_a_copy_from_another_region_says_from_which() -> None:
    members = {"SourceRegion": {"shape": "Text"}}
    assert inputs.of(operation({}, members, required=[])) == {"SourceRegion": "eu-west-1"}


@pytest.mark.parametrize(
    "service", ["s3", "s3control", "ec2", "dynamodb", "glue", "iam", "lexv2-models"]
)
def test_botocore_finds_every_input_of_a_service_valid(service: str) -> None:
    session = botocore.session.get_session()
    model = session.get_service_model(service)
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        if shape is not None:
            given = inputs.of(model.operation_model(name))
            assert not ParamValidator().validate(given, shape).has_errors(), name
