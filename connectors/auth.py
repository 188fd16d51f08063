"""Signing in: a fixed key, or OAuth2 tokens that are renewed and kept."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import httpx

from connectors.outbound import client
from domain.credentials import Secrets, Tokens
from domain.errors import Rejected, Unavailable

RENEW_BEFORE_S = 60
"""A token that ends within a minute may end on its way."""
RENEWAL_TIMEOUT_S = 10.0
CLIENT_ERRORS = frozenset(
    {"invalid_client", "invalid_client_id", "unauthorized_client", "BAD_CLIENT_ID", "BAD_CLIENT_SECRET"}
)
"""RFC 6749, Salesforce's own word, and HubSpot's."""
OVERLAP_S = 0.5
"""Between a vendor's handing out new tokens to another process and that process's storing them."""


class SignInRefused(Rejected):
    """A key or a token that the vendor does not take."""

    def __init__(self, system: str) -> None:
        super().__init__(system, "the credentials are refused; connect the account again")


class NotConnected(Rejected):
    def __init__(self, system: str) -> None:
        super().__init__(system, "the account isn't connected")


class AuthorisationEnded(Rejected):
    def __init__(self, system: str) -> None:
        super().__init__(system, "the account's authorisation has ended; connect it again")


class ClientRefused(Rejected):
    """Our application's id or secret is wrong there."""

    def __init__(self, system: str) -> None:
        super().__init__(system, "the application's id or secret is refused")


class Auth(Protocol):
    async def headers(self) -> dict[str, str]:
        """What a request is signed with. Raises NotFound, Rejected or Unavailable."""
        ...

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401 for these headers: whether others may do better."""
        ...


class BearerKey:
    """A token that the tenant made at the vendor, such as HubSpot's private app or Meta's system user."""

    def __init__(self, secrets: Secrets, reference: str) -> None:
        self._secrets = secrets
        self._reference = reference

    async def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {await self._secrets.read(self._reference)}"}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        return await self.headers() != dict(refused)


class BasicKey:
    """A name and a key: Zendesk's `email/token`, Twilio's account; Freshdesk's key stands in the name's place."""

    def __init__(self, secrets: Secrets, reference: str, *, user: str | None = None) -> None:
        """Without `user` the key itself is the name, and the password is the letter X."""
        self._secrets = secrets
        self._reference = reference
        self._user = user

    async def headers(self) -> dict[str, str]:
        key = await self._secrets.read(self._reference)
        pair = f"{self._user}:{key}" if self._user else f"{key}:X"
        return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        return await self.headers() != dict(refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthApp:
    """Our application at the vendor, by references."""

    token_url: str
    client_id: str
    client_secret_reference: str
    tokens_reference: str
    grant: Literal["refresh_token", "client_credentials"] = "refresh_token"
    body: Literal["form", "json"] = "form"
    """Zendesk takes JSON, the others forms."""
    ca_file: Path | None = None


class OAuth2:
    """Tokens of one tenant at one vendor, renewed shortly before they end or when they are refused.

    One renewal at a time in a process. Between processes the store decides: whoever loses takes the winner's tokens.
    """

    def __init__(self, system: str, app: OAuthApp, secrets: Secrets, *, clock: Callable[[], float] = time.time) -> None:
        self._system = system
        self._app = app
        self._secrets = secrets
        self._clock = clock
        self._renewing = asyncio.Lock()

    async def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {(await self._tokens()).access}"}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        async with self._renewing:
            held = await self._secrets.tokens(self._app.tokens_reference)
            if held is None or refused.get("authorization") == f"Bearer {held.access}":
                await self._renewed(held)
        return True

    async def _tokens(self) -> Tokens:
        held = await self._secrets.tokens(self._app.tokens_reference)
        if held is not None and not self._ends_soon(held):
            return held
        async with self._renewing:
            held = await self._secrets.tokens(self._app.tokens_reference)
            if held is not None and not self._ends_soon(held):
                return held
            return await self._renewed(held)

    def _ends_soon(self, tokens: Tokens) -> bool:
        return tokens.expires_at_s is not None and tokens.expires_at_s - RENEW_BEFORE_S <= self._clock()

    async def _renewed(self, held: Tokens | None) -> Tokens:
        form = {"grant_type": self._app.grant}
        if self._app.grant == "refresh_token":
            if held is None or held.refresh is None:
                raise NotConnected(self._system)
            form["refresh_token"] = held.refresh
        try:
            answer = await ask_for_tokens(self._system, self._app, self._secrets, form)
        except ClientRefused:
            raise
        except Rejected:
            return await self._others(held)
        new = tokens_in(answer, self._clock(), held)
        return await self._secrets.replace_tokens(self._app.tokens_reference, new, instead_of=held)

    async def _others(self, held: Tokens | None) -> Tokens:
        """A refresh token that another process used a moment ago is refused: its new ones are here soon, or never."""
        for pause_s in (0.0, OVERLAP_S):
            await asyncio.sleep(pause_s)
            now = await self._secrets.tokens(self._app.tokens_reference)
            if now is not None and now != held:
                return now
        raise AuthorisationEnded(self._system)


async def ask_for_tokens(system: str, app: OAuthApp, secrets: Secrets, grant: Mapping[str, str]) -> dict[str, Any]:
    """The token endpoint's answer to a grant. Raises NotFound, ClientRefused, AuthorisationEnded or Unavailable."""
    form = {
        **grant,
        "client_id": app.client_id,
        "client_secret": await secrets.read(app.client_secret_reference),
    }
    http = client("", app.ca_file, RENEWAL_TIMEOUT_S)
    try:
        async with http, asyncio.timeout(RENEWAL_TIMEOUT_S):
            if app.body == "json":
                response = await http.post(app.token_url, json=form)
            else:
                response = await http.post(app.token_url, data=form)
        answer = _parsed(response.content)
    except (httpx.HTTPError, TimeoutError) as broken:
        raise Unavailable(system, f"no new token: {type(broken).__name__}") from broken
    if response.status_code in (400, 401, 403):
        named = {answer.get("error"), answer.get("status")}
        raise ClientRefused(system) if named & CLIENT_ERRORS else AuthorisationEnded(system)
    if not response.is_success or not isinstance(answer.get("access_token"), str):
        raise Unavailable(system, f"no new token: answered {response.status_code}")
    return answer


def tokens_in(answer: Mapping[str, Any], now_s: float, held: Tokens | None = None) -> Tokens:
    """A vendor that doesn't rotate its refresh tokens leaves them out."""
    seconds, refresh = answer.get("expires_in"), answer.get("refresh_token")
    return Tokens(
        access=answer["access_token"],
        refresh=refresh if isinstance(refresh, str) and refresh else (held.refresh if held else None),
        expires_at_s=now_s + float(seconds) if isinstance(seconds, int | float) else None,
    )


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return cast(dict[str, Any], answer) if isinstance(answer, dict) else {}
