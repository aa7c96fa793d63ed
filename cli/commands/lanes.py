"""`angarium lanes`: what waits, and stopping, restarting and draining it."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import typer

from cli import options
from cli.operating.calls import LANES, number_of, period, seconds, stub, word_of
from cli.output import FAILURE, Output
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Lane = Annotated[str, typer.Argument(help=f"Which: {', '.join(LANES)}.")]
Tenant = Annotated[str, typer.Option(help="Id of the tenant; none means all.")]
Reason = Annotated[str, typer.Option(help="Why; the audit trail keeps it.")]

_COUNTS = ("waiting", "active", "delayed", "completed", "failed", "unknown", "overdue")


@app.callback()
def lanes() -> None:
    """Show what waits in the lanes, and stop, restart or drain them."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium lanes list` – what waits, is worked on and was done in the last hour

`angarium lanes list --tenant 0190…` – of one tenant

`angarium lanes list --json | jq '.lanes[] | select(.overdue > 0)'` – for a monitor; exit code 1 when somebody waits
longer than the lane allows
""",
)
def list_lanes(tenant: Tenant = "", state: options.State = None, as_json: options.Json = False) -> None:
    """Show what waits in each lane, and what was done in the last hour."""
    out = Output(as_json=as_json)
    tenant_id = options.uuid("--tenant", tenant) if tenant else None
    found = asyncio.run(_metrics(StateFolder.at(state), tenant_id))
    out.table(
        ("lane", *_COUNTS, "oldest s", "allowed", ""),
        [
            (one["lane"], *(one[name] for name in _COUNTS), one["oldest_seconds"],
             period(one["longest_wait_seconds"]), "paused" if one["paused"] else "")
            for one in found
        ],
    )  # fmt: skip
    out.result({"lanes": found})
    if any(one["overdue"] for one in found):
        out.line("[bold red]Somebody waits too long.[/] Are there workers? angarium status")
        raise typer.Exit(FAILURE)


@app.command(
    epilog="""
**Examples**

`angarium lanes pause low --reason "provider maintenance"` – campaigns wait, everything else goes on

`angarium lanes pause low --tenant 0190… --reason abuse` – those of one tenant
"""
)
def pause(
    lane: Lane,
    reason: Reason,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Pause a lane, for all tenants or for one; pausing the critical lane alerts."""
    out = Output(as_json=as_json)
    number = number_of("lane", lane, LANES)
    was_running = asyncio.run(_pause(StateFolder.at(state), number, _tenant(tenant), reason))
    out.line(f"[bold]{lane}[/] is paused." if was_running else f"[bold]{lane}[/] was paused already.")
    out.result({"lane": lane, "paused": True, "changed": was_running})


@app.command(epilog="**Example**\n\n`angarium lanes resume low`")
def resume(
    lane: Lane, tenant: Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Let a lane run again."""
    out = Output(as_json=as_json)
    number = number_of("lane", lane, LANES)
    was_paused = asyncio.run(_resume(StateFolder.at(state), number, _tenant(tenant)))
    out.line(f"[bold]{lane}[/] runs again." if was_paused else f"[bold]{lane}[/] was not paused.")
    out.result({"lane": lane, "paused": False, "changed": was_paused})


@app.command(
    epilog="""
**Examples**

`angarium lanes drain low --tenant 0190… --reason "a wrong list"` – asks first

`angarium lanes drain low --tenant 0190… --reason "a wrong list" --yes --json`
"""
)
def drain(
    lane: Lane,
    tenant: Annotated[str, typer.Option(help="Id of the tenant; needed.")],
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Cancel what waits of one tenant in a lane; what is being handed over goes on. Critical is never drained."""
    out = Output(as_json=as_json)
    number = number_of("lane", lane, {word: one for word, one in LANES.items() if word != "critical"})
    tenant_id = options.uuid("--tenant", tenant)
    if not yes and not as_json:
        typer.confirm(f"Cancel everything of {tenant_id} that waits in {lane}?", abort=True)
    count = asyncio.run(_drain(StateFolder.at(state), number, tenant_id, reason))
    out.line(f"[bold]{count:,}[/] messages were cancelled.")
    out.result({"lane": lane, "tenant": str(tenant_id), "cancelled": count})


def _tenant(text: str) -> str:
    return str(options.uuid("--tenant", text)) if text else ""


async def _metrics(folder: StateFolder, tenant_id: UUID | None) -> list[dict[str, Any]]:
    from angarium.delivery.v1 import lane_service_pb2 as pb
    from angarium.delivery.v1 import lane_service_pb2_grpc as grpc_pb

    async with stub(folder, grpc_pb.LaneServiceStub) as lanes:
        answer = await lanes.GetLaneMetrics(pb.GetLaneMetricsRequest(tenant_id=str(tenant_id or "")))
    return [
        {
            "lane": word_of(one.lane, LANES),
            **{name: getattr(one, f"{name}_count") for name in _COUNTS},
            "oldest_seconds": seconds(one.oldest_age) if one.HasField("oldest_age") else None,
            "longest_wait_seconds": seconds(one.longest_wait),
            "paused": one.is_paused,
        }
        for one in answer.lanes
    ]


async def _pause(folder: StateFolder, lane: Any, tenant: str, reason: str) -> bool:
    from angarium.delivery.v1 import lane_service_pb2 as pb
    from angarium.delivery.v1 import lane_service_pb2_grpc as grpc_pb

    async with stub(folder, grpc_pb.LaneServiceStub) as lanes:
        request = pb.PauseLaneRequest(lane=lane, tenant_id=tenant, reason=reason)
        return bool((await lanes.PauseLane(request)).was_running)


async def _resume(folder: StateFolder, lane: Any, tenant: str) -> bool:
    from angarium.delivery.v1 import lane_service_pb2 as pb
    from angarium.delivery.v1 import lane_service_pb2_grpc as grpc_pb

    async with stub(folder, grpc_pb.LaneServiceStub) as lanes:
        request = pb.ResumeLaneRequest(lane=lane, tenant_id=tenant)
        return bool((await lanes.ResumeLane(request)).was_paused)


async def _drain(folder: StateFolder, lane: Any, tenant_id: UUID, reason: str) -> int:
    from angarium.delivery.v1 import lane_service_pb2 as pb
    from angarium.delivery.v1 import lane_service_pb2_grpc as grpc_pb
    from services.common.ids import uuid7

    async with stub(folder, grpc_pb.LaneServiceStub) as lanes:
        request = pb.DrainLaneRequest(
            lane=lane,
            tenant_id=str(tenant_id),
            reason=reason,
            idempotency_key=str(uuid7()),
        )
        return int((await lanes.DrainLane(request)).cancelled_count)
