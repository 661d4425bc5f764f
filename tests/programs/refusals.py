"""A program that asks for files of S3 where every redirect is refused."""

from __future__ import annotations

import importlib
import os
import pickle

if os.environ.get("IMPORT_LAST") == "s3fs":
    importlib.import_module("botocore_redirect.auto")

import botocore.exceptions
import s3fs
import s3fs.errors

import botocore_redirect.auto
from programs.steps import Steps

fs = s3fs.S3FileSystem()
steps = Steps()
for name, call in {
    "open": lambda: fs.open("data/file").read(),
    "cat": lambda: fs.cat("data/file"),
    "info": lambda: fs.info("data/file"),
    "exists": lambda: fs.exists("data/file"),
    "exists, of a bucket": lambda: fs.exists("data"),
    "isfile": lambda: fs.isfile("data/file"),
    "isdir": lambda: fs.isdir("data/folder"),
    "buckets": lambda: fs.ls(""),
    "ls": lambda: fs.ls("data"),
    "glob": lambda: fs.glob("data/*"),
    "find": lambda: fs.find("data"),
    "walk": lambda: list(fs.walk("data")),
    "du": lambda: fs.du("data"),
    "rm": lambda: fs.rm("data/file"),
    "rm, recursively": lambda: fs.rm("data/folder", recursive=True),
    "copy": lambda: fs.copy("data/file", "data/copied"),
    "pipe": lambda: fs.pipe("data/file", b"1"),
    "touch": lambda: fs.touch("data/empty"),
}.items():
    steps.run(name, call)


def read() -> botocore_redirect.S3fsRedirectError:
    try:
        fs.cat("data/file")
    except botocore_redirect.S3fsRedirectError as error:
        return error
    raise AssertionError("it was read")


def read_several() -> dict[str, bytes]:
    found: dict[str, bytes] = fs.cat(["data/file", "data/other"], on_error="omit")
    return found


raised = read()
again = pickle.loads(pickle.dumps(raised))
steps.run("code", lambda: [raised.code, again.code, str(again) == str(raised)])
steps.run("is a ClientError", lambda: isinstance(raised, botocore.exceptions.ClientError))
steps.run("cause", lambda: type(raised.__cause__).__name__)
steps.run("errors that the caller omits", read_several)
s3fs.errors.ERROR_CODE_TO_EXCEPTION["Own"] = KeyError
botocore_redirect.uninstall()
table = s3fs.errors.ERROR_CODE_TO_EXCEPTION
steps.run("left in the table", lambda: [type(table).__name__, "RedirectRefused" in table])
steps.run("added by others", lambda: table["Own"].__name__)
steps.run("isfile, without the patch", lambda: fs.isfile("data/file"))
with botocore_redirect.install():
    steps.run("isfile, installed again", lambda: fs.isfile("data/file"))
steps.run("isfile, uninstalled again", lambda: fs.isfile("data/file"))
steps.print()
