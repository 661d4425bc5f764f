"""Calls whose bucket is in the host name: there, names below the gateway's are buckets."""

from __future__ import annotations

from unit.rules.redirects.row import (
    COPY,
    DELETE_BUCKET,
    DELETE_MANY,
    GET,
    HEAD,
    LIST,
    LISTING,
    PUT,
    PUT_ACL,
    VIRTUAL,
    Gateway,
    anonymous,
    call,
    given,
    refused,
    signed,
    untrusted,
)

#: Older botocore takes the path for the bucket.
WITH_PATH = Gateway("https://s3.store.com/s3", style="virtual", since=(1, 28))
AWS = Gateway(None, style="virtual", region="us-west-2")
#: Older botocore puts the host of an access point back as it signs.
ACCESS_POINTS = Gateway("https://s3.store.com", since=(1, 28))
ARN = "arn:aws:s3:us-west-2:123456789012:accesspoint/ap"

ROWS = [
    *given(
        GET,
        VIRTUAL,
        signed("virtual host to virtual host", "https://bkt.node1.store.com/key"),
        signed("virtual host to itself", "/key?pid=1", "https://bkt.s3.store.com/key?pid=1"),
        signed(
            "virtual host to itself, without a gateway's prefix",
            "https://bkt.s3.store.com:8443/key",
        ),
        signed("virtual host to the path of a sibling", "https://node1.store.com/bkt/key"),
        signed(
            "virtual host to the path of a sibling with a new prefix",
            "https://node1.store.com/v1/s3/bkt/key",
        ),
        signed("virtual host to the path of the gateway", "https://s3.store.com/bkt/key"),
        anonymous("virtual host to the path of a stranger", "https://s3.other.com/bkt/key"),
        anonymous("virtual host to a stranger's", "https://bkt.s3.other.com/key"),
        refused("virtual host to a new prefix at the gateway", "https://s3.store.com/v1/bkt/key"),
        refused(
            "below the gateway is a bucket, whose key is bkt/key",
            "https://node1.s3.store.com/bkt/key",
        ),
        refused(
            "virtual host to another bucket with ours in the path",
            "https://other.s3.store.com/bkt/key",
        ),
        refused("virtual host to another", "https://other.s3.store.com/key"),
        refused("virtual host to a sibling's other bucket", "https://other.node1.store.com/key"),
        refused("virtual host and bucket in the path", "/bkt/key"),
        refused("virtual host loses its bucket", "https://s3.store.com/key"),
        refused("virtual host loses its bucket to a sibling", "https://node1.store.com/key"),
        refused("virtual host with a folder", "/v1/key"),
        refused("virtual host of a shorter name", "https://bkt.store.com/key"),
        refused("virtual host of a stranger's shorter name", "https://bkt.other.com/key"),
        refused("virtual host loses its key", "/"),
    ),
    *given(
        PUT,
        VIRTUAL,
        signed("PUT from virtual host to path", "https://node1.store.com/bkt/key"),
        untrusted("PUT from virtual host to a stranger's", "https://bkt.s3.other.com/key"),
        refused("PUT from virtual host to another bucket", "https://other.s3.store.com/bkt/key"),
    ),
    *given(
        HEAD,
        VIRTUAL,
        signed("HEAD from virtual host", "https://bkt.node1.store.com/key"),
        refused("HEAD of the bucket's root", "https://bkt.node1.store.com/"),
    ),
    *given(COPY, VIRTUAL, signed("a copy at a virtual host", "https://bkt.node1.store.com/key")),
    *given(
        DELETE_BUCKET,
        VIRTUAL,
        signed("DELETE of a bucket from host to path", "https://node1.store.com/bkt"),
        signed(
            "DELETE of a bucket from host to path, with a slash", "https://node1.store.com/bkt/"
        ),
        refused("DELETE of a bucket from host to a new prefix", "https://node1.store.com/v1/bkt"),
        refused("DELETE of a bucket becomes an object's", "https://bkt.s3.store.com/bkt"),
        refused("DELETE of a bucket loses it", "https://s3.store.com/"),
        refused("DELETE of an object of another bucket", "https://other.s3.store.com/bkt"),
    ),
    *given(
        DELETE_MANY,
        VIRTUAL,
        signed("DeleteObjects from host to path", "https://node1.store.com/bkt?delete="),
        refused("DeleteObjects of another host", "https://other.s3.store.com/?delete"),
    ),
    *given(
        PUT_ACL,
        VIRTUAL,
        signed("?acl from host to host", "https://bkt.node1.store.com/key?acl="),
        refused("?acl lost from host to host", "https://bkt.node1.store.com/key"),
    ),
    *given(
        LIST,
        VIRTUAL,
        signed("LIST from host to path", f"https://node1.store.com/bkt/?{LISTING}"),
        refused("LIST from host to all buckets", f"https://s3.store.com/?{LISTING}"),
    ),
    *given(
        call("get_object", Key="bkt/key"),
        VIRTUAL,
        signed("a key that looks like a bucket and a key", "https://bkt.node1.store.com/bkt/key"),
        refused("such a key at the path of the gateway", "https://s3.store.com/bkt/key"),
    ),
    *given(
        GET,
        WITH_PATH,
        signed("virtual host with the endpoint's path", "https://bkt.node1.store.com/s3/key"),
        signed("virtual host without the endpoint's path", "https://bkt.node1.store.com/key"),
        signed("the endpoint's path before the bucket", "https://node1.store.com/s3/bkt/key"),
        refused(
            "virtual host with the endpoint's path twice", "https://bkt.node1.store.com/s3/s3/key"
        ),
        refused(
            "the endpoint's path twice before the bucket", "https://node1.store.com/s3/s3/bkt/key"
        ),
    ),
    *given(
        GET,
        AWS,
        signed("AWS: a region's virtual host", "https://bkt.s3.eu-west-1.amazonaws.com/key"),
        signed("AWS: a name of S3 with fewer labels", "https://bkt.s3.amazonaws.com/key"),
        signed("AWS: a region's path", "https://s3.eu-west-1.amazonaws.com/bkt/key"),
        refused("AWS: another bucket", "https://other.s3.eu-west-1.amazonaws.com/key"),
        refused("AWS: another key", "https://bkt.s3.eu-west-1.amazonaws.com/key2"),
        refused("AWS: ?acl put in", "https://bkt.s3.eu-west-1.amazonaws.com/key?acl"),
    ),
    *given(
        call("get_object", Bucket=ARN, Key="key"),
        ACCESS_POINTS,
        signed("an access point", "https://ap-123456789012.node1.store.com/key"),
        signed(
            "an access point, itself",
            "/key?pid=1",
            "https://ap-123456789012.s3.store.com/key?pid=1",
        ),
        refused(
            "an access point of another account",
            "https://ap-999999999999.node1.store.com/key",
        ),
        refused("another access point", "https://other-123456789012.node1.store.com/key"),
        refused(
            "another key of an access point",
            "https://ap-123456789012.node1.store.com/key2",
        ),
        refused("an access point is lost", "https://node1.store.com/key"),
    ),
    *given(
        call("delete_object", Bucket=ARN, Key="key", VersionId="v1"),
        ACCESS_POINTS,
        refused(
            "an access point: the version is lost",
            "https://ap-123456789012.node1.store.com/key",
        ),
    ),
]
