"""The checks before a start, the parts and their order, and what is shown."""

from __future__ import annotations

import io
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from pydantic import SecretStr
from rich.console import Console

from domain.errors import SetupError
from workers.commands.up import addresses, with_tls
from workers.launch import checks, data_dir
from workers.launch.certificate import self_signed
from workers.launch.checks import Listener
from workers.launch.first_sign_in import FirstPassword
from workers.launch.models import bring_models, wanted_models
from workers.launch.options import as_environment, load_settings, stray_settings
from workers.launch.parts import nodes
from workers.launch.screen import Screen
from workers.settings import Settings
from workers.supervise import Died, Part, Ready, Starting, Stopped
from workers.supervise.part import in_order


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", models_dir=tmp_path / "models")


@pytest.fixture
def screen() -> Screen:
    return Screen(Console(file=io.StringIO(), width=200, highlight=False, soft_wrap=True))


def shown(screen: Screen) -> str:
    assert isinstance(screen.console.file, io.StringIO)
    return screen.console.file.getvalue()


async def provision() -> None:
    """The tests of the graph start nothing."""


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def listener(port: int, part: str = "gateway") -> Listener:
    return Listener(part=part, host="127.0.0.1", port=port, setting="HATIF_GATEWAY_PORT")


# ---------------------------------------------------------------- checks


def test_a_taken_port_is_named_with_its_owner_and_the_setting(taken_port: int) -> None:
    with pytest.raises(SetupError) as refused:
        checks.check_ports([listener(taken_port)])
    sentence = str(refused.value)
    assert f"Port {taken_port} of gateway is taken by" in sentence
    assert f"process {os.getpid()}" in sentence
    assert "--port or HATIF_GATEWAY_PORT" in sentence


def test_every_taken_port_is_named_at_once(taken_port: int) -> None:
    with pytest.raises(SetupError) as refused, socket.create_server(("127.0.0.1", 0)) as other:
        checks.check_ports([listener(taken_port), listener(other.getsockname()[1], "speech")])
    assert "of gateway is taken" in str(refused.value)
    assert "of speech is taken" in str(refused.value)


def test_two_parts_on_one_port_are_refused(settings: Settings) -> None:
    doubled = settings.model_copy(update={"postgres_port": settings.gateway_port})
    with pytest.raises(SetupError, match=f"gateway and postgres both want port {settings.gateway_port}"):
        checks.check_ports(checks.listeners(doubled))


def test_a_foreign_address_can_not_be_listened_on() -> None:
    # TEST-NET-1, which no machine has.
    foreign = Listener(part="gateway", host="192.0.2.1", port=8080, setting="HATIF_GATEWAY_PORT")
    with pytest.raises(SetupError, match=r"can't be opened on 192\.0\.2\.1"):
        checks.check_ports([foreign])


def test_servers_elsewhere_want_no_port_here(settings: Settings) -> None:
    elsewhere = settings.model_copy(
        update={
            "database_url": SecretStr("postgresql+asyncpg://app@db.example/hatif"),
            "temporal_address": "temporal.example:7233",
            "llm_url": "http://vllm.example:8000/v1",
            "speech_url": "http://speech.example:8092",
            "knowledge_url": "http://knowledge.example:8093",
        }
    )
    assert [entry.part for entry in checks.listeners(elsewhere)] == ["gateway"]
    names = {node.name for node in nodes(elsewhere, provision, grace_s=1)}
    assert names == {"migrate", "provision", "durable", "media-1", "media-2", "gateway"}


def test_an_own_model_server_on_this_machine_is_told_by_its_name(settings: Settings) -> None:
    own = settings.model_copy(update={"llm_model": "qwen3-32b"})
    assert not checks.embedded_model(own)
    assert "model" not in {node.name for node in nodes(own, provision, grace_s=1)}


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MIN_FREE_DISK_BYTES", 1 << 62)
    with pytest.raises(SetupError, match=r"MB free and Hatif needs .* --data-dir\.$"):
        checks.check_disk(tmp_path)


def test_too_little_memory_is_one_sentence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "BASE_MEMORY_BYTES", 1 << 62)
    with pytest.raises(SetupError, match=r"GB of memory are free and Hatif needs .* HATIF_LLM_FILE\.$"):
        checks.check_memory(settings)


def test_a_temporal_address_without_a_port_is_refused(settings: Settings) -> None:
    with pytest.raises(SetupError, match="HATIF_TEMPORAL_ADDRESS must be host:port"):
        checks.listeners(settings.model_copy(update={"temporal_address": "127.0.0.1:temporal"}))


# ---------------------------------------------------------------- the data directory


def test_a_second_run_on_the_same_data_directory_is_refused(tmp_path: Path) -> None:
    with data_dir.held(tmp_path, "hatif up"):
        assert data_dir.is_held(tmp_path)
        with (
            pytest.raises(SetupError, match=rf"^hatif up \(process {os.getpid()}\) uses the data directory"),
            data_dir.held(tmp_path, "hatif reset"),
        ):
            pass
    assert not data_dir.is_held(tmp_path)


def test_a_killed_run_leaves_the_directory_free(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, pathlib; from workers.launch import data_dir\n"
        "with data_dir.held(pathlib.Path(sys.argv[1]), 'hatif up'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert killed.returncode == -9
    with data_dir.held(tmp_path, "hatif up"):
        assert data_dir.is_held(tmp_path)


def test_the_address_of_what_runs_here(tmp_path: Path) -> None:
    with data_dir.held(tmp_path, "hatif up"):
        assert data_dir.softphone_address(tmp_path) is None
        (tmp_path / data_dir.STATUS).write_text("[half")
        assert data_dir.softphone_address(tmp_path) is None
        data_dir.write_status(tmp_path, {}, {"softphone": "http://127.0.0.1:9000/"})
        assert data_dir.softphone_address(tmp_path) == "http://127.0.0.1:9000"
    assert data_dir.softphone_address(tmp_path) is None, "what ran before is not what runs"


def test_a_data_directory_that_can_not_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(SetupError, match=r"can't be written: .*; give another --data-dir\."),
        data_dir.held(tmp_path / "file" / "data", "hatif up"),
    ):
        pass


def test_the_status_of_a_run_is_read_while_it_lasts(tmp_path: Path) -> None:
    with data_dir.held(tmp_path, "hatif up"):
        data_dir.write_status(tmp_path, {"gateway": os.getpid(), "media-1": 2**22 + 1}, {})
        assert data_dir.read_status(tmp_path) == {"gateway": True, "media-1": False}
    assert data_dir.read_status(tmp_path) is None


# ---------------------------------------------------------------- settings


def test_the_command_line_overrules_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATIF_GATEWAY_PORT", "9000")
    assert load_settings(gateway_port=None).gateway_port == 9000
    assert load_settings(gateway_port=9001).gateway_port == 9001


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATIF_MEDIA_SLOTS", "hunter2")
    with pytest.raises(SetupError, match=r"^HATIF_MEDIA_SLOTS can't be used: ") as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_children_get_the_same_settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings.model_copy(update={"media_slots": 3, "llm_api_key": SecretStr("key")})
    for name, value in as_environment(given).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == given


def test_a_slip_of_the_pen_in_a_setting_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATIF_GATEWAY_PROT", "9000")
    assert stray_settings() == ["HATIF_GATEWAY_PROT"]


# ---------------------------------------------------------------- parts


def test_the_parts_start_in_an_order_that_works(settings: Settings) -> None:
    two = settings.model_copy(update={"media_workers": 2})
    names = [node.name for node in in_order(nodes(two, provision, grace_s=60))]
    assert {"postgres", "temporal", "model", "speech", "durable", "media-1", "media-2", "gateway"} < set(names)
    assert names.index("postgres") < names.index("migrate") < names.index("provision") < names.index("gateway")
    assert max(names.index(n) for n in ("model", "speech", "temporal", "provision")) < names.index("media-1")


def test_what_a_live_call_needs_outlives_the_media_workers(settings: Settings) -> None:
    parts = {node.name: node for node in nodes(settings, provision, grace_s=60) if isinstance(node, Part)}
    for name in ("model", "speech", "durable", "gateway"):
        assert "media-1" in parts[name].outlives
    assert parts["media-1"].stop_grace_s > 60


async def test_an_own_database_needs_its_owner_too(settings: Settings) -> None:
    own = settings.model_copy(update={"database_url": SecretStr("postgresql+asyncpg://app@db.example/hatif")})
    migrate = next(node for node in nodes(own, provision, grace_s=1) if node.name == "migrate")
    assert not isinstance(migrate, Part)
    with pytest.raises(SetupError, match="HATIF_OWNER_DATABASE_URL"):
        await migrate.run()


# ---------------------------------------------------------------- models


def test_without_fetching_a_missing_model_is_one_sentence(settings: Settings, screen: Screen) -> None:
    with pytest.raises(SetupError, match=r"The model file .* is missing; .*make models"):
        bring_models(settings, screen, may_fetch=False)


def test_the_configured_models_are_wanted_too(settings: Settings) -> None:
    bigger = settings.model_copy(update={"llm_file": "qwen2.5-coder-1.5b", "asr_model": "/srv/whisper"})
    assert "qwen2.5-coder-1.5b" in wanted_models(bigger)
    assert "qwen2.5-coder-1.5b" not in wanted_models(settings)


def test_an_unknown_model_is_named(settings: Settings) -> None:
    with pytest.raises(SetupError, match=r"There is no model named 'whisper-huge'; models\.toml has "):
        wanted_models(settings.model_copy(update={"asr_model": "whisper-huge"}))


# ---------------------------------------------------------------- TLS


def test_loopback_is_served_without_tls(settings: Settings, screen: Screen) -> None:
    assert with_tls(settings, screen) == settings
    assert addresses(settings)["softphone"] == "http://127.0.0.1:8080/"
    assert addresses(settings)["phone"] == "sip:demo@127.0.0.1:5060"
    assert "phone" not in addresses(settings.model_copy(update={"sip_port": 0}))
    assert shown(screen) == ""


def test_another_address_gets_a_certificate_and_says_so(settings: Settings, screen: Screen) -> None:
    settings.data_dir.mkdir()
    served = with_tls(settings.model_copy(update={"host": "0.0.0.0"}), screen)
    assert served.tls_cert is not None
    assert served.tls_key is not None
    assert addresses(served)["softphone"].startswith("https://")
    assert "a self-signed one is used, and browsers will warn" in shown(screen)
    assert served.tls_key.stat().st_mode & 0o077 == 0
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(served.tls_cert, served.tls_key)


def test_half_of_a_certificate_is_refused(settings: Settings, screen: Screen) -> None:
    with pytest.raises(SetupError, match="both --tls-cert and --tls-key"):
        with_tls(settings.model_copy(update={"tls_cert": Path("cert.pem")}), screen)


def test_a_certificate_is_kept_and_made_again_for_another_host(tmp_path: Path) -> None:
    certificate, _, first = self_signed(tmp_path, "voice.example.com")
    assert self_signed(tmp_path, "voice.example.com")[2] == first
    _, _, second = self_signed(tmp_path, "198.51.100.7")
    assert second != first
    names = x509.load_pem_x509_certificate(certificate.read_bytes()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert "198.51.100.7" in [str(name) for name in names.value.get_values_for_type(x509.IPAddress)]


def test_a_certificate_file_that_is_none_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "self-signed.crt").write_text("nonsense")
    certificate, key, _ = self_signed(tmp_path, "voice.example.com")
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)


# ---------------------------------------------------------------- the screen


def test_without_a_terminal_the_screen_is_plain_lines(screen: Screen) -> None:
    with screen:
        for event in (
            Starting(name="media-1"),
            Ready(name="media-1", took_ms=1234),
            Died(name="media-1", how="signal 9", again_in_ms=200),
            Died(name="media-1", how="exit 1", again_in_ms=1600),
            Stopped(name="media-1"),
        ):
            screen.tell(event)
    assert [" ".join(line.split()) for line in shown(screen).splitlines()] == [
        "✓ media-1 1.2 s",
        "✗ media-1 died (signal 9), starting again",
        "✗ media-1 died (exit 1), starting again in 1.6 s",
        "· media-1 stopped",
    ]
    assert "\x1b" not in shown(screen)


@pytest.mark.parametrize(
    ("live_calls", "sentence"),
    [
        (None, "Stopping."),
        (0, "Stopping."),
        (1, "Stopping: 1 call may end first, for up to 60 s. Ctrl-C again cuts it."),
        (3, "Stopping: 3 calls may end first, for up to 60 s. Ctrl-C again cuts them."),
    ],
)
def test_a_stop_says_how_many_calls_may_end(screen: Screen, live_calls: int | None, sentence: str) -> None:
    screen.stopping(live_calls, 60)
    assert shown(screen).strip() == sentence


def test_the_end_of_a_start_shows_addresses_and_the_first_password_once(screen: Screen) -> None:
    screen.ready(
        {"softphone": "http://127.0.0.1:8080/"},
        [FirstPassword(company="demo-shop", email="admin@demo-shop.example", password="s3cret")],
        "~/logs",
    )
    text = shown(screen)
    assert "http://127.0.0.1:8080/" in text
    assert text.count("s3cret") == 1
    assert "shown this once" in text
