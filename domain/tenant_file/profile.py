"""The profile in a tenant's file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass

from domain.acting.orders import OrderStatus
from domain.errors import SetupError
from domain.speech import Language
from domain.tenant import CallbackDialling, DialTries, Fact, TenantProfile
from domain.tenant_file import opening
from domain.tenant_file.tables import Table, TenantTables
from domain.tenant_file.team import TeamPlan, team_plan
from domain.tenant_file.templates import message_templates
from domain.tenant_file.transfer import transfer
from domain.voices.manners import VOICE
from domain.wording.politeness import Politeness

_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
_NUMBER = re.compile(r"^\d{3,8}$")
"""Longer ones are telephone numbers, see domain.answering.slots."""
_PHONE = re.compile(r"^\d{3,15}$")
_CALLERS_PHONE = re.compile(r"^\+[1-9]\d{7,14}$")
"""As ITU-T E.164 writes it: what a caller is believed by."""
_RECORD_KEYS = frozenset({"number", "phone", "answer"})
_HIGHEST_LIMIT = 10_000_000
_MOST_TRIES = 10
_MOST_CAMPAIGN_CALLS = 200
_DIALLING_KEYS = frozenset({"tries", "busy_min", "no_answer_min", "lost_callers", "callbacks", "campaign_calls"})
_LONGEST_WAIT_MIN = 7 * 24 * 60
RESERVED_INTENTS = frozenset({"record_status", "person", "goodbye", "smalltalk", "unknown", "emergency", "language"})
_KEYS = frozenset(
    {
        *("slug", "name", "persona", "greeting", "default_language", "emergency_number", "time_zone"),
        *("facts", "record", "records", "voices", "politeness", "actions", "amount_limit"),
        *("hours", "calendar", "holidays", "ramadan", "calling", "dialling", "visits"),
        *("handoff", "callbacks", "recording", "queues", "people", "templates", "transfer"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFile:
    profile: TenantProfile
    team: TeamPlan
    orders: tuple[OrderStatus, ...] = ()


def parse_tenant(text: str, name: str, tenant_id_of: Callable[[str], str]) -> TenantProfile:
    """The profile in a tenant's file; see `parse_file`."""
    return parse_file(text, name, tenant_id_of).profile


def parse_file(text: str, name: str, tenant_id_of: Callable[[str], str]) -> TenantFile:
    """All of a tenant's file called `name`; `tenant_id_of` makes the id from the slug. Raises SetupError."""
    file = TenantTables(name)
    try:
        root: Table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{name}: not readable as TOML: {error}") from error
    file.only(root, _KEYS, "")
    return TenantFile(
        profile=_profile(file, root, tenant_id_of), team=team_plan(file, root), orders=_orders(file, root)
    )


def _profile(file: TenantTables, root: Table, tenant_id_of: Callable[[str], str]) -> TenantProfile:
    slug = file.text(root, "slug", "", _SLUG)
    record = file.table(root.get("record", {}), "record")
    weekend = opening.weekend(file, root)
    return TenantProfile(
        tenant_id=tenant_id_of(slug),
        slug=slug,
        name=file.words(root.get("name"), "name"),
        persona=file.words(root.get("persona"), "persona"),
        greeting=file.words(root.get("greeting"), "greeting"),
        default_language=file.language(root.get("default_language"), "default_language"),
        emergency_number=file.text(root, "emergency_number", "", _PHONE),
        time_zone=opening.time_zone(file, root),
        facts=_facts(file, root),
        record_word=file.words(record.get("word"), "record.word") if record else {},
        record_examples=file.examples(record.get("examples"), "record.examples") if record else {},
        hours=opening.week(file, root.get("hours", []), "hours", weekend),
        weekend=weekend,
        holidays=opening.holidays(file, root),
        ramadan_hours=opening.ramadan_hours(file, root, weekend),
        announced_months=opening.announced_months(file, root),
        calling_hours=opening.calling_hours(file, root),
        dial_tries=_dial_tries(file, root),
        dials_lost_callers=file.switch(file.table(root.get("dialling", {}), "dialling"), "lost_callers", default=False),
        callback_dialling=_callback_dialling(file, root),
        campaign_calls=_campaign_calls(file, root),
        visits=opening.visits(file, root),
        voices=_voices(file, file.table(root.get("voices", {}), "voices")),
        politeness=_politeness(file, root),
        actions=file.texts(root["actions"], "actions") if root.get("actions") else (),
        amount_limit=file.whole(root, "amount_limit", "", 0, _HIGHEST_LIMIT) if "amount_limit" in root else None,
        handoff=file.switch(root, "handoff", default=True),
        callbacks=file.switch(root, "callbacks", default=True),
        recording=file.switch(root, "recording", default=False),
        message_templates=message_templates(file, root),
        transfer=transfer(file, root),
    )


def _voices(file: TenantTables, named: Table) -> dict[Language, str]:
    return {file.language(language, "voices"): file.text(named, language, "voices", VOICE) for language in named}


def _politeness(file: TenantTables, root: Table) -> Politeness:
    named = root.get("politeness", Politeness.EVERYDAY)
    if not isinstance(named, str) or named not in set(Politeness):
        raise file.wrong("politeness", f"one of {', '.join(Politeness)} is expected")
    return Politeness(named)


def _dial_tries(file: TenantTables, root: Table) -> DialTries:
    rows = file.table(root.get("dialling", {}), "dialling")
    file.only(rows, _DIALLING_KEYS, "dialling")
    usual = DialTries()
    return DialTries(
        most=file.whole(rows, "tries", "dialling", 1, _MOST_TRIES, usual.most),
        busy_min=file.whole(rows, "busy_min", "dialling", 1, _LONGEST_WAIT_MIN, usual.busy_min),
        no_answer_min=file.whole(rows, "no_answer_min", "dialling", 1, _LONGEST_WAIT_MIN, usual.no_answer_min),
    )


def _callback_dialling(file: TenantTables, root: Table) -> CallbackDialling:
    """By whom: one of CallbackDialling, an advisor's hand where the file says nothing."""
    who = file.table(root.get("dialling", {}), "dialling").get("callbacks", CallbackDialling.BY_HAND)
    if not isinstance(who, str) or who not in set(CallbackDialling):
        raise file.wrong("dialling.callbacks", f"one of {', '.join(CallbackDialling)} is expected")
    return CallbackDialling(who)


def _campaign_calls(file: TenantTables, root: Table) -> int:
    rows = file.table(root.get("dialling", {}), "dialling")
    return file.whole(rows, "campaign_calls", "dialling", 1, _MOST_CAMPAIGN_CALLS, 4)


def _facts(file: TenantTables, root: Table) -> tuple[Fact, ...]:
    facts: dict[str, Fact] = {}
    for index, row in enumerate(file.tables(root.get("facts", []), "facts"), start=1):
        intent = file.text(row, "intent", f"facts[{index}]", _NAME)
        place = f"facts.{intent}"
        if intent in facts:
            raise file.wrong(place, "the intent is there twice")
        if intent in RESERVED_INTENTS:
            raise file.wrong(place, "the name is one of Hatif's own intents")
        facts[intent] = Fact(
            intent=intent,
            about=file.text(row, "about", place),
            examples=file.examples(row.get("examples"), f"{place}.examples"),
            answer=file.words(row.get("answer"), f"{place}.answer"),
        )
    if not facts:
        raise file.wrong("facts", "at least one fact is needed")
    return tuple(facts.values())


def _orders(file: TenantTables, root: Table) -> tuple[OrderStatus, ...]:
    orders: dict[str, OrderStatus] = {}
    for index, row in enumerate(file.tables(root.get("records", []), "records"), start=1):
        number = file.text(row, "number", f"records[{index}]", _NUMBER)
        place = f"records.{number}"
        if number in orders:
            raise file.wrong(place, "the number is there twice")
        file.only(row, _RECORD_KEYS, place)
        phone = file.text(row, "phone", place, _CALLERS_PHONE)
        orders[number] = OrderStatus(
            number=number, phone=phone, status=file.words(row.get("answer"), f"{place}.answer")
        )
    if orders and not root.get("record"):
        raise file.wrong("record", "records need the table [record] with their word and examples")
    return tuple(orders.values())
