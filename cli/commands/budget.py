"""`angarium budget`: what a month may cost, what of it is reserved and spent, and what remains."""

import asyncio
from typing import Annotated, Any

import typer

from cli import options
from cli.moments import instant_of
from cli.operating.tenancy import LEVELS, amount, owner
from cli.output import FAILURE, Output
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    epilog="""
**Examples**

`angarium budget --tenant 0190…` – this month; exit code 1 when all of it is used

`angarium budget --tenant 0190… --branch 0190… --month 2026-10 --json`

Set one: `angarium settings set --tenant 0190… monthly_budget_limit='500 EUR'`, for a branch
`angarium branches set 0190… --budget '50 EUR'`
"""
)
def budget(
    tenant: Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")] = "",
    branch: Annotated[str, typer.Option(help="Id of one branch; none means the whole tenant.")] = "",
    month: Annotated[str, typer.Option(help="Month as YYYY-MM in the tenant's zone.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show a month's budget."""
    out = Output(as_json=as_json)
    branch_id = str(options.uuid("--branch", branch)) if branch else ""
    found = _shown(asyncio.run(_read(StateFolder.at(state), tenant, branch_id, month)))
    out.table(("", ""), [(name.replace("_", " "), value) for name, value in found.items() if value])
    out.result({"budget": found})
    if found["remaining"] is not None and found["remaining"].startswith(("-", "0.00 ", "0 ")):
        raise typer.Exit(FAILURE)


async def _read(folder: StateFolder, tenant: str, branch_id: str, month: str) -> Any:
    from angarium.campaign.v1 import settings_service_pb2 as pb
    from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub

    async with owner(folder, SettingsServiceStub, options.tenant(tenant)) as service:
        return await service.GetBudget(pb.GetBudgetRequest(month=month, branch_id=branch_id))


def _shown(found: Any) -> dict[str, Any]:
    return {
        "month": found.month,
        "limit": amount(found.limit) if found.HasField("limit") else None,
        "spent": amount(found.spent),
        "reserved": amount(found.reserved),
        "remaining": amount(found.remaining) if found.HasField("remaining") else None,
        "uncounted": amount(found.uncounted),
        "reached": LEVELS.get(found.level, ""),
        "alerted": instant_of(found, "alert_time"),
        "exhausted": instant_of(found, "exhaust_time"),
        "alert_threshold": f"{found.alert_threshold_percent} %",
    }
