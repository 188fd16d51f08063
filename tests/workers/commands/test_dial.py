"""What `hatif dial` says where nothing could be dialled."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.outbound.calling_out import OutboundResult
from workers.commands.dial import said
from workers.settings import Settings

TRUNKS = """
[[trunk]]
tenant = "demo-shop"
registrar = "sip.example.com"
user = "shop"
password_file = "password"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "trunks.toml").write_text(TRUNKS)
    return Settings(sip_trunks=tmp_path / "trunks.toml", data_dir=tmp_path)


def test_a_trunk_that_is_not_there_is_told_from_one_that_is_not_registered(settings: Settings) -> None:
    assert "names no trunk of demo-clinic" in said(OutboundResult.NO_LINE, settings, "demo-clinic")
    unregistered = said(OutboundResult.NO_LINE, settings, "demo-shop")
    assert "registered at shop@sip.example.com" in unregistered
    assert str(settings.data_dir / "logs") in unregistered
    without = settings.model_copy(update={"sip_trunks": None})
    assert "names no trunk of demo-shop" in said(OutboundResult.NO_LINE, without, "demo-shop")
    assert "HATIF_SIP_PORT" in said(OutboundResult.NO_LINE, settings.model_copy(update={"sip_port": 0}), "demo-shop")


def test_every_other_result_has_words_of_its_own(settings: Settings) -> None:
    words = [said(result, settings, "demo-shop") for result in OutboundResult]
    assert len(set(words)) == len(OutboundResult)
    assert "HATIF_MEDIA_SLOTS" in said(OutboundResult.NO_ROOM, settings, "demo-shop")
