"""NVIDIA AIStore: gateways answer for objects with 307 and a target of the cluster."""

from __future__ import annotations

from unit.rules.redirects.row import (
    COPY,
    DELETE,
    DELETE_BUCKET,
    DELETE_MANY,
    FINISH_UPLOAD,
    GET,
    HEAD,
    LIST,
    LISTING,
    PUT,
    PUT_TAGGING,
    START_UPLOAD,
    UPLOAD_PART,
    Gateway,
    call,
    given,
    raw,
    refused,
    signed,
)

AIS = Gateway("http://10.0.0.1:51080/s3")
#: With the feature S3-API-via-Root the endpoint has no path, but Locations have one.
AT_ROOT = Gateway("http://10.0.0.1:51080")
#: A target, with the path that AIStore gives it.
S3 = "http://10.0.0.2:51081/s3"
IDS = "pid=p8081&utm=1764300000"
SIGNED = f"{IDS}&vpams=7&x=n0nce&u=c2ln-bmF0_dXJl"

ROWS = [
    *given(
        GET,
        AIS,
        signed("AIStore 4.9: GET", f"{S3}/bkt/key?{IDS}"),
        signed("AIStore 5.1: GET, redirect signed", f"{S3}/bkt/key?{SIGNED}"),
        signed(
            "AIStore: target at another port of the same machine",
            f"http://10.0.0.1:51081/s3/bkt/key?{IDS}",
        ),
        signed(
            "AIStore: target with a name of the Kubernetes cluster",
            f"http://ais-target-0.ais.svc.cluster.local:51081/s3/bkt/key?{IDS}",
        ),
        signed(
            "AIStore: native redirect, 301",
            f"http://10.0.0.2:51081/v1/objects/bkt/key?{IDS}&provider=ais",
            status=301,
        ),
        refused("AIStore: target that answers for another bucket", f"{S3}/other/key?{IDS}"),
        refused("AIStore: target that answers for another key", f"{S3}/bkt/key2?{IDS}"),
        refused("AIStore: /s3 put in a second time", f"http://10.0.0.2:51081/s3/s3/bkt/key?{IDS}"),
    ),
    *given(HEAD, AIS, signed("AIStore 5.0: HEAD", f"{S3}/bkt/key?{IDS}")),
    *given(
        PUT,
        AIS,
        signed("AIStore: PUT", f"{S3}/bkt/key?{SIGNED}"),
        refused("AIStore: PUT that appends", f"{S3}/bkt/key?append=1&{IDS}"),
        refused("AIStore: PUT that becomes an upload", f"{S3}/bkt/key?uploads=&{IDS}"),
    ),
    *given(DELETE, AIS, signed("AIStore: DELETE", f"{S3}/bkt/key?{IDS}")),
    *given(COPY, AIS, signed("AIStore: copy, to where its source is", f"{S3}/bkt/key?{IDS}")),
    *given(
        START_UPLOAD,
        AIS,
        signed("AIStore: multipart upload begins", f"{S3}/bkt/key?uploads&{IDS}"),
        refused("AIStore: the beginning of an upload is lost", f"{S3}/bkt/key?{IDS}"),
    ),
    *given(
        UPLOAD_PART,
        AIS,
        signed("AIStore: part of an upload", f"{S3}/bkt/key?partNumber=1&uploadId=u&{IDS}"),
        refused("AIStore: part of no upload overwrites the object", f"{S3}/bkt/key?{IDS}"),
    ),
    *given(
        FINISH_UPLOAD,
        AIS,
        signed("AIStore: multipart upload ends", f"{S3}/bkt/key?uploadId=u&{IDS}"),
    ),
    *given(
        call("abort_multipart_upload", Key="key", UploadId="u"),
        AIS,
        signed("AIStore: upload is given up", f"{S3}/bkt/key?uploadId=u&{IDS}"),
        refused("AIStore: giving up an upload deletes the object", f"{S3}/bkt/key?{IDS}"),
    ),
    *given(
        call("list_parts", Key="key", UploadId="u"),
        AIS,
        signed("AIStore: parts are listed", f"{S3}/bkt/key?uploadId=u&{IDS}"),
    ),
    *given(
        call("list_multipart_uploads"),
        AIS,
        signed(
            "AIStore with one target: uploads are listed",
            f"{S3}/bkt?uploads&{IDS}",
        ),
    ),
    *given(
        PUT_TAGGING,
        AIS,
        refused("AIStore: tagging that is lost overwrites the object", f"{S3}/bkt/key?{IDS}"),
    ),
    *given(
        GET,
        AT_ROOT,
        signed("AIStore at the root: GET", f"{S3}/bkt/key?{IDS}"),
        refused("AIStore at the root: another bucket below /s3", f"{S3}/bkt2/key?{IDS}"),
        refused(
            "AIStore at the root: a new prefix at the gateway itself",
            f"http://10.0.0.1:51080/s3/bkt/key?{IDS}",
        ),
    ),
    *given(PUT, AT_ROOT, signed("AIStore at the root: PUT", f"{S3}/bkt/key?{SIGNED}")),
    *given(
        START_UPLOAD,
        AT_ROOT,
        signed("AIStore at the root: multipart upload", f"{S3}/bkt/key?{IDS}&uploads="),
    ),
    *given(LIST, AT_ROOT, signed("AIStore at the root: LIST", f"{S3}/bkt?{LISTING}&{IDS}")),
    *given(
        DELETE_MANY, AT_ROOT, signed("AIStore at the root: DeleteObjects", f"{S3}/bkt?delete&{IDS}")
    ),
    *given(
        DELETE_BUCKET,
        AT_ROOT,
        refused("AIStore at the root: DELETE of a bucket is one of an object", f"{S3}/bkt?{IDS}"),
    ),
    *given(
        call("get_object", Bucket="s3", Key="key"),
        AT_ROOT,
        refused("AIStore at the root: /s3/s3/key may be a key of bucket s3", f"{S3}/s3/key?{IDS}"),
    ),
    *given(
        call("get_object", Bucket="s3", Key="key"),
        AIS,
        signed("AIStore: a bucket named s3", f"{S3}/s3/key?{IDS}"),
    ),
    *given(
        call("upload_part", Key="a b", UploadId="u", PartNumber=1, Body=b"content"),
        AIS,
        signed(
            "AIStore sorts the query where the key holds a space",
            f"{S3}/bkt/a%20b?partNumber=1&pid=p8081&uploadId=u&utm=1764300000",
        ),
    ),
    *given(
        call("create_multipart_upload", Key="50% off"),
        AIS,
        signed(
            "AIStore sorts the query where the key holds a %",
            f"{S3}/bkt/50%25%20off?pid=p8081&uploads=&utm=1764300000",
        ),
    ),
    *given(
        call("get_object", Key="semi;colon"),
        AIS,
        signed(
            "AIStore: ; comes back raw",
            f"{S3}/bkt/semi;colon?{IDS}",
            f"{S3}/bkt/semi%3Bcolon?{IDS}",
        ),
        refused("AIStore: a key is cut at its ;", f"{S3}/bkt/semi?{IDS}"),
    ),
    *given(
        call("put_object", Key="naïve/日本", Body=b"content"),
        AIS,
        signed(
            "AIStore: UTF-8 comes back raw",
            raw(f"{S3}/bkt/naïve/日本?{IDS}"),
            f"{S3}/bkt/na%C3%AFve/%E6%97%A5%E6%9C%AC?{IDS}",
        ),
        refused("AIStore: mojibake", f"{S3}/bkt/na%C3%83%C2%AFve/%E6%97%A5%E6%9C%AC?{IDS}"),
    ),
    *given(
        call("get_object", Key='"[x]|y^z\\{}'),
        AIS,
        signed(
            "AIStore: quotes, brackets and backslashes come back raw",
            f'{S3}/bkt/"[x]|y^z\\{{}}?{IDS}',
            f"{S3}/bkt/%22%5Bx%5D%7Cy%5Ez%5C%7B%7D?{IDS}",
        ),
    ),
    *given(
        call("get_object", Key="naïve;x"),
        AT_ROOT,
        signed(
            "AIStore at the root: a raw key below the new prefix",
            raw(f"{S3}/bkt/naïve;x?{IDS}"),
            f"{S3}/bkt/na%C3%AFve%3Bx?{IDS}",
        ),
    ),
    *given(
        call("put_object", Key="what?x=1", Body=b"content"),
        AIS,
        signed(
            "AIStore: a ? of the key is encoded",
            f"{S3}/bkt/what%3Fx=1?{IDS}",
            f"{S3}/bkt/what%3Fx%3D1?{IDS}",
        ),
        refused("AIStore: PUT of a key that is cut at its ?", f"{S3}/bkt/what?x=1&{IDS}"),
    ),
    *given(
        call("get_object", Key="a//b"),
        AIS,
        signed("AIStore: an empty segment in the key", f"{S3}/bkt/a//b?{IDS}"),
        refused("AIStore: its router cleans the path", f"{S3}/bkt/a/b?{IDS}", status=301),
    ),
]
