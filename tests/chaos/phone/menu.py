"""A caller by phone while no voice is to be had: the keypad menu, and a voice message that becomes words afterwards."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from domain.menu import sentences
from domain.speech import Language
from realtime.fallback.health import DOWN_S
from realtime.phone.legs import call_id_of
from realtime.recorded import Recorded
from tests.chaos.faults import Fault
from tests.chaos.phone.course import LONG_QUESTION, SPOKE_MS, Call, Said, promised, record, within
from tests.chaos.phone.legs import ANI, GIVES_UP_S, Exchanged
from tests.chaos.rounds import ANSWER_S, LAST_TRIES, Bench, Round

EN = Language.EN
KEPT_S = 400.0
"""The menu's sentences are made once, beside everything else, for a tenth of a core."""
WORDS_S = 110.0
"""The call's after-work, which hears the message."""
LEAVE_MESSAGE, NUMBER, FINISHED = "2", f"{ANI.replace('+', '00')}#", "#"
MESSAGE = "My washing machine is leaking, please call me back tomorrow."
HEARD = ("washing", "leaking", "tomorrow")


async def by_keys(bench: Bench, told: Round, fault: Fault, said: Said) -> None:
    """`voice_again_s` is from the call's beginning to the first sound, which is a sentence that was kept."""
    platform = bench.platform
    kept = Recorded(platform.settings.data_dir / "recorded")

    async def all_kept() -> bool:
        return all(kept.find(text[EN], EN) is not None for text in sentences.SPOKEN)

    assert await within(KEPT_S, all_kept), "the menu's sentences were not made"
    question, message = await said.clip(LONG_QUESTION), await said.clip(MESSAGE)
    leg = Exchanged(platform.product.audiosocket_port)
    call = Call(bench, call_id_of(platform.tenant_id, str(leg.uuid)), said)
    try:
        async with _struck(bench, fault, call.call_id):
            began_s = asyncio.get_running_loop().time()
            await leg.open()
            if await leg.spoken(SPOKE_MS, GIVES_UP_S):
                told.voice_again_s = round(asyncio.get_running_loop().time() - began_s - SPOKE_MS / 1000, 2)
            for _ in range(LAST_TRIES):
                if await within(ANSWER_S, lambda: call.says(sentences.DOWN[EN])):
                    break
                await leg.say(question)
            await leg.press(LEAVE_MESSAGE)
            assert await within(ANSWER_S, lambda: call.says(sentences.ENTER_NUMBER[EN])), "no number was asked for"
            for key in NUMBER:
                await leg.press(key)
            assert await within(ANSWER_S, lambda: call.says(sentences.AFTER_THE_TONE[EN])), "no tone"
            await leg.say(message)
            await leg.press(FINISHED)
            assert await within(ANSWER_S, call.ended), "the call did not end with the message"
        told.alive = bool(await within(WORDS_S, lambda: _understood(call))) and await promised(bench, call.call_id)
        stored = await bench.platform.ended_transcript(call.call_id)
        record(told, stored)
        told.turns_lost = int(not told.alive)
        await asyncio.sleep(DOWN_S)  # until then the next caller would be given the menu, too
    finally:
        await leg.close()


async def _understood(call: Call) -> bool:
    """Whether the message has become words; on a telephone line not every one of them is understood."""
    said = " ".join(turn["text"].lower() for turn in await call.turns() if turn["speaker"] == "caller")
    return any(word in said for word in HEARD)


@contextlib.asynccontextmanager
async def _struck(bench: Bench, fault: Fault, call_id: str) -> AsyncIterator[None]:
    """The fault lasts as long as the call."""
    striking = asyncio.create_task(fault.strike(bench.platform, call_id))
    try:
        yield
    finally:
        striking.cancel()
        await asyncio.gather(striking, return_exceptions=True)
