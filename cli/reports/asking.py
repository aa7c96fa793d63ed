"""Calls of analytics as the owner of a tenant makes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from cli import options
from cli.output import usage
from cli.state_folder import StateFolder

_OWNER: Final = "super_owner"


def time_range(days: int, first: str, last: str) -> Any:
    """Returns the days that options name, or so many days up to now."""
    from datetime import UTC, date, datetime, timedelta

    from angarium.analytics.v1 import figures_pb2

    for option, text in (("--from", first), ("--to", last)):
        try:
            date.fromisoformat(text or "2026-01-01")
        except ValueError:
            usage(f"{option} {text!r} is no day.", "Days look like 2026-11-20")
    if first or last:
        return figures_pb2.TimeRange(start_date=first or last, end_date=last)
    found = figures_pb2.TimeRange()
    now = datetime.now(UTC)
    found.start_time.FromDatetime(now - timedelta(days=days))
    found.end_time.FromDatetime(now)
    return found


def ask(service: str, method: str, request: Any, tenant: str, state: Path | None) -> Any:
    """Returns the answer of one call of the service `metrics` or `reports`."""
    return asyncio.run(_call(StateFolder.at(state), options.tenant(tenant), service, method, request))


async def _call(folder: StateFolder, tenant_id: UUID | None, service: str, method: str, request: Any) -> Any:
    async with _stub(folder, tenant_id, service) as stub:
        return await getattr(stub, method)(request)


async def download(folder: StateFolder, tenant_id: UUID | None, request: Any, file: BinaryIO) -> int:
    """Writes an export into a file piece by piece; returns its bytes."""
    size = 0
    async with _stub(folder, tenant_id, "reports") as stub:
        async for piece in stub.ExportReport(request):
            size += file.write(piece.data)
    return size


@asynccontextmanager
async def _stub(folder: StateFolder, tenant_id: UUID | None, service: str) -> AsyncIterator[Any]:
    from angarium.analytics.v1 import metrics_service_pb2_grpc, report_service_pb2_grpc
    from cli.client import PersonChannels, client_settings

    kind: Any = (
        metrics_service_pb2_grpc.MetricsServiceStub
        if service == "metrics"
        else report_service_pb2_grpc.ReportServiceStub
    )
    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=_OWNER) as channels:
        yield channels.stub(kind, "analytics")
