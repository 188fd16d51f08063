"""What `hatif call` shows while it talks: a live view on a terminal, plain lines elsewhere, nothing under --json."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from workers.caller.exchange import Event
from workers.caller.report import TurnReport

_BAR_CHARS = 40


class Display(Protocol):
    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def state(self, what: str) -> None: ...

    def greeting(self, text: str) -> None: ...

    def item(self, number: int, title: str) -> None: ...

    def event(self, event: Event) -> None: ...

    def turn(self, number: int, turn: TurnReport) -> None: ...


def display_for(*, as_json: bool) -> Display:
    if as_json:
        return Nothing()
    return Terminal(Console()) if sys.stdout.isatty() else Lines(Console(highlight=False, soft_wrap=True))


class Nothing:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def state(self, what: str) -> None:
        pass

    def greeting(self, text: str) -> None:
        pass

    def item(self, number: int, title: str) -> None:
        pass

    def event(self, event: Event) -> None:
        pass

    def turn(self, number: int, turn: TurnReport) -> None:
        pass


class Lines(Nothing):
    """Finished things, one line each."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def state(self, what: str) -> None:
        self._console.print(Text(what, style="dim"))

    def greeting(self, text: str) -> None:
        self._console.print(Text.assemble(("Hatif   ", "bold cyan"), text or "(no greeting)"))

    def item(self, number: int, title: str) -> None:
        self._console.print(Text.assemble((f"\n{number}. ", "bold"), title))

    def turn(self, number: int, turn: TurnReport) -> None:
        self._console.print(turn_view(turn))


class Terminal(Lines):
    """Finished things above, and below them one line of what is going on."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._live = Live(console=console, transient=True, refresh_per_second=8)
        self._state = ""
        self._floor = "open"
        self._interim = ""

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def state(self, what: str) -> None:
        self._state = what
        self._refresh()

    def event(self, event: Event) -> None:
        if event.type == "floor":
            self._floor = str(event.message.get("floor"))
        elif event.type == "transcript":
            self._interim = str(event.message.get("text", ""))
        self._refresh()

    def turn(self, number: int, turn: TurnReport) -> None:
        super().turn(number, turn)
        self._interim = ""
        self._refresh()

    @property
    def line(self) -> Text:
        """What is going on now, on one line."""
        who = {"caller": "you are speaking", "agent": "Hatif is speaking", "contested": "both"}.get(self._floor, "")
        line = Text.assemble(
            ("● ", "green"), (self._state, "dim"), ("  " + who, "magenta"), ("  " + self._interim, "italic")
        )
        line.truncate(self._console.width, overflow="ellipsis")
        return line

    def _refresh(self) -> None:
        self._live.update(self.line)


def turn_view(turn: TurnReport) -> RenderableType:
    """A turn as people read it: the words, the wait, and the waterfall of its stages."""
    kind = turn.kind or "nothing"
    rows: list[RenderableType] = [
        Text.assemble(("heard   ", "bold green"), turn.heard or "(nothing)", (f"  [{turn.language or '?'}]", "dim")),
        Text.assemble(("Hatif   ", "bold cyan"), turn.answered or "(nothing)", (f"  [{kind}]", "dim")),
        Text.assemble(("waited  ", "bold"), _wait(turn)),
    ]
    rows += _waterfall(turn.stages_ms)
    return Group(*rows)


def _wait(turn: TurnReport) -> str:
    if turn.voice_to_voice_ms is None:
        spoke = "" if turn.with_openers_ms is None else f"; Hatif spoke after {turn.with_openers_ms} ms"
        return f"no answering sentence was heard after the caller's last sample{spoke}"
    opener = ""
    if turn.with_openers_ms is not None and turn.with_openers_ms < turn.voice_to_voice_ms:
        opener = f", an opener after {turn.with_openers_ms} ms"
    return f"{turn.voice_to_voice_ms} ms voice to voice{opener}"


def _waterfall(stages_ms: dict[str, int]) -> list[RenderableType]:
    """A bar a stage, each beginning where the one before it ended, in the order in which the server tells them."""
    total = sum(stages_ms.values())
    if total <= 0:
        return []
    width = max(len(name) for name in stages_ms)
    rows: list[RenderableType] = []
    passed = 0
    for name, ms in stages_ms.items():
        start, end = (round(at / total * _BAR_CHARS) for at in (passed, passed + ms))
        passed += ms
        bar = " " * start + ("▇" * (end - start) or "▏")
        rows.append(Text.assemble((f"        {name:<{width}} {ms:>6} ms ", "dim"), (bar, "blue")))
    return rows
