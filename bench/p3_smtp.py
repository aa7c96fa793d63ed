"""P3: a campaign by e-mail over SMTP to a server that takes everything and keeps nothing."""

import tempfile
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

from angarium.common.v1 import enums_pb2
from bench import given
from bench.figures import Figure, Floor, Target
from bench.launch import Launched, launch
from bench.processes import Meter
from bench.quiet import events_settled
from bench.scripts import run_floor, serving_floor
from bench.stack import Stack, split

NAME = "smtp"
ITEMS = 20_000
CONNECTIONS = 10
"""Of each worker; the floor gets as many as all workers together."""


async def measure(stack: Stack, scale: float) -> Figure:
    """Launches the campaign and waits until everybody was handed over and counted."""
    items = max(1000, int(ITEMS * scale))
    async with serving_floor("sink") as (sink_pid, port):
        meter = stack.meter()
        sink = Meter({"sink": lambda: sink_pid})
        found, cpu, memory, sink_cpu = await _campaign(stack, items, port, meter, sink)
        floor = await _floor(stack, items, port)
    inside, outside = split(cpu)
    return Figure(
        number="P3",
        name=NAME,
        title="campaign through SMTP to a sink",
        items=items,
        rate=items / found.settled,
        floor=floor,
        target=Target(ratio=0.70, memory=200 * 2**20),
        cpu_seconds=inside,
        outside_seconds={**outside, **sink_cpu},
        peak_memory=memory,
        seconds={
            "first hand-over": found.first,
            "last hand-over": found.handed_over,
            "everything counted": found.settled,
        },
        notes=(
            f"{CONNECTIONS} kept-open connections a worker, the floor over as many in all",
            "from the launch until the ledger and analytics have counted the last message",
        ),
    )


async def _campaign(
    stack: Stack, items: int, port: int, meter: Meter, sink: Meter
) -> tuple[Launched, dict[str, float], dict[str, int], dict[str, float]]:
    async with given.tenant(stack) as cast:
        template_id, _ = await given.template(cast.ada, enums_pb2.CATEGORY_OFFER)
        config: dict[str, str | int] = {
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "from_address": given.SENDER,
            "return_path_domain": f"bounces.{given.DOMAIN}",
        }
        await given.account(cast.ada, "smtp", config, concurrency=CONNECTIONS)
        with tempfile.TemporaryDirectory() as folder:
            await given.contacts(cast.ada, items, Path(folder))
        campaign_id = await given.approved_campaign(cast, template_id)
        await events_settled(stack)
        meter.start()
        sink.start()
        found = await launch(stack, cast, campaign_id, items)
    return found, meter.cpu(), meter.peak_memory(), sink.cpu()


async def _floor(stack: Stack, items: int, port: int) -> Floor:
    found = await run_floor(
        "smtp",
        host="127.0.0.1",
        port=port,
        connections=CONNECTIONS * stack.installation.workers,
        items=items,
        sender=given.SENDER,
        address=given.ADDRESS,
        letter=_letter(),
    )
    words = f"aiosmtplib over {CONNECTIONS * stack.installation.workers} kept-open connections, one process"
    return Floor(items / found["seconds"], found["cpu_seconds"] / items * 1e6, words)


def _letter() -> str:
    """A finished message of the same size, in which the floor only replaces the address."""
    letter = MIMEMultipart("alternative")
    letter["From"], letter["To"] = given.SENDER, "{{ address }}"
    letter["Subject"], letter["Message-ID"] = "Spring, Ada{{ n }}", "<{{ n }}@bench.example>"
    letter["List-Unsubscribe"] = "<https://bench.example/unsubscribe/" + "x" * 100 + ">"
    letter.attach(MIMEText(given.PARTS["text"], "plain", "utf-8"))
    letter.attach(MIMEText(given.PARTS["html"], "html", "utf-8"))
    return letter.as_string().replace("\n", "\r\n")
