"""Figures as people read them: one table for the terminal, one in Markdown for the documentation."""

from collections.abc import Callable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.results import Run

_COLUMNS = ("#", "work", "items", "figure", "floor", "ratio", "target", "CPU µs/item", "worker MB")
Mark = Callable[[str, bool], str]


def show(run: Run, console: Console) -> None:
    """Prints a run as one table, and below it what must be known to read it."""
    table = Table(box=box.SIMPLE_HEAD, title=_title(run), title_justify="left")
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column in ("#", "work", "target") else "right")
    for figure in run.figures:
        table.add_row(*_cells(figure, lambda text, good: f"[{'green' if good else 'red'}]{text}[/]"))
    console.print(table)
    for figure in run.figures:
        for line in _details(figure):
            console.print(f"[dim]{figure.number}  {line}[/]", highlight=False)


def markdown(run: Run) -> str:
    """Returns a run as a table in Markdown with its details as a list."""
    rows = [_COLUMNS, tuple("---" if name in ("#", "work", "target") else "---:" for name in _COLUMNS)]
    rows += [_cells(figure, lambda text, good: text if good else f"**{text}**") for figure in run.figures]
    lines = [_title(run) + " A figure in bold misses its target.", ""]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    lines.append("")
    lines += [f"- {figure.number}: {line}" for figure in run.figures for line in _details(figure)]
    return "\n".join(lines) + "\n"


def _title(run: Run) -> str:
    machine = run.machine
    return (
        f"{run.at[:16].replace('T', ' ')} UTC, commit {run.commit}, {machine['cores']} cores ({machine['cpu']}),"
        f" Python {machine['python']}, load {machine['load_before']} before and {machine['load_after']} after."
    )


def _cells(figure: Figure, mark: Mark) -> tuple[str, ...]:
    meets, target = figure.meets(), figure.target
    promised = [
        *([f"≥ {target.ratio:.2f}"] if target.ratio is not None else []),
        *([f"≤ {target.cpu_us:.0f} µs"] if target.cpu_us is not None else []),
        *([f"≤ {target.memory / 2**20:.0f} MB"] if target.memory is not None else []),
    ]
    memory = f"{figure.largest_worker / 2**20:.0f}"
    return (
        figure.number,
        figure.title,
        f"{figure.items:,}",
        f"{figure.rate:,.0f}/s",
        f"{figure.floor.rate:,.0f}/s",
        mark(f"{figure.ratio:.2f}", meets["ratio"]) if "ratio" in meets else f"{figure.ratio:.2f}",
        ", ".join(promised),
        mark(f"{figure.cpu_us:,.0f}", meets["cpu"]) if "cpu" in meets else f"{figure.cpu_us:,.0f}",
        mark(memory, meets["memory"]) if "memory" in meets else memory,
    )


def _details(figure: Figure) -> list[str]:
    lines = [f"floor: {figure.floor.words}; {figure.floor.cpu_us:,.0f} CPU µs an item"]
    lines.append(f"CPU µs an item by role: {_shares(figure.cpu_seconds, figure.items)}")
    if figure.outside_seconds:
        lines.append(f"beside them, outside the product: {_shares(figure.outside_seconds, figure.items)}")
    if figure.peak_memory:
        peaks = sorted(figure.peak_memory.items(), key=lambda one: -one[1])
        lines.append("peak memory in MB: " + ", ".join(f"{name} {peak / 2**20:.0f}" for name, peak in peaks))
    if figure.seconds:
        lines.append("seconds: " + ", ".join(f"{name} {value:.2f}" for name, value in figure.seconds.items()))
    if figure.milliseconds:
        times = (f"{name} {value:.1f}" for name, value in figure.milliseconds.items())
        lines.append("milliseconds a call: " + ", ".join(times))
    return [*lines, *figure.notes]


def _shares(seconds: dict[str, float], items: int) -> str:
    """Returns microseconds by role, largest first; workers as one."""
    grouped: dict[str, float] = {}
    for name, value in seconds.items():
        role = "delivery workers" if name.startswith("delivery-worker") else name
        grouped[role] = grouped.get(role, 0.0) + value
    found: Sequence[tuple[str, float]] = sorted(grouped.items(), key=lambda one: -one[1])
    return ", ".join(f"{name} {value / items * 1e6:.1f}" for name, value in found if value)
