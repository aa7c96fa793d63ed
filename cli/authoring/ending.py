"""Commands that end templates: no longer sent, or gone."""

from typing import Annotated, Any

import typer

from cli import options
from cli.authoring.asking import Named, ask
from cli.output import Output, usage

app = typer.Typer()


@app.command(
    epilog="**Example**\n\n`angarium templates deactivate autumn --tenant 0190…` – `activate` publishes a version again"
)
def deactivate(
    template: Named, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Leave a template without an active version; messages that were accepted keep theirs.

    Refused while something sends by it.
    """
    from cli.authoring import calls

    async def done(service: Any) -> Any:
        from angarium.campaign.v1 import template_service_pb2 as pb
        from services.common.ids import uuid7

        found = await calls.named(service, template)
        request = pb.DeactivateTemplateRequest(template_id=found.template_id, idempotency_key=str(uuid7()))
        return (await service.DeactivateTemplate(request)).template

    out = Output(as_json=as_json)
    found = ask(tenant, state, done)
    out.line(f"[bold]{found.name}[/] has no active version and is not sent.")
    out.result(calls.shown(found))


@app.command(
    epilog="**Example**\n\n`angarium templates delete autumn --tenant 0190… --yes` – what was ever active is archived"
)
def delete(
    template: Named,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Delete a template: archived where it was ever active, gone where it was not; its name is free again.

    Refused while something sends by it.
    """
    from cli.authoring import calls

    async def done(service: Any) -> Any:
        from angarium.campaign.v1 import template_service_pb2 as pb
        from services.common.ids import uuid7

        found = await calls.named(service, template)
        request = pb.DeleteTemplateRequest(template_id=found.template_id, idempotency_key=str(uuid7()))
        await service.DeleteTemplate(request)
        return found

    out = Output(as_json=as_json)
    if not yes and (as_json or not typer.confirm(f"Delete the template {template}?")):
        usage("Nothing was deleted.", "Say that it is meant: --yes")
    found = ask(tenant, state, done)
    out.line(f"[bold]{found.name}[/] is deleted.")
    out.result({"template": found.template_id, "name": found.name, "deleted": True})
