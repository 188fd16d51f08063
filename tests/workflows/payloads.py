"""Finds the payloads in Temporal's messages."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, SearchAttributes


def walk(message: Message) -> Iterator[Payload]:
    """Every payload in a message, except those of search attributes, which Temporal keeps readable."""
    if isinstance(message, Payload):
        yield message
    elif not isinstance(message, SearchAttributes):
        for inner in _inner(message):
            yield from walk(inner)


def _inner(message: Message) -> Iterator[Message]:
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                yield from value.values()
        elif field.is_repeated:
            yield from value
        else:
            yield value
