"""Commands that plan campaigns and have them approved."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.campaigns import files
from cli.campaigns.asking import Campaign, Person, Reason, Tenant, ask, contract, move, told
from cli.campaigns.calls import moment
from cli.campaigns.warnings import warn
from cli.moments import instant_of
from cli.output import Output

app = typer.Typer()


@app.command(
    epilog="""
**Examples**

`angarium campaigns create spring.toml --tenant 0190…` – a draft of a file with the fields of the contract

`angarium campaigns create spring.json --tenant 0190… --json | jq -r .campaign.campaign` – its id
"""
)
def create(
    file: Annotated[
        Path, typer.Argument(help="A .json or .toml file: name, channel, template_id, segment_id …")
    ],
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Create a draft from a file."""
    out = Output(as_json=as_json)
    request = contract().CreateCampaignRequest(campaign=files.read(file))
    answer = ask(state, tenant, person, "CreateCampaign", request)
    warn(out, answer.warnings)
    made = answer.campaign
    sentence = f"is {made.campaign_id}, and would go to {answer.estimated_recipients:,} contacts"
    told(out, made, sentence, warnings=list(answer.warnings))


@app.command(
    epilog="**Example**\n\n`angarium campaigns submit 0190… --tenant 0190…` – the next step is `approve`, or `send` where none is needed"
)
def submit(
    campaign: Campaign,
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Submit a draft: it is counted and scored, and its versions are fixed."""
    move(campaign, "SubmitCampaign", "was submitted", tenant, person, state, as_json)


@app.command(epilog="**Example**\n\n`angarium campaigns approve 0190… --tenant 0190… --as berta`")
def approve(
    campaign: Campaign,
    tenant: Tenant = "",
    person: Person = "",
    comment: Annotated[str, typer.Option(help="For the audit trail.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Approve a submitted campaign; somebody else than who made or submitted it."""
    move(campaign, "ApproveCampaign", "was approved", tenant, person, state, as_json, comment=comment)


@app.command(
    epilog="**Example**\n\n`angarium campaigns reject 0190… --tenant 0190… --as berta --reason 'wrong date'`"
)
def reject(
    campaign: Campaign,
    tenant: Tenant = "",
    person: Person = "",
    reason: Reason = "not as it should be",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Return a submitted campaign to draft."""
    move(campaign, "RejectCampaign", "was returned", tenant, person, state, as_json, reason=reason)


@app.command(
    epilog="""
**Examples**

`angarium campaigns schedule 0190… --at 2026-12-01T09:00:00+01:00 --tenant 0190…` – once, at that time

`angarium campaigns schedule 0190… --tenant 0190…` – a recurring one, for its next occurrence
"""
)
def schedule(
    campaign: Campaign,
    at: Annotated[str, typer.Option(help="When it leaves, with offset; not for recurring campaigns.")] = "",
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Schedule an approved campaign."""
    request = contract().ScheduleCampaignRequest(campaign_id=str(options.uuid("CAMPAIGN", campaign)))
    if at:
        request.schedule_time.FromDatetime(moment("--at", at))
    found = ask(state, tenant, person, "ScheduleCampaign", request).campaign
    when = instant_of(found, "next_run_time") or instant_of(found, "schedule_time")
    told(Output(as_json=as_json), found, f"leaves at {when}")


@app.command(epilog="**Example**\n\n`angarium campaigns unschedule 0190… --tenant 0190…`")
def unschedule(
    campaign: Campaign,
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Take a scheduled campaign off the schedule; it stays approved."""
    move(campaign, "UnscheduleCampaign", "was taken off the schedule", tenant, person, state, as_json)
