"""Commands that change what campaigns are."""

from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.campaigns import files
from cli.campaigns.asking import Campaign, Person, Tenant, ask, contract, told
from cli.output import Output, usage

app = typer.Typer()


@app.command(
    epilog="""
**Examples**

`angarium campaigns change 0190… later.toml --tenant 0190…` – what the file names, and nothing else

`echo '{"dailyLimit": 500}' > limit.json; angarium campaigns change 0190… limit.json --tenant 0190…`
"""
)
def change(
    campaign: Campaign,
    file: Annotated[Path, typer.Argument(help="A .json or .toml file with the fields to change.")],
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Change a campaign; another content, audience or earlier time makes it a draft again."""
    from services.common.ids import uuid7

    out = Output(as_json=as_json)
    wanted, names = files.changes(file)
    if not names:
        usage(f"{file} names nothing to change.", "Name fields, such as: daily_limit = 500")
    pb, campaign_id = contract(), str(options.uuid("CAMPAIGN", campaign))
    known = ask(state, tenant, person, "GetCampaign", pb.GetCampaignRequest(campaign_id=campaign_id))
    wanted.campaign_id, wanted.etag = campaign_id, known.campaign.etag
    request = pb.UpdateCampaignRequest(campaign=wanted, idempotency_key=str(uuid7()))
    request.update_mask.paths.extend(names)
    told(out, ask(state, tenant, person, "UpdateCampaign", request).campaign, "was changed")


@app.command(epilog="**Example**\n\n`angarium campaigns delete 0190… --tenant 0190…`")
def delete(
    campaign: Campaign,
    tenant: Tenant = "",
    person: Person = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Delete a draft; what was submitted once is cancelled instead."""
    out = Output(as_json=as_json)
    campaign_id = str(options.uuid("CAMPAIGN", campaign))
    request = contract().DeleteCampaignRequest(campaign_id=campaign_id)
    ask(state, tenant, person, "DeleteCampaign", request)
    out.line("The draft is deleted.")
    out.result({"campaign": campaign_id, "deleted": True})
