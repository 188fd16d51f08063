"""`hatif doctor`: a line each, remedies, and its exit code."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from domain.outbound.dialling import DialLimits
from realtime.sip.standing import Standing, TrunkState
from realtime.sip.trunks import Trunk
from tests.certificates import DAY, Authority
from workers.commands import doctor
from workers.launch import checks, data_dir
from workers.phone.number_plan import facts_of
from workers.phone.trunk_board import TrunkBoard
from workers.settings import Settings

NOWHERE = DialLimits(regions=frozenset(), an_hour=1, plan=facts_of)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Nothing fetched, on ports that nobody has."""
    return Settings(
        data_dir=tmp_path / "data",
        models_dir=tmp_path / "models",
        gateway_port=free_port(),
        postgres_port=free_port(),
        temporal_address=f"127.0.0.1:{free_port()}",
        temporal_ui_port=free_port(),
        llm_url=f"http://127.0.0.1:{free_port()}/v1",
        speech_url=f"http://127.0.0.1:{free_port()}",
    )


def findings(settings: Settings) -> dict[str, doctor.Finding]:
    return {finding.about: finding for finding in doctor.examine(settings)}


def test_missing_models_are_named_with_the_way_to_get_them(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.run(settings, as_json=False) == doctor.EXIT_MISSING
    lines = [line for line in capsys.readouterr().out.splitlines() if "model whisper-base" in line]
    assert len(lines) == 1
    assert lines[0].startswith("✗ ")
    assert "model.bin is missing" in lines[0]
    assert "run make models" in lines[0]


def test_an_altered_model_is_found_even_if_its_size_is_right(settings: Settings) -> None:
    folder = settings.models_dir / "silero-vad"
    folder.mkdir(parents=True)
    (folder / "silero_vad_16k_op15.onnx").write_bytes(bytes(1_289_603))
    finding = findings(settings)["model silero-vad"]
    assert not finding.ok
    assert finding.says == "silero_vad_16k_op15.onnx is altered"


def test_a_model_that_nobody_configured_is_not_missed(settings: Settings) -> None:
    assert "model qwen2.5-coder-1.5b" not in findings(settings)


def test_a_taken_port_is_said_with_its_setting(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.postgres_port)):
        finding = findings(settings)[f"port {settings.postgres_port}"]
    assert not finding.ok
    assert "of postgres is taken" in finding.says
    assert "HATIF_POSTGRES_PORT" in finding.remedy


def test_json_says_the_same(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    code = doctor.run(settings, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (code, document["ok"]) == (doctor.EXIT_MISSING, False)
    assert {"machine", "temporalio", "disk", "memory", "speaks en", "speaks ar"} <= {
        finding["about"] for finding in document["findings"]
    }


def test_while_it_runs_the_parts_are_shown_and_the_ports_are_not(settings: Settings) -> None:
    with data_dir.held(settings.data_dir, "hatif up"):
        data_dir.write_status(
            settings.data_dir, {"gateway": 2**22 + 1, "media-1": os.getpid()}, {}, {"media-1": "fast"}
        )
        found = findings(settings)
    assert found["part media-1"].says == "running, by now with the profile fast"
    assert found["part gateway"].ok is False
    assert not [about for about in found if about.startswith("port ")]


def test_what_is_only_good_to_have_does_not_fail(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = findings(settings)
    for about in ("node, for the web build", "chromium, for the tests"):
        assert not found[about].needed


def test_too_little_room_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MIN_FREE_DISK_BYTES", 1 << 62)
    finding = findings(settings)["disk"]
    assert finding.needed
    assert not finding.ok


@pytest.mark.models
def test_with_the_models_there_everything_needed_is_found(settings: Settings) -> None:
    fetched = settings.model_copy(update={"models_dir": Settings().models_dir})
    wrong = {about: f.says for about, f in findings(fetched).items() if f.needed and not f.ok}
    # The pages are built by another target.
    assert set(wrong) <= {"web pages"}


def test_where_phone_calls_come_in_is_told_and_what_keeps_them_out(settings: Settings) -> None:
    def found(**given: object) -> doctor.Finding:
        return findings(settings.model_copy(update={"sip_port": free_port(), **given}))["SIP"]

    own = found(sip_numbers="+97145550100=demo-shop")
    assert (own.ok, own.says.startswith("1 numbers at 127.0.0.1:")) == (True, True)
    assert own.says.endswith("called from 127.0.0.0/8, ::1/128; sound at 10000 to 19999")
    assert "HATIF_PHONE_SOURCES" in found(sip_host="192.0.2.1").remedy
    assert "can't be opened" in found(sip_host="192.0.2.1", phone_sources="10.1.0.0/24").says
    assert found(sip_host="0.0.0.0").says.startswith("HATIF_SIP_HOST")
    assert found(sip_host="voice.example.com").says.startswith("HATIF_SIP_HOST")
    assert found(sip_rtp_ports="10000-10010").says.startswith("HATIF_SIP_RTP_PORTS")
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = found(sip_port=other.getsockname()[1])
        assert (taken.ok, taken.needed, "is taken" in taken.says) == (False, False, True)


def test_a_certificate_of_phone_calls_that_soon_ends_is_told(settings: Settings, tmp_path: Path) -> None:
    def found(lasts_days: int) -> doctor.Finding:
        signed = Authority.make().signs("sip.example.com", lasts_days * DAY)
        (tmp_path / "cert.pem").write_bytes(signed.certificate)
        (tmp_path / "key.pem").write_bytes(signed.key)
        files = {"sip_tls_cert": tmp_path / "cert.pem", "sip_tls_key": tmp_path / "key.pem"}
        return findings(settings.model_copy(update=files))["SIP certificate"]

    assert (found(60).ok, found(60).says.endswith(", 59 days")) == (True, True)
    assert (found(10).ok, found(10).needed) == (False, False)
    assert (found(-1).ok, found(-1).needed) == (False, True)
    assert "SIP certificate" not in findings(settings)


def test_each_trunk_is_told_with_how_it_stands_and_never_its_password(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "trunks.toml"
    account = '[[trunk]]\ntenant = "{}"\nregistrar = "sip.example.com"\nuser = "{}"\npassword_file = "password"\n'
    file.write_text(account.format("demo-shop", "100") + account.format("demo-clinic", "200"))
    (tmp_path / "password").write_text("the password")
    settings = settings.model_copy(update={"sip_trunks": file})
    trunks = [
        Trunk(tenant_id=slug, registrar="sip.example.com", user=user, password="the password", limits=NOWHERE)
        for slug, user in (("demo-shop", "100"), ("demo-clinic", "200"))
    ]
    registry = CollectorRegistry()
    with data_dir.held(settings.data_dir, "a test"):
        board = TrunkBoard(settings.data_dir, trunks, registry)
        board.tell(
            {
                "100@sip.example.com": TrunkState(standing=Standing.REGISTERED, since_s=100_000.0),
                "200@sip.example.com": TrunkState.of_failure("403 Not\x1b[2J yours"),
            }
        )
        found = findings(settings)
        assert found["trunk 100@sip.example.com"].ok
        assert "of demo-shop, by udp: registered since 1970-01-0" in found["trunk 100@sip.example.com"].says
        assert not found["trunk 200@sip.example.com"].ok
        assert "of demo-clinic, by udp: refused since" in found["trunk 200@sip.example.com"].says
        assert "(403 Not[2J yours)" in found["trunk 200@sip.example.com"].says
        assert "the password" not in str(found)
        numbers = generate_latest(registry).decode()
        assert 'hatif_sip_trunk_registered{tenant="demo-shop",trunk="100@sip.example.com"} 1.0' in numbers
        assert 'hatif_sip_trunk_registered{tenant="demo-clinic",trunk="200@sip.example.com"} 0.0' in numbers
        assert 'state="refused",tenant="demo-clinic"' in numbers

        # One that knows us by our address has nothing to be alerted by.
        board.tell({"100@sip.example.com": TrunkState.now(Standing.BY_ADDRESS)})
        assert findings(settings)["trunk 100@sip.example.com"].ok
        assert "hatif_sip_trunk_registered{" not in generate_latest(registry).decode()

        board.tell({})
        assert not findings(settings)["trunk 100@sip.example.com"].ok
        assert "demo-shop" not in generate_latest(registry).decode()
    assert "registered once it runs" in findings(settings)["trunk 100@sip.example.com"].says
    file.write_text("[[trunk")
    assert "not TOML" in findings(settings)["trunks"].says
