"""What the demo shows while it runs: one line for each phase with its seconds, bars and notes while it lasts."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

_BAR_WIDTH = 34
_TITLE_WIDTH = 44
_WIDTH_OF_FILES = 110
_WORD_EVERY = 10.0


@dataclass(slots=True)
class Bar:
    """How far one thing is; without a total it only counts."""

    name: str
    total: int | None = None
    done: int = 0

    def set(self, done: int, total: int | None = None) -> None:
        """Moves the bar."""
        self.done = done
        if total is not None:
            self.total = total

    def advance(self, by: int = 1) -> None:
        """Moves the bar forward."""
        self.done += by

    @property
    def words(self) -> str:
        """Returns the bar as text."""
        return f"{self.done:,} / {self.total:,}" if self.total is not None else f"{self.done:,}"


@dataclass(slots=True)
class Phase:
    """One phase under way."""

    key: str
    title: str
    began: float = field(default_factory=time.monotonic)
    result: str = ""
    waiting: str = ""
    """What it waits for right now."""
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Adds a line that stays below the phase."""
        self.notes.append(text)

    def bar(self, name: str, total: int | None = None) -> Bar:
        """Adds a bar that is shown while the phase lasts."""
        self.bars.append(Bar(name, total))
        return self.bars[-1]

    @property
    def seconds(self) -> float:
        """Returns how long it has lasted."""
        return time.monotonic() - self.began


class Stage:
    """Shows phases one after the other and keeps their seconds."""

    def __init__(self, console: Console | None = None) -> None:
        """Takes where to write; bars are drawn on terminals only."""
        self.console = console or Console(highlight=False)
        if not self.console.is_terminal and "COLUMNS" not in os.environ:
            self.console.width = _WIDTH_OF_FILES
        self.seconds: dict[str, float] = {}
        self._phase: Phase | None = None
        self._spinner = Spinner("dots", style="cyan")

    @contextmanager
    def phase(self, key: str, title: str) -> Iterator[Phase]:
        """Shows a phase for as long as the block lasts; `key` names it in the report."""
        phase = self._phase = Phase(key, title)
        mark = "[bold red]✗[/]"
        try:
            if self.console.is_terminal:
                with Live(
                    get_renderable=self._drawn, console=self.console, transient=True, refresh_per_second=10
                ):
                    yield phase
            else:
                yield phase
            mark = "[bold green]✓[/]"
        finally:
            self.seconds[key] = self.seconds.get(key, 0.0) + phase.seconds
            self._phase = None
            self._tell(phase, mark)

    def note(self, text: str) -> None:
        """Adds a line to the phase under way, or prints it between phases."""
        if self._phase is not None:
            self._phase.note(text)
        else:
            self.line(f"    [dim]{text}[/]")

    def line(self, text: str = "") -> None:
        """Prints a line; markup of rich is understood."""
        self.console.print(text)

    def show(self, what: RenderableType) -> None:
        """Prints a table or another thing of rich."""
        self.console.print(what)

    def heartbeat(self) -> "Heartbeat":
        """Returns what tells those without a terminal, now and then, that a long phase goes on."""
        return Heartbeat(self)

    def _tell(self, phase: Phase, mark: str) -> None:
        line = Text.from_markup(f" {mark} ") + Text(f"{phase.title:<{_TITLE_WIDTH}}")
        line.append(f"{phase.seconds:6.1f} s", style="cyan")
        result = Text.from_markup(f"  {phase.result}", style="dim")
        fits = line.cell_len + result.cell_len <= self.console.width or not self.console.is_terminal
        self.console.print(line + result if fits else line, soft_wrap=True)
        for note in (*(() if fits else (phase.result,)), *phase.notes):
            self.console.print(f"     [dim]{note}[/]", soft_wrap=not self.console.is_terminal)

    def _drawn(self) -> RenderableType:
        phase = self._phase
        if phase is None:
            return Text("")
        head = Table.grid(padding=(0, 1))
        head.add_column(width=2, justify="right")
        head.add_column(width=_TITLE_WIDTH - 1)
        head.add_column(justify="right", width=8)
        head.add_row(self._spinner, escape(phase.title), f"[cyan]{phase.seconds:.1f} s[/]")
        lines: list[RenderableType] = [head]
        lines += [Text.from_markup(f"     [dim]{note}[/]") for note in phase.notes]
        if phase.bars:
            bars = Table.grid(padding=(0, 2))
            bars.add_column(width=20, justify="right", style="dim")
            bars.add_column(width=_BAR_WIDTH)
            bars.add_column(justify="right")
            for bar in phase.bars:
                drawn = ProgressBar(
                    total=max(bar.total, 1) if bar.total is not None else None,
                    completed=min(bar.done, bar.total) if bar.total is not None else 0,
                    width=_BAR_WIDTH,
                    pulse=bar.total is None,
                )
                bars.add_row(bar.name, drawn, bar.words)
            lines.append(bars)
        if phase.waiting:
            lines.append(Text(f"     {phase.waiting}", style="yellow"))
        return Group(*lines)

    @property
    def current(self) -> Phase | None:
        """Returns the phase under way."""
        return self._phase


class Heartbeat:
    """Prints where a phase stands every ten seconds, for logs and pipes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._next = time.monotonic() + _WORD_EVERY

    def beat(self) -> None:
        """Prints a line when it is time to."""
        phase = self._stage.current
        if phase is None or self._stage.console.is_terminal or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _WORD_EVERY
        words = ", ".join(f"{bar.name} {bar.words}" for bar in phase.bars)
        self._stage.line(
            f"     [dim]… {phase.seconds:.0f} s: {words}{'; ' if words else ''}{phase.waiting}[/]"
        )
        sys.stdout.flush()
