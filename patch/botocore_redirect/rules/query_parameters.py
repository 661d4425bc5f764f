"""The names that S3 knows in the query of a call, from its newest model.

`tests/unit/test_names.py` compares them with the model of the installed botocore.
"""

# ruff: noqa: SIM905  # long lists of words are read best as text

from __future__ import annotations

from typing import Literal

Level = Literal["service", "bucket", "object"]

#: They select what is done: the fixed names in the URIs of operations, and what names a version,
#: an upload or a part. `GET /bucket/key` reads an object, `GET /bucket/key?acl` who may read it.
SELECTING = frozenset(
    """
    abac accelerate acl analytics annotation attributes cors delete encryption intelligent-tiering
    inventory legal-hold lifecycle list-type location logging metadataAnnotationTable
    metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable metrics
    notification object-lock ownershipControls policy policyStatus publicAccessBlock renameObject
    replication requestPayment restore retention select select-type session tagging torrent uploads
    versioning versions website
    partNumber uploadId versionId
    """.split()
)

#: What else the operations of a level take in the query.
TAKEN: dict[Level, frozenset[str]] = {
    "service": frozenset(
        "bucket-region continuation-token max-buckets max-directory-buckets prefix".split()
    ),
    "bucket": frozenset(
        """
        continuation-token delimiter encoding-type fetch-owner id key-marker marker max-keys
        max-uploads prefix start-after upload-id-marker version-id-marker
        """.split()
    ),
    "object": frozenset(
        """
        annotation-prefix annotationName continuation-token max-annotation-results max-parts
        part-number-marker response-cache-control response-content-disposition
        response-content-encoding response-content-language response-content-type response-expires
        """.split()
    ),
}

#: Known to some stores: Ceph RGW appends to the object.
OF_STORES = frozenset({"append", "position"})

#: Named by SDKs for people who read logs; servers ignore it.
IGNORED = frozenset({"x-id"})

#: A part of CloudFront's signature, in just these letters, and no sub-resource of a bucket.
OF_CLOUDFRONT = "Policy"
