"""Calls for a bucket, and calls without one: what there is to lose is larger."""

from __future__ import annotations

from unit.rules.redirects.row import (
    DELETE_BUCKET,
    DELETE_MANY,
    LAN,
    LAN_S3,
    LIST,
    LISTING,
    STORE,
    Gateway,
    anonymous,
    call,
    given,
    refused,
    signed,
    untrusted,
)

NODE = "http://node:9000"
LIST_BUCKETS = call("list_buckets", Bucket=None)
CREATE = call("create_bucket")
PUT_POLICY = call("put_bucket_policy", Policy="{}")
LIFECYCLE = call("delete_bucket_lifecycle")
DYNAMODB = Gateway("http://gw:8080", service="dynamodb")
SERVICES = {"services": {"s3", "dynamodb"}}

ROWS = [
    *given(
        DELETE_BUCKET,
        LAN,
        signed("DELETE of a bucket", f"{NODE}/bkt"),
        signed("DELETE of a bucket, with a slash", f"{NODE}/bkt/?pid=1"),
        refused("DELETE of a bucket below a new prefix", f"{NODE}/other/bkt"),
        refused("DELETE of a bucket below a long new prefix", f"{NODE}/v1/AUTH_test/bkt"),
        refused("DELETE of a bucket below an empty segment", f"{NODE}//bkt"),
        refused("DELETE of a bucket becomes that of its policy", f"{NODE}/bkt?policy"),
        refused("DELETE of a bucket becomes that of its tags", f"{NODE}/bkt?Tagging"),
        refused("DELETE of an object named like its bucket", f"{NODE}/bkt/bkt"),
    ),
    *given(
        DELETE_BUCKET,
        LAN_S3,
        signed("DELETE of a bucket with the endpoint's path", f"{NODE}/s3/bkt"),
        signed("DELETE of a bucket without the endpoint's path", f"{NODE}/bkt"),
        refused("DELETE of a bucket with another path", f"{NODE}/v1/bkt"),
        refused("DELETE of a bucket at the gateway's root", "/bkt"),
        refused("DELETE of the bucket that the endpoint's path names", f"{NODE}/s3"),
    ),
    *given(
        CREATE,
        LAN,
        signed("a bucket is created", f"{NODE}/bkt"),
        refused("a bucket is created below a new prefix", f"{NODE}/v1/bkt"),
        refused("a bucket is created under another name", f"{NODE}/bkt2"),
        refused("a bucket becomes its ACL", f"{NODE}/bkt?acl"),
        refused("a bucket becomes its versioning", f"{NODE}/bkt?versioning="),
    ),
    *given(
        PUT_POLICY,
        LAN,
        signed("a policy", f"{NODE}/bkt?policy="),
        refused("a policy becomes a bucket", f"{NODE}/bkt"),
        refused("a policy below a new prefix", f"{NODE}/v1/bkt?policy"),
        refused("a policy becomes that of an object", f"{NODE}/bkt/x?policy"),
        refused("a policy becomes the rules of CORS", f"{NODE}/bkt?cors"),
        refused("a policy and its status", f"{NODE}/bkt?policy&policyStatus"),
    ),
    *given(
        LIFECYCLE,
        LAN,
        signed("the life cycle is deleted", f"{NODE}/bkt?lifecycle&pid=1"),
        refused("the bucket is deleted instead of its life cycle", f"{NODE}/bkt"),
        refused("the life cycle is deleted below a new prefix", f"{NODE}/v1/bkt?lifecycle"),
    ),
    *given(
        DELETE_MANY,
        LAN,
        signed("DeleteObjects below a new prefix", f"{NODE}/v1/s3/bkt?delete"),
        signed("DeleteObjects with a slash", f"{NODE}/bkt/?delete"),
        refused("DeleteObjects below the bucket", f"{NODE}/bkt/bkt?delete"),
        refused("DeleteObjects at the gateway with a new prefix", "/v1/bkt?delete"),
    ),
    *given(
        call("head_bucket"),
        LAN,
        signed("HEAD of a bucket below a new prefix", f"{NODE}/v1/bkt"),
        signed("HEAD of a bucket, with a slash", f"{NODE}/bkt/"),
        refused("HEAD of the root", f"{NODE}/"),
    ),
    *given(
        call("get_bucket_location"),
        LAN,
        signed("the place of a bucket", f"{NODE}/bkt?location="),
        refused("the place of a bucket becomes a LIST", f"{NODE}/bkt"),
    ),
    *given(
        call("get_bucket_acl"),
        LAN,
        signed("the ACL of a bucket below a new prefix", f"{NODE}/v1/bkt?acl"),
        refused("the ACL of an object instead of the bucket", f"{NODE}/bkt/key?acl"),
    ),
    *given(
        call("get_bucket_analytics_configuration", Id="i1"),
        LAN,
        signed("an analytics configuration", f"{NODE}/bkt?id=i1&analytics="),
        refused("an analytics configuration without its id", f"{NODE}/bkt?analytics"),
        refused("an analytics configuration and two ids", f"{NODE}/bkt?analytics&id=i1&id=i2"),
    ),
    *given(
        call("list_objects"),
        LAN,
        signed("ListObjects, the old form", f"{NODE}/bkt?encoding-type=url"),
        refused("LIST in the old form becomes the new one", f"{NODE}/bkt?{LISTING}"),
        refused("LIST in the old form with a marker", f"{NODE}/bkt?encoding-type=url&marker=m"),
    ),
    *given(
        call("list_object_versions"),
        LAN,
        signed(
            "LIST of versions, in the order of another", f"{NODE}/bkt?encoding-type=url&versions="
        ),
        refused("LIST of versions becomes one of objects", f"{NODE}/bkt?encoding-type=url"),
    ),
    *given(
        LIST,
        LAN,
        refused("LIST with a new prefix at the gateway", f"/v1/bkt?{LISTING}"),
        refused("LIST below the bucket", f"{NODE}/bkt/bkt?{LISTING}"),
        refused("LIST with dots before the bucket", f"{NODE}/v1/../bkt?{LISTING}"),
        refused("LIST of a slash that is encoded", f"{NODE}/v1/bkt%2F?{LISTING}"),
    ),
    *given(
        LIST,
        STORE,
        anonymous("LIST of a stranger", f"https://s3.other.com/bkt?{LISTING}"),
        untrusted("LIST of a stranger with a new prefix", f"https://s3.other.com/v1/bkt?{LISTING}"),
        refused("LIST of a stranger without its query", "https://s3.other.com/bkt"),
    ),
    *given(
        DELETE_BUCKET,
        STORE,
        untrusted("DELETE of a bucket at a stranger", "https://s3.other.com/bkt"),
        refused("DELETE of another bucket at a stranger", "https://s3.other.com/v1/bkt"),
    ),
    *given(
        LIST_BUCKETS,
        LAN,
        signed("buckets of a node", f"{NODE}/"),
        signed("buckets of a node without a path", NODE, f"{NODE}/"),
        signed("buckets, with a number", f"{NODE}/?pid=1"),
        refused("buckets below a prefix are the objects of one", f"{NODE}/s3"),
        refused("buckets below a prefix with a slash", f"{NODE}/s3/"),
        refused("buckets become a login page", f"{NODE}/login?next=/", status=302),
        refused("buckets become a console", "/minio/", status=302),
    ),
    *given(
        LIST_BUCKETS,
        LAN_S3,
        signed("buckets below the endpoint's path", f"{NODE}/s3"),
        signed("buckets below the endpoint's path, with a slash", f"{NODE}/s3/"),
        refused("buckets lose the endpoint's path", f"{NODE}/"),
        refused("buckets below the endpoint's path twice", f"{NODE}/s3/s3"),
    ),
    *given(
        LIST_BUCKETS,
        STORE,
        anonymous("buckets of a stranger", "https://s3.other.com/"),
        refused("buckets of a stranger's login page", "https://sso.other.com/login"),
    ),
    *given(
        call("list_tables", Bucket=None),
        DYNAMODB,
        signed("DynamoDB: another node", f"{NODE}/", policy=SERVICES),
        signed("DynamoDB: another node, no path", NODE, f"{NODE}/", policy=SERVICES),
        refused("DynamoDB: another path", f"{NODE}/shell", policy=SERVICES, status=302),
    ),
]
