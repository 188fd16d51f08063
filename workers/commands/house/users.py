"""`hatif user`: who works here, what they may do, and a new password for who forgot theirs."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from collections.abc import Sequence

from domain.accounts import Role, User, UserChange
from domain.errors import Refused, Rejected
from gateway.passwords import hash_password
from gateway.team.users import ONE_TIME_BYTES, ONE_TIME_S, shown
from workers.commands.house import words
from workers.commands.house.shown import print_json, print_table, say
from workers.commands.store import OPERATOR, Store, opened
from workers.settings import Settings


def list_users(settings: Settings, *, tenant: str | None, as_json: bool) -> None:
    """Raises SetupError without a database, Refused for an unknown tenant; so do all of these."""
    users = asyncio.run(_all(settings, tenant))
    if as_json:
        print_json({"users": [{"tenant": slug, **shown(user)} for slug, user in users]})
        return
    rows = [
        (
            slug,
            user.email,
            user.name,
            "disabled" if user.disabled else user.role.value,
            ", ".join(user.languages),
            ", ".join(user.skills),
            ", ".join(user.queues),
        )
        for slug, user in users
    ]
    print_table(("tenant", "e-mail", "name", "role", "languages", "skills", "queues"), rows)


async def _all(settings: Settings, tenant: str | None) -> list[tuple[str, User]]:
    async with opened(settings, tenant) as store:
        return [
            (slug, user)
            for tenant_id, slug in sorted(store.tenants.items(), key=lambda pair: pair[1])
            for user in await store.accounts.users(tenant_id)
        ]


def add(
    settings: Settings,
    email: str,
    *,
    tenant: str | None,
    name: str,
    role: str,
    languages: str,
    skills: str,
    queues: str,
) -> None:
    """Prints the one-time password: nobody can see it again."""
    wanted = UserChange(
        name=words.one_line(name or email.partition("@")[0], "name"),
        role=words.role(role),
        languages=words.languages(languages),
        skills=words.short_names(skills, "skill"),
        queues=words.short_names(queues, "queue"),
    )
    _tell(*asyncio.run(_add(settings, tenant, words.email(email), wanted)))


async def _add(settings: Settings, tenant: str | None, email: str, wanted: UserChange) -> tuple[str, str]:
    async with opened(settings, tenant) as store:
        tenant_id = store.one_tenant
        await _known(store, tenant_id, wanted.queues or ())
        password = secrets.token_urlsafe(ONE_TIME_BYTES)
        user = User(
            user_id=str(uuid.uuid4()),
            tenant_id=tenant_id,
            email=email,
            name=wanted.name or email,
            role=wanted.role or Role.VIEWER,
            languages=wanted.languages or (),
            skills=wanted.skills or (),
            queues=wanted.queues or (),
            password_until=time.time() + ONE_TIME_S,
        )
        try:
            await store.accounts.create_user(user, hash_password(password))
        except Rejected:
            raise Refused("email_taken", f"Somebody has the e-mail address {email} already.") from None
        await store.audit.record(tenant_id, OPERATOR, "user_invited", user.user_id, {"role": user.role.value})
        return email, password


async def _known(store: Store, tenant_id: str, queues: Sequence[str]) -> None:
    known = {queue.queue_id for queue in await store.team.queues(tenant_id)}
    if unknown := [queue for queue in queues if queue not in known]:
        raise Refused("unknown_queue", f"There is no queue {unknown[0]}: {', '.join(sorted(known))}.")


def describe(
    settings: Settings,
    email: str,
    *,
    tenant: str | None,
    name: str | None,
    languages: str | None,
    skills: str | None,
    queues: str | None,
) -> None:
    """What is None stays as it is; an empty list takes away all of them."""
    wanted = UserChange(
        name=None if name is None else words.one_line(name, "name"),
        languages=None if languages is None else words.languages(languages),
        skills=None if skills is None else words.short_names(skills, "skill"),
        queues=None if queues is None else words.short_names(queues, "queue"),
    )
    if wanted == UserChange():
        raise Refused("bad_value", "Say what changes: --name, --languages, --skills or --queues.")
    after = asyncio.run(_change(settings, email, wanted, tenant))
    speaks, knows, serves = (", ".join(each) or "none" for each in (after.languages, after.skills, after.queues))
    say(f"{after.name} <{after.email}>: languages {speaks}; skills {knows}; queues {serves}.")


def change(settings: Settings, email: str, wanted: UserChange, *, tenant: str | None) -> None:
    after = asyncio.run(_change(settings, email, wanted, tenant))
    say(f"{after.email} is {'disabled' if after.disabled else after.role.value}.")


async def _change(settings: Settings, email: str, wanted: UserChange, tenant: str | None) -> User:
    async with opened(settings, tenant) as store:
        user = await _found(store, email)
        await _known(store, user.tenant_id, wanted.queues or ())
        after = await store.accounts.change_user(user.tenant_id, user.user_id, wanted)
        if after != user:
            detail = {"role": after.role.value, "disabled": str(after.disabled).lower()}
            await store.audit.record(user.tenant_id, OPERATOR, "user_changed", user.user_id, detail)
    return after


def reset_password(settings: Settings, email: str, *, tenant: str | None) -> None:
    """Prints the one-time password, and signs the person out everywhere."""
    _tell(email, asyncio.run(_reset(settings, email, tenant)))


async def _reset(settings: Settings, email: str, tenant: str | None) -> str:
    async with opened(settings, tenant) as store:
        user = await _found(store, email)
        password = secrets.token_urlsafe(ONE_TIME_BYTES)
        await store.accounts.set_password(
            user.tenant_id, user.user_id, hash_password(password), time.time() + ONE_TIME_S
        )
        await store.audit.record(user.tenant_id, OPERATOR, "password_reset", user.user_id, {})
        return password


async def _found(store: Store, email: str) -> User:
    """Raises Refused for nobody, and where several tenants have somebody of that address."""
    found = [
        user
        for tenant_id in store.tenants
        if (pair := await store.accounts.user_by_email(tenant_id, words.email(email))) is not None
        for user in pair[:1]
    ]
    if not found:
        raise Refused("unknown_user", f"Nobody here has the e-mail address {email}; hatif user list shows who does.")
    if len(found) > 1:
        raise Refused("which_tenant", f"Several tenants have {email}: say which is meant with --tenant.")
    return found[0]


def _tell(email: str, password: str) -> None:
    days = ONE_TIME_S // 86_400
    say(f"{email}  {password}")
    say(f"Shown this once. It signs in for {days} days, and whoever does so chooses another.")
