"""RS256 tokens: for people, for one call of a site key, and for the Temporal UI that asks the codec."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from domain.accounts import Role, SiteKey, User
from domain.errors import SetupError
from gateway.problems import Problem

ISSUER = "hatif"
ACCESS = "hatif-access"
CODEC = "hatif-codec"
CALL = "hatif-call"
ACCESS_S = 600
CALL_FIRST_USE_S = 900
CALL_LIFE_S = 6 * 3600
"""How long a bound call token still serves its call: reconnect, hang up, rate. Longer than any call we admit."""
KEY_BITS = 2048
KEY_FILE = "token-signing.pem"
"""Its name in the keys directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    user_id: str
    tenant_id: str
    role: Role
    expires_at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallClaims:
    token_id: str
    tenant_id: str
    site_key_id: str
    origin: str
    max_calls: int
    fresh: bool
    """Still within the time in which a first call may be started."""
    over: bool
    """Past CALL_LIFE_S: good for nothing any more, but known whose it was."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    private: rsa.RSAPrivateKey
    kid: str


def new_key_pem() -> bytes:
    """A fresh key pair in PEM; takes up to a second."""
    return rsa.generate_private_key(65537, KEY_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def signing_key(pem: bytes) -> SigningKey:
    """Raises SetupError when `pem` is no RSA key."""
    try:
        loaded = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise SetupError(f"{KEY_FILE} is not a private key in PEM; remove it and a fresh one is made.") from error
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise SetupError(f"{KEY_FILE} is not an RSA key; tokens are signed with RS256.")
    public = loaded.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return SigningKey(loaded, hashlib.sha256(public).hexdigest()[:16])


def recording_audience(call_id: str) -> str:
    """Of a token that opens one call's recording and nothing else."""
    return f"hatif-recording/{call_id}"


def consent_audience(state: str) -> str:
    """Of a token that brings one administrator back from one vendor's consent page."""
    return f"hatif-consent/{state}"


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "unauthenticated", detail, {"WWW-Authenticate": "Bearer"})


def call_token_expired() -> Problem:
    detail = "This call token has had its time: ask for another, and call again."
    return Problem(401, "call_token_expired", detail, {"WWW-Authenticate": "Bearer"})


class Tokens:
    def __init__(self, key: SigningKey, clock: Callable[[], float]) -> None:
        """`clock` gives Unix seconds."""
        self._key = key
        self._public = key.private.public_key()
        self._clock = clock

    def access(self, user: User, audience: str = ACCESS) -> str:
        claims = {"sub": user.user_id, "tenant": user.tenant_id, "role": user.role.value}
        return self._sign(audience, ACCESS_S, claims)

    def call(self, site_key: SiteKey, origin: str) -> str:
        claims: dict[str, Any] = {"sub": site_key.site_key_id, "tenant": site_key.tenant_id, "origin": origin}
        claims["max_calls"] = site_key.max_concurrent_calls
        return self._sign(CALL, CALL_FIRST_USE_S, claims)

    def read_access(self, token: str, audience: str = ACCESS) -> AccessClaims:
        """Raises a 401 Problem."""
        claims = self._verified(token, audience)
        if claims["exp"] <= self._clock():
            raise _unauthenticated("The access token has expired; refresh it.")
        try:
            return AccessClaims(
                user_id=claims["sub"],
                tenant_id=claims["tenant"],
                role=Role(claims["role"]),
                expires_at=claims["exp"],
            )
        except (KeyError, ValueError) as error:
            raise _unauthenticated("The access token is not valid.") from error

    def read_call(self, token: str) -> CallClaims:
        """Raises a 401 Problem for what was never ours; what time has passed over is still read: `fresh`, `over`."""
        claims = self._verified(token, CALL)
        try:
            return CallClaims(
                token_id=claims["jti"],
                tenant_id=claims["tenant"],
                site_key_id=claims["sub"],
                origin=claims["origin"],
                max_calls=claims["max_calls"],
                fresh=claims["exp"] > self._clock(),
                over=claims["iat"] + CALL_LIFE_S <= self._clock(),
            )
        except KeyError as error:
            raise _unauthenticated("The call token is not valid.") from error

    def _sign(self, audience: str, life_s: int, claims: dict[str, Any]) -> str:
        now = int(self._clock())
        body = {"iss": ISSUER, "aud": audience, "iat": now, "exp": now + life_s, "jti": secrets.token_hex(16)}
        return jwt.encode({**body, **claims}, self._key.private, "RS256", {"kid": self._key.kid})

    def _verified(self, token: str, audience: str) -> dict[str, Any]:
        """Signature, key, issuer and audience; the times are compared with our own clock by the callers."""
        try:
            if jwt.get_unverified_header(token).get("kid") != self._key.kid:
                raise _unauthenticated("The token was signed by another key; sign in again.")
            return jwt.decode(
                token,
                self._public,
                algorithms=["RS256"],
                audience=audience,
                issuer=ISSUER,
                options={
                    "require": ["exp", "iat", "jti", "sub", "iss", "aud"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidTokenError as error:
            raise _unauthenticated("The token is not valid here.") from error
