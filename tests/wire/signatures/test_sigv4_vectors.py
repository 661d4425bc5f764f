"""The verifier agrees with the test vectors of Signature Version 4 in botocore's own sources.

They are read from a source distribution, which no environment of these tests has. To run them:

    pip download --no-binary :all: --no-deps botocore==1.44.5
    BOTOCORE_SDIST=botocore-1.44.5.tar.gz pytest tests/wire/signatures/test_sigv4_vectors.py
"""

from __future__ import annotations

import os
import re
import tarfile
from pathlib import Path

import pytest

from wire.signatures import sigv4
from wire.signatures.signed_examples import request

SDIST = os.environ.get("BOTOCORE_SDIST")
SCOPE = "20150830/us-east-1/service/aws4_request"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

#: The canonical path of other services than S3: dot segments and doubled slashes are removed.
ANOTHER_PATH = re.compile(r"/.*(/\.|\./|//|/$)|//|/\.")

pytestmark = pytest.mark.skipif(SDIST is None, reason="BOTOCORE_SDIST names no source distribution")


@pytest.fixture(scope="module")
def vectors() -> dict[str, dict[str, str]]:
    """Return the files of each vector by their suffix."""
    found: dict[str, dict[str, str]] = {}
    with tarfile.open(str(SDIST)) as archive:
        for member in archive:
            path = Path(member.name)
            if "aws4_testsuite" in path.parts and member.isfile() and path.suffix:
                content = archive.extractfile(member)
                assert content is not None
                text = content.read().decode("latin-1")
                found.setdefault(path.stem, {})[path.suffix] = text.replace("\r\n", "\n")
    return {name: files for name, files in found.items() if ".sreq" in files}


def test_every_vector_is_signed_as_it_says(vectors: dict[str, dict[str, str]]) -> None:
    assert len(vectors) > 30
    for name, files in vectors.items():
        signature = sigv4.sign(files[".creq"], "20150830T123600Z", SCOPE, SECRET)
        assert files[".authz"].endswith(f"Signature={signature}"), name


def test_every_vector_has_the_canonical_request_that_it_says(
    vectors: dict[str, dict[str, str]],
) -> None:
    compared = []
    for name, files in vectors.items():
        head, _, body = files[".sreq"].partition("\n\n")
        line, *lines = re.sub(r"\n\s+", " ", head).split("\n")
        method, _, target = line.rpartition(" ")[0].partition(" ")
        received = request(method, target, {}, body.encode())
        for each in lines:
            field, _, value = each.partition(":")
            received.headers.add_header(field, value)
        *_, signed, digest = files[".creq"].split("\n")
        headers = sigv4.lower_case(received)
        if not ANOTHER_PATH.match(target.partition("?")[0]):
            canonical = sigv4.canonical_request(received, headers, signed.split(";"), digest)
            assert canonical == files[".creq"], name
            compared.append(name)
    assert len(compared) > 20
