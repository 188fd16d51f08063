"""The consent half of a fake vendor: a page on which somebody agrees, codes that are good once, and PKCE."""

from __future__ import annotations

import base64
import hashlib
import html
from typing import Any
from urllib.parse import urlencode

from tests.connectors.fakes.server import Answer, Request, route

CLIENT_ID = "hatif"
PAGES = r"(?:/oauth/authorizations/new|/oauth/authorize|/services/oauth2/authorize)"
MINIMUM_CHALLENGE = 43
"""RFC 7636: the base64 of a SHA-256."""


class Consent:
    """Beside `Fake`; a fake answers its token endpoint with `redeemed`."""

    needs_pkce = True
    codes: dict[str, dict[str, str]]
    """What each code was given for, until it is used."""
    asked: list[dict[str, str]]
    """The query of every consent page that was opened."""

    def _opened(self) -> None:
        self.__dict__.setdefault("codes", {})
        self.__dict__.setdefault("asked", [])

    @route("GET", PAGES)
    def consent_page(self, request: Request) -> Answer:
        self._opened()
        self.asked.append(request.query)
        query = request.query
        known = query.get("client_id") == CLIENT_ID and query.get("response_type") == "code"
        challenged = query.get("code_challenge_method") == "S256"
        if not known or not query.get("scope") or (self.needs_pkce and not challenged):
            return _page("<h1>Invalid authorization request</h1>", 400)
        links = {
            name: html.escape(f"/oauth/decided?{urlencode(query | {'decision': name.lower()})}")
            for name in ("Allow", "Deny")
        }
        return _page("".join(f'<p><a href="{link}">{name}</a></p>' for name, link in links.items()))

    @route("GET", r"/oauth/decided")
    def decided(self, request: Request) -> Answer:
        self._opened()
        query = request.query
        back = {"state": query.get("state", "")}
        if query["decision"] == "allow":
            code = f"code-{len(self.codes) + len(self.asked)}"
            self.codes[code] = query
            back["code"] = code
        else:
            back |= {"error": "access_denied", "error_description": "The end-user denied the authorization."}
        return Answer(302, "", {"location": f"{query['redirect_uri']}?{urlencode(back)}"})

    def redeemed(self, asked: dict[str, Any]) -> bool:
        """Whether the code was given for just this; it is used up either way."""
        self._opened()
        given = self.codes.pop(str(asked.get("code")), None)
        if given is None or given["redirect_uri"] != asked.get("redirect_uri"):
            return False
        if not self.needs_pkce:
            return True
        digest = hashlib.sha256(str(asked.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return len(challenge) == MINIMUM_CHALLENGE and given.get("code_challenge") == challenge


def _page(body: str, status: int = 200) -> Answer:
    whole = f'<!doctype html><html lang="en"><title>Consent</title><main>{body}</main></html>'
    return Answer(status, whole, {"content-type": "text/html"})
