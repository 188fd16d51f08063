"""What a tenant has told us about itself: who answers, what it knows, and when it is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.speech import Language
from domain.wording.politeness import Politeness

Words = dict[Language, str]
"""The same text once per language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing the agent knows: an intent's name, how people ask, and the answer as it is spoken."""

    intent: str
    about: str
    """A short English description for the model, e.g. "opening hours"."""
    examples: dict[Language, tuple[str, ...]]
    answer: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHours:
    """Opening hours of one weekday (0 = Monday), local time as "HH:MM"."""

    weekday: int
    opens: str
    closes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From opening to closing, local time as "HH:MM"; one that closes before it opens ends on the next day."""

    opens: str
    closes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """Days that have hours of their own, or none: a date of either calendar, of one year or of every year."""

    name: Words
    month: int
    day: int
    hijri: bool = False
    """Whether year, month and day are Hijri ones."""
    year: int | None = None
    days: int = 1
    hours: tuple[Stretch, ...] = ()
    """Closed all day without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedMonth:
    """The first day of a Hijri month as it was announced, once the moon was sighted."""

    year: int
    month: int
    starts: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingHours:
    """When people may be called at all where the tenant is, local time as "HH:MM"."""

    earliest: str = "09:00"
    latest: str = "20:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialTries:
    """How often one person is called before it is given up, and how long after a try the next one is."""

    most: int = 3
    busy_min: int = 5
    no_answer_min: int = 60


class CallbackDialling(StrEnum):
    """Who dials a promised callback when its time has come."""

    BY_HAND = "by_hand"
    """An advisor, who takes it up at the desk."""
    AGENT = "agent"
    """The agent by itself, and it talks with whoever answers."""
    ADVISOR = "advisor"
    """The agent by itself, once an advisor is ready; whoever answers is handed to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitHours:
    """A stretch of every open day in which technicians come, local time as "HH:MM"."""

    opens: str
    closes: str
    at_once: int = 1
    """How many of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """A WhatsApp message whose words Meta has approved: the only way to write to somebody after 24 hours."""

    name: str
    language: str
    """Meta's code of it: "en", "en_US", "ar"."""
    body: str
    """As it was approved, with {{1}}, {{2}} … where values stand."""
    values: tuple[Words, ...] = ()
    """What each value is, for whoever fills it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The phone that is rung where no advisor is to be had: an extension, or a queue, of the tenant's exchange."""

    to: str
    """A number with its country's code, or an extension; the tenant's trunk has to allow either."""
    keys: str = ""
    """Pressed once it is answered, see domain/outbound/keys.py; it is not asked for by `refer` then."""
    refer: bool = False
    """Whether the caller's exchange is asked to take the caller there without us; who is refused that is bridged."""


SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantProfile:
    """Everything that a call needs to know of its tenant, read once at its start."""

    tenant_id: str
    slug: str
    name: Words
    persona: Words
    """Who the agent is, for the model's prompt."""
    greeting: Words
    default_language: Language
    emergency_number: str
    time_zone: str
    facts: tuple[Fact, ...] = ()
    record_word: Words = field(default_factory=dict[Language, str])
    """What the tenant's orders are called: "order", "appointment"; empty where it has none."""
    record_examples: dict[Language, tuple[str, ...]] = field(default_factory=dict[Language, tuple[str, ...]])
    """How callers ask about their own, e.g. "where is my order"."""
    hours: tuple[OpenHours, ...] = ()
    weekend: tuple[int, ...] = (SATURDAY, SUNDAY)
    """Weekdays, 0 = Monday."""
    holidays: tuple[Holiday, ...] = ()
    """Where two fall on one day, the first listed decides."""
    ramadan_hours: tuple[OpenHours, ...] = ()
    """The week of Ramadan; the usual one where there is none."""
    announced_months: tuple[AnnouncedMonth, ...] = ()
    calling_hours: CallingHours = CallingHours()
    dial_tries: DialTries = DialTries()
    dials_lost_callers: bool = False
    """Whether a caller by phone whose line died with one of our workers is called back at once by the agent."""
    callback_dialling: CallbackDialling = CallbackDialling.BY_HAND
    campaign_calls: int = 4
    """Calls that all campaigns together may have at once."""
    visits: tuple[VisitHours, ...] = ()
    """When technicians come to callers; nobody comes where there are none."""
    voices: dict[Language, str] = field(default_factory=dict[Language, str])
    """Per language a voice of the engine, a manner, or both: see domain/voices/manners.py. Absent: the engine's own."""
    politeness: Politeness = Politeness.EVERYDAY
    """Of the sentences that are not the tenant's own."""
    actions: tuple[str, ...] = ()
    """The actions that the agent may start for this tenant; anything else is refused by policy."""
    amount_limit: int | None = None
    """Above this, in the tenant's currency, an action goes to a person."""
    handoff: bool = True
    """Whether callers are handed to advisors."""
    callbacks: bool = True
    """Whether a person's callback may be promised."""
    recording: bool = False
    """Whether a call may be recorded, once its caller has agreed."""
    message_templates: tuple[MessageTemplate, ...] = ()
    """What may be written on WhatsApp to somebody who has been silent for a day."""
    transfer: Transfer | None = None
    """None: callers are handed to advisors at the desk alone."""
