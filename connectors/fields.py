"""What vendors' answers hold and what is put into their fields, the same way for all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import phonenumbers

from domain.crm import Interaction, TicketDraft, TicketState
from domain.errors import NotFound, Rejected, Unavailable
from domain.messaging import Channel, Text

_NUMBER = re.compile(r"[0-9]{1,19}")
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_EMAIL = re.compile(r"[^\s\"'\\<>(),;:@]{1,64}@[A-Za-z0-9.-]{1,190}")
MAX_SUBJECT = 150
"""The shortest of the vendors' limits for a subject, with room to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWords:
    """What one tenant at one vendor calls the states of a ticket."""

    opened: str
    pending: str
    solved: str
    closed: str

    def word_of(self, state: TicketState) -> str:
        match state:
            case TicketState.OPEN:
                return self.opened
            case TicketState.PENDING:
                return self.pending
            case TicketState.SOLVED:
                return self.solved
            case TicketState.CLOSED:
                return self.closed

    def state_of(self, word: str | None) -> TicketState:
        """A word that the tenant never told us is an open ticket."""
        return {
            self.pending: TicketState.PENDING,
            self.solved: TicketState.SOLVED,
            self.closed: TicketState.CLOSED,
        }.get(word or "", TicketState.OPEN)


def record(answer: Any, system: str, *path: str) -> dict[str, Any]:
    """The object at `path` of an answer. Raises Unavailable when the vendor sent something else."""
    for name in path:
        answer = cast(Any, answer).get(name) if isinstance(answer, dict) else None
    if not isinstance(answer, dict):
        raise Unavailable(system, "the answer has another shape than documented")
    return cast(dict[str, Any], answer)


def records(answer: Any, system: str, *path: str) -> list[dict[str, Any]]:
    """The list of objects at `path` of an answer. Raises Unavailable when the vendor sent something else."""
    for name in path:
        answer = cast(Any, answer).get(name) if isinstance(answer, dict) else None
    if not isinstance(answer, list) or not all(isinstance(one, dict) for one in cast(list[Any], answer)):
        raise Unavailable(system, "the answer has another shape than documented")
    return cast(list[dict[str, Any]], answer)


def inner(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside another; an empty one where it is missing."""
    value = fields.get(name)
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def needed(fields: Mapping[str, Any], name: str, system: str) -> str:
    """A field without which an answer is of no use. Raises Unavailable when it is missing."""
    value = text(fields, name)
    if value is None:
        raise Unavailable(system, "the answer has another shape than documented")
    return value


def texts(fields: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts inside an object; an empty one where it is missing."""
    value = fields.get(name)
    return [str(one) for one in cast(list[Any], value)] if isinstance(value, list) else []


def text(fields: Mapping[str, Any], name: str) -> str | None:
    """A field as text; None when it is missing or empty."""
    value = fields.get(name)
    return str(value) if value not in (None, "") else None


def objects(answer: Any, name: str) -> list[dict[str, Any]]:
    """The objects in a list inside another, whatever was sent: for what strangers send unasked."""
    value = cast(dict[str, Any], answer).get(name) if isinstance(answer, dict) else None
    return [one for one in cast(list[Any], value) if isinstance(one, dict)] if isinstance(value, list) else []


def moment(fields: Mapping[str, Any], name: str) -> datetime:
    """A time as vendors write it; the beginning of time where there is none."""
    try:
        at = datetime.fromisoformat(str(fields.get(name) or ""))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def number(identity: str, system: str) -> str:
    """An id of digits, safe in a path. Ids come from callers and models: anything else is an unknown id."""
    if not _NUMBER.fullmatch(identity):
        raise NotFound(system, "no such id")
    return identity


def sid(identity: str, system: str) -> str:
    """Twilio's kind of id, safe in a path."""
    if not _SID.fullmatch(identity):
        raise NotFound(system, "no such id")
    return identity


def sendable(text: Text, channels: Set[Channel], longest: int, system: str) -> None:
    """Raises Rejected for what no service could send."""
    if text.channel not in channels:
        raise Rejected(system, f"has no {text.channel}")
    if not _E164.fullmatch(text.to):
        raise Rejected(system, "the recipient is not a number in E.164")
    if not text.body.strip() or len(text.body) > longest:
        raise Rejected(system, f"a text has 1 to {longest} characters")


def word(name: str, system: str) -> str:
    """The name of a workflow, safe in a tag or a field."""
    if not _WORD.fullmatch(name):
        raise Rejected(system, "a workflow's name is lower-case letters, digits and underscores")
    return name


def digits(phone: str) -> str:
    """A telephone number without its plus, its zeros in front, and what people write between digits."""
    return re.sub(r"[^0-9]", "", phone).lstrip("0")


def national(phone: str) -> str:
    """The number inside its country; all its digits where no country is recognised."""
    try:
        return str(phonenumbers.parse(f"+{digits(phone)}").national_number)
    except phonenumbers.NumberParseException:
        return digits(phone)


def email(address: str) -> str | None:
    """The address when it is one, safe inside the quotes of every vendor's query; None otherwise."""
    return address if _EMAIL.fullmatch(address) else None


def subject(draft: TicketDraft) -> str:
    return " ".join(draft.subject.split())[:MAX_SUBJECT]


def description(draft: TicketDraft) -> str:
    """The description, and who called where the vendor has no record of that person."""
    who = ", ".join(part for part in (draft.name, draft.phone, draft.email) if part)
    return draft.description if draft.customer_id or not who else f"{draft.description}\n\n({who})"


def told(interaction: Interaction) -> str:
    """An interaction as a note: its channel, outcome, time and length, then the summary where there is one."""
    at = interaction.started_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    who = f", {interaction.phone}" if interaction.phone else ""
    return f"{interaction.title}, {at}, {interaction.duration_s} s{who}\n\n{interaction.summary}".rstrip()
