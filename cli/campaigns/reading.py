"""Commands that show campaigns, their runs and recipients."""

import asyncio
import csv
import json
import sys
from typing import Annotated, Any

import typer

from cli import options
from cli.campaigns.asking import COLUMNS, Campaign, RunOption, Tenant, ask, contract, line, standing
from cli.campaigns.calls import as_document, campaigns, run_document, word
from cli.campaigns.explaining import why
from cli.commands.explain import as_document as as_explained
from cli.commands.explain import sentences
from cli.output import FAILURE, Output, usage
from cli.state_folder import StateFolder

_STILL = ("sent", "cancelled", "draft", "pending_approval", "approved", "scheduled")

app = typer.Typer()


@app.command(
    "list",
    epilog="""
**Examples**

`angarium campaigns list --tenant 0190…` – the newest fifty

`angarium campaigns list --tenant 0190… --in sending --json | jq -r '.campaigns[].campaign'` – what is on its way
""",
)
def list_(
    tenant: Tenant = "",
    in_state: Annotated[str, typer.Option("--in", help="Only in this state, for example `sending`.")] = "",
    text: Annotated[str, typer.Option(help="Only with this text in the name.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=200)] = 50,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List campaigns, newest first."""
    from angarium.campaign.v1 import campaign_pb2

    out = Output(as_json=as_json)
    states = {word(number, campaign_pb2.Campaign.State, "STATE_"): number for number in range(1, 9)}
    if in_state and in_state not in states:
        usage(f"--in {in_state!r} is no state.", f"Take one of: {', '.join(states)}")
    request = contract().ListCampaignsRequest(state=states.get(in_state, 0), text=text, page_size=limit)
    found = [as_document(one) for one in ask(state, tenant, "", "ListCampaigns", request).campaigns]
    out.table(
        ("campaign", "name", "kind", "state", "next", "recipients", "sent", "skipped", "failed"),
        [
            (one["campaign"], one["name"], one["kind"], one["state"], one["next_run"] or one["scheduled"],
             one["counts"]["total"] or one["estimated_recipients"], one["counts"]["sent"] + one["counts"]["delivered"],
             one["counts"]["skipped"], one["counts"]["failed"])
            for one in found
        ],
    )  # fmt: skip
    out.result({"campaigns": found})


@app.command(
    epilog="""
**Examples**

`angarium campaigns show 0190… --tenant 0190…` – where it stands, and its runs

`angarium campaigns show 0190… --tenant 0190… --watch` – a bar until the run is through
"""
)
def show(
    campaign: Campaign,
    tenant: Tenant = "",
    watch: Annotated[bool, typer.Option("--watch", help="Stay until the run is through.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show a campaign with its runs, and how far it is."""
    out = Output(as_json=as_json)
    campaign_id = str(options.uuid("CAMPAIGN", campaign))
    found, runs = asyncio.run(
        _look(StateFolder.at(state), options.tenant(tenant), campaign_id, out, watch=watch)
    )
    document, shown = as_document(found), [run_document(one) for one in runs]
    out.table(
        ("", ""),
        [
            (name.replace("_", " "), value)
            for name, value in document.items()
            if name != "counts" and value is not None
        ],
    )
    out.line("")
    out.table(
        ("run", "planned", "state", "recipients", "pending", "sent", "read", "failed", "skipped", "unknown", "cost"),
        [
            (one["number"], one["planned"], f"{one['state']} {one['reason'] or ''}".strip(), one["counts"]["total"],
             one["counts"]["pending"], one["counts"]["sent"] + one["counts"]["delivered"], one["counts"]["read"],
             one["counts"]["failed"], one["counts"]["skipped"], one["counts"]["unknown"], one["actual_cost"])
            for one in shown
        ],
    )  # fmt: skip
    for one in shown:
        if test := one.get("ab_test"):
            out.line(
                f"Run {one['number']}: the A/B test is {test['basis'].replace('_', ' ')}; winner {test['winner'] or 'open'}"
            )
    out.result({"campaign": document, "runs": shown})


async def _look(
    folder: StateFolder, tenant_id: Any, campaign_id: str, out: Output, *, watch: bool
) -> tuple[Any, Any]:
    pb = contract()
    async with campaigns(folder, tenant_id) as service:
        request = pb.GetCampaignRequest(campaign_id=campaign_id)
        found = (await service.GetCampaign(request)).campaign
        if watch:
            done = 0
            with out.progress(found.name, found.counts.total or None) as advance:
                while as_document(found)["state"] not in _STILL:
                    counts = found.counts
                    settled = counts.total - counts.pending - counts.unknown
                    advance(settled - done)
                    done = settled
                    await asyncio.sleep(0.5)
                    found = (await service.GetCampaign(request)).campaign
                advance(found.counts.total - done)
        runs = await service.ListCampaignRuns(pb.ListCampaignRunsRequest(campaign_id=campaign_id))
        return found, runs.runs


@app.command(
    epilog="""
**Examples**

`angarium campaigns recipients 0190… --in failed --tenant 0190…` – the first two hundred whose message failed

`angarium explain <message> --tenant 0190…` – why one of them was, or was not, written to
"""
)
def recipients(
    campaign: Campaign,
    run: RunOption = "",
    in_state: Annotated[str, typer.Option("--in", help="Only in this state, for example `skipped`.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=200)] = 200,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List recipients of a run; `angarium explain` tells more of each message."""
    out = Output(as_json=as_json)
    request = contract().ListCampaignRecipientsRequest(
        campaign_id=str(options.uuid("CAMPAIGN", campaign)),
        run_id=str(options.uuid("--run", run)) if run else "",
        state=standing(in_state),
        page_size=limit,
    )
    found = [line(one) for one in ask(state, tenant, "", "ListCampaignRecipients", request).recipients]
    out.table(
        ("message", "contact", "address", "variant", "state", "reason"),
        [
            (one["message"], one["contact"], one["address"], one["variant"], one["state"], one["reason"])
            for one in found
        ],
    )
    out.result({"recipients": found})


@app.command(
    epilog="""
**Example**

`angarium campaigns explain 0190… --contact 0190… --tenant 0190…` – every gate in its order, with the fact it saw
"""
)
def explain(
    campaign: Campaign,
    contact: Annotated[str, typer.Option(help="Id of the contact.")],
    run: RunOption = "",
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Say why a contact was, or was not, written to by a campaign.

    Somebody who was skipped before delivery got the message is judged once more, as they stand now.
    """
    out = Output(as_json=as_json)
    campaign_id, contact_id = options.uuid("CAMPAIGN", campaign), options.uuid("--contact", contact)
    run_id = str(options.uuid("--run", run)) if run else ""
    found = asyncio.run(
        why(StateFolder.at(state), options.tenant(tenant), str(campaign_id), str(contact_id), run_id)
    )
    if found.line is None:
        out.line("The contact was not in the audience of this run.")
        out.result({"recipient": None})
        raise typer.Exit(FAILURE)
    shown = line(found.line)
    because = f", because of {shown['reason'].replace('_', ' ')}" if shown["reason"] else ""
    out.line(
        f"In the campaign's ledger the recipient is [bold]{shown['state'].replace('_', ' ')}[/]{because}."
    )
    first = 0 if found.explanation.message_id else 1
    for sentence in sentences(found.explanation)[first:]:
        out.line(sentence)
    out.result({"recipient": shown, "explanation": as_explained(found.explanation)})


@app.command(
    epilog="""
**Examples**

`angarium campaigns export 0190… --tenant 0190… > recipients.csv` – every recipient of the newest run with their address

`angarium campaigns export 0190… --in failed --json --tenant 0190… | jq -r .contact` – one JSON line each
"""
)
def export(
    campaign: Campaign,
    run: RunOption = "",
    in_state: Annotated[str, typer.Option("--in", help="Only in this state, for example `failed`.")] = "",
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Write all recipients of a run to standard output, as CSV or as JSON lines."""
    request = contract().ExportCampaignRecipientsRequest(
        campaign_id=str(options.uuid("CAMPAIGN", campaign)),
        run_id=str(options.uuid("--run", run)) if run else "",
        state=standing(in_state),
    )
    asyncio.run(_export(StateFolder.at(state), options.tenant(tenant), request, as_json=as_json))


async def _export(folder: StateFolder, tenant_id: Any, request: Any, *, as_json: bool) -> None:
    rows = csv.writer(sys.stdout)
    if not as_json:
        rows.writerow(COLUMNS)
    async with campaigns(folder, tenant_id) as service:
        async for block in service.ExportCampaignRecipients(request):
            for one in block.recipients:
                shown = line(one)
                if as_json:
                    print(json.dumps(shown))
                else:
                    rows.writerow(shown.values())
