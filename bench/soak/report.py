"""What a soak found, for people and as JSON."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.soak.overload import Overload
from bench.soak.proof import Proof
from bench.soak.samples import KEEPING, Growth, Sample
from bench.soak.tally import Tally, quantile


@dataclass(frozen=True, slots=True)
class Report:
    """All of it."""

    at: str
    commit: str
    machine: dict[str, Any]
    seconds: float
    """How long all kinds of work went on."""
    settling: float
    """After how many of them memory is first looked at."""
    allowed: float
    """The share by which a role may grow from then on; infinite where the time is too short to tell."""
    tally: Tally
    growth: list[Growth]
    most_waiting: dict[str, int]
    last_waiting: dict[str, int]
    overload: Overload
    proof: Proof
    died: list[str]
    """Roles that are not the processes they were."""
    samples: list[Sample]

    @property
    def grown(self) -> list[Growth]:
        """Returns the roles that grew by more than is allowed."""
        return [one for one in self.growth if one.role not in KEEPING and not one.is_flat(self.allowed)]

    @property
    def failures(self) -> list[str]:
        """Returns what is not as promised, in words; empty when all is well."""
        proof, overload = self.proof, self.overload
        wrong = [f"{one.role} grew by {one.share:.0%}" for one in self.grown]
        wrong += [f"{count} × {kind}" for kind, count in self.tally.faults.items()]
        wrong += [f"{role} died" for role in self.died]
        if not overload.refusals:
            wrong.append("nobody was refused, so nothing is known of overload: try more callers")
        if overload.unexplained:
            wrong.append(f"{overload.unexplained} refusals did not say when to come back")
        wrong += [f"under overload {count} × {code}" for code, count in overload.faults.items()]
        if proof.drained_after is None:
            wrong.append(f"queues did not drain: {proof.still_waiting}")
        counts = ("unknown", "unfinished", "lost", "strangers", "duplicates", "ids_given_twice", "unsettled")
        wrong += [f"{name.replace('_', ' ')}: {value}" for name in counts if (value := getattr(proof, name))]
        return wrong

    def as_dict(self) -> dict[str, Any]:
        """Returns everything but single calls."""
        overload = self.overload
        return {
            "at": self.at,
            "commit": self.commit,
            "machine": self.machine,
            "seconds": round(self.seconds, 1),
            "settling": self.settling,
            "allowed_growth": self.allowed if math.isfinite(self.allowed) else None,
            "work": {kind: self._of(kind) for kind in sorted(self.tally.milliseconds)},
            "faults": dict(self.tally.faults),
            "memory": [{**asdict(one), "share": round(one.share, 4)} for one in self.growth],
            "most_waiting": self.most_waiting,
            "waiting_at_the_end_of_work": self.last_waiting,
            "overload": {
                "callers": overload.callers,
                "seconds": round(overload.seconds, 1),
                "answers": dict(overload.answers),
                "unexplained": overload.unexplained,
                "p50_ms": round(quantile(overload.milliseconds, 0.5), 1),
                "p99_ms": round(quantile(overload.milliseconds, 0.99), 1),
                "refused_p99_ms": round(quantile(overload.refused_in, 0.99), 1),
            },
            "proof": asdict(self.proof),
            "died": self.died,
            "samples": [asdict(one) for one in self.samples],
            "failures": self.failures,
        }

    def _of(self, kind: str) -> dict[str, float]:
        times = sorted(self.tally.milliseconds[kind])
        return {
            "calls": len(times),
            "items": self.tally.items[kind],
            "items_per_second": round(self.tally.items[kind] / self.seconds, 1),
            "p50_ms": round(quantile(times, 0.5), 1),
            "p99_ms": round(quantile(times, 0.99), 1),
        }


def show(report: Report, console: Console) -> None:
    """Prints tables of work, memory and queues, and a line for everything else."""
    found = report.as_dict()
    machine = report.machine
    console.print(
        f"{report.at}, commit {report.commit}, {machine['cores']} cores ({machine['cpu']}),"
        f" load {machine['load_before']} before and {machine['load_after']} after; {report.seconds:.0f} s of work",
        highlight=False,
    )
    work = _table("work", "calls", "items", "items/s", "p50 ms", "p99 ms")
    for kind, one in found["work"].items():
        numbers = (f"{one['calls']:,.0f}", f"{one['items']:,.0f}", f"{one['items_per_second']:,.0f}")
        work.add_row(kind, *numbers, f"{one['p50_ms']:,.1f}", f"{one['p99_ms']:,.1f}")
    console.print(work)
    memory = _table("role", f"MB after {report.settling:.0f} s", "MB at the end", "most MB", "growth")
    for grown in sorted(report.growth, key=lambda one: -one.late):
        share = f"{grown.share:+.1%}" + (" (keeps)" if grown.role in KEEPING else "")
        mark = "[red]" if grown in report.grown else ""
        sizes = (f"{size / 2**20:,.0f}" for size in (grown.early, grown.late, grown.most))
        memory.add_row(grown.role, *sizes, mark + share)
    console.print(memory)
    queues = _table("queue", "most", "when work ended")
    for name, most in report.most_waiting.items():
        if most:
            queues.add_row(name, f"{most:,}", f"{report.last_waiting.get(name, 0):,}")
    console.print(queues)
    overload, proof = found["overload"], report.proof
    drained = "never" if proof.drained_after is None else f"after {proof.drained_after:.0f} s"
    console.print(
        f"overload: {overload['callers']:,} callers for {overload['seconds']:.0f} s: {overload['answers']},"
        f" accepted within {overload['p50_ms']:,.0f} ms (p50) and {overload['p99_ms']:,.0f} ms (p99),"
        f" refused within {overload['refused_p99_ms']:,.0f} ms (p99), without a time to come back {overload['unexplained']}\n"
        f"queues: empty {drained}\n"
        f"accepted: {proof.accepted:,} messages and {proof.campaigns} campaigns; sent {proof.sent:,}, of which webhooks"
        f" told {proof.delivered:,} as delivered\n"
        f"lost {proof.lost}, duplicates {proof.duplicates}, strangers {proof.strangers}, without a final state"
        f" {proof.unfinished}, unknown to either side {proof.unknown}, campaigns not settled {proof.unsettled}",
        highlight=False,
    )
    for line in report.failures:
        console.print(f"[red]{line}[/]", highlight=False)
    if not report.failures:
        console.print("[green]everything as promised[/]")


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
