"""The query parameters of S3, by its newest model.

A unit test compares them with the model of the installed botocore.
"""

# ruff: noqa: SIM905  # long lists of words read best as text

from __future__ import annotations

from typing import Literal

Level = Literal["service", "bucket", "object"]

#: Parameters that select the operation: the fixed names in the URIs of the model, and those that
#: name a version, an upload or a part. `GET /bkt/key` reads an object, `GET /bkt/key?acl` its ACL.
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

#: The other parameters that operations of a level take.
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

#: Parameters of some stores: with these, Ceph RGW appends to the object.
OF_STORES = frozenset({"append", "position"})

#: SDKs send it for people who read logs; servers ignore it.
IGNORED = frozenset({"x-id"})

#: Spelled like this it is a part of CloudFront's signature, not the sub-resource `policy`.
OF_CLOUDFRONT = "Policy"
