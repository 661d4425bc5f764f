from __future__ import annotations

import pytest

from botocore_redirect.rules.location import LocationError, Reference, redact, resolve

BASE = "http://gw:8080/bkt/dir/key?uploads"


def read(location: str, base: str) -> Reference:
    """Return the one thing that a Location can mean."""
    (reference,) = resolve(location, base)
    return reference


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("http://target:9000/bkt/dir/key", "http://target:9000/bkt/dir/key"),
        ("https://target/bkt/dir/key", "https://target/bkt/dir/key"),
        ("HTTP://Target:80/bkt/dir/key", "http://target:80/bkt/dir/key"),
        ("http://target:/bkt", "http://target/bkt"),
        ("//target/bkt/dir/key", "http://target/bkt/dir/key"),
        ("/other/path?a=1", "http://gw:8080/other/path?a=1"),
        ("other", "http://gw:8080/bkt/dir/other"),
        ("./other", "http://gw:8080/bkt/dir/other"),
        ("../other", "http://gw:8080/bkt/other"),
        ("../../../other", "http://gw:8080/other"),
        ("..", "http://gw:8080/bkt/"),
        ("?pid=1", "http://gw:8080/bkt/dir/key?pid=1"),
        ("#part", "http://gw:8080/bkt/dir/key?uploads"),
        ("http://target", "http://target/"),
        ("http://target?pid=1", "http://target/?pid=1"),
        ("http://target/bkt/dir/key#part", "http://target/bkt/dir/key"),
        ("http://[::1]:9000/bkt/dir/key", "http://[::1]:9000/bkt/dir/key"),
        (" \thttp://target/bkt ", "http://target/bkt"),
        ("http://target/bkt/dir/key?pid=p[1]&utm=1&u=a%2fb", None),
    ],
)
def test_a_location_is_resolved_against_the_url_of_the_request(
    location: str, url: str | None
) -> None:
    expected = url or "http://target/bkt/dir/key?pid=p%5B1%5D&utm=1&u=a%2Fb"
    assert read(location, BASE).url == expected


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/s3/bkt/semi;colon", "/s3/bkt/semi%3Bcolon"),
        ("/s3/bkt/a&b=c@d:e", "/s3/bkt/a%26b%3Dc%40d%3Ae"),
        ("/s3/bkt/a b", "/s3/bkt/a%20b"),
        ("/s3/bkt/%c3%af", "/s3/bkt/%C3%AF"),
        ("/s3/bkt/100%", "/s3/bkt/100%25"),
        ("/s3/bkt/9%zz?a=5%", "/s3/bkt/9%25zz?a=5%25"),
        ("/s3/bkt/d//e/../f", "/s3/bkt/d//e/../f"),
        ("/s3/bkt/\xc3\xaf", "/s3/bkt/%C3%AF"),
        ("/s3/%7Eme/%61%2d", "/s3/~me/a-"),
        ("/s3/a%2fb%2Fc", "/s3/a%2Fb%2Fc"),
    ],
)
def test_another_path_goes_out_as_it_will_be_signed(path: str, sent: str) -> None:
    assert read(f"http://t{path}", "http://gw/bkt/key").url_as_signed == f"http://t{sent}"


@pytest.mark.parametrize("prefix", ["", "/s3", "/s3%20x", "/s3//bkt"])
@pytest.mark.parametrize("query", ["", "?", "?pid=what?", "#part", "?pid=1#part"])
@pytest.mark.parametrize(
    ("key_as_sent", "decoded"),
    [("%252F", "%2F"), ("what%3F%23now", "what?#now"), ("%3F", "?"), ("100%25", "100%")],
)
def test_a_key_is_found_below_another_prefix_where_it_is_emitted_decoded(
    key_as_sent: str, decoded: str, query: str, prefix: str
) -> None:
    location = f"http://t{prefix}/bkt/{decoded}{query}"
    readings = resolve(location, "http://gw/bkt/key", [f"bkt/{key_as_sent}"])
    bare = query.partition("#")[0].removeprefix("?")
    assert Reference("http://t", f"{prefix}/bkt/{key_as_sent}", bare) in readings[1:]


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("http://t/other?u=/bkt/what?now", "http://t/other?u=/bkt/what?now"),
        ("http://t/my-bkt/what?now", "http://t/my-bkt/what?now"),
        ("http://t/bkt/what?nowadays=1", "http://t/bkt/what?nowadays=1"),
        ("http://t/s3/bkt/what%3Fnow?x", "http://t/s3/bkt/what%3Fnow?x"),
    ],
)
def test_a_location_that_only_resembles_the_decoded_key_is_parsed_as_a_url(
    location: str, url: str
) -> None:
    (reference,) = resolve(location, "http://gw/bkt/key", ["bkt/what%3Fnow"])
    assert reference.url == url


@pytest.mark.parametrize("path", ["a+b@c%2fd", "a+b@c/d", "%61+b@c/d"])
def test_a_presigned_path_keeps_the_spelling_that_was_signed(path: str) -> None:
    url = f"https://cdn.store.com/bkt/{path}?X-Amz-Signature=s"
    kept = url.replace("%2f", "%2F")
    assert read(url, "http://gw/bkt/a%2Bb%40c/d").url == kept


def test_a_location_with_characters_beyond_latin_1_is_encoded_as_utf8() -> None:
    assert read("http://t/x/\u65e5", "http://gw/k").url == "http://t/x/%E6%97%A5"


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("http://t/a\nb", "control characters"),
        ("http://t/a\x00b", "control characters"),
        ("ftp://target/key", "scheme 'ftp'"),
        ("javascript:alert(1)", "scheme 'javascript'"),
        ("http:/bkt/key", "no host"),
        ("http:///bkt/key", "no host"),
        ("http://user:pw@target/key", "user information"),
        ("http://target:99999/key", "port 99999"),
        ("http://target:0/key", "port 0"),
        ("http://target:port/key", "not a DNS name"),
        ("http://tar get/key", "not a DNS name"),
        ("http://t\xc3\xa4rget/key", "not a DNS name"),
        ("http://[::1/key", "not a DNS name"),
        ("http://[:::1]/key", "IPv6"),
        ("http://%65vil/key", "not a DNS name"),
    ],
)
def test_an_invalid_location_is_refused_with_its_reason(location: str, why: str) -> None:
    with pytest.raises(LocationError, match=why):
        resolve(location, BASE)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://t/k?X-Amz-Signature=secret", "http://t/k"),
        ("http://user:secret@t/k#secret", "http://t/k"),
        ("http://t/a\x1b[31m\nb", "http://t/a?[31m?b"),
        ("http://t/" + "k" * 1000, "http://t/" + "k" * 491),
    ],
)
def test_a_url_in_a_message_has_no_secret_and_no_unprintable_character(
    url: str, shown: str
) -> None:
    assert redact(url) == shown
