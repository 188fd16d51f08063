"""Short sounds over the agent, as the recogniser hears them: `python -m tests.bench.turn_taking.murmurs`.

Murmurs, interruptions of a word or two, agreements of two words and interruptions that begin like them, each by the
English voice in two manners, wide and by telephone; and words cut from recordings of real people where HATIF_TEST_AUDIO
has them. Prints what `Composure` rests on, and writes every sound to build/murmurs.json.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from domain.speech import BYTES_PER_MS, SAMPLE_RATE_HZ
from domain.turn_taking.asked import Asked
from domain.turn_taking.floor import TurnTakingLimits
from domain.turn_taking.overlap import COMPOSURE, Composure, Overlap, Sound, judge_overlap
from engines.model_files import verified
from engines.silero import SileroActivity
from engines.whisper import WhisperRecogniser
from realtime.ear import LEAD_IN_MS
from tests.bench.turn_taking import sounds
from tests.bench.turn_taking.scenario import Cut
from tests.bench.turn_taking.scenarios import EGY, GULF, LJ1, LJ11, LJ42, MSA, NAJDI
from tests.bench.turn_taking.sounds import Samples
from tests.bench.turn_taking.studio import NotHere, Studio, cut, studio
from workers.settings import Settings

WRITTEN = Path(__file__).resolve().parents[3] / "build" / "murmurs.json"
MURMURS = (
    *("Uh huh.", "Hmm.", "Ah.", "Oh.", "Okay.", "Right.", "Good.", "Yes."),
    *("Yeah.", "Sure.", "I see.", "Great."),
)
INTERRUPTIONS = (
    *("Stop.", "Wait.", "No.", "Sorry?", "Hello?", "Parking?", "How much?", "When?", "Where?", "Why?"),
    *("Friday?", "Delivery?", "A person.", "Say it again.", "Not that.", "Cancel it.", "My order.", "Tomorrow?"),
    *("Hold on.", "Louder, please."),
)
AGREEMENTS = ("Okay, I see.", "Okay, thank you.", "Yes, I see.", "Right, okay.", "Yes, sure.", "All right, good.")
BUTS = (
    "Okay, but why?",
    "Yes, but how much?",
    "Right, and then?",
    "Okay, what else?",
    "Yes, I want it.",
    "Sure, when?",
)
MANNERS = (None, "lively")
ARABIC, ENGLISH = (EGY, GULF, NAJDI, MSA), (LJ1, LJ11, LJ42)
CUT_MS = 500
CUTS_EVERY_MS = 900
CUTS = 8
THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6)
PATIENT_MS = 60_000
VAD_LATE_MS = 96
"""The voice detector hears the last sound out so long."""


@dataclass(frozen=True, slots=True)
class Made:
    """One sound and what was made of it."""

    group: str
    said: str
    lasted_ms: int
    """As the voice detector hears it."""
    words: str
    confidence: float
    begun: str
    """What is made of its first `murmur_ms`; empty where it is no longer than that."""

    def heard_as(self, composure: Composure = COMPOSURE) -> Overlap:
        sound = Sound(words=self.words, confidence=self.confidence, lasted_ms=self.lasted_ms)
        return judge_overlap(sound, Asked.ANYTHING, composure)

    @property
    def begins_as_agreement(self) -> bool:
        return judge_overlap(Sound(words=self.begun), Asked.ANYTHING) is Overlap.BACKCHANNEL


@dataclass(frozen=True, slots=True)
class Listener:
    vad: SileroActivity
    recogniser: WhisperRecogniser

    async def made_of(self, group: str, said: str, samples: Samples) -> Made:
        track = sounds.to_pcm(in_a_room(samples))
        started_ms, last_ms = await self._voiced(track)
        heard = await self.recogniser.transcribe(track)
        begun = ""
        if last_ms - started_ms > COMPOSURE.murmur_ms:
            until = (started_ms + COMPOSURE.murmur_ms) * BYTES_PER_MS
            begun = (await self.recogniser.transcribe(track[:until])).text
        return Made(group, said, last_ms - started_ms, heard.text, round(heard.confidence, 2), begun)

    async def _voiced(self, pcm: bytes) -> tuple[int, int]:
        """From when until when it is speech, in ms; (0, 0) where nothing is."""
        stream, size, limits = self.vad.open(), self.vad.chunk_samples * 2, TurnTakingLimits()
        voiced: list[int] = []
        speaking = False
        for at in range(0, len(pcm) - size, size):
            probability = await stream.probability(pcm[at : at + size])
            speaking = probability >= (limits.silence_probability if speaking else limits.speech_probability)
            voiced += [at // BYTES_PER_MS] if speaking else []
        return (voiced[0], voiced[-1]) if voiced else (0, 0)


def in_a_room(samples: Samples) -> Samples:
    """With as much quiet before and after it as is transcribed with it."""
    quiet_after = sounds.silence(TurnTakingLimits().overlap_pause_ms + VAD_LATE_MS)
    track = np.concatenate([sounds.silence(LEAD_IN_MS), samples, quiet_after])
    return sounds.mixed(track, sounds.room(len(track) * 1000 / SAMPLE_RATE_HZ, seed=len(samples), rms=15))


async def spoken(makes: Studio, listener: Listener) -> list[Made]:
    groups = {"murmur": MURMURS, "interruption": INTERRUPTIONS, "agreement": AGREEMENTS, "but": BUTS}
    found: list[Made] = []
    for group, texts in groups.items():
        for text in texts:
            for manner in MANNERS:
                said = await makes.say(text, manner)
                found += [await listener.made_of(group, text, line) for line in (said, sounds.telephone(said))]
    return found


async def cut_out(listener: Listener) -> list[Made]:
    """Half a second of somebody who says more, from quiet spot to quiet spot."""
    found: list[Made] = []
    for group, clips in (("Arabic words", ARABIC), ("English words", ENGLISH)):
        for clip in clips:
            for place in range(CUTS):
                from_ms = 300 + place * CUTS_EVERY_MS
                try:
                    samples = cut(Cut(clip, from_ms, from_ms + CUT_MS))
                except (NotHere, ValueError):
                    break
                found.append(await listener.made_of(group, f"{clip} from {from_ms} ms", samples))
    return found


async def measured(makes: Studio) -> list[Made]:
    models = Settings().models_dir
    recogniser = WhisperRecogniser(verified("whisper-base", models), deadline_ms=PATIENT_MS)
    listener = Listener(SileroActivity(verified("silero-vad", models)), recogniser)
    try:
        return [*await spoken(makes, listener), *await cut_out(listener)]
    finally:
        recogniser.close()


def told(found: Sequence[Made]) -> list[str]:
    by_group = {group: [made for made in found if made.group == group] for group in Counter(m.group for m in found)}
    murmurs, interruptions = by_group["murmur"], by_group["interruption"]
    lines = [
        f"{len(murmurs)} murmurs, {len(interruptions)} interruptions of a word or two",
        "unsure  murmurs that stop the agent  interruptions that are passed over",
    ]
    for unsure in THRESHOLDS:
        composure = Composure(unsure=unsure)
        stop = sum(made.heard_as(composure) is Overlap.INTERRUPTION for made in murmurs)
        passed = sum(made.heard_as(composure) is not Overlap.INTERRUPTION for made in interruptions)
        lines.append(f"{unsure:>6}  {stop:>27}  {passed:>38}")
    for group, ofs in by_group.items():
        lasted = sorted(made.lasted_ms for made in ofs)
        outgrown = [made for made in ofs if made.lasted_ms > COMPOSURE.murmur_ms]
        agreed = sum(made.begins_as_agreement for made in outgrown)
        doubtful = sum(made.confidence < COMPOSURE.unsure for made in ofs)
        lines.append(
            f"{group}: {len(ofs)}, {lasted[0]} to {lasted[-1]} ms, the middle one {statistics.median(lasted):.0f};"
            f" {doubtful} believed in less than {COMPOSURE.unsure}; {len(outgrown)} longer than a murmur,"
            f" {agreed} of these begin as agreement"
        )
    return lines


def main() -> None:
    with studio() as makes:
        found = asyncio.run(measured(makes))
    WRITTEN.parent.mkdir(exist_ok=True)
    each = [asdict(made) | {"heard_as": made.heard_as()} for made in found]
    WRITTEN.write_text(json.dumps(each, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(*told(found), sep="\n")


if __name__ == "__main__":
    main()
