"""Every payload of a call encrypted under the call's own key, so that deleting the key erases the call everywhere.

A payload says in its metadata whose it is: `hatif-tenant` and `hatif-call`. Encoding learns the call from the id of
the workflow at hand (`call-<id>`, `post-call-<id>`), by Temporal's serialization context. It learns the tenant from
any payload of the call that it decoded, which every worker did before it has something to say, or from `know`, which
whoever starts a call or comes back to it uses. Nothing is ever encoded in the clear for want of either.

A document's workflow (`ingest-<id>`) is no call's: its payloads, which hold ids and counts only, have the document's
own key, under the name that queues.key_name_of gives it, wherever a call's id stands here.

So has a campaign's (`campaign-<id>`), whose payloads hold ids, counts and places in its list.

Ids, search attributes and task queue names are not payloads: they stay readable and hold no personal data.

When the key is erased, a reader gets ERASED instead of the payload. A workflow cannot go on: its tasks fail with
KeyErased until it is terminated, and its activities fail. So an erasure terminates the call's workflow before it
deletes the key; one that has ended needs nothing.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from domain.errors import HatifError, NotFound, Refused
from domain.ports import KeyRing
from workflows.queues import key_name_of

K = TypeVar("K")
V = TypeVar("V")

ENCODING = b"binary/encrypted"
ERASED = Payload(metadata={"encoding": b"json/plain"}, data=b'"[erased]"')
"""What a reader sees of a payload whose key was deleted."""

NONCE_BYTES = 12
REMEMBERED_CALLS = 4_096
"""Many more than one process has alive; a forgotten one costs one look at the key ring."""
KEY_LIFE_S = 300.0
"""How long a process goes on with a key before it asks again: so long may an erasure take to reach it."""


class KeyErased(HatifError):
    """The call's key was deleted, or never made: what was encrypted under it can't be read any more."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a payload is."""

    tenant_id: str
    call_id: str

    def metadata(self) -> dict[str, bytes]:
        return {"encoding": ENCODING, "hatif-tenant": self.tenant_id.encode(), "hatif-call": self.call_id.encode()}

    def seal(self) -> bytes:
        """Authenticated with the ciphertext, so that a payload can't be passed off as another call's."""
        return f"{self.tenant_id}/{self.call_id}".encode()


def owner_of(payload: Payload) -> Owner | None:
    """Whose an encrypted payload says it is; None for one that is not encrypted. Raises Refused("not_decodable")."""
    if payload.metadata.get("encoding") != ENCODING:
        return None
    try:
        return Owner(payload.metadata["hatif-tenant"].decode(), payload.metadata["hatif-call"].decode())
    except (KeyError, UnicodeDecodeError) as missing:
        raise Refused("not_decodable", "The payload does not say whose it is.") from missing


class CallKeys:
    """The keys at hand in one process, so that a signal in a living call does not wait for the database."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._tenants: OrderedDict[str, str] = OrderedDict()
        self._ciphers: OrderedDict[Owner, tuple[AESGCM, float]] = OrderedDict()

    def know(self, owner: Owner) -> None:
        _remember(self._tenants, owner.call_id, owner.tenant_id)

    def owner(self, call_id: str) -> Owner:
        if call_id not in self._tenants:
            raise NotFound("key ring", f"nobody said whose call {call_id} is")
        return Owner(self._tenants[call_id], call_id)

    async def cipher(self, owner: Owner) -> AESGCM:
        """Raises KeyErased, or Unavailable when the key ring has to be asked and can't be."""
        held = self._ciphers.get(owner)
        if held is None or time.monotonic() > held[1]:
            key = await self._ring.key(owner.tenant_id, owner.call_id)
            if key is None:
                self._ciphers.pop(owner, None)
                raise KeyErased(f"call {owner.call_id} has no key")
            held = (AESGCM(key), time.monotonic() + KEY_LIFE_S)
            _remember(self._ciphers, owner, held)
        return held[0]

    async def seal(self, owner: Owner, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        cipher = await self.cipher(owner)
        data = nonce + cipher.encrypt(nonce, payload.SerializeToString(), owner.seal())
        return Payload(metadata=owner.metadata(), data=data)

    async def open(self, owner: Owner, payload: Payload) -> Payload:
        """Raises KeyErased, or Refused("not_decodable") when it was tampered with."""
        cipher = await self.cipher(owner)
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, owner.seal()))
        except (InvalidTag, ValueError, DecodeError) as broken:
            raise Refused("not_decodable", "The payload was not encrypted under its call's key.") from broken


class EncryptionCodec(PayloadCodec, WithSerializationContext):
    """The codec of every client and worker; copies made for a context share the keys at hand."""

    def __init__(self, keys: KeyRing | CallKeys, *, call_id: str | None = None) -> None:
        self._keys = keys if isinstance(keys, CallKeys) else CallKeys(keys)
        self._call_id = call_id

    def know(self, tenant_id: str, call_id: str) -> None:
        """Say whose call this is, before its first payload is encoded in this process."""
        self._keys.know(Owner(tenant_id, call_id))

    def with_context(self, context: SerializationContext) -> EncryptionCodec:
        match context:
            case WorkflowSerializationContext() | ActivitySerializationContext():
                return EncryptionCodec(self._keys, call_id=key_name_of(context.workflow_id or ""))
            case _:
                return EncryptionCodec(self._keys)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Raises NotFound when the call or its tenant is unknown, and as CallKeys.cipher."""
        if not payloads:
            return []
        if self._call_id is None:
            raise NotFound("key ring", "a payload outside of any call has no key")
        owner = self._keys.owner(self._call_id)
        return [await self._keys.seal(owner, payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Payloads in the clear, such as an operator's signal from Temporal's own tools, pass as they are."""
        return [await self._decoded(payload) for payload in payloads]

    async def _decoded(self, payload: Payload) -> Payload:
        owner = owner_of(payload)
        if owner is None:
            return payload
        if self._call_id is not None and owner.call_id != self._call_id:
            raise Refused("not_decodable", f"A payload of call {owner.call_id} was put into call {self._call_id}.")
        try:
            opened = await self._keys.open(owner, payload)
        except KeyErased:
            # The failure that says so has to be encoded, which fails for the same reason and is told by that name.
            self._keys.know(owner)
            raise
        self._keys.know(owner)
        return opened


class PayloadReader:
    """Temporal's remote codec protocol, for people who may read the payloads of one tenant."""

    def __init__(self, ring: KeyRing) -> None:
        self._keys = CallKeys(ring)

    async def decode(self, tenant_id: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
        """`{"payloads": […]}` in Temporal's JSON, decrypted, and the ids of the calls that were read.

        Payloads under an erased key come back as ERASED. Raises Refused("not_decodable") for nonsense and for
        another tenant's payload.
        """
        try:
            payloads = ParseDict(dict(body), Payloads()).payloads
        except ParseError as nonsense:
            raise Refused("not_decodable", "The body is not a list of payloads in Temporal's JSON.") from nonsense
        owners = [owner_of(payload) for payload in payloads]
        if any(owner is not None and owner.tenant_id != tenant_id for owner in owners):
            raise Refused("not_decodable", "The payload belongs to another tenant.")
        read = [await self._read(owner, payload) for owner, payload in zip(owners, payloads, strict=True)]
        return MessageToDict(Payloads(payloads=read)), _call_ids(owners)

    async def _read(self, owner: Owner | None, payload: Payload) -> Payload:
        if owner is None:
            return payload
        try:
            return await self._keys.open(owner, payload)
        except KeyErased:
            return ERASED


def _call_ids(owners: Iterable[Owner | None]) -> frozenset[str]:
    return frozenset(owner.call_id for owner in owners if owner is not None)


def _remember(into: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep the most recently learned ones, and forget the rest."""
    into[key] = value
    into.move_to_end(key)
    while len(into) > REMEMBERED_CALLS:
        into.popitem(last=False)
