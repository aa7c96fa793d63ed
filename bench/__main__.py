"""`python -m bench [NAME …]`: measures, prints one table, keeps the record."""

import asyncio
import json
import os
import sys
from types import ModuleType
from typing import Annotated, Any

import typer
from rich.console import Console

from bench import (
    documents,
    p1_campaign,
    p2_scale,
    p3_smtp,
    p4_unary,
    p5_blocks,
    p6_decisions,
    p7_segments,
    p8_door,
    p9_webhooks,
    p10_analytics,
    p11_critical,
    p12_import,
    results,
    table,
)
from bench.figures import Figure
from bench.machine import load
from bench.results import Run
from bench.stack import running
from services.common.errors import ServiceError

BENCHMARKS: dict[str, ModuleType] = {
    one.NAME: one
    for one in (
        p1_campaign,
        p2_scale,
        p3_smtp,
        p4_unary,
        p5_blocks,
        p6_decisions,
        p7_segments,
        p8_door,
        p9_webhooks,
        p10_analytics,
        p11_critical,
        p12_import,
    )
}
SCALES = {"small": 0.1, "default": 1.0}


def _names(given: list[str]) -> list[str]:
    numbers = {module.__name__.split(".")[-1].split("_")[0]: name for name, module in BENCHMARKS.items()}
    names = [numbers.get(one.lower(), one.lower()) for one in given]
    if unknown := [one for one in names if one not in BENCHMARKS]:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(BENCHMARKS)}")
    return names or list(BENCHMARKS)


def _scale(given: str) -> float:
    try:
        scale = SCALES.get(given) or float(given)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 10:
        raise typer.BadParameter(f"choose {', '.join(SCALES)}, or a factor up to 10")
    return scale


def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]…", help=f"Which: {', '.join(BENCHMARKS)}. Default: all."),
    ] = None,
    scale: Annotated[
        str, typer.Option(help="`small` (a tenth), `default`, or a factor for the number of items.")
    ] = "default",
    workers: Annotated[int, typer.Option(help="Delivery workers.", min=1, max=64)] = min(
        len(os.sched_getaffinity(0)), 8
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as one JSON document.")] = False,
    record: Annotated[bool, typer.Option(help="Append to bench/results.jsonl.")] = True,
    write_docs: Annotated[
        bool, typer.Option("--write-docs", help="Only write the newest table into docs/performance.md.")
    ] = False,
) -> None:
    """Measure the product beside floors that bare scripts reach in the same run.

    A stack of its own is started for each benchmark and removed afterwards. Every figure is a ratio to its floor, or
    CPU microseconds an item summed over every process of the product; clock figures of shared machines drift.
    """
    console = Console(stderr=as_json, width=None if sys.stdout.isatty() else 160)
    if write_docs:
        run = documents.newest(results.runs())
        if run is None:
            raise typer.BadParameter("nothing was measured yet: run `make bench` first")
        documents.write(run)
        return
    chosen, factor = _names(names or []), _scale(scale)
    before = load()
    figures, failed = [], False
    for name in chosen:
        try:
            figures.append(asyncio.run(_measure(BENCHMARKS[name], factor, workers, console)))
        except (RuntimeError, ServiceError) as error:
            console.print(f"[red]{name} could not be measured:[/] {error}", highlight=False)
            failed = True
    run = Run.now(figures, load_before=before)
    if record and figures:
        results.append(run)
    if as_json:
        print(json.dumps(run.as_dict(), indent=2))
    else:
        table.show(run, console)
    if failed:
        raise typer.Exit(1)


async def _measure(benchmark: Any, scale: float, workers: int, console: Console) -> Figure:
    with console.status(f"{benchmark.NAME}: starting the stack"):
        async with running(workers=workers) as stack:
            console.print(f"[dim]{benchmark.NAME}: measuring …[/]")
            found: Figure = await benchmark.measure(stack, scale)
    return found


if __name__ == "__main__":
    typer.run(main)
