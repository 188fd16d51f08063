"""What TLS of phone calls stands on: our certificate with its key, and whom we trust."""

from __future__ import annotations

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from prometheus_client import Gauge

from domain.errors import SetupError
from realtime.sip.security import Srtp, Tls
from workers.settings import Settings

RENEW_BEFORE = datetime.timedelta(days=21)
"""Authorities that renew by themselves do it 30 days before the end: less is left where that has failed."""

ENDS = Gauge(
    "hatif_sip_certificate_ends_seconds",
    "Until when, in Unix time, the certificate is valid that this process has read for SIP",
    ["file"],
)

HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    pem: bytes
    """The chain, and then the key."""
    ends: datetime.datetime

    @property
    def left(self) -> datetime.timedelta:
        return self.ends - datetime.datetime.now(datetime.UTC)


def sip_tls(settings: Settings, *, by_trunks: bool) -> Tls | None:
    """None where neither callers nor trunks use TLS. Raises SetupError for what is missing, wrong or out of date."""
    certificate = sip_certificate(settings)
    if certificate is None and settings.sip_srtp is Srtp.REQUIRED:
        raise SetupError("HATIF_SIP_SRTP=required needs TLS: set HATIF_SIP_TLS_CERT and HATIF_SIP_TLS_KEY.")
    if certificate is None and not by_trunks:
        return None
    if settings.sip_port == HIGHEST_PORT:
        raise SetupError("HATIF_SIP_PORT must leave room for TLS, which has the port after it.")
    if certificate is not None:
        ENDS.labels(str(settings.sip_tls_cert)).set(certificate.ends.timestamp())
    return Tls(authorities=_authorities(settings.sip_ca), certificate=certificate and certificate.pem)


def sip_certificate(settings: Settings) -> Certificate | None:
    """None where none is set. Raises SetupError for one that can't be used, or not any more, or not yet."""
    cert, key = settings.sip_tls_cert, settings.sip_tls_key
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise SetupError("TLS of phone calls needs both HATIF_SIP_TLS_CERT and HATIF_SIP_TLS_KEY.")
    chain, private = _read(cert, "HATIF_SIP_TLS_CERT"), _read(key, "HATIF_SIP_TLS_KEY")
    try:
        ours = x509.load_pem_x509_certificates(chain)[0]
    except ValueError:
        raise SetupError(f"HATIF_SIP_TLS_CERT: {cert} is no certificate in PEM.") from None
    try:
        public = load_pem_private_key(private, None).public_key()
    except (ValueError, TypeError):  # a TypeError for a key that asks for a password
        raise SetupError(f"HATIF_SIP_TLS_KEY: {key} is no key in PEM, or it is locked by a password.") from None
    whole = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if public.public_bytes(*whole) != ours.public_key().public_bytes(*whole):
        raise SetupError(f"HATIF_SIP_TLS_KEY: {key} is not the key of {cert}.")
    now = datetime.datetime.now(datetime.UTC)
    if ours.not_valid_after_utc <= now:
        raise SetupError(f"HATIF_SIP_TLS_CERT: {cert} has expired on {ours.not_valid_after_utc:%Y-%m-%d}; renew it.")
    if ours.not_valid_before_utc > now:
        raise SetupError(f"HATIF_SIP_TLS_CERT: {cert} is valid from {ours.not_valid_before_utc:%Y-%m-%d} only.")
    return Certificate(pem=chain.rstrip() + b"\n" + private, ends=ours.not_valid_after_utc)


def _authorities(chosen: Path | None) -> bytes:
    known = chosen or ssl.get_default_verify_paths().cafile
    if not known:
        raise SetupError("TLS of phone calls needs to know whom to trust: set HATIF_SIP_CA to a file of authorities.")
    pem = _read(Path(known), "HATIF_SIP_CA")
    try:
        x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise SetupError(f"HATIF_SIP_CA: {known} holds no certificates in PEM.") from None
    return pem


def _read(file: Path, setting: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SetupError(f"{setting}: {file} can't be read: {(error.strerror or 'unknown').lower()}.") from error
