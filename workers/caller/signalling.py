"""The HTTP side of placing a call: a site key, a call token, the offer and its answer, the hang-up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from domain.errors import LineBusy, Refused, SetupError

_TIMEOUT_S = 15.0
"""Longer than the gateway's own limit for finding a free media worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    call_id: str
    lease: int
    answer_sdp: str
    hops_ms: dict[str, float]
    """Where the gateway spent the request's time, by its Server-Timing header."""


class Signalling:
    """One call's requests to a gateway. Every method raises SetupError for a gateway that isn't there."""

    def __init__(self, url: str, *, insecure: bool = False) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("bad_url", f"{url!r} is not an address; it looks like http://127.0.0.1:8080")
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._token = ""
        self._server_timing = ""
        self._http = httpx.AsyncClient(
            base_url=self.url,
            verify=not insecure,
            timeout=_TIMEOUT_S,
            headers={"Origin": self.url},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def site_key(self, tenant: str) -> str:
        """Raises Refused when the gateway lists no such tenant."""
        sites: list[dict[str, Any]] = await self._ask("GET", "/v1/sites", want="sites")
        for site in sites:
            if site["slug"] == tenant:
                return str(site["site_key"])
        known = ", ".join(sorted(str(site["slug"]) for site in sites)) or "none"
        raise Refused("no_such_tenant", f"there is no tenant {tenant!r} here; the gateway lists: {known}")

    async def take_token(self, site_key: str) -> list[dict[str, Any]]:
        """Take the call's token; returns its ICE servers."""
        body = await self._ask("POST", "/v1/call-tokens", {"site_key": site_key})
        self._token = str(body["token"])
        return list(body["ice_servers"])

    async def place(self, offer_sdp: str, language: str | None) -> Placed:
        """Raises LineBusy when no media worker has a free slot."""
        body: dict[str, Any] = {"offer": {"type": "offer", "sdp": offer_sdp}}
        if language is not None:
            body["language"] = language
        placed = await self._ask("POST", "/v1/calls", body)
        return Placed(
            call_id=placed["call_id"],
            lease=placed["lease"],
            answer_sdp=placed["answer"]["sdp"],
            hops_ms=_hops_ms(self._server_timing),
        )

    async def reconnect(self, call_id: str, offer_sdp: str, within_s: float) -> str:
        """The answer to another offer for the same call. Raises LineBusy, and Refused("call_ended") when it is over."""
        body = {"offer": {"type": "offer", "sdp": offer_sdp}}
        opened = await self._ask("POST", f"/v1/calls/{call_id}/reconnect", body, within_s=within_s)
        return str(opened["answer"]["sdp"])

    async def hang_up(self, call_id: str) -> None:
        await self._ask("DELETE", f"/v1/calls/{call_id}")

    async def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        want: str | None = None,
        within_s: float = _TIMEOUT_S,
    ) -> Any:
        """The answer's JSON, or its member `want`; None for an answer without a body."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            response = await self._http.request(method, path, json=body, headers=headers, timeout=within_s)
        except httpx.ConnectError as error:
            if "CERTIFICATE" in str(error).upper():
                raise SetupError(
                    f"the certificate of {self.url} is not trusted; if it is your own, add --insecure"
                ) from None
            raise SetupError(f"Hatif is not running at {self.url} — start it with `make up`") from None
        except httpx.TransportError as error:
            raise SetupError(f"the gateway at {self.url} did not answer ({type(error).__name__})") from None
        if response.is_error:
            raise _problem(response)
        self._server_timing = response.headers.get("server-timing", "")
        if not response.content:
            return None
        try:
            answer = response.json()
            return answer if want is None else answer[want]
        except (ValueError, KeyError, TypeError):
            raise _stranger(response) from None


def _hops_ms(server_timing: str) -> dict[str, float]:
    """`gateway;dur=1.9, durable;dur=150.2` as milliseconds by name."""
    return {name: float(ms) for name, ms in re.findall(r"([\w-]+);dur=([\d.]+)", server_timing)}


def _problem(response: httpx.Response) -> Exception:
    """The gateway's problem+json as an error of ours; anything else is not Hatif's gateway."""
    try:
        problem: dict[str, Any] = response.json()
        code, detail = str(problem["code"]), str(problem.get("detail") or problem.get("title") or "")
    except (ValueError, KeyError, TypeError):
        return _stranger(response)
    if code == "busy":
        return LineBusy(detail or "every line is busy; try again later")
    return Refused(code, detail or code)


def _stranger(response: httpx.Response) -> SetupError:
    return SetupError(f"{response.url} answered {response.status_code}, but not as Hatif's gateway does")
