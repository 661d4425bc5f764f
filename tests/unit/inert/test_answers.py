"""Answers that botocore's own parsers understand."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import botocore.session
import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.model import ServiceModel
from botocore.parsers import create_parser

from inert import answers, event_stream

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
    (said,) = answers.scripts(operation)[answer].answers
    response = {
        "body": said.body,
        "headers": {key.lower(): value for key, value in said.headers},
        "status_code": said.status,
    }
    parser = create_parser(answers.protocol_of(model))
    return parser.parse(response, operation.output_shape)


@pytest.mark.parametrize(("service", "name"), _OF_EACH_PROTOCOL)
def test_an_answer_of_200_is_understood(service: str, name: str) -> None:
    found = parsed(service, name, answers.OK)
    assert "Error" not in found
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(("service", "name"), _OF_EACH_PROTOCOL)
@pytest.mark.parametrize("answer", [answers.BAD, answers.BUSY])
def test_an_error_is_understood_with_its_code(service: str, name: str, answer: str) -> None:
    found = parsed(service, name, answer)
    assert found["Error"]["Message"] == "as asked"
    assert found["Error"]["Code"] not in ("", "400", "503")


def test_an_answer_of_json_holds_each_member_of_the_output() -> None:
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
                    # Written once, and as it is: else no client could read the body.
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
    (said,) = answers.scripts(operation)[answers.OK].answers
    assert [name for name, _ in said.headers].count("Content-Type") == 1
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


def test_cbor_is_understood_where_a_service_speaks_nothing_else() -> None:
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
def test_who_tries_again_gets_200_and_all_of_it(answer: str, statuses: list[int]) -> None:
    model = botocore.session.get_session().get_service_model("sqs")
    said = answers.scripts(model.operation_model("ListQueues"))[answer].answers
    assert [each.status for each in said] == statuses
    assert [each.breaks_off for each in said] == [answer == answers.BROKEN, False]
    assert [each.hangs_up for each in said] == [answer == answers.CLOSED, False]


def test_an_error_is_one_that_the_operation_is_known_for() -> None:
    found = parsed("lambda", "GetFunction", answers.BAD)
    model = botocore.session.get_session().get_service_model("lambda")
    known = [shape.name for shape in model.operation_model("GetFunction").error_shapes]
    assert found["Error"]["Code"] in known


def test_events_are_read_by_botocore() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(event_stream.event("One", "text/xml", b"<One/>"))
    buffer.add_data(event_stream.event("Two", "text/xml", b""))
    messages = [*buffer]
    assert [each.headers[":event-type"] for each in messages] == ["One", "Two"]
    assert [each.payload for each in messages] == [b"<One/>", b""]


def test_a_protocol_that_is_not_known_is_named_with_its_service() -> None:
    model = {
        "metadata": {"protocol": "carrier-pigeon", "endpointPrefix": "example"},
        "operations": {"Do": {"name": "Do", "http": {"method": "POST"}}},
        "shapes": {},
    }
    operation = ServiceModel(model, "example").operation_model("Do")
    with pytest.raises(answers.UnknownProtocolError, match=r"example speaks .* 'carrier-pigeon'"):
        answers.scripts(operation)
