"""`hatif voice`: copying somebody's voice with their consent, and forgetting it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from domain.errors import Refused
from domain.speech import SAMPLE_RATE_HZ
from domain.voices.cloning import OWN, Consent, cloned_voice, spoken_with, without_voice
from engines.pcm import resampled, to_floats, to_pcm
from workers.caller.audio_file import SEND_RATE_HZ, read_clip
from workers.commands.house import words
from workers.commands.house.profiles import profile_of
from workers.commands.house.shown import print_json, print_table, say
from workers.commands.store import OPERATOR, opened
from workers.settings import Settings


def clone(
    settings: Settings, slug: str, name: str, sample: Path, *, person: str, given_on: str, recorded_by: str
) -> None:
    """Raises Refused without a consent for this sample, SetupError."""
    pcm = to_pcm(resampled(to_floats(read_clip(sample).tobytes()), SEND_RATE_HZ, SAMPLE_RATE_HZ))
    consent = Consent(
        person=words.one_line(person, "person's name"),
        given_on=_day(given_on),
        recorded_by=words.one_line(recorded_by, "name of whoever records the consent"),
        sample_sha256=sha256(pcm).hexdigest(),
    )
    voice = cloned_voice(name, pcm, consent, datetime.now(UTC).date())

    async def save() -> None:
        async with opened(settings, slug) as store:
            tenant_id = store.one_tenant
            await store.voices.save(tenant_id, voice)
            detail = {"voice": name, "sample_sha256": consent.sample_sha256, "given_on": given_on}
            await store.audit.record(tenant_id, OPERATOR, "voice_cloned", tenant_id, detail)

    asyncio.run(save())
    say(f"The voice is kept, sealed, with its consent. hatif tenant set {slug} voice.ar {OWN}{name} lets it speak.")


def list_voices(settings: Settings, slug: str, *, as_json: bool) -> None:
    async def read() -> dict[str, Consent]:
        async with opened(settings, slug) as store:
            return await store.voices.consents(store.one_tenant)

    rows = [
        {
            "voice": f"{OWN}{name}",
            "person": consent.person,
            "given_on": consent.given_on.isoformat(),
            "recorded_by": consent.recorded_by,
            "sample_sha256": consent.sample_sha256,
        }
        for name, consent in asyncio.run(read()).items()
    ]
    if as_json:
        print_json({"voices": rows})
    else:
        print_table(["voice", "person", "consent of", "recorded by", "sample"], [list(row.values()) for row in rows])


def forget(settings: Settings, slug: str, name: str) -> None:
    """Raises Refused where there is no such voice."""
    own = name.removeprefix(OWN)

    async def delete() -> bool:
        async with opened(settings, slug) as store:
            tenant_id = store.one_tenant
            gone = await store.voices.forget(tenant_id, own)
            if gone:
                profile = await profile_of(store, tenant_id)
                if spoken_with(profile, own):
                    await store.profiles.change(without_voice(profile, own), ["voices"])
                await store.audit.record(tenant_id, OPERATOR, "voice_forgotten", tenant_id, {"voice": own})
            return gone

    if not asyncio.run(delete()):
        raise Refused("unknown_voice", f"{slug} has no cloned voice {own}.")
    say("Sample and consent are deleted; no sentence begins with that voice any more.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("bad_value", f"{text!r} is no day: write it like 2026-11-20.") from None
