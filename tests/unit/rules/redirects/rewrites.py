"""A policy with `rewrites=True`, which frees the path and never the query."""

from __future__ import annotations

from unit.rules.redirects.row import (
    DELETE,
    DELETE_BUCKET,
    GET,
    HEAD,
    LAN,
    LIST,
    LISTING,
    PUT,
    PUT_ACL,
    START_UPLOAD,
    STORE,
    UPLOAD_PART,
    V4,
    given,
    presigned,
    raw,
    refused,
    signed,
    untrusted,
)

NODE = "http://node:9000"
REWRITES = {"rewrites": True}

ROWS = [
    *given(
        GET,
        LAN,
        signed(
            "rewrites: SeaweedFS' volume",
            "http://volume:8080/4,0a637037d6",
            "http://volume:8080/4%2C0a637037d6",
            status=302,
            policy=REWRITES,
        ),
        signed(
            "rewrites: at the gateway itself", "/data/17", "http://gw:8080/data/17", policy=REWRITES
        ),
        signed(
            "rewrites: raw UTF-8", raw(f"{NODE}/data/ü"), f"{NODE}/data/%C3%BC", policy=REWRITES
        ),
        refused("rewrites: ?acl put in", f"{NODE}/data/17?acl", policy=REWRITES),
        refused("rewrites: a version put in", f"{NODE}/data/17?versionId=1", policy=REWRITES),
        refused(
            "rewrites: a header of AWS put in", f"{NODE}/data/17?x-amz-date=1", policy=REWRITES
        ),
    ),
    *given(HEAD, LAN, signed("rewrites: HEAD", f"{NODE}/data/17", policy=REWRITES)),
    *given(
        PUT,
        LAN,
        signed("rewrites: PUT", f"{NODE}/data/17?pid=1", policy=REWRITES),
        refused("rewrites: PUT that appends", f"{NODE}/data/17?append", policy=REWRITES),
    ),
    *given(
        UPLOAD_PART,
        LAN,
        signed("rewrites: a part", f"{NODE}/data/17?partNumber=1&uploadId=u", policy=REWRITES),
        refused("rewrites: a part is lost", f"{NODE}/data/17", policy=REWRITES),
    ),
    *given(
        START_UPLOAD,
        LAN,
        signed("rewrites: an upload", f"{NODE}/data/17?uploads=", policy=REWRITES),
        refused("rewrites: an upload is lost", f"{NODE}/data/17?pid=1", policy=REWRITES),
    ),
    *given(PUT_ACL, LAN, refused("rewrites: ?acl is lost", f"{NODE}/data/17", policy=REWRITES)),
    *given(DELETE, LAN, signed("rewrites: DELETE", f"{NODE}/data/17", policy=REWRITES)),
    *given(
        DELETE,
        STORE,
        presigned(
            "rewrites: a presigned DELETE", f"https://blobs.cdn.net/17?{V4}", policy=REWRITES
        ),
        untrusted("rewrites: DELETE at a stranger", "https://s3.other.com/17", policy=REWRITES),
    ),
    *given(
        PUT,
        STORE,
        signed("rewrites: another host's bucket", "https://data7.store.com/x/17", policy=REWRITES),
        untrusted("rewrites: PUT to a stranger", "https://s3.other.com/17", policy=REWRITES),
    ),
    *given(
        LIST,
        LAN,
        signed("rewrites: LIST", f"{NODE}/lists/17?{LISTING}", policy=REWRITES),
        refused("rewrites: LIST loses its query", f"{NODE}/lists/17", policy=REWRITES),
    ),
    *given(DELETE_BUCKET, LAN, signed("rewrites: a bucket", f"{NODE}/v1/bkt", policy=REWRITES)),
]
