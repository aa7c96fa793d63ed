"""`angarium reconcile`: proves the send ledger of a campaign (W1)."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from cli import options
from cli.output import FAILURE, Output, usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.campaign.v1.campaign_service_pb2 import ReconcileCampaignResponse

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_ROWS = (
    ("sent", "sent_count", "taken by a provider, whatever became of them later"),
    ("failed", "failed_count", "failed, expired or cancelled"),
    ("skipped", "skipped_count", "not sent, for a reason"),
    ("unknown", "unknown_count", "handed over, and nobody knows yet what became of them"),
    ("never tried", "never_tried_count", "still waiting"),
)
_OWNER = "super_owner"


@app.command(
    epilog="""
**Examples**

`angarium reconcile --campaign 0190… --tenant 0190…` – every recipient of the newest run, counted once

`angarium reconcile --campaign 0190… --tenant 0190… --json | jq .settled` – exit code 1 until all is settled
"""
)
def reconcile(
    campaign: Annotated[str, typer.Option(help="Id of the campaign.")],
    tenant: Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")] = "",
    run: Annotated[str, typer.Option(help="Id of a run; empty means the newest.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Prove the send ledger of a campaign.

    Compares every recipient with delivery's own record, mends what an event has not told yet, and says who was sent,
    failed, skipped, unknown or never tried. Exit code 1 while anything is unknown, missing or never tried.
    """
    out = Output(as_json=as_json)
    campaign_id = _uuid("--campaign", campaign)
    tenant_id = _tenant(tenant)
    run_id = _uuid("--run", run) if run else None
    found = asyncio.run(_reconcile(StateFolder.at(state), campaign_id, tenant_id, run_id))
    document = as_document(found)
    out.table(
        ("recipients", "", ""),
        [(name, getattr(found, field), meaning) for name, field, meaning in _ROWS]
        + [("in all", found.total_count, "")],
    )
    if found.reasons:
        out.line("")
        out.table(("reason", "recipients"), [(one.reason, one.count) for one in found.reasons])
    out.line("")
    if found.mended_count:
        out.line(f"{found.mended_count:,} lines differed from delivery's record and were mended.")
    if found.missing_count:
        out.line(
            f"[bold red]{found.missing_count:,} lines were missing in delivery[/] and are pending again."
        )
    out.line(
        "[bold green]Settled: everybody is accounted for.[/]"
        if found.is_settled
        else "[bold red]Not settled yet.[/] Run it again in a while."
    )
    out.result(document)
    if not found.is_settled:
        raise typer.Exit(FAILURE)


def as_document(found: "ReconcileCampaignResponse") -> dict[str, Any]:
    """Returns a reconciliation for programs."""
    return {
        "total": found.total_count,
        "sent": found.sent_count,
        "failed": found.failed_count,
        "skipped": found.skipped_count,
        "unknown": found.unknown_count,
        "never_tried": found.never_tried_count,
        "mended": found.mended_count,
        "missing": found.missing_count,
        "reasons": {one.reason: one.count for one in found.reasons},
        "settled": found.is_settled,
    }


async def _reconcile(
    folder: StateFolder, campaign_id: UUID, tenant_id: UUID | None, run_id: UUID | None
) -> "ReconcileCampaignResponse":
    from angarium.campaign.v1 import campaign_service_pb2, campaign_service_pb2_grpc
    from cli.client import PersonChannels, client_settings

    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=_OWNER) as channels:
        stub = channels.stub(campaign_service_pb2_grpc.CampaignServiceStub, "campaign")
        request = campaign_service_pb2.ReconcileCampaignRequest(
            campaign_id=str(campaign_id), run_id=str(run_id or "")
        )
        found: ReconcileCampaignResponse = await stub.ReconcileCampaign(request)
        return found


def _tenant(text: str) -> UUID | None:
    import os

    if text:
        return _uuid("--tenant", text)
    if not os.environ.get("ANGARIUM_TOKEN"):
        usage("Nobody knows whose campaign this is.", "Name the tenant: --tenant <id>")
    return None


def _uuid(option: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        usage(f"{option} {text!r} is no id.", "Ids look like 01905e6c-8b1a-7cc0-8000-000000000000")
