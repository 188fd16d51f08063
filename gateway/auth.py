"""People: sign in, stay signed in, sign out, change the password."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, SecretStr

from domain.accounts import Role, User
from gateway.access import CODEC_COOKIE, OwnPages, Person, closed_account
from gateway.body import Body
from gateway.deps import Deps, GatewayDeps
from gateway.passwords import check_policy
from gateway.problems import Problem
from gateway.tokens import ACCESS_S, CODEC

router = APIRouter(prefix="/v1")

REFRESH_COOKIE = "hatif_refresh"
REFRESH_PATH = "/v1/auth"
CODEC_PATH = "/v1/codec"
REFRESH_S = 14 * 24 * 3600
"""Two weeks without opening a page, a holiday, then the person signs in again."""
MAX_SENT_PASSWORD = 1024
"""Longer than any password we accept, short enough to hash."""

PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
"""No control characters: Postgres takes no NUL, and logs no line breaks."""

Secret = Annotated[SecretStr, Field(min_length=1, max_length=MAX_SENT_PASSWORD)]


class Login(Body):
    tenant: Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE)]
    email: Annotated[str, Field(min_length=3, max_length=254, pattern=PRINTABLE)]
    password: Secret


class PasswordChange(Body):
    current: Secret
    new: Secret


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _shown(user: User) -> dict[str, str]:
    return {"id": user.user_id, "name": user.name, "role": user.role.value, "tenant": user.tenant_id}


def _too_often(wait_s: int) -> Problem:
    detail = f"Too many wrong passwords; please try again in {wait_s} seconds."
    return Problem(429, "too_many_attempts", detail, {"Retry-After": str(wait_s)})


def _signed_in(user: User, response: Response, deps: GatewayDeps) -> dict[str, Any]:
    """The answer of login and refresh; an administrator's browser also gets the cookie that reads payloads."""
    if user.role is Role.ADMIN and deps.config.codec_origins:
        _set_cookie(response, deps, CODEC_COOKIE, deps.tokens.access(user, CODEC), CODEC_PATH, ACCESS_S)
    return {
        "access_token": deps.tokens.access(user),
        "expires_in_s": ACCESS_S,
        "user": _shown(user),
        "password_change_needed": user.password_until is not None,
    }


def _set_cookie(response: Response, deps: GatewayDeps, name: str, value: str, path: str, life_s: int) -> None:
    response.set_cookie(
        name, value, max_age=life_s, path=path, httponly=True, samesite="strict", secure=deps.config.tls
    )


def _clear_cookies(response: Response) -> None:
    response.delete_cookie(REFRESH_COOKIE, path=REFRESH_PATH, httponly=True, samesite="strict")
    response.delete_cookie(CODEC_COOKIE, path=CODEC_PATH, httponly=True, samesite="strict")


@router.post("/auth/login", dependencies=[Depends(OwnPages("the login itself; throttled"))])
async def login(asked: Login, request: Request, response: Response, deps: Deps) -> dict[str, Any]:
    address, email = _address(request), asked.email.strip().casefold()
    wait_s = deps.throttle.attempt(asked.tenant, email, address)
    if wait_s is not None:
        raise _too_often(wait_s)
    tenant_id = await deps.accounts.tenant_id(asked.tenant)
    found = await deps.accounts.user_by_email(tenant_id, email) if tenant_id else None
    user, stored = found or (None, None)
    fits = await deps.passwords.verify(stored, asked.password.get_secret_value())
    if user is None or user.disabled or not fits:
        if tenant_id:
            actor = user.user_id if user else "unknown"
            await deps.audit.record(tenant_id, actor, "login_refused", actor, {"address": address})
        raise Problem(401, "wrong_credentials", "The company, the e-mail address or the password is wrong.")
    deps.throttle.succeeded(asked.tenant, email, address)
    if user.password_until is not None and user.password_until <= deps.wall_clock():
        await deps.audit.record(user.tenant_id, user.user_id, "login_refused", user.user_id, {"reason": "expired"})
        raise Problem(401, "password_expired", "This one-time password is too old; ask your administrator for another.")
    token = secrets.token_urlsafe(32)
    expires_at = deps.wall_clock() + REFRESH_S
    family = str(uuid.uuid4())
    await deps.accounts.save_refresh_token(user.tenant_id, user.user_id, family, _digest(token), expires_at)
    await deps.audit.record(user.tenant_id, user.user_id, "login", user.user_id, {"address": address})
    _set_cookie(response, deps, REFRESH_COOKIE, token, REFRESH_PATH, REFRESH_S)
    return _signed_in(user, response, deps)


@router.post("/auth/refresh", dependencies=[Depends(OwnPages("the refresh cookie is the credential"))])
async def refresh(request: Request, response: Response, deps: Deps) -> dict[str, Any]:
    token = secrets.token_urlsafe(32)
    presented = request.cookies.get(REFRESH_COOKIE, "")
    expires_at = deps.wall_clock() + REFRESH_S
    user = await deps.accounts.rotate_refresh_token(_digest(presented), _digest(token), expires_at)
    if user is None or user.disabled:
        raise Problem(401, "unauthenticated", "You are signed out; please sign in again.")
    _set_cookie(response, deps, REFRESH_COOKIE, token, REFRESH_PATH, REFRESH_S)
    return _signed_in(user, response, deps)


@router.post("/auth/logout", status_code=204, dependencies=[Depends(OwnPages("the refresh cookie is the credential"))])
async def logout(request: Request, response: Response, deps: Deps) -> None:
    presented = request.cookies.get(REFRESH_COOKIE)
    if presented:
        await deps.accounts.revoke_refresh_token(_digest(presented))
    _clear_cookies(response)


@router.post("/auth/password", status_code=204)
async def change_password(
    asked: PasswordChange, person: Person, request: Request, response: Response, deps: Deps
) -> None:
    """Signs every other session out as well, and this one: its next refresh asks for the new password."""
    user = await _living_user(person.tenant_id, person.user_id, deps)
    wait_s = deps.throttle.attempt(user.tenant_id, user.email, _address(request))
    if wait_s is not None:
        raise _too_often(wait_s)
    found = await deps.accounts.user_by_email(user.tenant_id, user.email)
    current, fresh = asked.current.get_secret_value(), asked.new.get_secret_value()
    if not await deps.passwords.verify(found[1] if found else None, current):
        raise Problem(403, "wrong_credentials", "The current password is wrong.")
    deps.throttle.succeeded(user.tenant_id, user.email, _address(request))
    if fresh == current:
        raise Problem(422, "weak_password", "The password must differ from the current one.")
    check_policy(fresh, email=user.email, name=user.name)
    await deps.accounts.set_password(user.tenant_id, user.user_id, await deps.passwords.hash(fresh))
    await deps.audit.record(user.tenant_id, user.user_id, "password_changed", user.user_id, {})
    _clear_cookies(response)


@router.get("/me")
async def me(person: Person, deps: Deps) -> dict[str, str]:
    return _shown(await _living_user(person.tenant_id, person.user_id, deps))


async def _living_user(tenant_id: str, user_id: str, deps: GatewayDeps) -> User:
    user = await deps.accounts.user(tenant_id, user_id)
    if user is None or user.disabled:
        raise closed_account()
    return user
