"""A small tenant for the tests of decisions."""

from __future__ import annotations

from domain.answering.dialogue import Dialogue
from domain.speech import Language, Speaker, Turn, TurnKind, Utterance
from domain.tenant import Fact, OpenHours, TenantProfile

EN, AR = Language.EN, Language.AR

SHOP = TenantProfile(
    tenant_id="00000000-0000-0000-0000-000000000001",
    slug="shop",
    name={EN: "Noor", AR: "نور"},
    persona={EN: "You are Noor.", AR: "أنتِ نور."},
    greeting={EN: "Hello, this is Noor.", AR: "أهلاً، معك نور."},
    default_language=EN,
    emergency_number="997",
    time_zone="Asia/Dubai",
    facts=(
        Fact(
            intent="hours",
            about="opening hours",
            examples={EN: ("When do you open?", "Are you open on Friday?"), AR: ("متى تفتحون؟", "هل تعملون الجمعة؟")},
            answer={EN: "We open at 9 AM. We close at 9 PM.", AR: "نفتح 9 صباحاً. نغلق 9 مساءً."},
        ),
        Fact(
            intent="delivery_fee",
            about="price of delivery",
            examples={EN: ("How much is delivery?",), AR: ("كم رسوم التوصيل؟",)},
            answer={EN: "Delivery costs 35 dirhams.", AR: "التوصيل يكلف 35 درهماً."},
        ),
        Fact(
            intent="parking",
            about="parking",
            examples={EN: ("Where can I park my car?",), AR: ("وين أوقف سيارتي؟",)},
            answer={EN: "Parking is free.", AR: "الموقف مجاني."},
        ),
    ),
    record_word={EN: "order", AR: "طلب"},
    record_examples={EN: ("Where is my order?",), AR: ("وين طلبي؟",)},
    hours=(
        *(OpenHours(weekday=day, opens="09:00", closes="21:00") for day in (0, 1, 2, 3)),
        OpenHours(weekday=4, opens="14:00", closes="02:00"),
        OpenHours(weekday=5, opens="10:00", closes="13:00"),
        OpenHours(weekday=5, opens="16:30", closes="24:00"),
    ),
    actions=("book_repair",),
)

FRESH = Dialogue(default_language=EN)


def said(text: str, language: Language = EN, confidence: float = 1.0) -> Utterance:
    """`confidence` is the recogniser's, both in the words and in their language."""
    return Utterance(
        text=text,
        language=language,
        started_ms=0,
        ended_ms=900,
        language_confidence=confidence,
        confidence=confidence,
    )


def turn(speaker: Speaker, text: str, **given: object) -> Turn:
    fields: dict[str, object] = {"seq": 1, "language": EN, "started_ms": 0, "ended_ms": 1, **given}
    return Turn(speaker=speaker, text=text, **fields)  # type: ignore[arg-type]


def agent_said(text: str, kind: TurnKind = TurnKind.ANSWER, intent: str | None = None, language: Language = EN) -> Turn:
    return turn(Speaker.AGENT, text, kind=kind, intent=intent, language=language)
