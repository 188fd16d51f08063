"""OAuth2's authorization code: where an administrator agrees at the vendor, and tokens for what comes back."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from connectors.auth import OAuthApp, ask_for_tokens, tokens_in
from domain.acting.connection import ConsentAsked
from domain.acting.vendors import VENDORS
from domain.credentials import Secrets, Tokens

HUBSPOT_SCOPES = "oauth crm.objects.contacts.read crm.objects.contacts.write crm.objects.orders.read tickets automation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPlace:
    """Paths under the account's own address, and what is asked for there."""

    authorize: str
    exchange: str
    scope: str
    pkce: bool
    """Whether the vendor documents it."""
    body: Literal["form", "json"] = "form"
    page: str | None = None
    """The address of `authorize` where it isn't that of the API."""


PLACES = {
    "zendesk": ConsentPlace(
        authorize="/oauth/authorizations/new", exchange="/oauth/tokens", scope="read write", pkce=True, body="json"
    ),
    "hubspot": ConsentPlace(
        authorize="/oauth/authorize",
        exchange="/oauth/v3/token",
        scope=HUBSPOT_SCOPES,
        pkce=False,
        page="https://app.hubspot.com",
    ),
    "salesforce": ConsentPlace(
        authorize="/services/oauth2/authorize", exchange="/services/oauth2/token", scope="api refresh_token", pkce=True
    ),
}


def consent_address(system: str, url: str, client_id: str, asked: ConsentAsked) -> str:
    """Where the administrator's browser goes."""
    place = PLACES[system]
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": asked.redirect_uri,
        "scope": place.scope,
        "state": asked.state,
    }
    if place.pkce:
        query |= {"code_challenge": challenge_of(asked.verifier), "code_challenge_method": "S256"}
    at_home = place.page is not None and url == VENDORS[system].home
    return f"{place.page if at_home else url}{place.authorize}?{urlencode(query)}"


def challenge_of(verifier: str) -> str:
    """RFC 7636, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def tokens_for_code(
    system: str, app: OAuthApp, secrets: Secrets, asked: ConsentAsked, code: str, now_s: float
) -> Tokens:
    """Raises NotFound, ClientRefused, AuthorisationEnded (for a code that is none) or Unavailable."""
    place = PLACES[system]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked.redirect_uri}
    if place.pkce:
        form["code_verifier"] = asked.verifier
    if place.body == "json":
        form["scope"] = place.scope
    return tokens_in(await ask_for_tokens(system, app, secrets, form), now_s)
