"""Encryption of values at rest: AES-256-GCM under a given key, bound to the place where the value stands."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Rejected

KEY_BYTES = 32
NONCE_BYTES = 12


def place(*parts: str | int) -> bytes:
    """Names where a value stands, e.g. table, tenant, call, column; a value moved elsewhere can't be opened."""
    return "\x1f".join(str(part) for part in parts).encode(errors="surrogatepass")


def seal(key: bytes, value: bytes, at: bytes) -> bytes:
    """A random nonce of 12 bytes, then ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, at)


def unseal(key: bytes, sealed: bytes, at: bytes) -> bytes:
    """Raises Rejected when the value, its place or the key is not the one that it was sealed with."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], at)
    except (InvalidTag, ValueError):
        raise Rejected("postgres", "a sealed value can't be opened: wrong key, or altered") from None
