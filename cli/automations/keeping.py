"""Commands that keep automations: listed, shown, pushed from files, switched."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.automations.asking import Named, ask, every, named
from cli.output import CommandError, Output, usage

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]
_DEFINING = (
    "name",
    "trigger",
    "actions",
    "segment_id",
    "branch_ids",
    "cooldown_days",
    "max_runs_per_contact",
    "stop_on_events",
)


class Standing(StrEnum):
    """Whether an automation starts runs."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    ARCHIVED = "archived"


@app.command(
    "list",
    epilog="""
**Examples**

`angarium automations list --tenant 0190…` – newest first, what starts them and when

`angarium automations list --standing enabled --json | jq '.automations[] | select(.next) | .name'` – those by the clock
""",
)
def list_automations(
    *,
    standing: Annotated[Standing | None, typer.Option(help="Only those that are so.")] = None,
    text: Annotated[str, typer.Option(help="Only with this in the name.")] = "",
    limit: Limit = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List the automations of a tenant."""
    from cli.automations.showing import STATES, document

    wanted = STATES.index(standing.value) if standing else 0
    found = ask(tenant, state, lambda stub: every(stub, limit, state=wanted, text=text))
    shown = [document(one) for one in found]
    out = Output(as_json=as_json)
    out.table(
        ("automation", "name", "started by", "actions", "version", "next", ""),
        [
            (one["automation"], one["name"], one["starts"], one["actions"], one["version"], one["next"], one["state"])
            for one in shown
        ],
    )  # fmt: skip
    out.result({"automations": shown})


@app.command(
    epilog="""
**Examples**

`angarium automations show "Left carts" --tenant 0190…` – as a file that `push` takes

`angarium automations show "Left carts" --version 3 --json > before.json` – as it was
"""
)
def show(
    automation: Named,
    version: Annotated[int, typer.Option(help="An earlier version of what it does.", min=0)] = 0,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show an automation with everything it does."""
    from cli.automations.showing import whole

    async def asked(stub: Any) -> Any:
        from angarium.campaign.v1 import automation_service_pb2 as pb

        found = await named(stub, automation)
        request = pb.GetAutomationRequest(automation_id=found.automation_id, version=version)
        return (await stub.GetAutomation(request)).automation

    shown = whole(ask(tenant, state, asked))
    out = Output(as_json=as_json)
    out.text(json.dumps(shown, indent=2, ensure_ascii=False), "")
    out.result({"automation": shown})


@app.command(
    epilog="""
**Examples**

`angarium automations push carts.toml --tenant 0190…` – makes it, or changes the one of its name; runs under way keep theirs

`angarium automations push carts.toml --disabled` – makes it without starting anything yet
"""
)
def push(
    file: Annotated[
        Path,
        typer.Argument(
            help="Automation in TOML or JSON; docs/automations.md shows one.", exists=True, dir_okay=False
        ),
    ],
    *,
    disabled: Annotated[bool, typer.Option("--disabled", help="A new one starts nothing yet.")] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Make an automation from a file, or change the one of its id or name."""
    from angarium.campaign.v1 import automation_pb2
    from angarium.campaign.v1 import automation_service_pb2 as pb
    from cli.automations import drafts
    from cli.automations.showing import document
    from cli.operating.tenancy import new_key

    draft = drafts.read(file)
    if not draft.name:
        usage("The file names no automation.", 'It needs a line such as: name = "Left carts"')

    async def asked(stub: Any) -> tuple[str, Any]:
        known = await _known(stub, draft)
        if known is None:
            if disabled:
                draft.state = automation_pb2.Automation.STATE_DISABLED
            created = pb.CreateAutomationRequest(automation=draft, idempotency_key=new_key())
            return "made", (await stub.CreateAutomation(created)).automation
        draft.automation_id, draft.etag = known.automation_id, known.etag
        changed = pb.UpdateAutomationRequest(automation=draft, idempotency_key=new_key())
        changed.update_mask.paths.extend(_DEFINING)
        after = (await stub.UpdateAutomation(changed)).automation
        return ("changed" if after.version != known.version else "left as it was"), after

    word, found = ask(tenant, state, asked)
    shown = document(found)
    out = Output(as_json=as_json)
    out.line(
        f"{shown['name']} {shown['automation']} was {word}: version {shown['version']}, {shown['state']}."
    )
    out.result({"automation": shown, "done": word})


@app.command(
    epilog="""
**Example**

`angarium automations enable "Left carts" --tenant 0190…` – it starts runs of what happens from now on
"""
)
def enable(
    automation: Named, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Let an automation start runs."""

    async def asked(stub: Any) -> Any:
        from angarium.campaign.v1 import automation_service_pb2 as pb

        found = await named(stub, automation)
        return await stub.EnableAutomation(pb.EnableAutomationRequest(automation_id=found.automation_id))

    _switched(ask(tenant, state, asked), Output(as_json=as_json))


@app.command(
    epilog="""
**Examples**

`angarium automations disable "Left carts" --tenant 0190…` – runs under way go on

`angarium automations disable "Left carts" --cancel-runs` – nothing of it goes on
"""
)
def disable(
    automation: Named,
    *,
    cancel_runs: Annotated[bool, typer.Option("--cancel-runs", help="End runs under way too.")] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Let an automation start no more runs."""

    async def asked(stub: Any) -> Any:
        from angarium.campaign.v1 import automation_service_pb2 as pb

        found = await named(stub, automation)
        request = pb.DisableAutomationRequest(automation_id=found.automation_id, cancel_runs=cancel_runs)
        return await stub.DisableAutomation(request)

    _switched(ask(tenant, state, asked), Output(as_json=as_json))


async def _known(stub: Any, draft: Any) -> Any:
    """Returns the automation that a file is about, by its id or name; None when it is new."""
    if draft.automation_id:
        return await named(stub, draft.automation_id)
    alike = [one for one in await every(stub, None, text=draft.name[:100]) if one.name == draft.name]
    if len(alike) > 1:
        raise CommandError(
            f"{len(alike)} automations are called {draft.name!r}.", "Name one in the file: automation_id = …"
        )
    return alike[0] if alike else None


def _switched(answer: Any, out: Output) -> None:
    from cli.automations.showing import document

    shown = document(answer.automation)
    ended = getattr(answer, "cancelled_run_count", 0)
    out.line(f"{shown['name']} is {shown['state']}" + (f"; {ended:,} runs were ended." if ended else "."))
    out.result({"automation": shown, "cancelled_runs": ended})
