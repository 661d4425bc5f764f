"""URLs that carry a signature of their own: the store vouches for what they name."""

from __future__ import annotations

from unit.rules.redirects.row import (
    COPY,
    DELETE,
    DELETE_BUCKET,
    DELETE_MANY,
    FINISH_UPLOAD,
    GET,
    HEAD,
    LAN,
    LIST,
    PUT,
    PUT_ACL,
    START_UPLOAD,
    STORE,
    UPLOAD_PART,
    V4,
    VIRTUAL,
    Gateway,
    call,
    forbidden,
    given,
    presigned,
    refused,
    signed,
    untrusted,
)

BLOB = "https://blobs.cdn.net/blob/17"
SAME = "https://blobs.cdn.net/bkt/key"
IN_QUERY = Gateway("http://gw:8080", signature="s3v4-query")

ROWS = [
    *given(
        GET,
        STORE,
        presigned("S3Proxy: an object under another name", f"{BLOB}?{V4}"),
        presigned("an object under its own name", f"{SAME}?{V4}", status=302),
        presigned(
            "lakeFS: a bucket of AWS",
            f"https://lakefs-data.s3.us-east-1.amazonaws.com/data/gk3/cqh?{V4}&x-id=GetObject",
        ),
        presigned(
            "lakeFS: with a name for the file",
            f"{BLOB}?{V4}&response-content-disposition=attachment",
        ),
        presigned(
            "Hugging Face: a CDN of its own",
            "https://cas-bridge.xethub.hf.co/xet-bridge-us/64a/9f0e?X-Xet-Cas-Uid=public"
            f"&{V4}&x-id=GetObject",
            status=302,
        ),
        presigned(
            "Hugging Face: CloudFront, signed with a policy",
            "https://us.gcp.cdn.hf.co/xet/9f0e?Policy=eyJTdGF0&Key-Pair-Id=K24J&Signature=a~b-c__",
            status=302,
        ),
        presigned(
            "CloudFront: signed until a time",
            "https://d111.cloudfront.net/17?Expires=1764300000&Signature=a~b&Key-Pair-Id=K24J",
        ),
        presigned(
            "Google Cloud Storage: V4",
            "https://storage.googleapis.com/b/17?X-Goog-Algorithm=GOOG4-RSA-SHA256"
            "&X-Goog-Credential=a%40b&X-Goog-Date=20261128T000000Z&X-Goog-Expires=900"
            "&X-Goog-SignedHeaders=host&X-Goog-Signature=5ec2e7",
        ),
        presigned(
            "Google Cloud Storage: V2",
            "https://storage.googleapis.com/b/17?GoogleAccessId=a%40b&Expires=1&Signature=c%2Bd",
        ),
        presigned(
            "Google Cloud CDN",
            "https://media.cdn.net/17?Expires=1764300000&KeyName=my-key&Signature=a-b_c%3D",
        ),
        presigned("S3 with SigV2", f"{BLOB}?AWSAccessKeyId=AK&Expires=1&Signature=a%2Bb%3D"),
        presigned(
            "Azure: a shared access signature",
            "https://acct.blob.core.windows.net/c/17?sv=2024-11-04&se=2026-11-29T00%3A00%3A00Z"
            "&sr=b&sp=r&sig=a%2Bb%3D",
        ),
        presigned(
            "Alibaba OSS: V1",
            "https://b.oss-cn-beijing.aliyuncs.com/17?OSSAccessKeyId=AK&Expires=1&Signature=a%3D",
        ),
        presigned(
            "Alibaba OSS: V4",
            "https://b.oss-cn-beijing.aliyuncs.com/17?x-oss-signature-version=OSS4-HMAC-SHA256"
            "&x-oss-credential=AK%2F1&x-oss-date=20261128T000000Z&x-oss-expires=900"
            "&x-oss-signature=5ec2e7",
        ),
        presigned(
            "Tencent COS",
            "https://b-125.cos.ap-beijing.myqcloud.com/17?q-sign-algorithm=sha1&q-ak=AK"
            "&q-sign-time=1%3B2&q-key-time=1%3B2&q-header-list=host&q-url-param-list="
            "&q-signature=5ec2e7",
        ),
        presigned("Akamai", "https://media.cdn.net/17?hdnea=st=1~exp=2~acl=/*~hmac=5ec2e7"),
        presigned("a signature in small letters", f"{BLOB}?{V4}".replace("X-Amz", "x-amz")),
        presigned("the version that the store has chosen", f"{BLOB}?versionId=v9&{V4}"),
        presigned("metadata that is signed", f"{BLOB}?x-amz-meta-origin=gw&{V4}"),
        presigned("a virtual host of the stranger's", f"https://bkt.blobs.cdn.net/17?{V4}"),
        presigned("another port of the gateway's host", f"https://s3.store.com:8443/blob/17?{V4}"),
        presigned(
            "the gateway itself, under the same name",
            f"/bkt/key?{V4}",
            f"https://s3.store.com/bkt/key?{V4}",
        ),
        presigned("a spelling that was signed", f"{BLOB}/a+b@c%2fd?{V4}", f"{BLOB}/a+b@c%2Fd?{V4}"),
        refused("the gateway itself, under another name", f"/blob/17?{V4}"),
        refused("the gateway itself by its port", f"https://s3.store.com:443/blob/17?{V4}"),
        refused("a presigned ?acl", f"{BLOB}?acl&{V4}"),
        refused("a presigned ?tagging in capitals", f"{SAME}?Tagging=&{V4}"),
        refused("a presigned part", f"{BLOB}?partNumber=1&{V4}"),
        refused("a presigned listing of an upload", f"{SAME}?uploadId=u&{V4}"),
        refused("two versions", f"{BLOB}?versionId=v9&versionId=v8&{V4}"),
        refused("half a signature of CloudFront", "https://node1.store.com/17?Signature=a~b"),
        refused("half a signature of Azure", "https://node1.store.com/17?sig=a%2Bb"),
        refused("a signature in a value", "https://node1.store.com/17?to=X-Amz-Signature%3D5e"),
        refused("a signature in the fragment", f"https://node1.store.com/17#{V4}"),
        refused(
            "AIStore's signature does not vouch for another key",
            "https://node1.store.com/17?pid=p&utm=1&vpams=7&x=n&u=c2ln",
        ),
        signed("a parameter named Signature", "https://node1.store.com/bkt/key?Signature=a"),
        signed("a parameter named sig", "https://node1.store.com/bkt/key?sig=a%2Bb"),
        forbidden("a presigned URL over http", f"http://blobs.cdn.net/blob/17?{V4}", "downgrade"),
        forbidden("a presigned URL inside", f"https://10.0.0.7/blob/17?{V4}", "private"),
    ),
    *given(HEAD, STORE, presigned("HEAD of another name", f"{BLOB}?{V4}")),
    *given(
        PUT,
        STORE,
        presigned("OpenList: PUT to a signed URL", f"{BLOB}?{V4}"),
        presigned("PUT of its own name to a stranger", f"{SAME}?{V4}"),
        presigned("PUT to Azure", "https://acct.blob.core.windows.net/c/17?se=1&sp=w&sig=a%3D"),
        presigned("PUT with a signed ACL", f"{BLOB}?x-amz-acl=private&{V4}"),
        refused("PUT that becomes a part", f"{BLOB}?partNumber=1&uploadId=u&{V4}"),
        refused("PUT that becomes tags", f"{BLOB}?tagging&{V4}"),
        refused("PUT at the gateway under another name", f"/blob/17?{V4}"),
        untrusted("PUT with half a signature", f"{SAME}?Signature=a"),
    ),
    *given(
        COPY,
        STORE,
        presigned("a copy under its own name", f"{SAME}?{V4}"),
        refused("a copy under another name", f"{BLOB}?{V4}"),
    ),
    *given(
        DELETE,
        STORE,
        presigned("DELETE of its own name", f"{SAME}?{V4}"),
        refused("DELETE of another name", f"{BLOB}?{V4}"),
    ),
    *given(
        START_UPLOAD,
        STORE,
        presigned("an upload begins under its own name", f"{SAME}?uploads&{V4}"),
        refused("an upload begins under another name", f"{BLOB}?uploads&{V4}"),
        refused("a presigned POST that is no upload", f"{SAME}?{V4}"),
    ),
    *given(
        UPLOAD_PART,
        STORE,
        presigned("a part under another name", f"{BLOB}?partNumber=1&uploadId=u&{V4}"),
        refused("a presigned part without its upload", f"{BLOB}?{V4}"),
        refused("a presigned part of another upload", f"{BLOB}?partNumber=1&uploadId=v&{V4}"),
    ),
    *given(
        call("upload_part_copy", Key="key", PartNumber=1, UploadId="u", CopySource="from/there"),
        STORE,
        refused("a copied part under another name", f"{BLOB}?partNumber=1&uploadId=u&{V4}"),
        presigned("a copied part under its own name", f"{SAME}?partNumber=1&uploadId=u&{V4}"),
    ),
    *given(
        FINISH_UPLOAD,
        STORE,
        refused("an upload ends under another name", f"{BLOB}?uploadId=u&{V4}"),
    ),
    *given(
        call("get_object", Key="key", VersionId="v1"),
        STORE,
        presigned("a presigned version", f"{BLOB}?versionId=v1&{V4}"),
        refused("a presigned version is lost", f"{BLOB}?{V4}"),
        refused("a presigned version is another", f"{BLOB}?versionId=v2&{V4}"),
    ),
    *given(
        call("get_object", Key="key", ResponseContentType="text/plain"),
        STORE,
        presigned("the type of the content is the store's", f"{BLOB}?{V4}"),
    ),
    *given(
        PUT_ACL,
        STORE,
        presigned("a presigned PutObjectAcl", f"{SAME}?acl=&{V4}"),
        refused("a presigned PutObjectAcl without ?acl", f"{SAME}?{V4}"),
    ),
    *given(LIST, STORE, refused("LIST becomes a presigned file", f"{BLOB}?{V4}")),
    *given(
        DELETE_MANY,
        STORE,
        refused("DeleteObjects of another bucket", f"https://blobs.cdn.net/other?delete&{V4}"),
    ),
    *given(
        DELETE_BUCKET,
        STORE,
        refused("DELETE of another bucket", f"https://blobs.cdn.net/other?{V4}"),
    ),
    *given(call("create_bucket"), STORE, refused("a new bucket becomes an object", f"{BLOB}?{V4}")),
    *given(
        call("list_buckets", Bucket=None),
        STORE,
        refused("LIST of buckets becomes a file", f"{BLOB}?{V4}"),
    ),
    *given(
        GET,
        VIRTUAL,
        presigned("virtual host: an object under another name", f"{BLOB}?{V4}"),
        presigned("virtual host: its own name", f"https://bkt.s3.store.com/key?{V4}"),
        refused("virtual host: the gateway, under another name", f"/blob/17?{V4}"),
    ),
    *given(
        GET,
        LAN,
        presigned("a private gateway and a CDN", f"{BLOB}?{V4}"),
        presigned("the gateway's machine, another port", f"http://gw:9000/blob/17?{V4}"),
        refused("a presigned URL of the gateway, absolute", f"http://gw:8080/blob/17?{V4}"),
    ),
    *given(
        GET,
        IN_QUERY,
        signed(
            "a client's own signature, echoed",
            "http://node:9000/bkt/key?$args",
            "http://node:9000/bkt/key",
        ),
        signed(
            "a client's own signature, with a number",
            "http://node:9000/bkt/key?$args&pid=1",
            "http://node:9000/bkt/key?pid=1",
        ),
        signed("a client's own signature, dropped", "http://node:9000/bkt/key"),
        presigned("another signature than the client's own", f"{BLOB}?{V4}"),
        refused("a client's own signature does not vouch", "http://node:9000/blob/17?$args"),
        refused("a client's own signature and ?acl", "http://node:9000/bkt/key?acl&$args"),
    ),
    *given(
        DELETE,
        IN_QUERY,
        refused(
            "DELETE: a client's own signature does not vouch", "http://node:9000/blob/17?$args"
        ),
    ),
]
