"""What `hatif up` shows: a line per part, the addresses, and how it ends. Plain lines where there is no terminal."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.status import Status
from rich.text import Text

from workers.launch.first_sign_in import FirstPassword
from workers.supervise import Died, Event, Paced, Ready, Starting, Stopped

NAME_WIDTH = 12


class Screen:
    """An async-free context; everything goes to standard output."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()
        self._busy: dict[str, None] = {}
        self._status = Status("", console=self.console, spinner="dots")

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style))

    def tell(self, event: Event) -> None:
        match event:
            case Starting(name=name):
                self._busy[name] = None
            case Ready(name=name, took_ms=took_ms):
                self._busy.pop(name, None)
                self._line("✓", "green", name, f"{took_ms / 1000:.1f} s")
            case Died(name=name, how=how, again_in_ms=again_in_ms):
                self._busy.pop(name, None)
                again = "starting again" if again_in_ms < 1000 else f"starting again in {again_in_ms / 1000:g} s"
                self._line("✗", "bold yellow", name, f"died ({how}), {again}")
            case Stopped(name=name):
                self._busy.pop(name, None)
                self._line("·", "dim", name, "stopped")
            case Paced():
                pass  # hatif doctor and the metrics tell it to whoever asks
        self._spin()

    def ready(self, addresses: Mapping[str, str], passwords: Sequence[FirstPassword], logs: str) -> None:
        self.console.print()
        took = time.monotonic() - self._began
        self.console.print(Text.assemble(("Hatif answers", "bold green"), f" after {took:.1f} s."))
        self.console.print()
        width = max(len(name) for name in (*addresses, "logs")) + 2
        for name, address in addresses.items():
            self.console.print(Text.assemble("  ", (name.ljust(width), "dim"), (address, "bold cyan")))
        self.console.print(Text.assemble("  ", ("logs".ljust(width), "dim"), logs))
        if passwords:
            self.console.print()
            self.console.print(Text("  First sign-in, shown this once. Change the password after it.", style="yellow"))
            widest = max(len(one.email) for one in passwords)
            for company, people in itertools.groupby(passwords, key=lambda one: one.company):
                self.console.print(Text.assemble("  ", ("company ", "dim"), company))
                for one in people:
                    self.console.print(Text.assemble("    ", one.email.ljust(widest), "  ", (one.password, "bold")))
        self.console.print()
        self.console.print(Text("  Ctrl-C stops it; live calls may end first.", style="dim"))

    def stopping(self, live_calls: int | None, grace_s: float) -> None:
        self._busy.clear()
        match live_calls:
            case None | 0:
                self.say("Stopping.", "bold")
            case 1:
                self.say(f"Stopping: 1 call may end first, for up to {grace_s:g} s. Ctrl-C again cuts it.", "bold")
            case count:
                self.say(
                    f"Stopping: {count} calls may end first, for up to {grace_s:g} s. Ctrl-C again cuts them.", "bold"
                )

    def cutting(self, live_calls: int | None) -> None:
        if live_calls:
            self.say(f"Cutting {live_calls} live call{'' if live_calls == 1 else 's'}.", "bold yellow")
        else:
            self.say("Stopping at once.", "bold yellow")

    def _line(self, mark: str, style: str, name: str, text: str) -> None:
        self.console.print(Text.assemble("  ", (mark, style), " ", name.ljust(NAME_WIDTH), (text, "dim")))

    def _spin(self) -> None:
        if not self.console.is_terminal:
            return
        if self._busy:
            self._status.update(f"[dim]starting {', '.join(self._busy)}[/dim]")
            self._status.start()
        else:
            self._status.stop()
