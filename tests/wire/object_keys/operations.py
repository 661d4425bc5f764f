"""Every kind of operation of S3, with its parameters and the answer of a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wire.conftest import answer
from wire.servers.event_stream import event

KEY = {"Bucket": "bkt", "Key": "key"}
UPLOAD = {**KEY, "UploadId": "u"}
PARTS = {"Parts": [{"ETag": "e", "PartNumber": 1}]}
QUESTION = {
    "Expression": "select * from s3object",
    "ExpressionType": "SQL",
    "InputSerialization": {"CSV": {}},
    "OutputSerialization": {"CSV": {}},
}


@dataclass(frozen=True)
class Operation:
    """A method of the client with its arguments, and the answer of a store."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    body: bytes = b""
    reads: bool = False

    def __str__(self) -> str:
        return self.name

    def answer(self) -> Any:
        """Return the answer of the target."""
        return answer(self.status, self.body, ("ETag", '"e"'), ("x-amz-request-id", "r"))

    def call(self, client: Any) -> dict[str, Any]:
        """Call the operation, and return its result without volatile metadata."""
        result = dict(getattr(client, self.name)(**self.arguments))
        metadata = result.pop("ResponseMetadata")
        for name, value in result.items():
            if hasattr(value, "read"):
                result[name] = value.read()
            elif name == "Payload":
                result[name] = list(value)
        return {**result, "status": metadata["HTTPStatusCode"], "fields": metadata["HTTPHeaders"]}


GET = Operation("get_object", {**KEY, "Range": "bytes=0-6"}, 206, b"content", reads=True)
HEAD = Operation("head_object", KEY, reads=True)
PUT = Operation("put_object", {**KEY, "Body": b"stored", "Metadata": {"a": "b"}})
LIST = Operation(
    "list_objects_v2",
    {"Bucket": "bkt", "Prefix": "a/b c", "Delimiter": "/"},
    body=b"<ListBucketResult><Name>bkt</Name><Contents><Key>k</Key></Contents></ListBucketResult>",
    reads=True,
)

OPERATIONS = [
    GET,
    HEAD,
    PUT,
    LIST,
    Operation("delete_object", {**KEY, "VersionId": "v"}, 204),
    Operation("restore_object", {**KEY, "RestoreRequest": {"Days": 1}}, 202),
    Operation("put_object_tagging", {**KEY, "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
    Operation(
        "create_multipart_upload",
        KEY,
        body=b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
    ),
    Operation("upload_part", {**UPLOAD, "PartNumber": 1, "Body": b"part"}),
    Operation(
        "complete_multipart_upload",
        {**UPLOAD, "MultipartUpload": PARTS},
        body=b"<CompleteMultipartUploadResult><Key>key</Key></CompleteMultipartUploadResult>",
    ),
    Operation("abort_multipart_upload", UPLOAD, 204),
    Operation(
        "copy_object",
        {**KEY, "CopySource": {"Bucket": "bkt", "Key": "other key"}},
        body=b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>",
    ),
    Operation(
        "upload_part_copy",
        {**UPLOAD, "PartNumber": 1, "CopySource": "bkt/other"},
        body=b"<CopyPartResult><ETag>e</ETag></CopyPartResult>",
    ),
    Operation(
        "delete_objects",
        {"Bucket": "bkt", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}]}},
        body=b"<DeleteResult><Deleted><Key>a</Key></Deleted></DeleteResult>",
    ),
    Operation("create_bucket", {"Bucket": "bkt"}),
    Operation("head_bucket", {"Bucket": "bkt"}, reads=True),
    Operation("delete_bucket", {"Bucket": "bkt"}, 204),
    Operation(
        "list_buckets",
        body=b"<ListAllMyBucketsResult><Buckets><Bucket><Name>bkt</Name></Bucket></Buckets>"
        b"</ListAllMyBucketsResult>",
        reads=True,
    ),
    Operation(
        "select_object_content",
        {**KEY, **QUESTION},
        body=event("Records", b"1,2\n") + event("End"),
    ),
]
