"""Commands that say beforehand what a campaign would come to."""

import asyncio
from typing import Any

import typer

from cli import options
from cli.campaigns import forecasts
from cli.campaigns.asking import Campaign, Tenant, ask, contract
from cli.campaigns.calls import campaigns, money
from cli.output import FAILURE, Output
from cli.state_folder import StateFolder

app = typer.Typer()


@app.command(
    "dry-run",
    epilog="""
**Examples**

`angarium campaigns dry-run 0190… --tenant 0190…` – gate by gate, zone by zone, and what it would cost

`angarium campaigns dry-run 0190… --tenant 0190… --json | jq '.report.gates[] | select(.refused > 0)'` – exit code 1
when something would stop the launch
""",
)
def dry_run(
    campaign: Campaign, tenant: Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Go through the whole audience as a launch would; nothing is sent."""
    out = Output(as_json=as_json)
    campaign_id = str(options.uuid("CAMPAIGN", campaign))
    report = asyncio.run(_dry_run(StateFolder.at(state), options.tenant(tenant), campaign_id, out))
    forecasts.show(out, report)
    out.result({"report": forecasts.as_document(report)})
    if report.warnings:
        raise typer.Exit(FAILURE)


async def _dry_run(folder: StateFolder, tenant_id: Any, campaign_id: str, out: Output) -> Any:
    pb = contract()
    request, last, done = pb.DryRunCampaignRequest(campaign_id=campaign_id), None, 0
    async with campaigns(folder, tenant_id) as service:
        found = (await service.GetCampaign(pb.GetCampaignRequest(campaign_id=campaign_id))).campaign
        with out.progress("Asking consent", found.estimated_recipients or None) as advance:
            async for last in service.DryRunCampaign(request):
                advance(last.judged_count - done)
                done = last.judged_count
    assert last is not None  # noqa: S101 - the stream ends with its report
    return last.report


@app.command(
    epilog="**Example**\n\n`angarium campaigns estimate 0190… --tenant 0190…` – how many, and at what cost"
)
def estimate(
    campaign: Campaign, tenant: Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Count who would get a campaign, and what it would cost."""
    out = Output(as_json=as_json)
    request = contract().EstimateCampaignRequest(campaign_id=str(options.uuid("CAMPAIGN", campaign)))
    found = ask(state, tenant, "", "EstimateCampaign", request)
    out.line(
        f"{found.eligible_count:,} of {found.recipient_count:,} would get it, {found.deferred_count:,} of them more later; "
        f"it would cost {money(found.cost) or 'an unknown sum'}."
    )
    out.table(("reason", "recipients"), [(one.reason, one.count) for one in found.refusals])
    out.result(
        {
            "recipients": found.recipient_count,
            "eligible": found.eligible_count,
            "deferred": found.deferred_count,
            "refusals": {one.reason: one.count for one in found.refusals},
            "cost": money(found.cost),
            "segments": found.segments,
        }
    )
