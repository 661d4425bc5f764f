"""Keys whose spelling is easily changed on the way: the same bytes are asked for, or nothing."""

from __future__ import annotations

from unit.rules.redirects.row import LAN, LAN_S3, Row, call, given, raw, refused, signed

NODE = "http://node:9000"


def _get(key: str, *rows: Row) -> list[Row]:
    return given(call("get_object", Key=key), LAN, *rows)


def _put(key: str, *rows: Row) -> list[Row]:
    return given(call("put_object", Key=key, Body=b"content"), LAN, *rows)


ROWS = [
    *_get(
        "a ",
        signed("a space at the end is trimmed by HTTP", f"{NODE}/bkt/a", f"{NODE}/bkt/a%20"),
        signed("a space at the end is encoded", f"{NODE}/bkt/a%20"),
        signed(
            "a raw space before a query stays", f"{NODE}/bkt/a ?pid=1", f"{NODE}/bkt/a%20?pid=1"
        ),
        refused("a query shows that the key has lost its space", f"{NODE}/bkt/a?pid=1"),
        refused("another space than the key's", f"{NODE}/bkt/%20a"),
        refused("a trimmed key of another bucket", f"{NODE}/bkt2/a"),
    ),
    *_get(
        "a \t ",
        signed("all white space at the end is trimmed", f"{NODE}/bkt/a", f"{NODE}/bkt/a%20%09%20"),
        refused("only a part of the white space is there", f"{NODE}/bkt/a%20"),
    ),
    *_put(
        "a ",
        signed("PUT of a key whose space was trimmed", f"{NODE}/bkt/a", f"{NODE}/bkt/a%20"),
        refused("PUT of a key that lost its space before a query", f"{NODE}/bkt/a?pid=1"),
    ),
    *_get("a", refused("a space that the key has not", f"{NODE}/bkt/a%20")),
    *given(
        call("get_object", Key="a "),
        LAN_S3,
        signed(
            "a trimmed key below the path of the endpoint",
            f"{NODE}/s3/bkt/a",
            f"{NODE}/s3/bkt/a%20",
        ),
    ),
    *given(
        call("put_object_acl", Key="a ", ACL="private"),
        LAN,
        refused("a trimmed key is no excuse for the lost query", f"{NODE}/bkt/a"),
    ),
    *_get(
        "a/b",
        signed("a slash of the key is encoded", f"{NODE}/bkt/a%2Fb", f"{NODE}/bkt/a/b"),
        refused("a slash of the key is encoded twice", f"{NODE}/bkt/a%252Fb"),
        refused("a slash of the key is a backslash", f"{NODE}/bkt/a%5Cb"),
    ),
    *_get(
        "a%2Fb",
        signed("an escape in a key is escaped", f"{NODE}/bkt/a%252Fb"),
        refused("an escape in a key is in lower case, so other bytes", f"{NODE}/bkt/a%252fb"),
    ),
    *_get(
        "A",
        signed("a letter is encoded without need", f"{NODE}/bkt/%41", f"{NODE}/bkt/A"),
        refused("a letter is encoded twice", f"{NODE}/bkt/%2541"),
    ),
    *_get(
        "100%",
        signed("a bare % at the end", f"{NODE}/bkt/100%", f"{NODE}/bkt/100%25"),
        signed("a % below a new prefix", f"{NODE}/v1/bkt/100%", f"{NODE}/v1/bkt/100%25"),
        refused("a % that is lost", f"{NODE}/bkt/100"),
        refused("a % that is escaped twice", f"{NODE}/bkt/100%2525"),
    ),
    *_get(
        "what?now",
        signed("a raw ? that ends in the key", f"{NODE}/bkt/what?now", f"{NODE}/bkt/what%3Fnow"),
        signed(
            "a raw ? before a query", f"{NODE}/bkt/what?now?pid=1", f"{NODE}/bkt/what%3Fnow?pid=1"
        ),
        signed("an encoded ? in lower case", f"{NODE}/bkt/what%3fnow", f"{NODE}/bkt/what%3Fnow"),
        refused("a key that is cut at its ?", f"{NODE}/bkt/what"),
        refused("a raw ? that begins a query", f"{NODE}/bkt/what?now&pid=1"),
    ),
    *_get(
        "a#b",
        signed("an encoded #", f"{NODE}/bkt/a%23b?pid=1"),
        signed("a raw # that ends in the key", f"{NODE}/bkt/a#b", f"{NODE}/bkt/a%23b"),
        refused("a key that is cut at its #", f"{NODE}/bkt/a"),
        refused("a key that is cut at its #, with a query", f"{NODE}/bkt/a?pid=1#b"),
    ),
    *_get(
        "semi;colon",
        signed("an encoded ;", f"{NODE}/bkt/semi%3Bcolon"),
        signed(
            "an encoded ; in lower case", f"{NODE}/bkt/semi%3bcolon", f"{NODE}/bkt/semi%3Bcolon"
        ),
        signed(
            "a raw ; below a new prefix", f"{NODE}/v1/bkt/semi;colon", f"{NODE}/v1/bkt/semi%3Bcolon"
        ),
        refused("a key that loses what follows its ;", f"{NODE}/v1/bkt/semi"),
    ),
    *_get(
        "a//b",
        signed("an empty segment below a new prefix", f"{NODE}/v1/bkt/a//b"),
        refused("an empty segment that is lost below a new prefix", f"{NODE}/v1/bkt/a/b"),
        refused("one empty segment more", f"{NODE}/bkt/a///b"),
    ),
    *_get(
        "/lead",
        signed("a key that begins with a slash", f"{NODE}/bkt//lead"),
        refused("a key that loses its first slash", f"{NODE}/bkt/lead"),
    ),
    *_put(
        "folder/",
        signed("a key that ends in a slash", f"{NODE}/bkt/folder/"),
        refused("a key that loses its last slash", f"{NODE}/bkt/folder"),
    ),
    *_get(
        "../up",
        signed("a key that begins with dots", f"{NODE}/bkt/../up"),
        signed("a key that begins with encoded dots", f"{NODE}/bkt/%2E%2E/up", f"{NODE}/bkt/../up"),
        refused("dots of a key that were resolved", f"{NODE}/up"),
    ),
    *_get(
        "./a",
        signed("a key that begins with a dot", f"{NODE}/bkt/./a"),
        refused("a dot of a key that was resolved", f"{NODE}/bkt/a"),
    ),
    *_get(
        "日本/語",
        signed(
            "raw UTF-8",
            raw(f"{NODE}/bkt/日本/語?n=1"),
            f"{NODE}/bkt/%E6%97%A5%E6%9C%AC/%E8%AA%9E?n=1",
        ),
        signed(
            "raw UTF-8 below a new prefix",
            raw(f"{NODE}/v1/bkt/日本/語"),
            f"{NODE}/v1/bkt/%E6%97%A5%E6%9C%AC/%E8%AA%9E",
        ),
        refused("UTF-8 that was replaced by question marks", f"{NODE}/bkt/??/?"),
        refused("UTF-8 that was replaced by encoded question marks", f"{NODE}/bkt/%3F%3F/%3F"),
    ),
    *_get(
        "a&b=c@d:e",
        signed(
            "reserved characters below a new prefix",
            f"{NODE}/v1/bkt/a&b=c@d:e",
            f"{NODE}/v1/bkt/a%26b%3Dc%40d%3Ae",
        ),
        refused("a key that is cut at its &", f"{NODE}/v1/bkt/a"),
    ),
    *_get(
        "~a!(b)*'",
        signed(
            "marks that botocore encodes",
            f"{NODE}/bkt/%7Ea!(b)*'",
            f"{NODE}/bkt/~a%21%28b%29%2A%27",
        ),
    ),
    *_get(
        "a\nb",
        signed("a line feed that is encoded", f"{NODE}/bkt/a%0Ab"),
        refused("a line feed that is a space", f"{NODE}/bkt/a b"),
    ),
    *_get(
        "x, //y",
        signed(
            "a comma and slashes, in one header", f"{NODE}/bkt/x, //y", f"{NODE}/bkt/x%2C%20//y"
        ),
    ),
    *_get(
        "x, http://y/z",
        signed(
            "a URL after a comma, in one header",
            f"{NODE}/bkt/x, http://y/z",
            f"{NODE}/bkt/x%2C%20http%3A//y/z",
        ),
    ),
    *_get(
        "http://a/b",
        signed("a key that is a URL", f"{NODE}/bkt/http://a/b", f"{NODE}/bkt/http%3A//a/b"),
        refused("a key that is taken for the target", "http://a/b"),
    ),
    *_get(
        "bkt/key",
        signed("a key that begins with the name of its bucket", f"{NODE}/bkt/bkt/key"),
        signed("such a key below a new prefix", f"{NODE}/v1/bkt/bkt/key"),
        refused("such a key that lost the bucket", f"{NODE}/bkt/key"),
        refused("such a key that lost the bucket below a prefix", f"{NODE}/v1/bkt/key"),
        refused("such a key below the bucket", f"{NODE}/bkt/bkt/bkt/key"),
    ),
    *_get(
        "v1/bkt/key",
        signed("a key that looks like a prefix", f"{NODE}/bkt/v1/bkt/key"),
        refused("such a key without its bucket", f"{NODE}/v1/bkt/key"),
    ),
    *_get("s3", signed("a key that is named like a path", f"{NODE}/s3/bkt/s3")),
    *_get(
        "key",
        refused("a prefix with dots", f"{NODE}/v1/../bkt/key"),
        refused("a prefix with one dot", f"{NODE}/./bkt/key"),
        refused("a prefix with encoded dots", f"{NODE}/v1/%2e%2E/bkt/key"),
        refused("a prefix with an encoded dot", f"{NODE}/%2e/bkt/key"),
        refused("a prefix that climbs out of a bucket", f"{NODE}/other/../bkt/key"),
        signed("a prefix with three dots", f"{NODE}/.../bkt/key"),
        signed("a prefix with a hidden folder", f"{NODE}/.s3/bkt/key"),
        signed("a prefix that only begins like the bucket", f"{NODE}/bkt2/bkt/key"),
        signed("an encoded letter in the bucket", f"{NODE}/b%6Bt/key", f"{NODE}/bkt/key"),
        refused("the bucket in an encoded prefix", f"{NODE}/b%6Bt/bkt/key"),
    ),
]
