"""The `hatif` command: what it prints, its sentences and its exit codes."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from domain.accounts import SiteKey
from domain.call import Outcome
from domain.errors import Refused, SetupError
from domain.speech import Guesses, Language, Speaker, Turn, TurnKind
from domain.tenant import TenantProfile
from storage.accounts import PostgresAccounts
from storage.calls import PostgresCalls
from storage.keys import PostgresKeyRing, master_key
from storage.session import Database
from storage.tenants import PostgresTenants
from tests.certificates import DAY, Authority
from tests.conftest import DatabaseUrls
from tests.workers.conftest import Hatif
from workers.commands import calls, show
from workers.launch import data_dir
from workers.settings import Settings


def test_help_names_every_subcommand(hatif: Hatif) -> None:
    helped = hatif("--help")
    assert helped.returncode == 0
    for name in ("up", "doctor", "reset", "calls", "show", "call", "user", "queue", "hours", "tenant", "campaign"):
        assert f"  {name} " in helped.stdout


HEAVY = ("numpy", "sqlalchemy", "temporalio", "aiortc", "pydantic", "fastapi", "rich.markdown")


def test_help_imports_nothing_heavy() -> None:
    code = f"""
import sys
sys.argv = ["hatif", "--help"]
from workers.cli import main
try:
    main()
except SystemExit:
    print("HEAVY", sorted(set({HEAVY}) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize(
    ("arguments", "env", "sentence"),
    [
        (("doctor",), {"HATIF_GATEWAY_PORT": "web"}, "hatif: HATIF_GATEWAY_PORT can't be used:"),
        (("calls",), {}, "hatif: There is no database in "),
        (("show", "abc"), {}, "hatif: There is no database in "),
        (("up", "--tls-cert", "x.pem", "--no-fetch"), {"HATIF_MODELS_DIR": "/nowhere"}, "hatif: The model file "),
    ],
)
def test_an_error_is_one_sentence_without_a_traceback(
    hatif: Hatif, tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str], sentence: str
) -> None:
    done = hatif(*arguments, **{"HATIF_DATA_DIR": str(tmp_path), **env})
    assert done.returncode == os.EX_CONFIG
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


def test_an_expired_certificate_of_phone_calls_is_said_before_anything_starts(hatif: Hatif, tmp_path: Path) -> None:
    expired = Authority.make().signs("voice.example.com", -1 * DAY)
    (tmp_path / "cert.pem").write_bytes(expired.certificate)
    (tmp_path / "key.pem").write_bytes(expired.key)
    files = {"HATIF_SIP_TLS_CERT": str(tmp_path / "cert.pem"), "HATIF_SIP_TLS_KEY": str(tmp_path / "key.pem")}
    done = hatif("up", "--no-fetch", HATIF_DATA_DIR=str(tmp_path / "data"), **files)
    assert done.returncode == os.EX_CONFIG
    assert done.stderr.startswith("hatif: HATIF_SIP_TLS_CERT: ")
    assert "has expired on" in done.stderr
    assert done.stderr.count("\n") == 1


def test_debug_shows_where_an_error_comes_from(hatif: Hatif, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATIF_DEBUG", "")
    with pytest.raises(SetupError, match="There is no database"):
        hatif("--debug", "calls", HATIF_DATA_DIR=str(tmp_path))


@pytest.mark.parametrize(
    "arguments", [("up", "--port", "99999"), ("up", "--grace", "-1"), ("calls", "--limit", "0"), ("nonsense",)]
)
def test_nonsense_on_the_command_line_is_refused(hatif: Hatif, arguments: tuple[str, ...]) -> None:
    done = hatif(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- reset


def filled(folder: Path) -> Path:
    for name in ("keys", "logs", "spool", "mine"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text("content")
    (folder / "temporal.db").touch()
    (folder / "temporal.db-wal").touch()
    return folder


def test_reset_deletes_what_is_ours_and_nothing_else(hatif: Hatif, tmp_path: Path) -> None:
    done = hatif("reset", "--yes", "--data-dir", str(filled(tmp_path)))
    assert done.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"mine", data_dir.LOCK}
    assert "The models in" in done.stdout


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_reset_without_a_yes_deletes_nothing(hatif: Hatif, tmp_path: Path, answer: str) -> None:
    done = hatif("reset", "--data-dir", str(filled(tmp_path)), stdin=answer)
    assert done.returncode == 1
    assert "Nothing was deleted." in done.stderr
    assert (tmp_path / "keys" / "file").exists()


def test_reset_is_refused_while_the_product_runs(hatif: Hatif, tmp_path: Path) -> None:
    filled(tmp_path)
    with data_dir.held(tmp_path, "hatif up"):
        done = hatif("reset", "--yes", "--data-dir", str(tmp_path))
    assert done.returncode == os.EX_CONFIG
    assert f"hatif up (process {os.getpid()}) uses the data directory" in done.stderr
    assert (tmp_path / "keys" / "file").exists()


def test_reset_of_nothing_says_so(hatif: Hatif, tmp_path: Path) -> None:
    done = hatif("reset", "--yes", "--data-dir", str(tmp_path / "never"))
    assert done.returncode == 0
    assert "There is nothing of Hatif in" in done.stdout


# ---------------------------------------------------------------- calls and show

ASKED = Turn(
    seq=1,
    speaker=Speaker.CALLER,
    text="متى تفتحون؟",
    language=Language.AR,
    started_ms=61_500,
    ended_ms=63_000,
    stages_ms={"asr": 180, "endpoint": 420},
    guesses=Guesses(begun=3, thrown_away=2),
)
ANSWERED = Turn(
    seq=2,
    speaker=Speaker.AGENT,
    text="نفتح في التاسعة.",
    language=Language.AR,
    started_ms=64_400,
    ended_ms=66_000,
    kind=TurnKind.ANSWER,
    intent="opening_hours",
    stages_ms={"playout": 40, "brain": 300, "tts": 100},
)


@pytest.fixture(scope="module")
def store(database: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """Settings of a store with one tenant, and the id of a finished call in it."""
    folder = tmp_path_factory.mktemp("data")
    settings = Settings.model_validate({"data_dir": folder, "database_url": database.app})
    call_id = uuid.uuid4().hex

    async def fill() -> None:
        opened = Database(database.app)
        keys = PostgresKeyRing(opened, master_key(settings.keys_dir))
        tenant_id = str(uuid.uuid4())
        words = {Language.EN: "Shop", Language.AR: "متجر"}
        await PostgresTenants(opened, keys).save(
            TenantProfile(
                tenant_id=tenant_id,
                slug="shop",
                name=words,
                persona=words,
                greeting=words,
                default_language=Language.EN,
                emergency_number="998",
                time_zone="Asia/Dubai",
            )
        )
        await PostgresAccounts(opened).save_site_key(
            SiteKey(
                site_key_id=str(uuid.uuid4()),
                tenant_id=tenant_id,
                key="site-key",
                allowed_origins=("self",),
                max_concurrent_calls=2,
                listed=True,
            )
        )
        stored = PostgresCalls(opened, keys)
        await stored.create_call(tenant_id, call_id, "web", None)
        await stored.take_lease(tenant_id, call_id, 1, "worker")
        for turn in (ASKED, ANSWERED):
            await stored.record_turn(tenant_id, call_id, turn)
        await stored.end_call(tenant_id, call_id, Outcome.CALLER_HUNG_UP)
        await opened.close()

    asyncio.run(fill())
    return settings, call_id


@pytest.mark.servers
def test_calls_lists_the_latest(store: tuple[Settings, str], capsys: pytest.CaptureFixture[str]) -> None:
    settings, call_id = store
    calls.run(settings, tenant=None, limit=20, as_json=False)
    line = capsys.readouterr().out.splitlines()[1]
    assert line.startswith(call_id[:8])
    assert "caller_hung_up" in line


@pytest.mark.servers
def test_calls_as_json(store: tuple[Settings, str], capsys: pytest.CaptureFixture[str]) -> None:
    settings, call_id = store
    calls.run(settings, tenant="shop", limit=20, as_json=True)
    [row] = json.loads(capsys.readouterr().out)["calls"]
    assert (row["tenant"], row["call_id"], row["outcome"]) == ("shop", call_id, "caller_hung_up")


@pytest.mark.servers
@pytest.mark.parametrize("of_id", [lambda i: i, lambda i: i[:6], lambda i: f"call-{i}"])
def test_show_takes_an_id_or_its_beginning(
    store: tuple[Settings, str], capsys: pytest.CaptureFixture[str], of_id: object
) -> None:
    settings, call_id = store
    show.run(settings, of_id(call_id), tenant=None, as_json=True)  # type: ignore[operator]
    document = json.loads(capsys.readouterr().out)
    assert document["call"]["call_id"] == call_id
    assert [turn["text"] for turn in document["turns"]] == [ASKED.text, ANSWERED.text]
    assert document["waits"]["plain"]["answer_p50_ms"] == 1_040


@pytest.mark.servers
def test_show_draws_the_transcript_and_the_wait(
    store: tuple[Settings, str], capsys: pytest.CaptureFixture[str]
) -> None:
    settings, call_id = store
    show.run(settings, call_id, tenant=None, as_json=False)
    text = capsys.readouterr().out
    assert ASKED.text in text
    assert "1:01.5  caller" in text
    assert "[ar, answer, opening_hours]" in text
    stages = [line.split()[0] for line in text.splitlines() if "█" in line]
    assert stages == ["endpoint", "asr", "brain", "tts", "playout"]
    assert "together   1040 ms" in text
    assert text.splitlines()[-2].split() == ["plain", "1", "1400,", "1400", "ms", "1040,", "1040", "ms"]
    ahead = "begun ahead: 3 recognitions, 2 thrown away; 0 sentences, 0 thrown away"
    assert text.splitlines()[-1] == ahead


@pytest.mark.servers
@pytest.mark.parametrize(
    ("call", "tenant", "code"),
    [("ffff-no-such", None, "unknown_call"), ("", None, "unknown_call"), ("a", "nobody", "unknown_tenant")],
)
def test_show_refuses_what_is_not_there(store: tuple[Settings, str], call: str, tenant: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        show.run(store[0], call, tenant=tenant, as_json=False)
    assert refused.value.code == code


def test_a_quote_is_shown_with_its_source() -> None:
    quoted = dataclasses.replace(ANSWERED, intent="knowledge:handbook.md · Hours", stages_ms={"retrieval": 60})
    _, said, source, _, _, bar, _ = [line.plain for line in show.transcript([ASKED, quoted])]
    assert "[ar, answer, document]" in said
    assert source.split(maxsplit=1) == ["source", "handbook.md · Hours"]
    assert bar.split()[0] == "retrieval"


def test_the_bars_of_a_waterfall_follow_one_another() -> None:
    lines = [line.plain for line in show.waterfall({"tts": 100, "endpoint": 100, "mystery": 200})]
    bars = [(line.index("█") - line.index("ms  "), line.count("█")) for line in lines if "█" in line]
    assert bars == [(4, 10), (14, 10), (24, 20)]
    assert show.waterfall({}) == []
