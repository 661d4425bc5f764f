"""Ceph, Alluxio, Swift, SeaweedFS and others."""

from __future__ import annotations

from unit.rules.redirects.row import (
    GET,
    LAN,
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

RGW = Gateway("http://rgw.dc1.example:8000")
ZONE = "http://rgw.dc2.example:8000"
TRUST_ZONE = {"trust": "*.dc2.example"}
ALLUXIO = Gateway("http://alluxio-proxy:39999/api/v1/s3")
OZONE = Gateway("https://s3g.ozone.store.com:9879")
NODE = "http://node:9000"

CEPH = [
    *given(
        GET,
        RGW,
        anonymous(
            "Ceph RGW: another zone, read without trust",
            f"{ZONE}/bkt/key?",
            f"{ZONE}/bkt/key",
            status=301,
        ),
        signed(
            "Ceph RGW: another zone that is trusted",
            f"{ZONE}/bkt/key?",
            f"{ZONE}/bkt/key",
            status=301,
            policy=TRUST_ZONE,
        ),
        refused("Ceph RGW: a zone with another tenant", f"{ZONE}/tenant:bkt/key?", status=301),
        refused("Ceph RGW: an endpoint of the zone with a bucket", f"{ZONE}/key", status=301),
    ),
    *given(
        PUT,
        RGW,
        untrusted("Ceph RGW: PUT to another zone", f"{ZONE}/bkt/key?", status=301),
        signed(
            "Ceph RGW: PUT to another zone that is trusted",
            f"{ZONE}/bkt/key?",
            f"{ZONE}/bkt/key",
            status=301,
            policy=TRUST_ZONE,
        ),
        refused(
            "Ceph RGW: PUT that appends",
            f"{ZONE}/bkt/key?append&position=0",
            status=301,
            policy=TRUST_ZONE,
        ),
    ),
    *given(
        call("get_object", Key="ünï;c+o.txt"),
        RGW,
        signed(
            "Ceph RGW: the request's own path",
            f"{ZONE}/bkt/%C3%BCn%C3%AF%3Bc%2Bo.txt?",
            f"{ZONE}/bkt/%C3%BCn%C3%AF%3Bc%2Bo.txt",
            status=301,
            policy=TRUST_ZONE,
        ),
    ),
    *given(
        LIST,
        RGW,
        anonymous("Ceph RGW: LIST in another zone", f"{ZONE}/bkt?{LISTING}", status=301),
        refused("Ceph RGW: LIST in another zone without its query", f"{ZONE}/bkt?", status=301),
    ),
    *given(
        call("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"}),
        RGW,
        signed(
            "Ceph RGW: a bucket of another zone group",
            f"{ZONE}/bkt?versioning",
            status=301,
            policy=TRUST_ZONE,
        ),
        refused("Ceph RGW: versioning is lost", f"{ZONE}/bkt?", status=301, policy=TRUST_ZONE),
    ),
]

OTHERS = [
    *given(
        GET,
        ALLUXIO,
        signed("Alluxio: a worker", "http://alluxio-worker-3:29998/api/v1/s3/bkt/key?redirect"),
        signed(
            "Alluxio: a worker without the path", "http://alluxio-worker-3:29998/bkt/key?redirect"
        ),
        signed(
            "Alluxio: a worker with another path", "http://alluxio-worker-3:28080/v1/s3/bkt/key"
        ),
        signed(
            "Alluxio: a path that only begins like the endpoint's",
            "http://alluxio-worker-3:28080/api/v1/files/bkt/key",
        ),
        refused(
            "Alluxio: the endpoint's path twice",
            "http://alluxio-worker-3:29998/api/v1/s3/api/v1/s3/bkt/key",
        ),
        refused("Alluxio: a part of the endpoint's path at the gateway", "/api/v1/bkt/key"),
        refused(
            "Alluxio: the file system's own path",
            "http://alluxio-worker-3:28080/v1/file/s3%3A%2F%2Fbkt%2Fkey/page/0",
        ),
    ),
    *given(
        GET,
        STORE,
        signed(
            "Alluxio: workers of a network that is trusted",
            "https://10.0.3.7:29998/bkt/key",
            policy={"trust": "10.0.0.0/8"},
        ),
        signed(
            "a function that trusts",
            "https://node.other.net/v1/bkt/key",
            policy={"trust": lambda _gateway, target: target == "https://node.other.net"},
        ),
    ),
    *given(
        PUT,
        OZONE,
        signed("Ozone: a data node", "https://dn7.ozone.store.com:9880/s3v/bkt/key"),
        refused("Ozone: a block", "https://dn7.ozone.store.com:9880/conID/1/blk/17"),
    ),
    *given(
        GET,
        LAN,
        signed("Swift: account and container", f"{NODE}/v1/AUTH_test/bkt/key"),
        signed("SeaweedFS: the filer", "http://filer:8888/buckets/bkt/key", status=302),
        signed("SeaweedFS: the master, 308", "http://master:9333/bkt/key", status=308),
        refused("SeaweedFS: a volume", "http://volume:8080/3,01637037d6", status=302),
        refused("dCache: a pool with a key of its own", "http://pool:20443/uuid=1f0e", status=302),
        refused("XRootD: a server with the path in the query", f"{NODE}/?path=/bkt/key"),
    ),
]
