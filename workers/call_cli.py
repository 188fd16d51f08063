"""`hatif call`: place a real call, speak files or type texts, and say what was answered and how fast."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperOption

from domain.errors import HatifError, LineBusy, Refused
from domain.speech import Language

if TYPE_CHECKING:
    from workers.caller import Caller, CallReport
    from workers.caller.audio_file import Pcm
    from workers.caller.display import Display
    from workers.caller.phone.report import PhoneReport

NOT_ANSWERED, BAD_INPUT, BUSY, NO_CALL = 1, 2, 3, 4
"""Exit codes; 4 is a gateway that isn't there, or a call that did not come about."""
_ITEMS = "hatif.items"


class Codec(StrEnum):
    """G.711 in its two laws: what every phone speaks."""

    PCMU = "pcmu"
    PCMA = "pcma"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to say, as it stood on the command line."""

    file: Path | None = None
    text: str | None = None

    @property
    def title(self) -> str:
        return f"“{self.text}”" if self.file is None else self.file.name


class ItemsInOrder(TyperCommand):
    """Files and --text may be mixed; click keeps their values but not their order, so it is read here."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with_value = {
            name for param in self.params if isinstance(param, TyperOption) and not param.is_flag for name in param.opts
        }
        ctx.meta[_ITEMS] = items_in_order(args, with_value)
        return super().parse_args(ctx, args)


def items_in_order(args: Sequence[str], with_value: set[str]) -> list[Item]:
    items: list[Item] = []
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            items += [Item(file=Path(file)) for file in rest]
        elif arg.startswith("--text="):
            items.append(Item(text=arg.removeprefix("--text=")))
        elif arg in with_value:
            value = next(rest, None)
            if arg == "--text" and value is not None:
                items.append(Item(text=value))
        elif not arg.startswith("-"):
            items.append(Item(file=Path(arg)))
    return items


def register(app: typer.Typer) -> None:
    """Add `call` to the command."""
    app.command("call", cls=ItemsInOrder, help=__doc__)(call)


def call(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Audio to speak, one turn each: WAV, MP3, FLAC, Ogg.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="Type this instead of speaking; may be repeated and mixed with files.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Write the call as a two-channel WAV: you on the left, Hatif on the right.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    tenant: Annotated[str, typer.Option(help="The tenant to call.")] = "demo-shop",
    url: Annotated[
        str | None,
        typer.Option(help="Where the gateway is; otherwise the one that runs here.", show_default=False),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="Of the product that runs here. [HATIF_DATA_DIR]", show_default=False),
    ] = None,
    language: Annotated[Language | None, typer.Option(help="The language to be greeted in.")] = None,
    site_key: Annotated[str | None, typer.Option(help="Use this site key instead of the tenant's listed one.")] = None,
    insecure: Annotated[bool, typer.Option(help="Accept a certificate that is not trusted.")] = False,
    sip: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Call by phone instead: sip:demo@127.0.0.1:5060.")
    ] = None,
    codec: Annotated[list[Codec] | None, typer.Option(help="Offer only this codec, with --sip.")] = None,
) -> None:
    """Run one call; the parameters are the command's."""
    items: list[Item] = ctx.meta[_ITEMS]
    try:
        sounds = _check(items, record)
        if sip is not None:
            _by_phone(sip, codec, items, sounds, record, as_json=as_json)
        from workers.caller import Caller
        from workers.caller.display import display_for

        # aiortc and FFmpeg log what a peer's going away does to them; the report says it better.
        logging.getLogger("aiortc").setLevel(logging.CRITICAL)
        logging.getLogger("libav").setLevel(logging.CRITICAL)
        display = display_for(as_json=as_json)
        url = url or _running_here(data_dir)
        caller = Caller(
            url, tenant=tenant, site_key=site_key, language=language, insecure=insecure, on_event=display.event
        )
        with display:
            display.state(f"calling {tenant} at {url}")
            asyncio.run(_converse(caller, items, sounds, display, record))
    except HatifError as error:
        _fail(error, as_json=as_json)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    else:
        if as_json:
            typer.echo(json.dumps(caller.report.to_json(), ensure_ascii=False, indent=2))
        if caller.slipped_ms:
            held_up = (
                f"this machine was busy and held up your own audio by {caller.slipped_ms} ms; the figures include it"
            )
            typer.echo(f"hatif call: {held_up}", err=True)
        raise typer.Exit(_verdict(caller.report, len(items)))


def _running_here(data_dir: Path | None) -> str:
    """The address of the product on this data directory, or the one that it would have."""
    from workers.launch.data_dir import softphone_address
    from workers.launch.options import load_settings

    settings = load_settings(data_dir=data_dir)
    return softphone_address(settings.data_dir) or f"http://127.0.0.1:{settings.gateway_port}"


def _by_phone(
    sip: str,
    codecs: Sequence[Codec] | None,
    items: Sequence[Item],
    sounds: Sequence[Pcm | None],
    record: Path | None,
    *,
    as_json: bool,
) -> NoReturn:
    """The same by SIP."""
    from workers.caller.phone.command import converse

    spoken = [(item.title, sound) for item, sound in zip(items, sounds, strict=True) if sound is not None]
    if len(spoken) < len(items):
        raise Refused("not_by_phone", "a phone has nothing to type on; --text and --sip don't go together")
    report = asyncio.run(converse(sip, [codec.value for codec in codecs or Codec], spoken, record, as_json=as_json))
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    raise typer.Exit(_verdict(report, len(items)))


def _check(items: Sequence[Item], record: Path | None) -> list[Pcm | None]:
    """Everything that can be wrong with the input, before anybody is called. Raises Refused."""
    from workers.caller import read_clip
    from workers.caller.caller import check_text

    if not items:
        raise Refused("nothing_to_say", "give at least one audio file or one --text")
    if record is not None and not record.absolute().parent.is_dir():
        raise Refused("no_such_folder", f"{record}: there is no such folder to record into")
    sounds: list[Pcm | None] = []
    for item in items:
        if item.text is not None:
            check_text(item.text)
        sounds.append(None if item.file is None else read_clip(item.file))
    return sounds


async def _converse(
    caller: Caller, items: Sequence[Item], sounds: Sequence[Pcm | None], display: Display, record: Path | None
) -> None:
    from workers.caller.audio_file import SEND_RATE_HZ

    try:
        async with caller:
            display.state(f"connected · {caller.report.call_id}")
            display.greeting(await caller.greeted())
            for number, (item, pcm) in enumerate(zip(items, sounds, strict=True), start=1):
                if caller.ended:
                    break
                display.item(number, item.title)
                if pcm is not None:
                    turn = await caller.speak(pcm, SEND_RATE_HZ)
                else:
                    turn = await caller.write(item.text or "")
                display.turn(number, turn)
            display.state("hanging up")
        display.state(f"ended · {caller.report.outcome}")
    finally:
        if record is not None and caller.report.call_id is not None:
            caller.recording.write(record)


def _verdict(report: CallReport | PhoneReport, asked: int) -> int:
    """The exit code, and why on stderr."""
    missing = [str(number) for number, turn in enumerate(report.turns, start=1) if not turn.is_answer]
    if missing:
        typer.echo(f"hatif call: turn {', '.join(missing)} got no answer", err=True)
    if len(report.turns) < asked:
        typer.echo(
            f"hatif call: the call ended ({report.outcome}) after {len(report.turns)} of {asked} turns", err=True
        )
    return NOT_ANSWERED if missing or len(report.turns) < asked else 0


def _fail(error: HatifError, *, as_json: bool) -> NoReturn:
    """Say what is wrong and leave with its code."""
    typer.echo(f"hatif call: {error}", err=True)
    if isinstance(error, LineBusy):
        if as_json:
            typer.echo(json.dumps({"call_id": None, "outcome": "busy", "greeting": "", "turns": []}))
        raise typer.Exit(BUSY)
    raise typer.Exit(BAD_INPUT if isinstance(error, Refused) else NO_CALL)
