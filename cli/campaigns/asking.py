"""How commands about campaigns ask, and the options they share."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.campaigns.calls import as_document, campaigns, word
from cli.moments import instant_of
from cli.output import Output, usage
from cli.state_folder import StateFolder

Campaign = Annotated[str, typer.Argument(help="Id of the campaign.")]
Tenant = Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")]
Person = Annotated[
    str,
    typer.Option("--as", help="Who acts; four eyes need two names. The token of ANGARIUM_TOKEN has its own."),
]
Reason = Annotated[str, typer.Option(help="Why; kept in the audit trail.")]
RunOption = Annotated[str, typer.Option("--run", help="Id of a run; empty means the newest.")]


def ask(state: Path | None, tenant: str, person: str, method: str, request: Any) -> Any:
    """Calls one method of campaigns."""

    async def call() -> Any:
        async with campaigns(StateFolder.at(state), options.tenant(tenant), person) as service:
            return await getattr(service, method)(request)

    return asyncio.run(call())


def contract() -> Any:
    """Returns the messages of the contract, loaded late: help needs none of them."""
    from angarium.campaign.v1 import campaign_service_pb2

    return campaign_service_pb2


def told(out: Output, found: Any, sentence: str, **more: Any) -> None:
    """Prints what became of a campaign; programs get `more` beside it."""
    document = as_document(found)
    out.line(f"[bold]{found.name}[/] {sentence}. It is [bold]{document['state'].replace('_', ' ')}[/].")
    out.result({"campaign": document, **more})


def move(
    campaign: str,
    method: str,
    sentence: str,
    tenant: str,
    person: str,
    state: Path | None,
    as_json: bool,
    **more: Any,
) -> None:
    """Takes a campaign one step further by a method that asks for its id and little else, and prints what became of it."""
    request = getattr(contract(), f"{method}Request")(
        campaign_id=str(options.uuid("CAMPAIGN", campaign)), **more
    )
    told(Output(as_json=as_json), ask(state, tenant, person, method, request).campaign, sentence)


COLUMNS = (
    "message", "contact", "address", "variant", "state", "reason", "sent", "delivered", "read", "retries",
    "provider_message",
)  # fmt: skip
"""What is told of a recipient."""


def line(found: Any) -> dict[str, Any]:
    """Returns a recipient for programs."""
    from angarium.campaign.v1 import campaign_pb2

    return {
        "message": found.message_id,
        "contact": found.contact_id,
        "address": found.address or None,
        "variant": found.variant_key or None,
        "state": word(found.state, campaign_pb2.CampaignRecipient.State, "STATE_"),
        "reason": found.reason or None,
        "sent": instant_of(found, "send_time"),
        "delivered": instant_of(found, "deliver_time"),
        "read": instant_of(found.hand_over, "read_time"),
        "retries": found.hand_over.retry_count if found.HasField("hand_over") else None,
        "provider_message": found.hand_over.provider_message_id or None,
    }


def standing(text: str) -> int:
    """Returns the number of a recipient's state; a word that is none ends the command."""
    from angarium.campaign.v1 import campaign_pb2

    names = campaign_pb2.CampaignRecipient.State
    known = {word(number, names, "STATE_"): number for number in range(1, 12)}
    if text and text not in known:
        usage(f"--in {text!r} is no state.", f"Take one of: {', '.join(known)}")
    return known.get(text, 0)
