"""nginx, haproxy, Caddy, Go, Apache and lighttpd in front of a store, configured by hand."""

from __future__ import annotations

from unit.rules.redirects.row import (
    DELETE,
    FINISH_UPLOAD,
    GET,
    HEAD,
    LAN,
    LAN_S3,
    LIST,
    LISTING,
    PUT,
    PUT_ACL,
    START_UPLOAD,
    STORE,
    UPLOAD_PART,
    call,
    given,
    raw,
    refused,
    signed,
)

NODE = "http://node:9000"

ROWS = [
    *given(
        GET,
        LAN,
        signed("nginx: return 307 http://node$request_uri", f"{NODE}/bkt/key"),
        signed("nginx: return 301", f"{NODE}/bkt/key", status=301),
        signed("nginx: return 308", f"{NODE}/bkt/key", status=308),
        signed("nginx: rewrite ... redirect", f"{NODE}/bkt/key", status=302),
        signed("a read that is sent to another node with 303", f"{NODE}/bkt/key", status=303),
        signed(
            "nginx: http://node$uri?$args without arguments", f"{NODE}/bkt/key?", f"{NODE}/bkt/key"
        ),
        signed("nginx: $uri?$args&pid=1 without arguments", f"{NODE}/bkt/key?&pid=1"),
        signed("nginx: return 307 http://node/v1/s3$request_uri", f"{NODE}/v1/s3/bkt/key"),
        signed("nginx: absolute_redirect off", "/bkt/key?pid=1", "http://gw:8080/bkt/key?pid=1"),
        signed(
            "nginx: absolute_redirect off, only arguments", "?pid=1", "http://gw:8080/bkt/key?pid=1"
        ),
        signed("a reference without a scheme", "//node:9000/bkt/key", f"{NODE}/bkt/key"),
        signed("a reference by the last segment", "key?pid=1", "http://gw:8080/bkt/key?pid=1"),
        signed(
            "a reference with dot segments",
            "../x/../bkt/./key?pid=1",
            "http://gw:8080/bkt/key?pid=1",
        ),
        signed("white space around a Location", f" \t{NODE}/bkt/key ", f"{NODE}/bkt/key"),
        signed("scheme and host in capitals", "HTTP://NODE:9000/bkt/key", f"{NODE}/bkt/key"),
        signed("a fragment, which is not sent", f"{NODE}/bkt/key#top", f"{NODE}/bkt/key"),
        signed("the same URL once more: again, here", "http://gw:8080/bkt/key"),
        signed("a cookie's stand-in in the query", f"{NODE}/bkt/key?route=node.7&sticky"),
        signed("haproxy: redirect scheme https", "https://gw:8443/bkt/key"),
        signed("Caddy: redir https://node{uri}", "https://node/bkt/key"),
        refused("haproxy: redirect location http://node/", f"{NODE}/"),
        refused("haproxy: redirect location http://node", NODE),
        refused("haproxy: append-slash", f"{NODE}/bkt/key/", status=302),
        refused("nginx: rewrite that loses the bucket", f"{NODE}/key", status=302),
        refused("nginx: rewrite that loses the key", f"{NODE}/bkt", status=302),
        refused("nginx: rewrite that loses the key but not its slash", f"{NODE}/bkt/", status=302),
        refused("nginx: root of another bucket", f"{NODE}/other/key"),
        refused("nginx: error_page 404 = /index.html", "/index.html", status=302),
        refused("nginx: the bucket put in a second time", f"{NODE}/bkt/bkt/key"),
        refused("nginx: the bucket put in a second time, with a folder", f"{NODE}/bkt/v1/bkt/key"),
        refused("a new prefix at the gateway itself", "/v1/bkt/key"),
        refused("an error page with the key in its query", f"{NODE}/error?path=/bkt/key"),
        refused("a login page of the gateway", "/login?next=%2Fbkt%2Fkey", status=302),
        refused("a login page with the path behind it", f"{NODE}/login/key", status=302),
        refused("the key with an ending", f"{NODE}/bkt/key.gz"),
        refused("the key with a session", f"{NODE}/bkt/key;jsessionid=1A2B"),
        refused("the bucket with a parameter", f"{NODE}/bkt;v=1/key"),
        refused("the bucket in capitals", f"{NODE}/BKT/key"),
        refused("the key in capitals", f"{NODE}/bkt/KEY"),
        refused("a bucket that only ends like ours", f"{NODE}/my-bkt/key"),
        refused("a bucket that only begins like ours", f"{NODE}/bkt-old/key"),
        refused("a folder between bucket and key", f"{NODE}/bkt/cache/key"),
        refused("a folder behind the key", f"{NODE}/bkt/key/0"),
        refused("an empty segment between bucket and key", f"{NODE}/bkt//key"),
        refused("an encoded slash after the bucket, below a prefix", f"{NODE}/v1/bkt%2Fkey"),
        refused("another bucket by dot segments", "../other/key"),
        refused("Caddy: the placeholder was not replaced", f"{NODE}/{{uri}}"),
    ),
    *given(
        LIST,
        LAN,
        signed("nginx: $request_uri of LIST", f"{NODE}/bkt?{LISTING}"),
        signed(
            "Go: ServeMux puts a slash behind the bucket",
            f"/bkt/?{LISTING}",
            f"http://gw:8080/bkt/?{LISTING}",
            status=301,
        ),
        signed("LIST below a new prefix", f"{NODE}/v1/s3/bkt?{LISTING}"),
        signed("LIST below a new prefix, with a slash", f"{NODE}/v1/s3/bkt/?{LISTING}"),
        refused("nginx $uri and haproxy drop-query lose the query of LIST", f"{NODE}/bkt"),
        refused("two slashes behind the bucket", f"{NODE}/bkt//?{LISTING}"),
        refused("nginx: index of the bucket", f"{NODE}/bkt/index.html?{LISTING}", status=302),
        refused("LIST of all buckets", f"{NODE}/?{LISTING}"),
        refused("LIST of another bucket", f"{NODE}/bkt2?{LISTING}"),
    ),
    *given(
        PUT,
        LAN,
        signed("PUT to a node, 301", f"{NODE}/bkt/key", status=301),
        signed("PUT to a node, 302", f"{NODE}/bkt/key", status=302),
        signed("WebHDFS: step two of a PUT", f"{NODE}/webhdfs/v1/bkt/key?op=CREATE&overwrite=true"),
        signed("SeaweedFS: filer with its folder", f"{NODE}/buckets/bkt/key", status=302),
        refused("SeaweedFS: a volume server's own path", f"{NODE}/3,01637037d6", status=302),
        refused("PUT that creates a bucket", f"{NODE}/bkt"),
        refused("PUT to the root", f"{NODE}/"),
    ),
    *given(
        call("list_objects_v2", Prefix="a b"),
        LAN,
        signed(
            "Go: a space of the query is +", f"{NODE}/bkt?encoding-type=url&list-type=2&prefix=a+b"
        ),
        refused("Apache: a query that is escaped twice", f"{NODE}/bkt?{LISTING}&prefix=a%2520b"),
    ),
    *given(
        HEAD,
        LAN,
        signed("haproxy: HEAD", f"{NODE}/bkt/key", status=302),
        refused("nginx: HEAD of the bucket alone", f"{NODE}/bkt"),
    ),
    *given(
        DELETE,
        LAN,
        signed("DELETE on a node", f"{NODE}/bkt/key"),
        refused("DELETE of the bucket", f"{NODE}/bkt"),
        refused("DELETE of the folder", f"{NODE}/bkt/key/"),
    ),
    *given(
        UPLOAD_PART,
        LAN,
        signed("nginx: $is_args$args of a part", f"{NODE}/bkt/key?$args"),
        signed(
            "nginx: $uri?pid=1&$args", f"{NODE}/bkt/key?pid=1&$args", f"{NODE}/bkt/key?pid=1&$args"
        ),
        refused("nginx: $uri loses the number of a part", f"{NODE}/bkt/key"),
        refused("nginx: $request_uri?pid=1 has two question marks", f"{NODE}/bkt/key?$args?pid=1"),
        refused("HTML escapes in a Location", f"{NODE}/bkt/key?partNumber=1&amp;uploadId=u"),
    ),
    *given(
        PUT_ACL,
        LAN,
        refused("nginx: $uri loses ?acl, so the object is overwritten", f"{NODE}/bkt/key"),
        refused("nginx: $request_uri?pid=1 hides ?acl", f"{NODE}/bkt/key?acl?pid=1"),
    ),
    *given(
        START_UPLOAD,
        LAN,
        signed("Go: ?uploads becomes ?uploads=", f"{NODE}/bkt/key?uploads="),
        refused("nginx: $uri loses ?uploads", f"{NODE}/bkt/key"),
    ),
    *given(
        FINISH_UPLOAD, LAN, refused("nginx: $uri loses the upload to finish", f"{NODE}/bkt/key")
    ),
    *given(
        GET,
        LAN_S3,
        signed("nginx: $request_uri of an endpoint with a path", f"{NODE}/s3/bkt/key"),
        signed("nginx: the path of the endpoint is taken off", f"{NODE}/bkt/key"),
        signed("the path of the endpoint becomes another", f"{NODE}/api/v2/bkt/key"),
        signed("a new prefix that only begins like the endpoint's path", f"{NODE}/s3api/bkt/key"),
        signed("a new prefix that ends in the endpoint's path", f"{NODE}/v1/s3/bkt/key"),
        signed("the endpoint itself, with a number of its own", "http://gw:8080/s3/bkt/key?n=1"),
        refused("nginx: http://node/s3$request_uri doubles /s3", f"{NODE}/s3/s3/bkt/key"),
        refused("the endpoint's path and one more folder", f"{NODE}/s3/v1/bkt/key"),
        refused("the path of the endpoint is lost at the gateway", "/bkt/key"),
        refused("the bucket in the place of the endpoint's path", f"{NODE}/bkt/s3/bkt/key"),
        refused("the bucket is lost below the endpoint's path", f"{NODE}/s3/key"),
    ),
    *given(
        call("get_object", Key="a+b;c"),
        LAN,
        signed(
            "Apache: escapes of + and ; are taken off", f"{NODE}/bkt/a+b;c", f"{NODE}/bkt/a%2Bb%3Bc"
        ),
        refused("a form's space for the + of a key", f"{NODE}/bkt/a%20b;c"),
    ),
    *given(
        call("get_object", Key="a b"),
        LAN,
        signed("nginx: $uri has a space as it is", f"{NODE}/bkt/a b", f"{NODE}/bkt/a%20b"),
        refused("Apache: a path that is escaped twice", f"{NODE}/bkt/a%2520b"),
        refused("a path that is escaped like a form", f"{NODE}/bkt/a+b"),
    ),
    *given(
        call("get_object", Key="a/../b"),
        LAN,
        signed("nginx: $request_uri keeps dot segments of a key", f"{NODE}/bkt/a/../b"),
        refused("lighttpd: dot segments of a key are resolved", f"{NODE}/bkt/b"),
        refused("Go: ServeMux cleans the path", "/bkt/b", status=301),
    ),
    *given(
        call("put_object", Key="d//e", Body=b"content"),
        LAN,
        signed("an empty segment of a key is kept", f"{NODE}/bkt/d//e"),
        refused("nginx: merge_slashes on", f"{NODE}/bkt/d/e", status=302),
    ),
    *given(
        call("get_object", Key="naïve"),
        LAN,
        signed(
            "lighttpd: escapes in lower case", f"{NODE}/bkt/na%c3%afve", f"{NODE}/bkt/na%C3%AFve"
        ),
        signed(
            "nginx: $uri with UTF-8 as it is", raw(f"{NODE}/bkt/naïve"), f"{NODE}/bkt/na%C3%AFve"
        ),
        refused("a gateway that writes latin-1", f"{NODE}/bkt/na%EFve"),
        refused("a gateway that writes latin-1 as it is", f"{NODE}/bkt/na\xefve"),
        refused("a gateway that decomposes", f"{NODE}/bkt/nai%CC%88ve"),
        refused("a gateway that escapes like JavaScript", f"{NODE}/bkt/na%u00EFve"),
    ),
    *given(
        GET,
        STORE,
        signed("a sibling of the gateway", "https://node7.store.com/bkt/key"),
        signed("a name below the gateway", "https://node7.s3.store.com/bkt/key"),
        signed(
            "another port of the gateway with a new prefix", "https://s3.store.com:8443/v1/bkt/key"
        ),
        refused("port 443 is the address that was asked", "https://s3.store.com:443/v1/bkt/key"),
    ),
]
