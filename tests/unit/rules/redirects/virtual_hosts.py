"""Buckets in host names: where a call by path is sent to one, or to what looks like one."""

from __future__ import annotations

from unit.rules.redirects.row import (
    DELETE,
    DELETE_BUCKET,
    GET,
    LAN,
    LAN_S3,
    LIST,
    LISTING,
    PUT,
    STORE,
    Gateway,
    anonymous,
    call,
    given,
    refused,
    signed,
    untrusted,
)

ADDRESS = Gateway("http://10.0.0.1:8080")
DEEP = Gateway("https://s3.eu.store.com")

ROWS = [
    *given(
        GET,
        STORE,
        signed("path to virtual host of the gateway", "https://bkt.s3.store.com/key"),
        signed("path to virtual host of a sibling", "https://bkt.node1.store.com/key"),
        signed("path to virtual host below the gateway", "https://bkt.n1.s3.store.com/key"),
        signed("virtual host at another port", "https://bkt.s3.store.com:8443/key?pid=1"),
        signed(
            "virtual host in capitals",
            "https://BKT.S3.Store.com/key",
            "https://bkt.s3.store.com/key",
        ),
        anonymous("virtual host of a stranger", "https://bkt.s3.other.com/key"),
        anonymous(
            "virtual host of a stranger with a longer name", "https://bkt.s3.eu.other.com/key"
        ),
        signed(
            "a stranger with a short name that trust= names",
            "https://bkt.other.com/key",
            policy={"trust": "other.com"},
        ),
        signed(
            "a stranger that a pattern of trust= names",
            "https://bkt.s3.other.com/key",
            policy={"trust": "*.other.com"},
        ),
        refused("a virtual host of fewer labels", "https://bkt.store.com/key"),
        refused("a stranger's virtual host of fewer labels", "https://bkt.other.com/key"),
        refused("the bucket as a domain", "https://bkt.com/key"),
        refused(
            "virtual host that keeps the bucket in the path", "https://bkt.s3.store.com/bkt/key"
        ),
        refused(
            "virtual host of a sibling that keeps the bucket in the path",
            "https://bkt.node1.store.com/bkt/key",
        ),
        refused("virtual host of another bucket", "https://other.s3.store.com/key"),
        refused(
            "virtual host of a bucket that begins like ours", "https://bkt-old.s3.store.com/key"
        ),
        refused("virtual host of a bucket that ends like ours", "https://my-bkt.s3.store.com/key"),
        refused("virtual host with the bucket as second label", "https://a.bkt.s3.store.com/key"),
        refused("virtual host with another key", "https://bkt.s3.store.com/key2"),
        refused("virtual host without the key", "https://bkt.s3.store.com/"),
        refused("virtual host without a path", "https://bkt.s3.store.com"),
        refused("virtual host with a new prefix", "https://bkt.s3.store.com/v1/key"),
        refused(
            "virtual host of a sibling with a new prefix", "https://bkt.node1.store.com/s3/key"
        ),
        refused("virtual host with ?acl", "https://bkt.s3.store.com/key?acl"),
        refused("the bucket is lost on the way to a sibling", "https://node1.store.com/key"),
        refused("the bucket is lost at the gateway", "/key"),
        refused("a stranger's virtual host with a new prefix", "https://bkt.s3.other.com/v1/key"),
    ),
    *given(
        PUT,
        STORE,
        signed("PUT to a virtual host", "https://bkt.node1.store.com/key"),
        untrusted("PUT to a stranger's virtual host", "https://bkt.s3.other.com/key"),
        signed(
            "PUT to a virtual host that trust= names",
            "https://bkt.s3.other.com/key",
            policy={"trust": "s3.other.com"},
        ),
        refused("PUT to another bucket of a stranger", "https://other.s3.other.com/key"),
        refused("PUT to another bucket's virtual host", "https://other.node1.store.com/key"),
    ),
    *given(
        DELETE,
        STORE,
        untrusted("DELETE at a stranger's virtual host", "https://bkt.s3.other.com/key"),
        refused("DELETE of another bucket's key", "https://other.s3.store.com/key"),
        refused("DELETE of the bucket in the host", "https://bkt.s3.store.com/"),
    ),
    *given(
        DELETE_BUCKET,
        STORE,
        signed("DELETE of a bucket in the host", "https://bkt.node1.store.com/"),
        signed(
            "DELETE of a bucket in the host, without a path",
            "https://bkt.s3.store.com",
            "https://bkt.s3.store.com/",
        ),
        refused("DELETE of a bucket becomes that of an object", "https://bkt.s3.store.com/bkt"),
    ),
    *given(
        LIST,
        STORE,
        signed("LIST to a virtual host", f"https://bkt.node1.store.com/?{LISTING}"),
        signed(
            "LIST to a virtual host, no path",
            f"https://bkt.s3.store.com?{LISTING}",
            f"https://bkt.s3.store.com/?{LISTING}",
        ),
        anonymous("LIST of a stranger's virtual host", f"https://bkt.s3.other.com/?{LISTING}"),
        refused("LIST of another virtual host", f"https://other.node1.store.com/?{LISTING}"),
        refused("LIST to a virtual host loses its query", "https://bkt.node1.store.com/"),
        refused(
            "LIST to a virtual host with the bucket in the path",
            f"https://bkt.node1.store.com/bkt?{LISTING}",
        ),
    ),
    *given(
        call("get_object", Bucket="s3", Key="key"),
        STORE,
        signed("bucket s3 in the path of s3.store.com", "https://s3.store.com/s3/key?pid=1"),
        signed("bucket s3 in the path of a sibling", "https://node1.store.com/s3/key"),
        signed("bucket s3 in the host", "https://s3.s3.store.com/key"),
        refused("bucket s3 is not the s3 of s3.store.com", "https://s3.store.com/key"),
        refused("bucket s3 is not the s3 of s3.other.com", "https://s3.other.com/key"),
    ),
    *given(
        call("put_object", Bucket="s3", Key="key", Body=b"content"),
        STORE,
        refused("PUT of a key of bucket s3 creates a bucket", "https://s3.store.com/key"),
    ),
    *given(
        call("get_object", Bucket="node1", Key="key"),
        STORE,
        signed(
            "a bucket that is named like a node, in the path", "https://node1.store.com/node1/key"
        ),
        refused("a bucket that is named like a node is lost", "https://node1.store.com/key"),
        refused("a bucket in the host and in the path", "https://node1.s3.store.com/node1/key"),
    ),
    *given(
        call("get_object", Bucket="a.b", Key="key"),
        STORE,
        signed("a bucket with a dot in the host", "https://a.b.s3.store.com/key"),
        signed("a bucket with a dot in the path", "https://node1.store.com/a.b/key"),
        refused("the second half of a bucket with a dot", "https://b.s3.store.com/key"),
        refused("the first half of a bucket with a dot", "https://a.s3.store.com/key"),
        refused(
            "the first half of a bucket with a dot in the host, the second in the path",
            "https://a.s3.store.com/b/key",
        ),
    ),
    *given(
        GET,
        DEEP,
        signed("a sibling with as many labels", "https://bkt.n1.eu.store.com/key"),
        refused("a name with one label less", "https://bkt.eu.store.com/key"),
        anonymous("a stranger with as many labels", "https://bkt.s3.us.store.com/key"),
        refused("a stranger with one label less", "https://bkt.s3.other.com/key"),
    ),
    *given(
        GET,
        LAN,
        signed("a gateway of one label: its virtual host", "http://bkt.gw:9000/key"),
        signed("a gateway of one label: a node's virtual host", "http://bkt.node.lan:9000/key"),
        anonymous("a gateway of one label: bkt.node could be a domain", "http://bkt.node:9000/key"),
        refused("a gateway of one label: the bucket alone", "http://bkt:9000/key"),
        refused("a gateway of one label: another bucket", "http://other.node:9000/key"),
    ),
    *given(
        GET,
        LAN_S3,
        signed("the path of the endpoint at a virtual host", "http://bkt.node.lan:9000/s3/key"),
        signed("no path of the endpoint at a virtual host", "http://bkt.node.lan:9000/key"),
        refused("another path at a virtual host", "http://bkt.node.lan:9000/v1/key"),
        refused(
            "the path of the endpoint twice at a virtual host", "http://bkt.node.lan:9000/s3/s3/key"
        ),
        refused(
            "the path of the endpoint and the bucket at a virtual host",
            "http://bkt.node.lan:9000/s3/bkt/key",
        ),
    ),
    *given(
        GET,
        ADDRESS,
        signed("an address sends to a virtual host", "http://bkt.node.lan:9000/key"),
        signed(
            "an address sends to a virtual host of a cluster", "http://bkt.s3.svc.cluster.local/key"
        ),
        refused("an address sends to a host named like the bucket", "http://bkt:9000/key"),
    ),
    *given(
        PUT,
        LAN,
        signed("PUT to the gateway's virtual host", "http://bkt.gw:9000/key"),
        untrusted("PUT to bkt.com, which is no bucket of a machine com", "http://bkt.com/key"),
    ),
    *given(
        call("get_object", Bucket="node1", Key="key"),
        ADDRESS,
        signed(
            "a host that is named like the bucket, and the bucket", "http://node1:9000/node1/key"
        ),
    ),
    *given(
        call("get_object", Bucket="192", Key="key"),
        ADDRESS,
        signed("a bucket named 192 at an address", "http://192.168.0.7:9000/192/key"),
        refused("a bucket named 192 is not the 192 of an address", "http://192.168.0.7:9000/key"),
    ),
]
