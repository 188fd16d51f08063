"""What a request may say about a connection, and what an answer shows of one: never a secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.acting.afterwards import LOG_CALLS, ON, START_WORKFLOWS, LogCalls, wanted
from domain.acting.connection import ConnectionRow, HeldConnection
from domain.acting.vendors import SETTINGS, VENDORS, SignIn, Vendor, address_of
from domain.errors import Refused
from gateway.body import Body
from gateway.problems import Problem

ZENDESK_SUFFIX = "/token"
"""What Zendesk wants behind the e-mail address when an API token follows."""

Text = Annotated[str, Field(min_length=1, max_length=300)]
Hidden = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[\x21-\x7e]+$")]
Site = Annotated[str, Field(max_length=300)]


class Settings(Body):
    account: Text | None = None
    client_id: Text | None = None
    phone_number_id: Text | None = None
    sms_sender: Text | None = None
    user: Text | None = None
    whatsapp_sender: Text | None = None


class Secrets(Body):
    app_secret: Hidden | None = None
    client_secret: Hidden | None = None
    key: Hidden | None = None
    verify_token: Hidden | None = None

    def given(self) -> dict[str, str]:
        return self.model_dump(exclude_none=True)


class Told(Body):
    """What is told there of a call after it."""

    log_calls: Literal["no", "bare", "summary"] | None = None
    start_workflows: bool | None = None


class Wanted(Told):
    kind: Literal["freshdesk", "hubspot", "salesforce", "twilio", "whatsapp", "zendesk"]
    sign_in: Literal["key", "oauth"]
    site: Site | None = None
    settings: Settings = Field(default_factory=Settings)
    secrets: Secrets = Field(default_factory=Secrets)


class Changed(Told):
    sign_in: Literal["key", "oauth"] | None = None
    site: Site | None = None
    settings: Settings | None = None
    secrets: Secrets = Field(default_factory=Secrets)
    enabled: bool | None = None


def address(vendor: Vendor, site: str | None, inside: frozenset[str]) -> str:
    try:
        return address_of(vendor, site, inside)
    except Refused as refused:
        raise Problem(422, refused.code, str(refused)) from None


def sign_in_of(row: ConnectionRow) -> SignIn:
    return SignIn.OAUTH if row.settings.get("sign_in") == SignIn.OAUTH else SignIn.KEY


def settings_of(vendor: Vendor, way: SignIn, given: Settings) -> dict[str, str]:
    """As a connector reads them. Raises a 422 Problem for one that is missing, is none of this vendor's, or is bad."""
    if way not in vendor.sign_ins:
        raise Problem(422, "bad_sign_in", f"An account of {vendor.system} is not signed in to like that.")
    needed = vendor.settings if way is SignIn.KEY else ("client_id",)
    named = given.model_dump(exclude_none=True)
    for name in needed:
        if name not in named:
            raise Problem(422, "setting_missing", f"{name} is missing.")
    for name, value in named.items():
        if name not in (*needed, *vendor.optional):
            raise Problem(422, "bad_setting", f"{name} is nothing that this connection has.")
        if not SETTINGS[name].fullmatch(value):
            raise Problem(422, "bad_setting", f"{name} does not look like one.")
    if vendor.optional and not set(named) & set(vendor.optional):
        raise Problem(422, "setting_missing", f"One of {', '.join(vendor.optional)} is needed.")
    if way is SignIn.OAUTH:
        return named | {"sign_in": "oauth"}
    read = named | {"sign_in": vendor.key or ""}
    match vendor.system:
        case "zendesk":
            read["user"] += ZENDESK_SUFFIX
        case "twilio":
            read["user"] = read["account"]
        case _:
            pass
    return read


def told_of(vendor: Vendor, asked: Told) -> dict[str, str]:
    """As settings, those that were named. Raises a 422 Problem for a system that keeps no customers."""
    named: dict[str, str] = {}
    if asked.log_calls is not None:
        named[LOG_CALLS] = LogCalls(asked.log_calls)
    if asked.start_workflows is not None:
        named[START_WORKFLOWS] = ON if asked.start_workflows else ""
    if named and not vendor.is_crm:
        raise Problem(422, "bad_setting", f"{vendor.system} is told of no calls.")
    return named


def secrets_of(vendor: Vendor, way: SignIn, given: Secrets) -> dict[str, str]:
    """Raises a 422 Problem for one that this connection doesn't have."""
    named = given.given()
    known = {main_secret(way), *vendor.more_secrets}
    if unknown := set(named) - known:
        raise Problem(422, "bad_secret", f"{', '.join(sorted(unknown))} is nothing that this connection has.")
    return named


def main_secret(way: SignIn) -> str:
    """Without which nothing goes."""
    return "key" if way is SignIn.KEY else "client_secret"


def shown(held: HeldConnection, others: Sequence[HeldConnection]) -> dict[str, Any]:
    row = held.row
    way, told = sign_in_of(row), wanted(row.settings)
    settings = {name: value for name, value in row.settings.items() if name in SETTINGS}
    if row.system == "zendesk" and "user" in settings:
        settings["user"] = settings["user"].removesuffix(ZENDESK_SUFFIX)
    if row.system == "twilio":
        settings.pop("user", None)
    return {
        "id": row.connection_id,
        "kind": row.system,
        "address": row.url,
        "sign_in": way,
        "enabled": row.enabled,
        "in_use": row.enabled and (not VENDORS[row.system].is_crm or row == _first_crm(others)),
        "settings": settings,
        "log_calls": told.log_calls,
        "start_workflows": told.start_workflows,
        "secrets": sorted(held.secrets),
        "signed_in": held.signed_in if way is SignIn.OAUTH else main_secret(way) in held.secrets,
    }


def _first_crm(held: Sequence[HeldConnection]) -> ConnectionRow | None:
    """The one that the agent works with."""
    return next((one.row for one in held if one.row.enabled and VENDORS[one.row.system].is_crm), None)
