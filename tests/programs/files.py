"""A program that uses files of S3 through s3fs; `IMPORT_LAST` names what it imports last."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from programs.steps import Steps

MODULES = ["s3fs", "botocore_redirect.auto"]
if os.environ.get("IMPORT_LAST") == "s3fs":
    MODULES.reverse()
for module in MODULES:
    importlib.import_module(module)
s3fs: Any = sys.modules["s3fs"]

MIB = 2**20
PART = 8 * MIB
TREE = {f"data/tree/{n}/{name}": f"{n}{name}".encode() for n in range(3) for name in "ab c+é"}


def write_in_parts(fs: Any) -> int:
    with fs.open("data/large", "wb", block_size=PART) as file:
        for number in range(24):
            file.write(bytes([number]) * MIB)
    return int(fs.size("data/large"))


def read_in_parts(fs: Any) -> list[bytes]:
    with fs.open("data/large", "rb", block_size=MIB) as file:
        file.seek(5 * MIB - 3)
        return [file.read(6), file.read(3 * MIB), file.seek(-2, 2), file.read()]


def write_text(fs: Any) -> list[str]:
    with fs.open("data/text", "w") as file:
        file.write("one\ntwo\n")
    with fs.open("data/text", "a") as file:
        file.write("three\n")
    with fs.open("data/text") as file:
        return [line.strip() for line in file]


def invalidate(fs: Any) -> list[int]:
    found = [len(fs.ls("data/tree/0"))]
    other = s3fs.S3FileSystem(skip_instance_cache=True)
    other.pipe_file("data/tree/0/new", b"new")
    found.append(len(fs.ls("data/tree/0")))
    fs.invalidate_cache("data/tree/0")
    found.append(len(fs.ls("data/tree/0")))
    return found


def write_small_files(fs: Any) -> list[Any]:
    fs.pipe(TREE)
    fs.touch("data/empty")
    return list(fs.cat([*TREE, "data/empty"]).items())


def through_local_files(fs: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.write_bytes(b"local" * MIB)
        fs.put(str(source), "data/put")
        fs.get("data/put", str(Path(folder, "got")))
        return Path(folder, "got").read_bytes()


def names(infos: Any) -> list[list[Any]]:
    return sorted([info["name"], info["size"], info["type"]] for info in infos)


fs = s3fs.S3FileSystem()
steps = Steps()
steps.run("write 24 MiB in parts", lambda: write_in_parts(fs))
steps.run("read", lambda: fs.open("data/large").read())
steps.run("read in parts", lambda: read_in_parts(fs))
steps.run("read a range", lambda: fs.cat_file("data/large", start=MIB - 2, end=MIB + 2))
steps.run("read ranges", lambda: fs.cat_ranges(["data/large"] * 2, [0, 9 * MIB], [3, 9 * MIB + 5]))
steps.run("write and append text", lambda: write_text(fs))
steps.run("pipe, touch and cat", lambda: write_small_files(fs))
steps.run("info", lambda: names([fs.info("data/text"), fs.info("data/tree"), fs.info("data")]))
steps.run("exists", lambda: [fs.exists(path) for path in ("data/text", "data/none", "data", "no")])
steps.run("isfile", lambda: [fs.isfile(path) for path in ("data/text", "data/none", "data/tree")])
steps.run("isdir", lambda: [fs.isdir(path) for path in ("data/text", "data/none", "data/tree")])
steps.run("buckets", lambda: fs.ls(""))
steps.run("ls", lambda: names(fs.ls("data", detail=True)))
steps.run("glob", lambda: sorted(fs.glob("data/tree/*/[a-c]*")))
steps.run("find", lambda: sorted(fs.find("data")))
steps.run("walk", lambda: [[path, sorted(d), sorted(f)] for path, d, f in fs.walk("data")])
steps.run("du", lambda: fs.du("data"))
steps.run("invalidate_cache", lambda: invalidate(fs))
steps.run("put and get", lambda: through_local_files(fs))
steps.run("copy", lambda: fs.copy("data/large", "data/copied"))
steps.run("copy again", lambda: fs.copy("data/text", "data/moving"))
steps.run("copy a tree", lambda: fs.copy("data/tree/1", "data/other", recursive=True))
steps.run("mv", lambda: fs.mv("data/moving", "data/moved"))
steps.run("rm many", lambda: fs.rm(["data/tree/0/a", "data/tree/0/b", "data/large"]))
steps.run("rm recursively", lambda: fs.rm("data/tree/2", recursive=True))
steps.run("a missing file", lambda: fs.cat("data/none"))
steps.run("what is left", lambda: sorted(fs.find("data")))
steps.print()
