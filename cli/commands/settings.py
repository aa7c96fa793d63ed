"""`angarium settings`: how a tenant markets."""

import asyncio
from typing import Annotated, Any

import typer

from cli import options
from cli.operating.tenancy import new_key, owner, shown, value_of
from cli.output import Output, usage
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


@app.callback()
def settings() -> None:
    """Show and change marketing settings; docs/settings.md says what each means."""


@app.command(
    epilog="""
**Examples**

`angarium settings show --tenant 0190…`

`angarium settings show --tenant 0190… --json | jq .settings.monthly_budget_limit`
"""
)
def show(tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False) -> None:
    """Show the settings of a tenant."""
    out = Output(as_json=as_json)
    found = asyncio.run(_read(StateFolder.at(state), tenant))
    values = shown(found, _names())
    out.table(("field", "value"), [(name, _cell(value)) for name, value in values.items()])
    out.result({"settings": values, "version": found.etag})


@app.command(
    "set",
    epilog="""
**Examples**

`angarium settings set --tenant 0190… enabled_channels=email,sms postal_address='Lindenallee 1, Berlin'`

`angarium settings set --tenant 0190… monthly_budget_limit='500 EUR' budget_alert_threshold_percent=90`

`angarium settings set --tenant 0190… marketing_enabled=no` – also holds what of it is queued

`angarium settings set --tenant 0190… monthly_budget_limit=none` – no limit
""",
)
def set_settings(
    changes: Annotated[list[str], typer.Argument(help="field=value, one or more.")],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Change settings; all of them or, when anything is wrong, none."""
    out = Output(as_json=as_json)
    given = _given(changes)
    changed = asyncio.run(_change(StateFolder.at(state), tenant, given))
    values = shown(changed, list(given))
    for name, value in values.items():
        out.line(f"[bold]{name}[/] is now {_cell(value) or 'empty'}")
    out.result({"settings": values, "version": changed.etag})


def _names() -> list[str]:
    from angarium.campaign.v1 import settings_service_pb2 as pb

    return [name for name in pb.MarketingSettings.DESCRIPTOR.fields_by_name if name != "etag"]


def _given(changes: list[str]) -> dict[str, Any]:
    from angarium.campaign.v1 import settings_service_pb2 as pb

    found: dict[str, Any] = {}
    for change in changes:
        name, separator, text = change.partition("=")
        if not separator:
            usage(f"{change!r} changes nothing.", "Write it as field=value")
        if name not in _names():
            usage(f"{name!r} is no setting.", "See them all: angarium settings show")
        found[name] = value_of(pb.MarketingSettings.DESCRIPTOR.fields_by_name[name], text)
    return found


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else value


async def _read(folder: StateFolder, tenant: str) -> Any:
    from angarium.campaign.v1 import settings_service_pb2 as pb
    from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub

    async with owner(folder, SettingsServiceStub, options.tenant(tenant)) as service:
        return (await service.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings


async def _change(folder: StateFolder, tenant: str, given: dict[str, Any]) -> Any:
    from google.protobuf.field_mask_pb2 import FieldMask

    from angarium.campaign.v1 import settings_service_pb2 as pb
    from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub

    known = await _read(folder, tenant)
    wanted = {name: value for name, value in given.items() if value is not None}
    async with owner(folder, SettingsServiceStub, options.tenant(tenant)) as service:
        answer = await service.UpdateMarketingSettings(
            pb.UpdateMarketingSettingsRequest(
                settings=pb.MarketingSettings(**wanted, etag=known.etag),
                update_mask=FieldMask(paths=list(given)),
                idempotency_key=new_key(),
            )
        )
    return answer.settings
