"""`hatif tenant`: who is answered for, and what they say of themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from domain.errors import Refused, Unavailable
from domain.speech import Language
from domain.tenant import TenantProfile
from domain.voices import manners
from domain.wording.politeness import Politeness
from workers.commands.house import words
from workers.commands.house.shown import print_json, print_table, say
from workers.commands.store import OPERATOR, Store, opened
from workers.launch.first_sign_in import FirstPassword
from workers.provision import bring, read_file
from workers.settings import Settings

LONGEST_SENTENCE = 1000
SWITCHES = ("handoff", "callbacks", "recording")
SENTENCES = {"name": words.LONGEST_NAME, "persona": LONGEST_SENTENCE, "greeting": LONGEST_SENTENCE}
VOICE = "voice"
POLITENESS = "politeness"
COLUMN = 18
_ON_OFF = {"on": True, "off": False}


def list_tenants(settings: Settings, *, as_json: bool) -> None:
    profiles = asyncio.run(_all(settings))
    if as_json:
        print_json({"tenants": [_as_dict(profile) for profile in profiles]})
        return
    rows = [
        (
            profile.slug,
            profile.name.get(Language.EN, ""),
            profile.name.get(Language.AR, ""),
            profile.time_zone,
            ", ".join(name for name in SWITCHES if getattr(profile, name)),
        )
        for profile in profiles
    ]
    print_table(("tenant", "name", "Arabic name", "time zone", "switched on"), rows)


async def _all(settings: Settings) -> list[TenantProfile]:
    async with opened(settings, None) as store:
        return [await profile_of(store, tenant_id) for tenant_id in store.tenants]


def show(settings: Settings, slug: str, *, as_json: bool) -> None:
    profile, changed = asyncio.run(_read(settings, slug))
    if as_json:
        print_json({**_as_dict(profile), "changed": sorted(changed)})
        return
    for field, value in _as_dict(profile).items():
        if isinstance(value, dict):
            for language, text in cast("dict[str, str]", value).items():
                say(f"{field}.{language}".ljust(COLUMN) + text)
        else:
            say(field.ljust(COLUMN) + _plain(value))
    if changed:
        say(f"Changed since its file was read: {', '.join(sorted(changed))}.")


async def _read(settings: Settings, slug: str) -> tuple[TenantProfile, frozenset[str]]:
    async with opened(settings, slug) as store:
        return await profile_of(store, store.one_tenant), await store.profiles.changed(store.one_tenant)


def set_field(settings: Settings, slug: str, field: str, value: str) -> None:
    """`field` is a switch, or a text of one language, like greeting.ar or voice.en. Raises Refused."""
    name, change = _change_of(field, value)
    asyncio.run(_set(settings, slug, name, change))
    say(f"{field} of {slug} is saved; calls that begin from now on go by it.")


async def _set(settings: Settings, slug: str, name: str, change: Callable[[TenantProfile], TenantProfile]) -> None:
    async with opened(settings, slug) as store:
        tenant_id = store.one_tenant
        await store.profiles.change(change(await profile_of(store, tenant_id)), [name])
        await store.audit.record(tenant_id, OPERATOR, "profile_changed", tenant_id, {"fields": name})


def _change_of(field: str, value: str) -> tuple[str, Callable[[TenantProfile], TenantProfile]]:
    """The profile's field, and what to do to it."""
    if field in SWITCHES:
        if value not in _ON_OFF:
            raise Refused("bad_value", f"{field} is on or off.")
        return field, lambda profile: replace(profile, **{field: _ON_OFF[value]})
    if field == POLITENESS:
        if value not in set(Politeness):
            raise Refused("bad_value", f"{field} is {' or '.join(Politeness)}.")
        return field, lambda profile: replace(profile, politeness=Politeness(value))
    name, _, language = field.partition(".")
    if language in set(Language) and name in (*SENTENCES, VOICE):
        in_profile = "voices" if name == VOICE else name
        text = words.one_line(value, field, SENTENCES.get(name, words.LONGEST_NAME))
        if name == VOICE and not manners.VOICE.match(text):
            raise Refused(
                "bad_value", f"{text!r} is no voice: a name, one of {', '.join(manners.Preset)}, or name/one."
            )

        def changed(profile: TenantProfile) -> TenantProfile:
            return replace(profile, **{in_profile: {**getattr(profile, in_profile), Language(language): text}})

        return in_profile, changed
    texts = [f"{name}.{language.value}" for name in (*SENTENCES, VOICE) for language in Language]
    raise Refused("bad_value", f"There is no field {field}: {', '.join((*SWITCHES, POLITENESS, *texts))}.")


def add(settings: Settings, path: Path, *, again: bool) -> None:
    """From a tenant's file; prints the passwords of the people that it begins with. Raises SetupError, Refused."""
    slug, passwords = asyncio.run(_add(settings, path, again))
    say(f"{slug} is here; its callers are answered from now on.")
    for one in passwords:
        say(f"{one.email}  {one.password}")
    if passwords:
        say("Shown this once. Change the password after the first sign-in.")


async def _add(settings: Settings, path: Path, again: bool) -> tuple[str, list[FirstPassword]]:
    file = read_file(path)
    slug = file.profile.slug
    async with opened(settings, None) as store:
        there = await store.accounts.tenant_id(slug) is not None
        if there and not again:
            raise Refused("tenant_exists", f"There is a tenant {slug} already; --again reads its file once more.")
        passwords = await bring([file], store.profiles, store.accounts, store.team, store.orders)
        if there:
            await store.profiles.save(file.profile, undo_changes=True)
        await store.audit.record(file.profile.tenant_id, OPERATOR, "tenant_added", file.profile.tenant_id, {})
        return slug, passwords


async def profile_of(store: Store, tenant_id: str) -> TenantProfile:
    profile = await store.profiles.profile(tenant_id)
    if profile is None:
        raise Unavailable("postgres", "the tenant has gone in this moment")
    return profile


def _as_dict(profile: TenantProfile) -> dict[str, Any]:
    texts = ("name", "persona", "greeting", "voices")
    return {
        "slug": profile.slug,
        **{name: {language.value: text for language, text in getattr(profile, name).items()} for name in texts},
        "politeness": profile.politeness.value,
        "default_language": profile.default_language.value,
        "time_zone": profile.time_zone,
        "emergency_number": profile.emergency_number,
        **{name: getattr(profile, name) for name in SWITCHES},
    }


def _plain(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
