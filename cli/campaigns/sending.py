"""Commands that send, hold, stop and repeat campaigns."""

from typing import Annotated

import typer

from cli import options
from cli.campaigns.asking import Campaign, Person, Reason, RunOption, Tenant, ask, contract, move, told
from cli.moments import instant_of
from cli.output import Output, usage

app = typer.Typer()


@app.command(
    epilog="""
**Examples**

`angarium campaigns send 0190… --tenant 0190…` – an approved one; returns at once

`angarium campaigns send 0190… --now --tenant 0190… && angarium campaigns show 0190… --tenant 0190… --watch` – a
scheduled one before its time
"""
)
def send(
    campaign: Campaign,
    now: Annotated[bool, typer.Option("--now", help="Send a scheduled campaign before its time.")] = False,
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Launch a campaign; the rest goes on by itself, whatever dies."""
    request = contract().SendCampaignRequest(
        campaign_id=str(options.uuid("CAMPAIGN", campaign)), send_now=now
    )
    answer = ask(state, tenant, person, "SendCampaign", request)
    sentence = f"goes to {answer.recipient_count:,} contacts until about {instant_of(answer, 'estimated_complete_time')}"
    told(Output(as_json=as_json), answer.campaign, sentence)


@app.command(epilog="**Example**\n\n`angarium campaigns pause 0190… --tenant 0190… --reason 'wrong price'`")
def pause(
    campaign: Campaign,
    tenant: Tenant = "",
    person: Person = "",
    reason: Reason = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Hold a campaign on its way; what is not at a provider waits."""
    move(campaign, "PauseCampaign", "is held", tenant, person, state, as_json, reason=reason)


@app.command(epilog="**Example**\n\n`angarium campaigns resume 0190… --tenant 0190…`")
def resume(
    campaign: Campaign,
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Go on with a held campaign, after the checks of a launch."""
    move(campaign, "ResumeCampaign", "goes on", tenant, person, state, as_json)


@app.command(epilog="**Example**\n\n`angarium campaigns cancel 0190… --tenant 0190… --reason 'wrong price'`")
def cancel(
    campaign: Campaign,
    tenant: Tenant = "",
    person: Person = "",
    reason: Reason = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Stop a campaign for good; what was handed over stays sent."""
    move(campaign, "CancelCampaign", "was stopped", tenant, person, state, as_json, reason=reason)


@app.command(
    epilog="""
**Examples**

`angarium campaigns rerun 0190… --tenant 0190…` – those of the newest run whose message failed, or was never taken

`angarium campaigns rerun 0190… --run 0190… --tenant 0190… --json | jq .recipients`
"""
)
def rerun(
    campaign: Campaign,
    run: RunOption = "",
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send a finished run again, only to those who did not get it.

    Never to those whose outcome nobody knows. The ledger is proved first.
    """
    out = Output(as_json=as_json)
    request = contract().RerunCampaignRequest(
        campaign_id=str(options.uuid("CAMPAIGN", campaign)),
        run_id=str(options.uuid("--run", run)) if run else "",
    )
    answer = ask(state, tenant, person, "RerunCampaign", request)
    out.line(
        f"[bold]{answer.campaign.name}[/] goes again to {answer.recipient_count:,} recipients, and to nobody else."
    )
    out.result(
        {"run": answer.run_id, "rerun_of": answer.rerun_of_run_id, "recipients": answer.recipient_count}
    )


@app.command(
    "test",
    epilog="""
**Examples**

`angarium campaigns test 0190… --to anna@salon.example --tenant 0190…` – verified addresses of staff only

`angarium campaigns test 0190… --staff anna --variant b --tenant 0190…` – the second variant
""",
)
def trial(
    campaign: Campaign,
    to: Annotated[
        list[str] | None, typer.Option(help="Verified address of a staff member; several are allowed.")
    ] = None,
    staff: Annotated[
        list[str] | None, typer.Option(help="Id of a staff member; several are allowed.")
    ] = None,
    variant: Annotated[str, typer.Option(help="Variant; empty means the first.")] = "",
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Send a test to staff; counted nowhere but in cost."""
    if not (to or staff):
        usage("Nobody is named.", "Name who gets it: --to <address> or --staff <id>")
    out = Output(as_json=as_json)
    request = contract().SendTestMessageRequest(
        campaign_id=str(options.uuid("CAMPAIGN", campaign)),
        variant_key=variant,
        staff_ids=staff or [],
        addresses=to or [],
    )
    answer = ask(state, tenant, person, "SendTestMessage", request)
    out.line(f"{len(answer.message_ids)} test messages were handed over.")
    out.result({"messages": list(answer.message_ids)})
