"""Whether a connection works, by the vendor's own answer; and an administrator's consent there."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator

from connectors.auth import AuthorisationEnded, ClientRefused, NotConnected, SignInRefused
from connectors.consent import PLACES, consent_address, tokens_for_code
from connectors.http import Limited, Refusal, Unclear, Unreadable
from domain.acting.connection import ConnectionRow, ConsentAsked, Tried, Trouble
from domain.acting.vendors import VENDORS
from domain.credentials import Secrets, Tokens
from domain.errors import ConnectorError, NotFound, Rejected
from storage.connections import PostgresSecrets
from storage.keys import PostgresKeyRing
from storage.session import Database
from workers.vendors.crm import ConnectedCrms, Inside, load, oauth_app
from workers.vendors.messaging import messaging_of

TRIAL_S = 25.0
"""Three reads of a vendor that answers each just in time."""
NOBODY = "+15005550006"
"""A number of Twilio's for tests: a customer is looked for who isn't there."""
SOME_TICKET = "1"


class TriedVendors:
    """Implements domain.acting.connection.Vendors."""

    def __init__(self, database: Database, keys: PostgresKeyRing, inside: Inside) -> None:
        self._database = database
        self._keys = keys
        self._inside = inside
        self._crms = ConnectedCrms(database, keys, inside)

    async def tried(self, row: ConnectionRow) -> Tried:
        try:
            async with asyncio.timeout(TRIAL_S):
                account = await (self._crm(row) if VENDORS[row.system].is_crm else self._messaging(row))
        except ConnectorError as error:
            return Tried(trouble=trouble_of(error))
        except TimeoutError:
            return Tried(trouble=Trouble.UNREACHABLE)
        return Tried(account=account)

    async def _crm(self, row: ConnectionRow) -> str:
        await load(row)
        crm = self._crms.opened(row)
        try:
            # Who may sign in may still not be allowed to read anything. Reading comes first, for it renews an expired
            # token, where Zendesk only says that we are nobody.
            await crm.customers_by_phone(NOBODY)
            account = await crm.check()
            with contextlib.suppress(NotFound):  # an account without that ticket
                await crm.ticket(SOME_TICKET)
            return account
        finally:
            await crm.close()

    async def _messaging(self, row: ConnectionRow) -> str:
        messaging = messaging_of(row, self._crms.connection(row))
        try:
            return await messaging.check()
        except NotFound as nobody:
            if nobody.system == "secrets":
                raise
            raise _WrongAccount(row.system) from nobody
        except Refusal as refusal:
            if refusal.status == 400:
                raise _WrongAccount(row.system) from refusal
            raise
        finally:
            await messaging.close()

    def consent_address(self, row: ConnectionRow, asked: ConsentAsked) -> str:
        client_id = row.settings.get("client_id")
        if row.system not in PLACES or not client_id:
            raise Rejected("connections", "there is no application to agree to")
        return consent_address(row.system, row.url, client_id, asked)

    async def consented(self, row: ConnectionRow, asked: ConsentAsked, code: str) -> Trouble | None:
        secrets = PostgresSecrets(self._database, self._keys, row.tenant_id)
        try:
            app = oauth_app(row, self._inside)
            new = await tokens_for_code(row.system, app, secrets, asked, code, time.time())
        except ConnectorError as error:
            return trouble_of(error)
        await _keep(secrets, app.tokens_reference, new)
        return None


async def _keep(secrets: Secrets, reference: str, new: Tokens) -> None:
    """Whatever is there: a renewal of the old tokens may come in between, and its tokens are over now."""
    held = await secrets.tokens(reference)
    while held != new:
        held = await secrets.replace_tokens(reference, new, instead_of=held)


class _WrongAccount(Rejected):
    def __init__(self, system: str) -> None:
        super().__init__(system, "no such account or number")


def trouble_of(error: ConnectorError) -> Trouble:
    """What is wrong, so that somebody can be told what to do about it."""
    match error:
        case NotConnected():
            return Trouble.NOT_CONNECTED
        case AuthorisationEnded():
            return Trouble.AUTHORISATION_ENDED
        case ClientRefused():
            return Trouble.CLIENT_REFUSED
        case SignInRefused():
            return Trouble.SIGN_IN_REFUSED
        case _WrongAccount():
            return Trouble.WRONG_ACCOUNT
        case Limited():
            return Trouble.LIMITED
        case Refusal() if error.status == 403:
            return Trouble.NO_PERMISSION
        case NotFound():
            return Trouble.KEY_MISSING if error.system == "secrets" else Trouble.WRONG_ADDRESS
        case Rejected():
            return Trouble.REFUSED
        case _:
            return Trouble.WRONG_ADDRESS if any(map(_elsewhere, _causes(error))) else Trouble.UNREACHABLE


def _elsewhere(cause: BaseException) -> bool:
    """No such host, or one that sends us on or answers with something that isn't this vendor's."""
    if isinstance(cause, socket.gaierror):
        return cause.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    redirected = isinstance(cause, Unclear) and cause.status is not None and 300 <= cause.status < 400
    return redirected or isinstance(cause, Unreadable)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
