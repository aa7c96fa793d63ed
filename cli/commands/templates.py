"""`angarium templates`: what is sent, as folders of files: written, checked, published, taken back."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.authoring import ending, platform, showing
from cli.authoring.asking import Named, ask
from cli.output import CommandError, Output

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
app.add_typer(showing.app)
app.add_typer(ending.app)
app.add_typer(platform.app)


@app.callback()
def templates() -> None:
    """Write, check, show and publish templates."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium templates list --tenant 0190…`

`angarium templates list --json | jq '.templates[] | select(.active_version == null).name'` – what was never published
""",
)
def list_templates(
    tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """List the tenant's templates, and those of the platform."""
    from cli.authoring import calls

    out = Output(as_json=as_json)
    found = [calls.shown(one) for one in ask(tenant, state, calls.every)]
    out.table(
        ("template", "name", "channel", "type", "category", "active"),
        [
            (one["template"], one["name"], one["channel"], one["type"], one["category"],
             "platform" if one["of_the_platform"] else one["active_version"])
            for one in found
        ],
    )  # fmt: skip
    out.result({"templates": found})


@app.command(
    epilog="""
**Examples**

`angarium templates show autumn --tenant 0190…` – its versions, their languages, and where they stand at WhatsApp
"""
)
def show(
    template: Named, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Show a template with its history."""
    from cli.authoring import calls

    async def asked(service: Any) -> tuple[Any, list[Any]]:
        found = await calls.named(service, template)
        return found, await calls.versions(service, found.template_id)

    out = Output(as_json=as_json)
    found, versions = ask(tenant, state, asked)
    rows = [calls.version_shown(one) for one in versions]
    out.line(f"[bold]{found.name}[/] ({calls.channel_word(found.channel)}) {found.template_id}")
    out.table(
        ("version", "state", "languages", "spam", "WhatsApp"),
        [
            (one["version"], one["state"], ", ".join(one["languages"]), one["spam_score"],
             ", ".join(f"{each['language']} {each['state']}" for each in one["approvals"]))
            for one in rows
        ],
    )  # fmt: skip
    out.result({**calls.shown(found), "versions": rows})


@app.command(
    epilog="""
**Examples**

`angarium templates push examples/templates/autumn --tenant 0190…` – a new draft of the template of its name

`angarium templates push layouts/house --activate` – and makes it the active version at once
"""
)
def push(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder with template.toml and a file per language and part.", exists=True, file_okay=False
        ),
    ],
    activate_it: Annotated[bool, typer.Option("--activate", help="Publish it at once.")] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Bring a folder of files to a new draft; what is wrong is told by language, part and line."""
    from cli.authoring import calls
    from cli.authoring import folder as folders

    template, version = folders.read(folder)

    async def pushed(service: Any) -> tuple[Any, Any]:
        found, draft = await calls.push(service, template, version)
        if activate_it:
            found = await calls.activate(service, found.template_id, draft.version)
        return found, draft

    out = Output(as_json=as_json)
    found, draft = ask(tenant, state, pushed)
    told = (
        "is active"
        if activate_it
        else f"is a draft: angarium templates activate {found.template_id} {draft.version}"
    )
    out.line(f"[bold green]{found.name}[/] version {draft.version} {told}")
    out.result({**calls.shown(found), "version": calls.version_shown(draft)})


@app.command(epilog="**Example**\n\n`angarium templates activate autumn 3 --tenant 0190…`")
def activate(
    template: Named,
    version: Annotated[int, typer.Argument(help="Number of the version.", min=1)],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Publish a version; messages that were accepted keep theirs."""
    _activate(template, lambda _: version, tenant, state, Output(as_json=as_json))


@app.command(
    epilog="**Example**\n\n`angarium templates rollback autumn --tenant 0190…` – to the version that was active before"
)
def rollback(
    template: Named, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Make the former version the active one again, just as it was sent."""
    from angarium.campaign.v1 import template_service_pb2 as pb

    def former(versions: list[Any]) -> int:
        archived: list[int] = [
            one.version for one in versions if one.state == pb.TemplateVersion.STATE_ARCHIVED
        ]
        current = [one.version for one in versions if one.state == pb.TemplateVersion.STATE_ACTIVE]
        earlier = [number for number in archived if not current or number < current[0]]
        if not earlier:
            raise CommandError("No earlier version was ever active.", "See: angarium templates show")
        return max(earlier)

    _activate(template, former, tenant, state, Output(as_json=as_json))


def _activate(
    template: str, number_of: Callable[[list[Any]], int], tenant: str, state: Path | None, out: Output
) -> None:
    from cli.authoring import calls

    async def done(service: Any) -> Any:
        found = await calls.named(service, template)
        number = number_of(await calls.versions(service, found.template_id))
        return await calls.activate(service, found.template_id, number)

    found = ask(tenant, state, done)
    out.line(f"Version {found.active_version} of [bold green]{found.name}[/] is active.")
    out.result(calls.shown(found))
