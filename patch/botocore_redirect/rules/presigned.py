"""Whether a URL is presigned: its query carries a signature of a store or a CDN.

Names are compared without regard to case: signers and gateways spell them differently.
"""

from __future__ import annotations

from urllib.parse import unquote_plus

#: Parameters that are a signature by themselves.
_SIGNATURES = frozenset(
    {
        "x-amz-signature",  # S3 version 4
        "x-goog-signature",  # Google Cloud Storage version 4
        "x-oss-signature",  # Alibaba OSS version 4
        "q-signature",  # Tencent COS
        "hdnea",  # Akamai's token
    }
)
#: Parameters that are a signature only together with one of these others.
_WITH = {
    "signature": frozenset(
        {
            "awsaccesskeyid",  # S3 version 2
            "googleaccessid",  # Google Cloud Storage version 2
            "ossaccesskeyid",  # Alibaba OSS version 1
            "key-pair-id",  # Amazon CloudFront
            "keyname",  # Google Cloud CDN
        }
    ),
    "sig": frozenset({"se"}),  # Azure: its shared access signature has an expiry
}


def is_presigned(query: str) -> bool:
    """Return whether a query string carries a signature of a store or a CDN."""
    names = {unquote_plus(pair.partition("=")[0]).lower() for pair in query.split("&")}
    return bool(names & _SIGNATURES) or any(
        word in names and names & others for word, others in _WITH.items()
    )
