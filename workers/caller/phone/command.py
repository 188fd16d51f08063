"""`hatif call --sip`: the same call by phone, shown as it goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from workers.caller.audio_file import Pcm
from workers.caller.phone.address import SipAddress
from workers.caller.phone.phone import Phone
from workers.caller.phone.report import PhoneReport, PhoneTurn


async def converse(
    sip: str, codecs: Sequence[str], spoken: Sequence[tuple[str, Pcm]], record: Path | None, *, as_json: bool
) -> PhoneReport:
    """Say each of `spoken`, titles and 48 kHz sounds, after what came before it has been heard out.

    Raises Refused, SetupError, LineBusy or LineLost.
    """
    address = SipAddress.parse(sip)
    console = Console(highlight=False, soft_wrap=True, quiet=as_json)
    console.print(Text(f"calling {address}", style="dim"))
    phone = Phone(address, codecs=tuple(codecs))
    try:
        async with phone:
            console.print(Text(f"answered after {phone.report.ringing_ms} ms", style="dim"))
            console.print(Text.assemble(("Hatif   ", "bold cyan"), _sound(await phone.greeted())))
            for number, (title, pcm) in enumerate(spoken, start=1):
                if phone.ended:
                    break
                console.print(Text.assemble((f"\n{number}. ", "bold"), title))
                console.print(_turn(await phone.speak(pcm)))
        console.print(Text(f"ended · {phone.report.outcome}", style="dim"))
    finally:
        if record is not None and phone.report.ringing_ms is not None:
            phone.recording.write(record)
    return phone.report


def _sound(ms: int) -> str:
    return f"{ms / 1000:.1f} s of sound" if ms else "(nothing)"


def _turn(turn: PhoneTurn) -> Text:
    waited = (
        "nothing was heard after your last sample"
        if turn.with_openers_ms is None
        else f"{turn.with_openers_ms} ms to the first sound, fillers included"
    )
    return Text.assemble(("Hatif   ", "bold cyan"), _sound(turn.sound_ms), ("\nwaited  ", "bold"), waited)
