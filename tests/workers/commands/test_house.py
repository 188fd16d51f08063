"""`hatif user`, `queue`, `hours` and `tenant`: what they change, what they print, and what they refuse."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from storage.keys import master_key
from tests.conftest import DatabaseUrls
from tests.workers.conftest import Hatif, Ran
from workers.commands.store import OPERATOR, Store, opened
from workers.provision import TENANTS_DIR, tenant_id_of
from workers.settings import Settings

pytestmark = pytest.mark.servers

T = TypeVar("T")
SHOP = (TENANTS_DIR / "demo-shop.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def settings(database: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path_factory.mktemp("data"), "database_url": database.app})


class Shell:
    """The command against one store."""

    def __init__(self, hatif: Hatif, settings: Settings, folder: Path) -> None:
        self._hatif = hatif
        self.settings = settings
        self._folder = folder
        assert settings.database_url is not None
        self._env = {
            "HATIF_DATA_DIR": str(settings.data_dir),
            "HATIF_DATABASE_URL": settings.database_url.get_secret_value(),
        }

    def __call__(self, *arguments: str) -> Ran:
        return self._hatif(*arguments, **self._env)

    def done(self, *arguments: str) -> str:
        ran = self(*arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def refused(self, *arguments: str, code: int = 1) -> str:
        ran = self(*arguments)
        assert ran.returncode == code, ran
        assert ran.stderr.count("\n") == 1
        return ran.stderr.removeprefix("hatif: ")

    def json(self, *arguments: str) -> dict[str, list[dict[str, object]]]:
        return json.loads(self.done(*arguments, "--json"))

    def tenant(self, slug: str) -> str:
        """Brings a tenant of its own."""
        path = self._folder / f"{slug}.toml"
        path.write_text(SHOP.replace("demo-shop", slug), encoding="utf-8")
        self.done("tenant", "add", str(path))
        return slug

    def store(self, work: Callable[[Store], Awaitable[T]], slug: str) -> T:
        async def opening() -> T:
            async with opened(self.settings, slug) as store:
                return await work(store)

        return asyncio.run(opening())

    def audited(self, slug: str) -> set[str]:
        lines = self.store(lambda store: store.audit.lines(tenant_id_of(slug)), slug)
        return {line.action for line in lines if line.actor == OPERATOR}


@pytest.fixture
def shell(hatif: Hatif, settings: Settings, tmp_path: Path) -> Shell:
    master_key(settings.keys_dir)
    return Shell(hatif, settings, tmp_path)


def test_a_tenant_comes_from_its_file_with_its_people(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(SHOP.replace("demo-shop", "new-shop"), encoding="utf-8")
    told = shell.done("tenant", "add", str(path))
    assert all(f"{who}@new-shop.local  " in told for who in ("admin", "aisha", "omar", "priya", "khalid"))
    assert "new-shop" in shell.done("tenant", "list")
    assert "exists" not in shell.refused("tenant", "add", str(path))
    shell.done("tenant", "set", "new-shop", "greeting.en", "Good day.")
    shell.done("tenant", "set", "new-shop", "recording", "on")
    shell.done("tenant", "set", "new-shop", "politeness", "formal")
    shown = shell.json("tenant", "show", "new-shop")
    assert (shown["greeting"]["en"], shown["recording"], shown["politeness"]) == (  # type: ignore[call-overload]
        "Good day.",
        True,
        "formal",
    )
    assert "greeting, politeness, recording" in shell.done("tenant", "show", "new-shop")
    again = shell.done("tenant", "add", str(path), "--again")
    assert "Shown this once" not in again
    assert shell.json("tenant", "show", "new-shop")["changed"] == []
    assert {"tenant_added", "profile_changed"} <= shell.audited("new-shop")


def test_people_are_added_changed_and_let_back_in(shell: Shell) -> None:
    slug = shell.tenant("people-shop")
    email = "mona@people-shop.local"
    told = shell.done(
        *("user", "add", email, "--name", "Mona Saleh", "--languages", "ar,en", "--skills", "repairs"),
        *("--queues", "orders", "--tenant", slug),
    )
    assert told.startswith(f"{email}  ")

    def mona() -> dict[str, object]:
        return next(each for each in shell.json("user", "list", "--tenant", slug)["users"] if each["email"] == email)

    assert (mona()["role"], mona()["languages"], mona()["queues"]) == ("advisor", ["ar", "en"], ["orders"])
    assert mona()["password_change_needed"] is True
    described = shell.done("user", "set", email, "--name", "Mona Ali", "--languages", "ar", "--queues", "")
    assert described == f"Mona Ali <{email}>: languages ar; skills repairs; queues none.\n"
    assert (mona()["name"], mona()["languages"], mona()["skills"]) == ("Mona Ali", ["ar"], ["repairs"])
    shell.done("user", "role", email, "supervisor")
    shell.done("user", "disable", email, "--tenant", slug)
    assert (mona()["role"], mona()["disabled"]) == ("supervisor", True)
    assert "Mona Ali" in shell.done("user", "list")
    shell.done("user", "enable", email)
    assert mona()["disabled"] is False
    assert shell.done("user", "password", email).split()[1] != told.split()[1]
    assert {"user_invited", "user_changed", "password_reset"} <= shell.audited(slug)


def test_the_last_administrator_stays(shell: Shell) -> None:
    shell.tenant("one-admin")
    for act in (("role", "admin@one-admin.local", "viewer"), ("disable", "admin@one-admin.local")):
        assert shell.refused("user", *act) == "This is the last administrator: make another person one first.\n"


def test_one_address_in_two_tenants_needs_to_be_told_apart(shell: Shell) -> None:
    for slug in (shell.tenant("twin-a"), shell.tenant("twin-b")):
        shell.done("user", "add", "both@example.com", "--tenant", slug)
    assert "--tenant" in shell.refused("user", "disable", "both@example.com")
    assert "--tenant" in shell.refused("user", "add", "third@example.com")
    shell.done("user", "disable", "both@example.com", "--tenant", "twin-b")


def test_queues_are_set_and_removed(shell: Shell) -> None:
    slug = shell.tenant("queue-shop")
    names = ("--name", "VIP", "--arabic-name", "كبار العملاء")
    shell.done("queue", "set", "vip", *names, "--languages", "ar", "--offer-s", "10", "--tenant", slug)
    shell.done("queue", "set", "vip", "--skills", "vip", "--tenant", slug)
    vip = next(each for each in shell.json("queue", "list", "--tenant", slug)["queues"] if each["id"] == "vip")
    assert (vip["languages"], vip["skills"], vip["offer_s"], vip["max_wait_s"]) == (["ar"], ["vip"], 10, 90)
    assert "كبار العملاء" in shell.done("queue", "list")
    shell.done("queue", "remove", "vip", "--tenant", slug)
    assert "vip" in shell.refused("queue", "remove", "vip", "--tenant", slug)
    assert {"queue_saved", "queue_removed"} <= shell.audited(slug)


def test_hours_are_shown_and_set(shell: Shell, tmp_path: Path) -> None:
    slug = shell.tenant("hours-shop")
    shell.done("hours", "set", "monday,tuesday", "09:00-13:00", "16:00-20:30", "--tenant", slug)
    shell.done("hours", "set", "friday", "closed", "--tenant", slug)
    shown = shell.done("hours", "show", "--tenant", slug)
    assert "09:00-13:00, 16:00-20:30" in shown
    friday = next(line for line in shown.splitlines() if line.startswith("friday"))
    assert "closed" in friday
    plan = tmp_path / "plan.toml"
    plan.write_text('time_zone = "Asia/Riyadh"\n[[hours]]\ndays = ["sunday"]\nopens = "08:00"\ncloses = "12:00"\n')
    shell.done("hours", "set", "--file", str(plan), "--tenant", slug)
    told = shell.json("hours", "show", "--tenant", slug)
    assert told["time_zone"] == "Asia/Riyadh"
    assert told["hours"] == [{"days": ["sunday"], "opens": "08:00", "closes": "12:00"}]
    assert "hours_changed" in shell.audited(slug)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("user", "add", "no-address"), "not an e-mail address"),
        (("user", "add", "a@b.c", "--role", "boss"), "not a role"),
        (("user", "add", "a@b.c", "--languages", "fr"), "not a language"),
        (("user", "add", "a@b.c", "--skills", "With Space"), "not a skill"),
        (("user", "add", "a@b.c", "--queues", "nowhere"), "no queue nowhere"),
        (("user", "add", "a@b.c", "--name", "two\nlines"), "one line"),
        (("user", "set", "admin@bad-shop.local"), "Say what changes"),
        (("user", "set", "admin@bad-shop.local", "--queues", "nowhere"), "no queue nowhere"),
        (("user", "set", "nobody@example.com", "--skills", "vip"), "Nobody here"),
        (("user", "role", "nobody@example.com", "admin"), "Nobody here"),
        (("user", "password", "nobody@example.com"), "Nobody here"),
        (("user", "list", "--tenant", "nowhere"), "no tenant nowhere"),
        (("queue", "set", "Big One"), "not a queue"),
        (("queue", "set", "fresh", "--name", "Only English"), "both languages"),
        (("hours", "set", "caturday", "09:00-10:00"), "names no days"),
        (("hours", "set", "monday", "nine"), "from opening to closing"),
        (("hours", "set", "monday"), "Say days"),
        (("hours", "set"), "Say days"),
    ],
    ids=" ".join,
)
def test_nonsense_is_one_sentence(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    known = shell.json("tenant", "list")["tenants"]
    if not any(each["slug"] == "bad-shop" for each in known):
        shell.tenant("bad-shop")
    of = () if "--tenant" in arguments else ("--tenant", "bad-shop")
    assert words in shell.refused(*arguments, *of)


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("tenant", "set", "mad-shop", "slug", "x"), "no field slug", 1),
        (("tenant", "set", "mad-shop", "greeting.fr", "x"), "no field greeting.fr", 1),
        (("tenant", "set", "mad-shop", "recording", "yes"), "on or off", 1),
        (("tenant", "set", "mad-shop", "politeness", "rude"), "everyday or formal", 1),
        (("tenant", "set", "mad-shop", "greeting.en", " "), "one line", 1),
        (("tenant", "set", "nowhere", "recording", "on"), "no tenant nowhere", 1),
        (("tenant", "add", "no-such-file.toml"), "not readable", 78),
        (("hours", "set", "monday", "25:00-26:00", "--tenant", "mad-shop"), "hours[", 78),
        (("hours", "set", "--file", "no-such-file.toml", "--tenant", "mad-shop"), "not readable", 78),
    ],
    ids=str,
)
def test_mistakes_in_what_a_tenant_says(shell: Shell, arguments: tuple[str, ...], words: str, code: int) -> None:
    known = shell.json("tenant", "list")["tenants"]
    if not any(each["slug"] == "mad-shop" for each in known):
        shell.tenant("mad-shop")
    before = shell.json("tenant", "show", "mad-shop")
    assert words in shell.refused(*arguments, code=code)
    assert shell.json("tenant", "show", "mad-shop") == before


@pytest.fixture
def a_sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(b"\x01\x08" * 16_000 * 13)
    return path


def test_a_voice_is_cloned_by_consent_only_and_forgotten(shell: Shell, a_sample: Path) -> None:
    slug = shell.tenant("voice-shop")
    consent = ("--consent-of", "Sara Ahmed", "--consent-on", "2026-11-20", "--recorded-by", "Omar")
    assert "voice.ar own.sara" in shell.done("voice", "clone", slug, "sara", str(a_sample), *consent)
    (voice,) = shell.json("voice", "list", slug)["voices"]
    assert (voice["voice"], voice["person"], voice["given_on"]) == ("own.sara", "Sara Ahmed", "2026-11-20")
    assert "Sara Ahmed" in shell.done("voice", "list", slug)
    shell.done("tenant", "set", slug, "voice.ar", "own.sara/formal")
    assert "is no voice" in shell.refused("tenant", "set", slug, "voice.ar", "own.sara/shouting")
    later = ("--consent-of", "Sara Ahmed", "--consent-on", "2999-01-01", "--recorded-by", "Omar")
    assert "not given yet" in shell.refused("voice", "clone", slug, "sara", str(a_sample), *later)
    blank = ("--consent-of", " ", "--consent-on", "2026-11-20", "--recorded-by", "Omar")
    shell.refused("voice", "clone", slug, "sara", str(a_sample), *blank)
    undated = ("--consent-of", "Sara Ahmed", "--consent-on", "yesterday", "--recorded-by", "Omar")
    assert "is no day" in shell.refused("voice", "clone", slug, "sara", str(a_sample), *undated)
    assert "deleted" in shell.done("voice", "forget", slug, "sara")
    assert shell.json("voice", "list", slug)["voices"] == []
    assert "no cloned voice" in shell.refused("voice", "forget", slug, "sara")
    assert {"voice_cloned", "voice_forgotten"} <= shell.audited(slug)


def test_a_campaign_s_list_is_read_shown_and_not_started_without_the_product(shell: Shell, tmp_path: Path) -> None:
    slug = shell.tenant("campaign-shop")
    path = tmp_path / "list.csv"
    path.write_text("number,name\n050 123 4567,Sara\nnobody,Omar\n", encoding="utf-8")
    plan = ("--name", "News", "--en", "Hello {name}", "--ar", "مرحبا {name}", "--tenant", slug)
    made = shell("campaign", "new", str(path), "--purpose", "service", *plan)
    assert (made.returncode, made.stderr) == (0, "line 3: bad_number number\n")
    assert "1 people, 1 rows refused" in made.stdout
    campaign = made.stdout.strip().removesuffix(".").rpartition(" ")[2]
    assert shell.json("campaign", "list", "--tenant", slug)[0]["id"] == campaign  # type: ignore[index]
    assert json.loads(shell.done("campaign", "show", campaign, "--tenant", slug))["waiting"] == 1
    assert "+971501234567,en,not_called,0,,,Sara" in shell.done("campaign", "report", campaign, "--tenant", slug)
    assert "not started" in shell.refused("campaign", "pause", campaign, "--tenant", slug)
    assert "no campaign" in shell.refused("campaign", "start", "nonsense", "--tenant", slug)
    assert "purpose" in shell.refused("campaign", "new", str(path), "--purpose", "fun", *plan)
    assert "no such column" in shell.refused("campaign", "new", str(path), "--purpose", "service", *plan, "--en", "{x}")
    path.write_bytes(b"number\n\xff\n")
    assert "UTF-8" in shell.refused("campaign", "new", str(path), "--purpose", "service", *plan)
    assert {"campaign_created", "campaign_report_read"} <= shell.audited(slug)
