"""`hatif show` of what was written: whose words, at what time of day, and how far they have come."""

from __future__ import annotations

from domain.call import CallRow, CallState, Channel
from domain.messaging import DeliveryState
from domain.speech import Language, Speaker, Turn, TurnKind
from domain.threads.thread import Delivery
from workers.commands import show

THREAD = CallRow(
    call_id="t", tenant_id="x", channel=Channel.WHATSAPP, state=CallState.TALKING, lease=1, started_at=1_764_000_000
)


def turn(seq: int, speaker: Speaker, text: str) -> Turn:
    return Turn(
        seq=seq, speaker=speaker, text=text, language=Language.EN, started_ms=0, ended_ms=0, kind=TurnKind.ANSWER
    )


def test_a_thread_is_shown_with_the_times_of_day_and_how_far_its_messages_have_come() -> None:
    written = [
        turn(1, Speaker.CALLER, "Is it ready?"),
        turn(2, Speaker.AGENT, "Yes."),
        turn(3, Speaker.ADVISOR, "Come by."),
        turn(4, Speaker.AGENT, "Goodbye."),
    ]
    deliveries = [
        Delivery(seq=2, state=DeliveryState.READ),
        Delivery(seq=3, state=DeliveryState.FAILED, reason="outside_window"),
        Delivery(seq=4, state=DeliveryState.ACCEPTED),
    ]
    asked, read, failed, queued = [line.plain for line in show.letters(THREAD, written, deliveries)]
    assert asked.split()[2] == "writer"
    assert "caller" not in asked
    assert read.endswith("[en, read]")
    assert failed.endswith("[en, failed: outside_window]")
    assert queued.endswith("[en, queued]")
