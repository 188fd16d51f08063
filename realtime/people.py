"""The people joined to a call: an advisor's or a supervisor's line each, what they hear, and what they say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from domain.bridging import LineFactTeller
from domain.errors import LineBusy, Refused
from domain.line import PHONE, Party, PartyJoined, PartyLeft, PartyMode, PartyRole, SessionDescription
from domain.media.hearing import BridgeRole, ListenMode, check_seat
from domain.speech import SILENT_FRAME, AudioFrame, Language
from realtime.bridge import Bridge
from realtime.client import Client
from realtime.ear import Ear, Heard, Interim
from realtime.line import LOST_MS, AnsweringLine

log = structlog.get_logger()

MOST_PEOPLE = 5
"""Of one call, the caller not counted: an advisor, the next one whom they ask, and supervisors."""


class PeopleChanged(Protocol):
    def __call__(self, talking: bool, *, supervised: bool) -> None:
        """Whether the caller hears any of them, or a supervisor among them, whenever that may have changed."""
        ...


class PersonSaid(Protocol):
    def __call__(self, heard: Heard, *, by: Party) -> None:
        """A person's finished turn, by the clock of the caller's line."""
        ...


@dataclass(slots=True, eq=False)
class _Person:
    party: Party
    line: AnsweringLine
    ear: Ear
    name: str | None
    task: asyncio.Task[None] | None = None
    on_bridge: bool = False
    was_on_bridge: bool = False
    said_goodbye: bool | None = None
    """None until somebody ends the line: then it has broken."""
    replaced: bool = False
    """Another line of the same person took this one's place: nobody left."""


@dataclass(slots=True, kw_only=True)
class People:
    """One for each call. A person's audio goes by their own line's tap: it never waits for anybody."""

    call_id: str
    name_of: Callable[[str], Awaitable[str | None]]
    bridge: Bridge
    client: Client
    facts: LineFactTeller
    lease: Callable[[], int]
    make_ear: Callable[[Language | None], Ear]
    changed: PeopleChanged
    said: PersonSaid
    saying: Callable[[str, Language, Party], None]
    """What somebody is saying so far."""
    now_ms: Callable[[], int]
    """The clock of the caller's line."""
    _people: dict[str, _Person] = field(default_factory=dict[str, _Person])

    async def join(self, party: Party, offer: SessionDescription, line: AnsweringLine) -> SessionDescription:
        """Answer the offer, and take the person in as soon as their audio flows.

        Raises Refused("bad_offer" or "bad_mode"), LineBusy beyond MOST_PEOPLE.
        """
        check_seat(*_seat(party))
        if party.party_id not in self._people and len(self._people) >= MOST_PEOPLE:
            raise LineBusy(f"a call has room for {MOST_PEOPLE} people")
        name = await self.name_of(party.party_id)
        answer = await line.answer(offer)
        if (earlier := self._people.get(party.party_id)) is not None:
            earlier.replaced = True
            await self._part(earlier, "replaced")
        person = _Person(party, line, self.make_ear(party.language), name)
        self._people[party.party_id] = person
        person.task = asyncio.create_task(self._serve(person))
        return answer

    async def leave(self, party_id: str) -> None:
        """Unknown people are ignored."""
        if (person := self._people.get(party_id)) is not None:
            person.said_goodbye = True
            await self._part(person, "left")

    def set_mode(self, party_id: str, mode: PartyMode) -> None:
        """Raises Refused("not_in_call" or "bad_mode")."""
        person = self._people.get(party_id)
        if person is None:
            raise Refused("not_in_call", "This person is not in the call.")
        party = replace(person.party, mode=mode)
        role, listens = _seat(party)
        check_seat(role, listens)
        person.party = party
        if person.on_bridge:
            self.bridge.set_mode(party_id, listens)
        self._tell()

    async def close(self, *, lost: bool) -> None:
        """The call is over, or `lost` to us and goes on elsewhere."""
        for person in list(self._people.values()):
            person.said_goodbye = not lost
            if lost:
                person.line.send({"type": "move"})
            await person.line.close()
        tasks = [person.task for person in self._people.values() if person.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------ one person's line

    async def _serve(self, person: _Person) -> None:
        """From the answer to the end of the line; whatever breaks here is this person's only."""
        try:
            if await person.line.connected() and not person.replaced:
                self._take_in(person)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._mind_messages(person))
                    tasks.create_task(self._mind_ear(person))
                    await person.ear.listen(self._frames(person))
                    if person.said_goodbye is None and person.party.party_id == PHONE:
                        # A phone has no page to say goodbye by: it hangs up.
                        person.said_goodbye = person.line.quiet_ms <= LOST_MS
                    await person.line.close()
        except Exception as error:
            log.exception("party_line_broke", call_id=self.call_id, error=type(error).__name__)
        finally:
            await person.line.close()
            self._let_out(person)

    def _take_in(self, person: _Person) -> None:
        party = person.party
        self.bridge.add(party.party_id, *_seat(party))
        person.on_bridge = person.was_on_bridge = True
        person.line.tap(lambda pcm: self._push(person, pcm))
        person.line.play(lambda _: self.bridge.pull(party.party_id) if person.on_bridge else None)
        self.client.joined(person.line)
        self.facts.told(self.call_id, PartyJoined(lease=self.lease(), party_id=party.party_id, role=party.role))
        self._tell()

    def _push(self, person: _Person, pcm: bytes) -> None:
        if person.on_bridge:
            self.bridge.push(person.party.party_id, pcm)

    def _let_out(self, person: _Person) -> None:
        party = person.party
        if person.on_bridge:
            person.on_bridge = False
            self.bridge.remove(party.party_id)
        self.client.parted(person.line)
        if self._people.get(party.party_id) is person:
            del self._people[party.party_id]
        if person.was_on_bridge and not person.replaced:
            fact = PartyLeft(lease=self.lease(), party_id=party.party_id, role=party.role, lost=not person.said_goodbye)
            self.facts.told(self.call_id, fact)
        self._tell()

    async def _part(self, person: _Person, reason: str) -> None:
        """Say goodbye to a person's page and close their line; returns when their place is free."""
        person.line.send({"type": "parted", "reason": reason})
        await person.line.close()
        if person.task is not None:
            await asyncio.wait({person.task})

    async def _frames(self, person: _Person) -> AsyncIterator[AudioFrame]:
        """What the ear gets: silence of those whom the caller doesn't hear, for their words are not the call's."""
        async for frame in person.line.frames():
            if person.line.quiet_ms > LOST_MS:
                log.warning("party_lost", call_id=self.call_id)
                return
            yield frame if person.party.mode is PartyMode.TALK else AudioFrame(SILENT_FRAME, frame.at_ms)

    async def _mind_messages(self, person: _Person) -> None:
        async for message in person.line.messages():
            match message["type"]:
                case "hangup":
                    person.said_goodbye = True
                    await person.line.close()
                case "mute":
                    pass
                case _:
                    text = "People in a call only send ping, mute and hangup."
                    person.line.send({"type": "notice", "code": "bad_message", "text": text})

    async def _mind_ear(self, person: _Person) -> None:
        async for event in person.ear.events():
            match event:
                case Heard(utterance=utterance) as heard:
                    shift_ms = self.now_ms() - person.line.now_ms
                    placed = replace(
                        utterance,
                        started_ms=max(0, utterance.started_ms + shift_ms),
                        ended_ms=max(0, utterance.ended_ms + shift_ms),
                    )
                    self.said(replace(heard, utterance=placed), by=person.party)
                case Interim(text=text, language=language):
                    self.saying(text, language, person.party)
                case _:
                    pass

    def _tell(self) -> None:
        here = [person for person in self._people.values() if person.on_bridge]
        self.client.parties([(person.party, person.name) for person in here])
        talking = [person.party.role for person in here if person.party.mode is PartyMode.TALK]
        self.changed(bool(talking), supervised=PartyRole.SUPERVISOR in talking)


def _seat(party: Party) -> tuple[BridgeRole, ListenMode]:
    """A supervisor who talks barges in; the bridge knows no other talking supervisor."""
    match party.role, party.mode:
        case PartyRole.ADVISOR, mode:
            return BridgeRole.ADVISOR, ListenMode(mode.value)
        case PartyRole.SUPERVISOR, PartyMode.TALK:
            return BridgeRole.SUPERVISOR, ListenMode.BARGE
        case PartyRole.SUPERVISOR, mode:
            return BridgeRole.SUPERVISOR, ListenMode(mode.value)
