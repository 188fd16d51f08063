"""People joined to a call: who hears whom, what is written down, and how they leave, over offline lines."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import LineBusy, Refused
from domain.line import (
    Party,
    PartyJoined,
    PartyLeft,
    PartyMode,
    PartyRole,
    Phase,
    PhaseKind,
    SessionDescription,
)
from domain.speech import FRAME_BYTES, FRAME_SAMPLES, SILENT_FRAME, Language, Speaker, TurnKind
from realtime.course.context import DeskSide
from realtime.line import LOST_MS
from realtime.people import MOST_PEOPLE
from tests.realtime.conftest import recording
from tests.realtime.offline import OfflineLine
from tests.realtime.plain import OneDesk
from tests.realtime.talking import Call, greeted

pytestmark = pytest.mark.models

OFFER = SessionDescription(type="offer", sdp="v=0")
BRIDGED = Phase(kind=PhaseKind.BRIDGED, number=1, handoff_id="c1-1")
MAHA = Party(party_id="maha", role=PartyRole.ADVISOR, language=Language.EN)
AISHA = replace(MAHA, party_id="aisha")
OMAR = Party(party_id="omar", role=PartyRole.SUPERVISOR, mode=PartyMode.LISTEN)


def tone(level: int) -> bytes:
    """A voice that is recognised by its level: one value, over and over."""
    return level.to_bytes(2, "little") * FRAME_SAMPLES


def levels(pcm: bytes | bytearray) -> set[int]:
    return {int.from_bytes(pcm[at : at + 2], "little") for at in range(FRAME_BYTES // 2, len(pcm), FRAME_BYTES)}


async def until(line: OfflineLine, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await line.passed()


async def join(call: Call, party: Party) -> OfflineLine:
    line = OfflineLine()
    assert (await call.people.join(party, OFFER, line)).type == "answer"
    await until(line, lambda: any(m["type"] == "phase" for m in line.sent))
    return line


async def test_an_advisor_and_the_caller_hear_each_other_and_the_agent_is_silent(calling) -> None:
    async with calling() as call:
        await greeted(call)
        await call.conversation.set_phase(BRIDGED)
        advisor = await join(call, MAHA)
        assert call.kept.facts == [PartyJoined(lease=1, party_id="maha", role=PartyRole.ADVISOR)]
        heard, said = len(advisor.agent), len(call.line.agent)
        call.line.speak(tone(1000) * 25)
        advisor.speak(tone(2000) * 25)
        await call.line.spoken_out()
        await advisor.spoken_out()
        await until(call.line, lambda: 2000 in levels(call.line.agent[said:]))
        await until(advisor, lambda: 1000 in levels(advisor.agent[heard:]))
        assert 1000 not in levels(call.line.agent[said:])
        assert 2000 not in levels(advisor.agent[heard:])


@pytest.mark.parametrize("who", [AISHA, replace(OMAR, mode=PartyMode.TALK)], ids=["advisor", "supervisor"])
async def test_what_a_person_says_is_a_turn_among_the_others(calling, who: Party) -> None:
    supervises = who.role is PartyRole.SUPERVISOR
    async with calling(desk=DeskSide(names=OneDesk())) as call:
        await greeted(call)
        await call.conversation.set_phase(BRIDGED)
        other, advisor = await join(call, MAHA), await join(call, who)
        advisor.speak(recording("en-lj042-0094.wav"))
        told = await call.line.told("turn", speaker=Speaker.ADVISOR)
        call.line.client({"type": "text", "text": "thank you"})
        await advisor.told("turn", speaker=Speaker.CALLER)
        final = {"speaker": Speaker.ADVISOR, "seq": told["seq"], "final": True}
        words = await advisor.told("transcript", **final)
        assert await other.told("transcript", **final) == words, "who of the two it was, both can tell"
        assert words["by"] == {"id": who.party_id, "name": None if supervises else "Aisha"}
        assert "by" not in await call.line.told("transcript", **final)
    assert words.get("supervisor", False) is supervises
    spoken, typed = call.kept.turns[-2:]
    assert "Oswald" in spoken.text or "Soviet" in spoken.text
    assert (spoken.speaker, typed.speaker) == (Speaker.ADVISOR, Speaker.CALLER)
    assert typed.seq > spoken.seq
    assert (spoken.by_supervisor, typed.by_supervisor) == (supervises, False)
    assert (spoken.said_by, typed.said_by) == (who.party_id, None)
    assert 0 < spoken.started_ms < spoken.ended_ms <= call.line.now_ms
    assert spoken in call.brain.history


async def test_a_supervisor_listens_whispers_and_barges_in(calling) -> None:
    async with calling() as call:
        await greeted(call)
        await call.conversation.set_phase(BRIDGED)
        advisor, supervisor = await join(call, MAHA), await join(call, OMAR)

        async def heard_by(mode: PartyMode) -> tuple[bool, bool]:
            start = len(call.line.sent)
            call.people.set_mode("omar", mode)
            if mode is PartyMode.TALK:
                await call.line.told("turn", kind=TurnKind.PROMPT, after=start)  # The caller is told first.
            caller_at, advisor_at = len(call.line.agent), len(advisor.agent)
            supervisor.speak(tone(3000) * 25)
            await supervisor.spoken_out()
            for _ in range(10):
                await advisor.passed()
                await call.line.passed()
            return 3000 in levels(call.line.agent[caller_at:]), 3000 in levels(advisor.agent[advisor_at:])

        assert await heard_by(PartyMode.LISTEN) == (False, False)
        assert await heard_by(PartyMode.WHISPER) == (False, True)
        assert await heard_by(PartyMode.TALK) == (True, True)
        parties = [m["parties"] for m in supervisor.sent if m["type"] == "parties"]
        assert parties[-1] == [
            {"role": PartyRole.ADVISOR, "mode": PartyMode.TALK},
            {"role": PartyRole.SUPERVISOR, "mode": PartyMode.TALK},
        ]
        assert not any(m["type"] == "parties" for m in call.line.sent)


async def test_a_supervisor_hears_the_agent_and_the_caller(calling) -> None:
    async with calling() as call:
        await greeted(call)
        supervisor = await join(call, OMAR)
        call.line.client({"type": "text", "text": "go on"})
        await supervisor.told("turn", speaker=Speaker.AGENT)
        assert any(supervisor.agent)
        await call.line.told("answered")
    assert call.kept.turns[-1].text == "you said go on"


async def test_music_plays_until_the_advisor_is_there_and_when_they_are_gone(calling) -> None:
    async with calling() as call:
        await greeted(call)
        await call.conversation.set_phase(BRIDGED)
        start = len(call.line.agent)
        await until(call.line, lambda: len(call.line.agent) > start + 20 * FRAME_BYTES)
        assert any(call.line.agent[start:])
        advisor = await join(call, MAHA)
        silence = 10 * SILENT_FRAME
        await until(call.line, lambda: call.line.agent.endswith(silence))
        await advisor.close()
        await until(call.line, lambda: any(call.line.agent[-FRAME_BYTES:]))
        await until(call.line, lambda: len(call.kept.facts) == 2)
    assert call.kept.facts[-1] == PartyLeft(lease=1, party_id="maha", role=PartyRole.ADVISOR, lost=True)


@pytest.mark.parametrize("by_page", [True, False])
async def test_a_goodbye_is_no_loss(calling, by_page: bool) -> None:
    async with calling() as call:
        await greeted(call)
        advisor = await join(call, MAHA)
        if by_page:
            advisor.client({"type": "hangup"})
        else:
            await call.people.leave("maha")
            assert advisor.sent[-1] == {"type": "parted", "reason": "left"}
        await until(call.line, lambda: len(call.kept.facts) == 2)
        await call.people.leave("maha")
    assert call.kept.facts[-1] == PartyLeft(lease=1, party_id="maha", role=PartyRole.ADVISOR, lost=False)


async def test_a_page_that_says_nothing_any_more_is_lost(calling) -> None:
    async with calling() as call:
        await greeted(call)
        advisor = await join(call, MAHA)
        advisor.quiet_ms = LOST_MS + 1
        await until(call.line, lambda: len(call.kept.facts) == 2)
    assert call.kept.facts[-1] == PartyLeft(lease=1, party_id="maha", role=PartyRole.ADVISOR, lost=True)


async def test_a_second_line_of_one_person_takes_the_place_of_the_first(calling) -> None:
    async with calling() as call:
        await greeted(call)
        first = await join(call, MAHA)
        await join(call, MAHA)
        assert {"type": "parted", "reason": "replaced"} in first.sent
    assert [type(fact) for fact in call.kept.facts[:2]] == [PartyJoined, PartyJoined]


async def test_a_call_has_room_for_so_many(calling) -> None:
    async with calling() as call:
        await greeted(call)
        for number in range(MOST_PEOPLE):
            await join(call, Party(party_id=f"s{number}", role=PartyRole.SUPERVISOR, mode=PartyMode.LISTEN))
        with pytest.raises(LineBusy):
            await call.people.join(MAHA, OFFER, OfflineLine())


async def test_nonsense_is_refused_and_nobody_else_notices(calling) -> None:
    async with calling() as call:
        await greeted(call)
        advisor = await join(call, MAHA)
        with pytest.raises(Refused):
            call.people.set_mode("maha", PartyMode.WHISPER)
        with pytest.raises(Refused):
            call.people.set_mode("nobody", PartyMode.LISTEN)
        advisor.client({"type": "text", "text": "from an advisor"})
        await advisor.told("notice", code="bad_message")
    assert not any(turn.text == "from an advisor" for turn in call.kept.turns)


async def test_the_end_of_the_call_is_told_to_everybody(calling) -> None:
    async with calling() as call:
        await greeted(call)
        advisor = await join(call, MAHA)
        call.line.client({"type": "hangup"})
        await call.outcome()
        assert advisor.sent[-1]["type"] == "ended"
        await call.people.close(lost=False)
    assert call.kept.facts[-1] == PartyLeft(lease=1, party_id="maha", role=PartyRole.ADVISOR, lost=False)
