"""Single requests to Salesforce through simple-salesforce, off the event loop, their failures told like everyone's."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from urllib3.exceptions import NewConnectionError

from connectors.auth import SignInRefused
from connectors.http import Connection, Limited, Refusal, Unclear, Unreadable, failure
from connectors.outbound import CONNECT_S
from domain.errors import NotFound, Rejected, Unavailable

API_VERSION = "62.0"
THREADS = 4
"""Requests at the same moment for one tenant; Salesforce counts concurrent ones only past 20 s."""
LIMIT_MS = 900_000
"""The daily allowance is used up. It is a rolling one: some of it comes back every hour."""
LOCKED_MS = 1_000
"""Another transaction holds the row."""


class SalesforceCalls:
    """One tenant's session. A `work` makes one request: what is cancelled is never followed by another."""

    def __init__(self, system: str, connection: Connection) -> None:
        self._system = system
        self._connection = connection
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=system)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.max_redirects = 0
        self._session.mount("https://", _Patient(connection.timeout_ms / 1000))
        if connection.ca_file:
            self._session.verify = str(connection.ca_file)

    async def close(self) -> None:
        self._session.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def read(self, work: Callable[[Client], Any]) -> Any:
        """Raises NotFound, Rejected or Unavailable."""
        try:
            return await self._answer(work)
        except Unclear as unclear:
            raise Unavailable(self._system, str(unclear), unclear.retry_after_ms) from unclear

    async def write(self, work: Callable[[Client], Any]) -> Any:
        """Raises NotFound, Rejected or Unavailable when nothing was done, and Unclear when that is not certain."""
        return await self._answer(work)

    async def _answer(self, work: Callable[[Client], Any]) -> Any:
        signed = await self._connection.auth.headers()
        try:
            return await self._in_thread(work, signed)
        except SalesforceExpiredSession:
            await self._connection.auth.renew(signed)
        try:
            return await self._in_thread(work, await self._connection.auth.headers())
        except SalesforceExpiredSession:
            raise SignInRefused(self._system) from None

    async def _in_thread(self, work: Callable[[Client], Any], signed: Mapping[str, str]) -> Any:
        token = signed.get("authorization", "").removeprefix("Bearer ")
        client = Client(
            instance_url=self._connection.url,
            session_id=token,
            version=API_VERSION,
            session=self._session,
            object_pairs_hook=dict,
        )
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, client)
        except SalesforceExpiredSession:
            raise
        except SalesforceError as refused:
            # "from None": the original error carries the vendor's prose, which may be a caller's words.
            raise self._refused(refused) from None
        except requests.RequestException as broken:
            raise self._broken(broken) from None
        except ValueError:
            raise Unreadable from None

    def _refused(self, refused: SalesforceError) -> Exception:
        content: Any = refused.content
        if refused.status < 400:  # several records bear one external id
            return Rejected(self._system, f"answered {refused.status}")
        error = failure(self._system, refused.status, {}, content, self._connection.clock())
        if isinstance(error, Refusal):
            return refused_by_code(self._system, error)
        return error

    def _broken(self, broken: requests.RequestException) -> Exception:
        """Whether the request can have been sent at all."""
        if isinstance(broken, requests.ConnectTimeout) or _never_connected(broken):
            return Unavailable(self._system, f"can't be reached: {type(broken).__name__}")
        return Unclear(f"the connection broke: {type(broken).__name__}")


def refused_by_code(system: str, refusal: Refusal) -> Exception:
    """Salesforce tells by a code what others tell by a status."""
    match refusal.code:
        case "REQUEST_LIMIT_EXCEEDED":
            return Limited(system, "its request limit is reached", LIMIT_MS)
        case "UNABLE_TO_LOCK_ROW" | "SERVER_UNAVAILABLE":
            return Unavailable(system, refusal.code, LOCKED_MS)
        case "INVALID_CROSS_REFERENCE_KEY":
            return NotFound(system, "no such record")
        case _:
            return refusal


def composite(*parts: tuple[str, str, str, Mapping[str, Any]]) -> Callable[[Client], Any]:
    """One transaction of several writes, each a reference, a method, a path under the API's root, and a body.

    Either all of them happen or none. The answer is theirs; a refused one is raised as a Refusal by `settled`.
    """
    root = f"/services/data/v{API_VERSION}/"
    subrequests = [
        {"referenceId": reference, "method": method, "url": root + path, "body": dict(body)}
        for reference, method, path, body in parts
    ]
    body = {"allOrNone": True, "collateSubrequests": False, "compositeRequest": subrequests}
    return lambda client: client.restful("composite", method="POST", data=json.dumps(body))


def settled(system: str, answer: Any) -> dict[str, dict[str, Any]]:
    """The bodies of a composite's parts by reference. Raises what the part that failed means."""
    try:
        parts = cast(list[dict[str, Any]], answer["compositeResponse"])
        failed = [part for part in parts if int(part["httpStatusCode"]) >= 300]
        # The others only say that they were halted.
        failed.sort(key=lambda part: "PROCESSING_HALTED" in json.dumps(part.get("body")))
        if not failed:
            return {str(part["referenceId"]): part.get("body") or {} for part in parts}
        status, body = int(failed[0]["httpStatusCode"]), failed[0].get("body")
    except (KeyError, TypeError, ValueError):
        raise Unclear("the answer has another shape than documented") from None
    error = failure(system, status, {}, body, 0.0)
    raise refused_by_code(system, error) if isinstance(error, Refusal) else error


def _never_connected(broken: BaseException) -> bool:
    """Whether a refused connection or certificate is among the causes."""
    seen: BaseException | Any = broken
    for _ in range(6):
        if isinstance(seen, NewConnectionError | ssl.SSLCertVerificationError):
            return True
        inner = getattr(seen, "reason", None) or (seen.args[0] if getattr(seen, "args", None) else None)
        if not isinstance(inner, BaseException):
            return False
        seen = inner
    return False


class _Patient(HTTPAdapter):
    """A deadline for every request, and no repetition of any."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(max_retries=0)
        self._timeout_s = timeout_s

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = (min(CONNECT_S, self._timeout_s), self._timeout_s)
        return super().send(request, *args, **kwargs)
