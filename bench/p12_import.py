"""P12: a file of a million people with their consents, read, checked, brought in, and told of."""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from bench import given
from bench.figures import Figure, Floor, Target
from bench.processes import Meter, own_seconds
from bench.scripts import run_floor
from bench.stack import Stack, split
from cli.importing import import_contacts

NAME = "import"
CONTACTS = 1_000_000
_PATIENCE = 900.0


async def measure(stack: Stack, scale: float) -> Figure:
    """Imports a file as `angarium import contacts` does, and waits until consent and campaign learned of everything."""
    contacts = max(1000, int(CONTACTS * scale) // 1000 * 1000)
    with TemporaryDirectory(prefix="angarium-bench-") as folder:
        path = Path(folder) / "people.csv"
        given.people(path, contacts)
        async with given.tenant(stack) as cast:
            meter = stack.meter()
            meter.start()
            own, began = own_seconds(), time.perf_counter()
            report = await import_contacts(path, cast.ada.channels)
            seconds, own = time.perf_counter() - began, own_seconds() - own
            if (report.created, report.consents_changed) != (contacts, contacts):
                raise RuntimeError(
                    f"{report.created} of {contacts} people, {report.consents_changed} consents"
                )
            told = await _told(stack, cast.tenant_id, contacts, began)
            cpu, memory = meter.cpu(), meter.peak_memory()
            floor = await _floor(stack, cast.tenant_id, path, contacts)
    inside, outside = split(cpu)
    return Figure(
        number="P12",
        name=NAME,
        title=f"import of a CSV file of {contacts:,} people with a consent each",
        items=contacts,
        rate=contacts / seconds,
        floor=floor,
        target=Target(ratio=0.30),
        # The command reads and checks the file: it is the product too.
        cpu_seconds={**inside, "import": own},
        outside_seconds=outside,
        peak_memory=memory,
        seconds={"imported": seconds, "told everywhere": told},
        notes=(
            "the floor reads the same file and copies two rows for each of its rows, into tables with their keys alone",
            "the product also checks each value, hashes addresses, seals proofs, chains the trail, and tells others",
        ),
    )


async def _told(stack: Stack, tenant_id: UUID, contacts: int, began: float) -> float:
    """Returns the seconds until consent knew every contact, and campaign every consent."""
    async with asyncio.timeout(_PATIENCE):
        for query in (
            "SELECT count(*) FROM consent.contact WHERE tenant_id = %s",
            "SELECT count(*) FROM campaign.contact_reach WHERE tenant_id = %s AND email_consented",
        ):
            while await stack.count(query, tenant_id) < contacts:  # noqa: ASYNC110 - rows of other processes
                await asyncio.sleep(0.2)
    return time.perf_counter() - began


async def _floor(stack: Stack, tenant_id: UUID, path: Path, contacts: int) -> Floor:
    postgres = stack.supervisor.pid("postgres")
    meter = Meter({"postgres": lambda: postgres})
    meter.start()
    found = await run_floor(
        "importing", database_url=stack.database_url, tenant_id=str(tenant_id), path=str(path)
    )
    cpu = found["cpu_seconds"] + sum(meter.cpu().values())
    return Floor(contacts / found["seconds"], cpu / contacts * 1e6, "csv.reader and COPY of the same rows")
