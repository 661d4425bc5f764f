"""The parsers of botocore understand the answers."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import botocore.session
import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.model import ServiceModel
from botocore.parsers import create_parser

from inert.calls import answers
from wire.servers.event_stream import event

_OF_EACH_PROTOCOL = [
    ("sts", "GetCallerIdentity"),
    ("ec2", "DescribeInstances"),
    ("sqs", "ListQueues"),
    ("lambda", "ListFunctions"),
    ("route53", "ListHostedZones"),
    ("s3", "ListBuckets"),
    ("cloudwatch", "ListMetrics"),
]


def parsed(service: str, name: str, answer: str) -> Any:
    model = botocore.session.get_session().get_service_model(service)
    return parsed_of(model, name, answer)


def parsed_of(model: Any, name: str, answer: str) -> Any:
    operation = model.operation_model(name)
    (given,) = answers.build_scripts(operation)[answer].answers
    response = {
        "body": given.body,
        "headers": {key.lower(): value for key, value in given.headers},
        "status_code": given.status,
    }
    parser = create_parser(answers.protocol_of(model))
    return parser.parse(response, operation.output_shape)


@pytest.mark.parametrize(("service", "name"), _OF_EACH_PROTOCOL)
def test_success_and_errors_are_understood(service: str, name: str) -> None:
    found = parsed(service, name, answers.OK)
    assert "Error" not in found
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 200
    for answer in (answers.BAD, answers.BUSY):
        error = parsed(service, name, answer)["Error"]
        assert error["Message"] == "as asked"
        assert error["Code"] not in ("", "400", "503")


def test_a_json_answer_contains_each_member_of_the_output() -> None:
    model = {
        "metadata": {"protocol": "rest-json", "endpointPrefix": "example"},
        "operations": {
            "Do": {
                "name": "Do",
                "http": {"method": "GET", "requestUri": "/"},
                "output": {"shape": "Output"},
            }
        },
        "shapes": {
            "Output": {
                "type": "structure",
                "members": {
                    "When": {"shape": "When", "location": "header", "locationName": "x-when"},
                    "On": {"shape": "On", "location": "header", "locationName": "x-on"},
                    # This header is kept: without it no client could read the body.
                    "Size": {"shape": "Name", "location": "header", "locationName": "Content-Type"},
                    "Bytes": {"shape": "Bytes", "locationName": "bytes"},
                    "Names": {"shape": "Names"},
                    "Inner": {"shape": "Inner"},
                },
            },
            "When": {"type": "timestamp"},
            "On": {"type": "boolean"},
            "Bytes": {"type": "blob"},
            "Name": {"type": "string"},
            "Names": {"type": "list", "member": {"shape": "Name"}},
            "Inner": {
                "type": "structure",
                "required": ["At"],
                "members": {"At": {"shape": "When", "locationName": "at"}},
            },
        },
    }
    operation = ServiceModel(model, "example").operation_model("Do")
    (given,) = answers.build_scripts(operation)[answers.OK].answers
    assert [name for name, _ in given.headers].count("Content-Type") == 1
    found = parsed_of(ServiceModel(model, "example"), "Do", answers.OK)
    assert found.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert found == {
        "When": when,
        "On": True,
        "Bytes": b"example",
        "Names": ["example"],
        "Inner": {"At": when},
    }


def test_cbor_is_understood() -> None:
    model = {
        "metadata": {"protocol": "smithy-rpc-v2-cbor", "endpointPrefix": "example"},
        "operations": {
            "Do": {"name": "Do", "http": {"method": "POST"}, "output": {"shape": "Output"}}
        },
        "shapes": {"Output": {"type": "structure", "members": {}}},
    }
    fine, bad = (
        parsed_of(ServiceModel(model, "example"), "Do", answer)
        for answer in (answers.OK, answers.BAD)
    )
    assert "Error" not in fine
    assert bad["Error"] == {"Message": "as asked", "Code": "ValidationException"}


@pytest.mark.parametrize(
    ("answer", "statuses"),
    [
        (answers.RETRIED, [503, 200]),
        (answers.THROTTLED, [400, 200]),
        (answers.AGAIN, [503, 200]),
        (answers.CLOSED, [200, 200]),
        (answers.BROKEN, [200, 200]),
        *((f"{status}, then 200", [status, 200]) for status in (500, 502, 504)),
    ],
)
def test_a_retry_gets_a_complete_200(answer: str, statuses: list[int]) -> None:
    model = botocore.session.get_session().get_service_model("sqs")
    given = answers.build_scripts(model.operation_model("ListQueues"))[answer].answers
    assert [each.status for each in given] == statuses
    assert [each.breaks_off for each in given] == [answer == answers.BROKEN, False]
    assert [each.hangs_up for each in given] == [answer == answers.CLOSED, False]


def test_an_error_is_one_that_the_operation_declares() -> None:
    found = parsed("lambda", "GetFunction", answers.BAD)
    model = botocore.session.get_session().get_service_model("lambda")
    known = [shape.name for shape in model.operation_model("GetFunction").error_shapes]
    assert found["Error"]["Code"] in known


def test_events_are_read_by_botocore() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(event("One", b"<One/>", "text/xml"))
    buffer.add_data(event("Two", b"", "text/xml"))
    messages = [*buffer]
    assert [each.headers[":event-type"] for each in messages] == ["One", "Two"]
    assert [each.payload for each in messages] == [b"<One/>", b""]


def test_an_unknown_protocol_is_named_with_its_service() -> None:
    model = {
        "metadata": {"protocol": "carrier-pigeon", "endpointPrefix": "example"},
        "operations": {"Do": {"name": "Do", "http": {"method": "POST"}}},
        "shapes": {},
    }
    operation = ServiceModel(model, "example").operation_model("Do")
    with pytest.raises(answers.UnknownProtocolError, match=r"example uses .* 'carrier-pigeon'"):
        answers.build_scripts(operation)
