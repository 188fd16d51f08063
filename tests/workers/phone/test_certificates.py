"""TLS of phone calls: a certificate that can't be used is refused at the start in one sentence."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from domain.errors import SetupError
from realtime.sip.security import Srtp
from tests.certificates import DAY, Authority, Signed
from workers.phone.certificates import sip_certificate, sip_tls
from workers.settings import Settings

AUTHORITY = Authority.make()
GOOD, OTHER = AUTHORITY.signs("sip.example.com", 40 * DAY), AUTHORITY.signs("sip.example.com")
EXPIRED = AUTHORITY.signs("sip.example.com", datetime.timedelta(days=-2))


def settings(folder: Path, signed: Signed | None, **more: object) -> Settings:
    if signed is None:
        return Settings.model_validate(more)
    (folder / "cert.pem").write_bytes(signed.certificate)
    (folder / "key.pem").write_bytes(signed.key)
    return Settings.model_validate({"sip_tls_cert": folder / "cert.pem", "sip_tls_key": folder / "key.pem", **more})


def test_a_good_one_is_told_with_its_key_and_its_end(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    wanted = settings(tmp_path, GOOD, sip_ca=tmp_path / "ca.pem")
    certificate = sip_certificate(wanted)
    assert certificate is not None
    assert certificate.left.days in (39, 40)
    tls = sip_tls(wanted, by_trunks=False)
    assert tls is not None
    assert (tls.certificate, tls.authorities) == (GOOD.whole, AUTHORITY.pem)
    assert "PRIVATE KEY" not in repr(tls)
    ends = REGISTRY.get_sample_value("hatif_sip_certificate_ends_seconds", {"file": str(wanted.sip_tls_cert)})
    assert ends == certificate.ends.timestamp()


def test_without_one_tls_is_for_trunks_only(tmp_path: Path) -> None:
    assert sip_tls(settings(tmp_path, None), by_trunks=False) is None
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    tls = sip_tls(settings(tmp_path, None, sip_ca=tmp_path / "ca.pem"), by_trunks=True)
    assert tls is not None
    assert tls.certificate is None


@pytest.mark.parametrize(
    ("signed", "says"),
    [
        (EXPIRED, "HATIF_SIP_TLS_CERT.*expired on"),
        (Signed(certificate=GOOD.certificate, key=OTHER.key), "HATIF_SIP_TLS_KEY.*not the key of"),
        (Signed(certificate=b"nonsense", key=GOOD.key), "HATIF_SIP_TLS_CERT.*no certificate"),
        (Signed(certificate=GOOD.certificate, key=b"nonsense"), "HATIF_SIP_TLS_KEY.*no key"),
    ],
)
def test_one_that_cannot_be_used_is_refused(tmp_path: Path, signed: Signed, says: str) -> None:
    with pytest.raises(SetupError, match=says) as refused:
        sip_certificate(settings(tmp_path, signed))
    assert not re.search("BEGIN|PRIVATE", str(refused.value))


def test_what_is_missing_or_set_by_half_is_named(tmp_path: Path) -> None:
    whole = settings(tmp_path, GOOD)
    with pytest.raises(SetupError, match="both HATIF_SIP_TLS_CERT and HATIF_SIP_TLS_KEY"):
        sip_certificate(whole.model_copy(update={"sip_tls_key": None}))
    with pytest.raises(SetupError, match=r"HATIF_SIP_TLS_CERT.*can't be read: no such file"):
        sip_certificate(whole.model_copy(update={"sip_tls_cert": tmp_path / "none"}))
    with pytest.raises(SetupError, match=r"HATIF_SIP_CA.*no such file"):
        sip_tls(whole.model_copy(update={"sip_ca": tmp_path / "none"}), by_trunks=False)
    with pytest.raises(SetupError, match=r"HATIF_SIP_CA.*no certificates"):
        sip_tls(whole.model_copy(update={"sip_ca": tmp_path / "key.pem"}), by_trunks=False)
    with pytest.raises(SetupError, match="HATIF_SIP_SRTP"):
        sip_tls(settings(tmp_path, None, sip_srtp=Srtp.REQUIRED), by_trunks=False)
    with pytest.raises(SetupError, match="HATIF_SIP_PORT"):
        sip_tls(whole.model_copy(update={"sip_port": 65_535}), by_trunks=False)
