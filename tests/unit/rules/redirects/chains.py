"""Several hops: each is compared with the call, not with the hop before."""

from __future__ import annotations

from unit.rules.redirects.row import (
    GET,
    LAN,
    STORE,
    UPLOAD_PART,
    V4,
    VIRTUAL,
    anonymous,
    forbidden,
    given,
    presigned,
    refused,
    signed,
)

NODE = "http://node:9000"

ROWS = [
    *given(
        GET,
        LAN,
        signed(
            "a second hop to another node",
            "http://n2:9000/bkt/key?pid=2",
            after=(f"{NODE}/bkt/key?pid=1",),
        ),
        signed(
            "a second hop drops what the first put in",
            "http://n2:9000/bkt/key",
            after=(f"{NODE}/bkt/key?pid=1",),
        ),
        signed(
            "a second hop, relative, below a new prefix",
            "?pid=2",
            f"{NODE}/v1/bkt/key?pid=2",
            after=(f"{NODE}/v1/bkt/key",),
        ),
        signed(
            "a second hop takes the new prefix off",
            "http://n2:9000/bkt/key",
            after=(f"{NODE}/v1/bkt/key",),
        ),
        signed(
            "a second hop has another new prefix",
            "http://n2:9000/s3/bkt/key",
            after=(f"{NODE}/v1/bkt/key",),
        ),
        signed(
            "a second hop, back to the gateway",
            "http://gw:8080/bkt/key?again",
            after=(f"{NODE}/v1/bkt/key",),
        ),
        signed(
            "a fifth hop",
            "http://n5:9000/bkt/key",
            after=tuple(f"http://n{n}:9000/bkt/key" for n in range(1, 5)),
        ),
        presigned(
            "a CDN that sends to another",
            f"https://b.cdn.net/18?{V4}",
            after=(f"https://a.cdn.net/17?{V4}",),
        ),
        forbidden(
            "a public host in between leads inside",
            f"{NODE}/bkt/key",
            "private",
            after=("http://s3.other.com/bkt/key",),
        ),
        refused(
            "a second hop to another key", "http://n2:9000/bkt/key2", after=(f"{NODE}/bkt/key",)
        ),
        refused(
            "a second hop to another bucket below a prefix",
            "http://n2:9000/v1/other/key",
            after=(f"{NODE}/v1/bkt/key",),
        ),
        refused(
            "back to the gateway with a node's prefix",
            "http://gw:8080/v1/bkt/key",
            after=(f"{NODE}/v1/bkt/key",),
        ),
        refused(
            "a second hop loses the prefix and the bucket", "/key", after=(f"{NODE}/v1/bkt/key",)
        ),
        refused(
            "a CDN that sends to a login page",
            "https://a.cdn.net/login",
            after=(f"https://a.cdn.net/17?{V4}",),
        ),
    ),
    *given(
        UPLOAD_PART,
        LAN,
        signed(
            "a second hop of a part",
            "http://n2:9000/bkt/key?partNumber=1&uploadId=u",
            after=(f"{NODE}/s3/bkt/key?partNumber=1&uploadId=u&pid=1",),
        ),
        refused(
            "a second hop loses a part",
            "http://n2:9000/bkt/key?pid=2",
            after=(f"{NODE}/bkt/key?partNumber=1&uploadId=u&pid=1",),
        ),
        refused(
            "a second hop, relative, loses a part",
            "key?pid=2",
            after=(f"{NODE}/bkt/key?partNumber=1&uploadId=u&pid=1",),
        ),
    ),
    *given(
        GET,
        STORE,
        anonymous(
            "back from a stranger, without a signature",
            "https://n1.store.com/bkt/key",
            after=("https://s3.other.com/bkt/key",),
        ),
        refused(
            "a stranger that sends to another key",
            "https://n1.store.com/bkt/other",
            after=("https://s3.other.com/bkt/key",),
        ),
        refused(
            "a CDN that sends back to the gateway, under its own name",
            "https://s3.store.com/17",
            after=(f"https://a.cdn.net/17?{V4}",),
        ),
    ),
    *given(
        GET,
        VIRTUAL,
        signed(
            "host, host, path",
            "https://n2.store.com/bkt/key",
            after=("https://bkt.n1.store.com/key",),
        ),
        signed(
            "host, path, host",
            "https://bkt.n2.store.com/key",
            after=("https://n1.store.com/bkt/key",),
        ),
        refused(
            "host, path, and the bucket lost",
            "https://n2.store.com/key",
            after=("https://n1.store.com/bkt/key",),
        ),
    ),
]
