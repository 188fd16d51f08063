"""People: who they are, what they may do, what they speak and know, and a password to begin with."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from domain.accounts import Role, User, UserChange
from domain.errors import Rejected
from gateway.access import Admin
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.problems import Problem
from gateway.team.words import Languages, Name, QueueIds, Skills, languages_of

router = APIRouter(prefix="/v1/team/users")

ONE_TIME_BYTES = 12
"""96 random bits, 16 characters: nobody guesses it, and it can be read over a telephone."""
ONE_TIME_S = 7 * 24 * 3600
"""An invitation reaches a person within a week, or is made anew."""

RoleName = Literal["admin", "supervisor", "advisor", "viewer"]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]+$")]


class Invitation(Body):
    email: Email
    name: Name
    role: RoleName
    languages: Languages = Field(default_factory=list[str])
    skills: Skills = Field(default_factory=list[str])
    queues: QueueIds = Field(default_factory=list[str])


class Change(Body):
    name: Name | None = None
    role: RoleName | None = None
    disabled: bool | None = None
    languages: Languages | None = None
    skills: Skills | None = None
    queues: QueueIds | None = None


@router.get("")
async def users(admin: Admin, deps: Deps) -> dict[str, Any]:
    return {"users": [shown(user) for user in await deps.accounts.users(admin.tenant_id)]}


@router.post("", status_code=201)
async def invite(asked: Invitation, admin: Admin, deps: Deps) -> dict[str, Any]:
    """The password is told this once; whoever signs in with it chooses another."""
    await _known(asked.queues, admin.tenant_id, deps)
    password = secrets.token_urlsafe(ONE_TIME_BYTES)
    user = User(
        user_id=str(uuid.uuid4()),
        tenant_id=admin.tenant_id,
        email=asked.email.strip(),
        name=asked.name,
        role=Role(asked.role),
        languages=languages_of(asked.languages),
        skills=tuple(asked.skills),
        queues=tuple(asked.queues),
        password_until=deps.wall_clock() + ONE_TIME_S,
    )
    try:
        await deps.accounts.create_user(user, await deps.passwords.hash(password))
    except Rejected:
        raise Problem(409, "email_taken", "Somebody has that e-mail address already.") from None
    await deps.audit.record(admin.tenant_id, admin.user_id, "user_invited", user.user_id, {"role": user.role.value})
    return {"user": shown(user), "password": password, "expires_in_s": ONE_TIME_S}


@router.patch("/{user_id}")
async def change(user_id: str, asked: Change, admin: Admin, deps: Deps) -> dict[str, Any]:
    """What is absent or null stays as it is."""
    await _known(asked.queues or [], admin.tenant_id, deps)
    wanted = UserChange(
        name=asked.name,
        role=None if asked.role is None else Role(asked.role),
        disabled=asked.disabled,
        languages=None if asked.languages is None else languages_of(asked.languages),
        skills=None if asked.skills is None else tuple(asked.skills),
        queues=None if asked.queues is None else tuple(asked.queues),
    )
    before = await _user(user_id, admin.tenant_id, deps)
    after = await deps.accounts.change_user(admin.tenant_id, user_id, wanted)
    if after != before:
        detail = {"role": after.role.value, "disabled": str(after.disabled).lower()}
        await deps.audit.record(admin.tenant_id, admin.user_id, "user_changed", user_id, detail)
    return {"user": shown(after)}


@router.post("/{user_id}/reset-password")
async def reset_password(user_id: str, admin: Admin, deps: Deps) -> dict[str, Any]:
    """Also signs the person out everywhere."""
    user = await _user(user_id, admin.tenant_id, deps)
    password = secrets.token_urlsafe(ONE_TIME_BYTES)
    until = deps.wall_clock() + ONE_TIME_S
    hashed = await deps.passwords.hash(password)
    await deps.accounts.set_password(admin.tenant_id, user.user_id, hashed, until)
    await deps.audit.record(admin.tenant_id, admin.user_id, "password_reset", user.user_id, {})
    return {"password": password, "expires_in_s": ONE_TIME_S}


def shown(user: User) -> dict[str, Any]:
    return {
        "id": user.user_id,
        "email": user.email,
        "name": user.name,
        "role": user.role.value,
        "languages": list(user.languages),
        "skills": list(user.skills),
        "queues": list(user.queues),
        "disabled": user.disabled,
        "password_change_needed": user.password_until is not None,
    }


async def _user(user_id: str, tenant_id: str, deps: GatewayDeps) -> User:
    user = await deps.accounts.user(tenant_id, user_id) if user_id.isprintable() else None
    if user is None:
        raise Problem(404, "not_found", "There is no such person.")
    return user


async def _known(queue_ids: list[str], tenant_id: str, deps: GatewayDeps) -> None:
    known = {queue.queue_id for queue in await deps.team.queues(tenant_id)} if queue_ids else set[str]()
    if unknown := [queue_id for queue_id in queue_ids if queue_id not in known]:
        raise Problem(422, "unknown_queue", f"There is no queue {unknown[0]}.")
