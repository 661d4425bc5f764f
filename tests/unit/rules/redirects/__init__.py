"""The table of redirects: what real stores, gateways and attackers answer, and what is right."""

from __future__ import annotations

from unit.rules.redirects import (
    addresses,
    aistore,
    buckets,
    chains,
    from_virtual_hosts,
    fronts,
    keys,
    presigned,
    query,
    rewrites,
    stores,
    virtual_hosts,
)
from unit.rules.redirects.row import Row

_GROUPS = {
    "aistore": aistore.ROWS,
    "fronts": fronts.ROWS,
    "ceph": stores.CEPH,
    "other stores": stores.OTHERS,
    "keys": keys.ROWS,
    "query": query.ROWS,
    "buckets": buckets.ROWS,
    "virtual hosts": virtual_hosts.ROWS,
    "from virtual hosts": from_virtual_hosts.ROWS,
    "presigned": presigned.ROWS,
    "addresses": addresses.ROWS,
    "chains": chains.ROWS,
    "rewrites": rewrites.ROWS,
}

#: All rows, each with the name of its group.
TABLE: list[tuple[str, Row]] = [(group, row) for group, rows in _GROUPS.items() for row in rows]
