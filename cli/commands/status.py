"""`angarium status`: roles, lanes, event lag and table sizes."""

import asyncio
from dataclasses import asdict
from typing import Any

import typer

from cli import options
from cli.output import FAILURE, CommandError, Output
from cli.secrets import SERVICES
from cli.state_folder import StateFolder
from cli.stores import database_url
from cli.supervisor.pids import SUPERVISOR, PidFiles
from cli.supervisor.snapshot import read_statuses

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    epilog="""
**Examples**

`angarium status` – the stack of `.angarium`

`angarium status --json | jq .lanes` – for a monitor; exit code 1 when a role is not up
"""
)
def status(state: options.State = None, as_json: options.Json = False) -> None:
    """Show roles, lanes, event lag and table sizes.

    Roles come from the supervisor and from each service's own health, lanes from delivery, event lag and sizes from
    the database. Sizes are the database's own estimates, so that asking costs nothing.
    """
    out = Output(as_json=as_json)
    folder = StateFolder.at(state)
    roles = _roles(folder)
    health = asyncio.run(_health(folder))
    lanes = asyncio.run(_lanes(folder)) if health.get("delivery") == "serving" else []
    lag, tables = _database(folder)
    if roles:
        columns = ("role", "state", "pid", "restarts", "ready in")
        rows = [[role["name"], role["state"], role["pid"], role["restarts"], role["ready"]] for role in roles]
        out.table(
            columns, [[cell if index != 2 else _pid(cell) for index, cell in enumerate(row)] for row in rows]
        )
        out.line("")
    out.table(("service", "health"), list(health.items()))
    if lanes:
        out.line("")
        out.table(("lane", *_COUNTS, "oldest s", "paused"), [list(lane.values()) for lane in lanes])
    if lag:
        out.line("")
        out.table(("events of", "not yet told", "oldest s"), [list(row.values()) for row in lag])
        out.line("")
        out.table(("table", "rows (estimate)", "MB"), [list(row.values()) for row in tables])
    out.result({"roles": roles, "services": health, "lanes": lanes, "events": lag, "tables": tables})
    if set(health.values()) != {"serving"}:
        out.line(
            "\n[bold red]Not everything is up.[/] Start it: angarium up – or look for causes: angarium doctor"
        )
        raise typer.Exit(FAILURE)


_COUNTS = ("waiting", "active", "delayed", "completed", "failed", "unknown")


def _pid(pid: int | None) -> str:
    return "–" if pid is None else str(pid)


def _roles(folder: StateFolder) -> list[dict[str, Any]]:
    if not PidFiles(folder.run).running().get(SUPERVISOR):
        return []
    roles = []
    for role in read_statuses(folder.run):
        known = asdict(role)
        seconds = known.pop("seconds_to_ready")
        known["ready"] = None if seconds is None else f"{seconds:.1f} s"
        roles.append({**known, "state": str(role.state)})
    return roles


async def _health(folder: StateFolder) -> dict[str, str]:
    from cli.client import client_settings
    from cli.supervisor import serving

    settings = client_settings(folder)
    answers = await asyncio.gather(*(serving(settings.address_of(name)) for name in SERVICES))
    return {name: "serving" if up else "down" for name, up in zip(SERVICES, answers, strict=True)}


async def _lanes(folder: StateFolder) -> list[dict[str, Any]]:
    from angarium.common.v1 import enums_pb2
    from angarium.delivery.v1 import lane_service_pb2, lane_service_pb2_grpc
    from cli.client import PersonChannels, client_settings

    async with PersonChannels(client_settings(folder)) as channels:
        stub = channels.stub(lane_service_pb2_grpc.LaneServiceStub, "delivery")
        answer = await stub.GetLaneMetrics(lane_service_pb2.GetLaneMetricsRequest())
    return [
        {
            "lane": enums_pb2.Priority.Name(lane.lane).removeprefix("PRIORITY_").lower(),
            **{name: getattr(lane, f"{name}_count") for name in _COUNTS},
            "oldest_seconds": round(lane.oldest_age.ToTimedelta().total_seconds(), 1)
            if lane.HasField("oldest_age")
            else None,
            "paused": lane.is_paused,
        }
        for lane in answer.lanes
    ]


def _database(folder: StateFolder) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    import psycopg
    from psycopg import sql

    try:
        url = database_url(folder)
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            schemas = [name for (name,) in connection.execute(_MIGRATED, {"schemas": list(SERVICES)})]
            lag = []
            for schema in schemas:
                row = connection.execute(sql.SQL(_LAG).format(sql.Identifier(schema))).fetchone()
                if row:
                    lag.append(
                        {"service": schema, "waiting": row[0], "oldest_seconds": round(float(row[1]), 1)}
                    )
            tables = [
                {"table": name, "rows": rows, "megabytes": round(float(size), 1)}
                for name, rows, size in connection.execute(_SIZES, {"schemas": schemas})
            ]
    except (CommandError, psycopg.OperationalError):
        return [], []
    return lag, tables


_MIGRATED = """
SELECT schemaname FROM pg_tables WHERE schemaname = ANY(%(schemas)s) AND tablename = 'outbox' ORDER BY 1
"""
_LAG = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM {}.outbox WHERE position IS NULL
"""
# Partitions are counted with their table.
_SIZES = """
SELECT n.nspname || '.' || root.relname,
       sum(greatest(leaf.reltuples, coalesce(s.n_live_tup, 0), 0))::bigint,
       sum(pg_total_relation_size(leaf.oid)) / 1e6
FROM pg_class leaf
JOIN pg_namespace n ON n.oid = leaf.relnamespace
JOIN pg_class root ON root.oid = coalesce(pg_partition_root(leaf.oid), leaf.oid)
LEFT JOIN pg_stat_user_tables s ON s.relid = leaf.oid
WHERE leaf.relkind = 'r' AND n.nspname = ANY(%(schemas)s)
GROUP BY 1
HAVING sum(greatest(leaf.reltuples, coalesce(s.n_live_tup, 0), 0)) > 0
ORDER BY 2 DESC
"""
