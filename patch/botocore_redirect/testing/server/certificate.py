"""A certificate for servers on this machine that is thrown away with its folder."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

_DAY = timedelta(days=1)
_ADDRESS = "127.0.0.1"
_NAME = "localhost"


class Certificate:
    """A certificate for `localhost` and 127.0.0.1, and the authority that signed it.

    `context` is what a server needs to speak TLS, `ca` the file that clients verify it with. The
    key of the authority is kept nowhere, that of the server in the folder. Made with the library
    `cryptography`, which moto needs as well.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from cryptography import x509  # noqa: PLC0415 - an extra
            from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as above
            from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - as above
        except ImportError as error:
            raise ImportError(
                f"TLS on demand needs a certificate, and that cryptography, but {error}. "
                "Install it with: pip install 'botocore-redirect[testing]'"
            ) from error
        pem = serialization.Encoding.PEM
        authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        issuer = _name(x509, "botocore-redirect testing")
        root = _sign(x509, issuer, authority, issuer, authority, ca=True)
        subject = _name(x509, "a redirecting store")  # no host: old clients would take it for one
        leaf = _sign(x509, subject, key, issuer, authority, ca=False)
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(root.public_bytes(pem))
        private = key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        chain = folder / "server.pem"
        chain.write_bytes(private + leaf.public_bytes(pem))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain)


def _name(x509: Any, text: str) -> Any:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _sign(x509: Any, subject: Any, key: Any, issuer: Any, authority: Any, *, ca: bool) -> Any:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - as above

    now = datetime.now(timezone.utc)
    public = authority.public_key()
    usage = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("encipher_only", "decipher_only"),
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)  # clocks differ
        .not_valid_after(now + 7 * _DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage),
            critical=True,
        )
        # Python 3.13 asks for both.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    )
    if not ca:
        hosts = [
            x509.DNSName(_NAME),
            x509.IPAddress(ipaddress.ip_address(_ADDRESS)),
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    return builder.sign(authority, hashes.SHA256())
