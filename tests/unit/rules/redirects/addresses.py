"""Where a redirect points: addresses, strangers, and Locations that are none."""

from __future__ import annotations

from unit.rules.redirects.row import (
    DELETE,
    GET,
    HEAD,
    LAN,
    PUT,
    STORE,
    V4,
    Gateway,
    anonymous,
    call,
    forbidden,
    given,
    malformed,
    refused,
    signed,
    untrusted,
)

PLAIN = Gateway("http://s3.store.com")
PORT_80 = Gateway("http://s3.store.com:80")
IPV6 = Gateway("http://[fd00::1]:8080", since=(1, 28))
SSE_C = call("get_object", Key="key", SSECustomerKey="k" * 32, SSECustomerAlgorithm="AES256")

ROWS = [
    *given(
        GET,
        PLAIN,
        signed("from http to https", "https://s3.store.com/bkt/key"),
        signed("another port is another address", "http://s3.store.com:8080/v1/bkt/key"),
        signed("another port of https is another address", "https://s3.store.com:8443/v1/bkt/key"),
        refused("port 443 is port 80, for a new prefix", "https://s3.store.com/v1/bkt/key"),
        refused("port 80 that is written down", "http://s3.store.com:80/v1/bkt/key"),
        refused("the gateway in capitals, with a new prefix", "http://S3.STORE.COM/v1/bkt/key"),
        refused("port 443 is port 80, for a presigned URL", f"https://s3.store.com/blob/17?{V4}"),
        refused("an empty port, with a new prefix", "http://s3.store.com:/v1/bkt/key"),
    ),
    *given(
        GET,
        PORT_80,
        signed("port 80 that was written down", "http://s3.store.com/bkt/key?pid=1"),
        refused(
            "port 80 that was written down, with a new prefix", "http://s3.store.com/v1/bkt/key"
        ),
    ),
    *given(
        GET,
        IPV6,
        signed("an IPv6 address", "http://[fd00::2]:9000/v1/bkt/key"),
        signed("the same IPv6 address at another port", "http://[fd00::1]:9000/v1/bkt/key"),
        refused("the same IPv6 address, with a new prefix", "http://[fd00::1]:8080/v1/bkt/key"),
    ),
    *given(
        GET,
        STORE,
        anonymous("a stranger's copy", "https://mirror.other.com/bkt/key"),
        anonymous("a stranger's copy, with a token", "https://mirror.other.com/bkt/key?token=a"),
        anonymous("a stranger of two labels, by path", "https://other.com/bkt/key"),
        anonymous("a stranger by its public address", "https://9.9.9.9/bkt/key"),
        untrusted("a stranger with a new prefix", "https://mirror.other.com/v1/bkt/key"),
        signed(
            "a new prefix where trust= names the host",
            "https://mirror.other.com/v1/bkt/key",
            policy={"trust": "mirror.other.com"},
        ),
        refused(
            "a login page of somebody else",
            "https://sso.other.com/login?to=%2Fbkt%2Fkey",
            status=302,
        ),
        refused("a login page at the root", "https://sso.other.com/", status=302),
        refused("a captive portal", "https://portal.example/?continue=/bkt/key", status=302),
        refused("a stranger with another bucket", "https://mirror.other.com/other/key"),
        refused("a stranger with another key", "https://mirror.other.com/bkt/other"),
        refused("a stranger with ?acl", "https://mirror.other.com/bkt/key?acl"),
        refused("a parking page", "https://www.parking.example/?domain=s3.store.com", status=302),
        forbidden("from https to http", "http://node1.store.com/bkt/key", "downgrade"),
        forbidden("from a public host inside", "https://10.0.0.7/bkt/key", "private"),
        forbidden("from a public host to this machine", "https://localhost/bkt/key", "private"),
        forbidden("the metadata of a cloud", "https://169.254.169.254/bkt/key", "private"),
        malformed(
            "two Locations", ("https://n1.store.com/bkt/key", "https://n2.store.com/bkt/key")
        ),
        malformed("two Locations that are the same", ("https://n1.store.com/bkt/key",) * 2),
        malformed("two relative Locations", ("/bkt/key?a=1", "/bkt/key?b=2")),
        malformed(
            "two Locations, the first with a query",
            ("https://n1.store.com/bkt/key?a=1", "https://n2.store.com/bkt/key?a=1"),
        ),
        malformed("an empty Location", ""),
        malformed("a Location of white space", " \t"),
        malformed("ftp", "ftp://node1.store.com/bkt/key"),
        malformed("a script", "javascript:alert(1)"),
        malformed("a file", "file:///bkt/key"),
        malformed("user information", "https://bkt:pw@node1.store.com/bkt/key"),
        malformed("a user that looks like the gateway", "https://s3.store.com@evil.net/bkt/key"),
        malformed("no host", "https:///bkt/key"),
        malformed("a host with an escape", "https://node1%2Estore.com/bkt/key"),
        malformed("a host with a backslash", "https://evil.net\\.store.com/bkt/key"),
        malformed("a port that is none", "https://node1.store.com:99999/bkt/key"),
        malformed("a control character", "https://node1.store.com/bkt/key\x01"),
        malformed("a tab in the middle", "https://node1.store.com/bkt/\tkey"),
    ),
    *given(
        PUT,
        STORE,
        untrusted("PUT to a stranger", "https://mirror.other.com/bkt/key"),
        untrusted("PUT to a stranger with a new prefix", "https://mirror.other.com/v1/bkt/key"),
        untrusted("PUT to the parent domain", "https://store.com/bkt/key"),
        untrusted("PUT to a name that only ends like ours", "https://evilstore.com/bkt/key"),
        untrusted(
            "PUT to a name that only begins like ours", "https://s3.store.com.evil.net/bkt/key"
        ),
        forbidden("PUT with 303", "https://node1.store.com/bkt/key", "see-other", status=303),
        refused("PUT to another key of a stranger", "https://mirror.other.com/bkt/other"),
        refused("PUT to a login page", "https://sso.other.com/login"),
        signed(
            "PUT to a host that trust= names",
            "https://mirror.other.com/bkt/key",
            policy={"trust": "mirror.other.com"},
        ),
    ),
    *given(
        DELETE,
        STORE,
        untrusted("DELETE at a stranger", "https://mirror.other.com/bkt/key"),
        refused("DELETE of a stranger's other key", "https://mirror.other.com/bkt/k"),
    ),
    *given(HEAD, STORE, anonymous("HEAD of a stranger's copy", "https://mirror.other.com/bkt/key")),
    *given(
        SSE_C,
        STORE,
        signed("a customer's key to a sibling", "https://node1.store.com/bkt/key"),
        untrusted("a customer's key to a stranger", "https://mirror.other.com/bkt/key"),
        refused("a customer's key to another object", "https://node1.store.com/bkt/other"),
    ),
    *given(
        PUT,
        LAN,
        signed("a private address", "http://10.1.2.3:9000/bkt/key"),
        signed("a private name", "http://node1.lan:9000/v1/bkt/key"),
        untrusted("PUT from a private gateway to a public host", "http://s3.other.com/bkt/key"),
    ),
    *given(
        PUT,
        Gateway("https://store.github.io"),
        untrusted("a neighbour of a public suffix", "https://evil.github.io/bkt/key"),
        signed(
            "a name below the gateway, which is below a public suffix",
            "https://n1.store.github.io/bkt/key",
        ),
    ),
    *given(
        PUT,
        Gateway("https://s3.store.co.uk"),
        signed("a sibling below co.uk", "https://n1.store.co.uk/bkt/key"),
        untrusted("a neighbour below co.uk", "https://evil.co.uk/bkt/key"),
    ),
    *given(
        PUT,
        Gateway("https://store.any.kawasaki.jp"),
        untrusted(
            "a neighbour below a wildcard of the list", "https://evil.any.kawasaki.jp/bkt/key"
        ),
    ),
    *given(
        PUT,
        Gateway("https://s3.city.kawasaki.jp"),
        signed("a sibling below an exception of the list", "https://n1.city.kawasaki.jp/bkt/key"),
    ),
    *given(
        PUT,
        Gateway("https://store.xn--55qx5d.cn"),
        untrusted("a neighbour below a suffix in punycode", "https://evil.xn--55qx5d.cn/bkt/key"),
    ),
]
