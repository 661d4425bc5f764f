"""How real stores redirect, by name: what their gateways answer, and what their targets check.

    with RedirectingStore(dialect="aistore") as store:
        ...

docs/stores.md has a recipe for each of these stores.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from botocore_redirect.testing.dialects import (
    aistore,
    aistore_signed,
    alluxio,
    ceph,
    ecs,
    presigning,
    seaweedfs,
)
from botocore_redirect.testing.dialects.dialect import Dialect, Rules, Site

__all__ = ["DIALECTS", "Dialect", "Rules", "Site", "find_dialect"]

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            aistore.DIALECT,
            aistore_signed.DIALECT,
            ceph.DIALECT,
            presigning.HUGGINGFACE,
            presigning.LAKEFS,
            alluxio.DIALECT,
            ecs.DIALECT,
            presigning.S3PROXY,
            seaweedfs.DIALECT,
        )
    }
)


def find_dialect(name: str) -> Dialect:
    """Return the dialect of this name; raise ValueError, with all names, if there is none."""
    try:
        return DIALECTS[name]
    except KeyError:
        raise ValueError(
            f"There is no dialect {name!r}; the dialects are {', '.join(DIALECTS)}."
        ) from None
