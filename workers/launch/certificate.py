"""A self-signed certificate for a gateway that others reach, where the operator has brought none."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.errors import SetupError

VALID_DAYS = 397
"""Browsers refuse longer ones."""
RENEW_BEFORE = datetime.timedelta(days=30)


def self_signed(folder: Path, host: str) -> tuple[Path, Path, str]:
    """The certificate, its key and its SHA-256 fingerprint; made again when it nears its end or lacks `host`.

    Raises SetupError.
    """
    certificate_file, key_file = folder / "self-signed.crt", folder / "self-signed.key"
    wanted = _names(host)
    try:
        found = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        names = set(found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
        fresh = found.not_valid_after_utc - datetime.datetime.now(datetime.UTC) > RENEW_BEFORE
        if fresh and key_file.exists() and set(wanted) <= names:
            return certificate_file, key_file, _fingerprint(found)
    except (OSError, ValueError, x509.ExtensionNotFound):
        pass  # none yet, or none that can be used
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _sign(key, wanted)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(
                key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise SetupError(f"The certificate can't be written to {folder}: {error.strerror}.") from error
    return certificate_file, key_file, _fingerprint(certificate)


def _sign(key: ec.EllipticCurvePrivateKey, names: list[x509.GeneralName]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hatif, self-signed")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # An hour back: the callers' clocks are not ours.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _names(host: str) -> list[x509.GeneralName]:
    """`host`, or for a wildcard every address of this machine; and this machine's name."""
    addresses = [host]
    if host in ("0.0.0.0", "::"):  # noqa: S104
        addresses = [
            entry.address.partition("%")[0]
            for entries in psutil.net_if_addrs().values()
            for entry in entries
            if entry.family in (socket.AF_INET, socket.AF_INET6)
        ]
    names: dict[str, x509.GeneralName] = {}
    for name in (*addresses, socket.gethostname(), "localhost"):
        try:
            names[name] = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            names[name] = x509.DNSName(name)
    return list(names.values())


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()
