"""`angarium explain`: why a message went or did not (W2)."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.output import Output
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from uuid import UUID

    from angarium.delivery.v1.explain_service_pb2 import ExplainSendResponse, Gate, SendDecision

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

_OWNER = "super_owner"
_MOMENTS = {1: "When it was accepted", 2: "When it was about to leave", 3: "If it were sent now"}
_CHECKS = {
    "address": "the address",
    "erasure": "the list of erased people",
    "suppression": "the suppression list",
    "switches": "the switches of the channel and of marketing",
    "opt_out": "the opt-out of marketing",
    "do_not_disturb": "the do-not-disturb lists",
    "consent": "the consent",
    "preferences": "the person's preferences",
    "marketing_caps": "the caps on marketing",
    "contact_caps": "the person's own cap",
    "quiet_hours": "the quiet hours",
    "text_window": "the window for texts",
    "send_window": "the tenant's send window",
    "frequency": "how often the person wants messages",
    "expiry": "its expiry",
    "cancellation": "its cancellation",
    "duplicate": "the look for duplicates",
    "fallback": "the tenant's wish about fallbacks",
    "volume": "the tenant's volume",
    "rates": "the rates",
    "template": "the template",
    "provider": "the provider",
}


@app.command(
    epilog="""
**Examples**

`angarium explain 0190… --tenant 0190…` – every gate in its order, with the fact it saw

`angarium explain 0190… --tenant 0190… --json | jq '.decisions[-1].reason'` – why it stands where it stands
"""
)
def explain(
    message: Annotated[str, typer.Argument(help="Id of the message.")],
    tenant: Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Say why a message went or did not.

    Tells what was decided when it was accepted and at each try: the gates in their order, and what each of them saw.
    """
    out = Output(as_json=as_json)
    message_id, tenant_id = options.uuid("MESSAGE", message), options.tenant(tenant)
    found = asyncio.run(_explain(StateFolder.at(state), message_id, tenant_id))
    for sentence in sentences(found):
        out.line(sentence)
    out.result(as_document(found))


def sentences(found: "ExplainSendResponse") -> list[str]:
    """Returns an explanation as it is read."""
    from angarium.delivery.v1 import message_pb2

    word = message_pb2.Message.State.Name(found.state).removeprefix("STATE_").lower()
    because = f", because of {_words(found.reason)}" if found.reason else ""
    lines = [f"The message is [bold]{word}[/]{because}."]
    if not found.decisions:
        lines.append("Nothing was decided about it yet.")
    for decision in found.decisions:
        lines += ["", _heading(decision), *(_sentence(gate) for gate in decision.gates)]
    return lines


def _heading(decision: "SendDecision") -> str:
    outcome = {1: "it went", 2: "it was refused", 3: "it was held back"}.get(decision.outcome, "nobody knows")
    because = f" for {_words(decision.reason)}" if decision.reason else ""
    moment = _MOMENTS.get(decision.moment, "Once")
    return f"{moment}, {instant(decision.decide_time)}, {outcome}{because}:"


def _sentence(gate: "Gate") -> str:
    name = _CHECKS.get(gate.check, _words(gate.check))
    fact = f": {gate.fact}" if gate.fact else ""
    until = f", until {instant(gate.defer_time)}" if gate.HasField("defer_time") else ""
    if gate.outcome == 1:
        return f"  [green]✓[/] {name} let it pass{fact}"
    if gate.outcome == 2:
        return f"  [bold red]✗ {name} stopped it[/]{fact}"
    if gate.outcome == 3:
        return f"  [bold yellow]… {name} held it back{until}[/]{fact}"
    return f"  [dim]· {name} was not asked[/]"


def as_document(found: "ExplainSendResponse") -> dict[str, Any]:
    """Returns an explanation for programs."""
    from angarium.delivery.v1 import explain_service_pb2 as pb
    from angarium.delivery.v1 import message_pb2

    def outcome(number: int) -> str:
        return pb.GateOutcome.Name(number).removeprefix("GATE_OUTCOME_").lower()

    return {
        "message": found.message_id,
        "state": message_pb2.Message.State.Name(found.state).removeprefix("STATE_").lower(),
        "reason": found.reason or None,
        "decisions": [
            {
                "moment": pb.SendDecision.Moment.Name(one.moment).removeprefix("MOMENT_").lower(),
                "at": instant(one.decide_time),
                "outcome": outcome(one.outcome),
                "reason": one.reason or None,
                "gates": [
                    {
                        "kind": pb.GateKind.Name(gate.kind).removeprefix("GATE_KIND_").lower(),
                        "check": gate.check,
                        "outcome": outcome(gate.outcome),
                        "fact": gate.fact or None,
                        "until": instant_of(gate, "defer_time"),
                    }
                    for gate in one.gates
                ],
            }
            for one in found.decisions
        ],
    }


async def _explain(
    folder: StateFolder, message_id: "UUID", tenant_id: "UUID | None"
) -> "ExplainSendResponse":
    from angarium.delivery.v1 import explain_service_pb2, explain_service_pb2_grpc
    from cli.client import PersonChannels, client_settings

    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=_OWNER) as channels:
        stub = channels.stub(explain_service_pb2_grpc.ExplainServiceStub, "delivery")
        request = explain_service_pb2.ExplainSendRequest(message_id=str(message_id))
        found: ExplainSendResponse = await stub.ExplainSend(request)
        return found


def _words(word: str) -> str:
    return word.replace("_", " ")
