"""`angarium tenants`: the businesses that send, from their first day to their last."""

import asyncio
from typing import Annotated, Any

import typer

from cli import options
from cli.moments import instant_of
from cli.operating.calls import number_of
from cli.operating.tenancy import STATES, administrator, new_key
from cli.output import Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Id = Annotated[str, typer.Argument(help="Id of the tenant.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit.")]
_FIELDS = ("name", "currency", "country", "zone", "language")


@app.callback()
def tenants() -> None:
    """Create tenants, show them, suspend, resume and close them."""


@app.command(
    epilog="""
**Examples**

`angarium tenants create "Bazaar" --currency EUR --country DE --zone Europe/Berlin`

`angarium tenants create "Bazaar" --currency EUR --country DE --id 7f3b2c1e-5a4d-4f6e-8b9a-0c1d2e3f4a5b --json`
"""
)
def create(
    name: Annotated[str, typer.Argument(help="Name people see.")],
    *,
    currency: Annotated[str, typer.Option(help="Currency (ISO 4217); stays once money is recorded.")],
    country: Annotated[str, typer.Option(help="Country (ISO 3166), two letters.")],
    zone: Annotated[str, typer.Option(help="Time zone; none means the deployment's.")] = "",
    language: Annotated[str, typer.Option(help="Language.")] = "en",
    tenant: Annotated[str, typer.Option("--id", help="Id (UUID); none means a new one.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Create a tenant with its settings; the same id again changes nothing."""
    from angarium.campaign.v1 import settings_service_pb2 as pb

    out = Output(as_json=as_json)
    tenant_id = str(options.uuid("--id", tenant)) if tenant else new_key()
    wanted = pb.Tenant(
        tenant_id=tenant_id,
        name=name,
        currency_code=currency,
        region_code=country,
        default_time_zone=zone,
        default_language_code=language,
    )
    answer = _ask(state, "CreateTenant", pb.CreateTenantRequest(tenant=wanted, idempotency_key=new_key()))
    word = "was there already" if answer.deduplicated else "is created"
    out.line(f"[bold]{answer.tenant.name}[/] {word}: {tenant_id}")
    out.line(f"Its owner's token: angarium token create --tenant {tenant_id} --role super_owner")
    out.result({"tenant": _shown(answer.tenant), "created": not answer.deduplicated})


@app.command(
    "list",
    epilog="""
**Examples**

`angarium tenants list` – all of them

`angarium tenants list --only suspended --json | jq -r '.tenants[].tenant'`
""",
)
def list_tenants(
    only: Annotated[str, typer.Option(help="active, suspended or closed.")] = "",
    name: Annotated[str, typer.Option(help="How the name begins.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List tenants."""
    out = Output(as_json=as_json)
    words = {word: number for number, word in STATES.items()}
    found = asyncio.run(_all(StateFolder.at(state), number_of("--only", only, words) if only else 0, name))
    out.table(
        ("tenant", "name", "state", "currency", "country", "zone", "created"),
        [
            tuple(one[key] for key in ("tenant", "name", "state", "currency", "country", "zone", "created"))
            for one in found
        ],
    )
    out.result({"tenants": found})


@app.command(epilog="**Example**\n\n`angarium tenants show 0190…` – with its version and language")
def show(tenant: Id, state: options.State = None, as_json: options.Json = False) -> None:
    """Show one tenant."""
    from angarium.campaign.v1 import settings_service_pb2 as pb

    out = Output(as_json=as_json)
    request = pb.GetTenantRequest(tenant_id=str(options.uuid("tenant", tenant)))
    found = _shown(_ask(state, "GetTenant", request).tenant)
    out.table(("", ""), list(found.items()))
    out.result({"tenant": found})


@app.command(
    epilog="**Example**\n\n`angarium tenants update 0190… --name 'Grand Bazaar' --zone Europe/Paris`"
)
def update(
    tenant: Id,
    *,
    name: Annotated[str, typer.Option(help="Name people see.")] = "",
    currency: Annotated[str, typer.Option(help="Currency, while no money is recorded.")] = "",
    country: Annotated[str, typer.Option(help="Country, two letters.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone.")] = "",
    language: Annotated[str, typer.Option(help="Language.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Change a tenant."""
    from google.protobuf.field_mask_pb2 import FieldMask

    from angarium.campaign.v1 import settings_service_pb2 as pb

    out = Output(as_json=as_json)
    tenant_id = str(options.uuid("tenant", tenant))
    paths = ("name", "currency_code", "region_code", "default_time_zone", "default_language_code")
    given: dict[str, Any] = dict(zip(paths, (name, currency, country, zone, language), strict=True))
    given = {path: value for path, value in given.items() if value}
    if not given:
        usage("Nothing is to be changed.", f"Give some of: {', '.join(f'--{one}' for one in _FIELDS)}")
    known = _ask(state, "GetTenant", pb.GetTenantRequest(tenant_id=tenant_id)).tenant
    changed = _ask(
        state,
        "UpdateTenant",
        pb.UpdateTenantRequest(
            tenant=pb.Tenant(tenant_id=tenant_id, etag=known.etag, **given),
            update_mask=FieldMask(paths=list(given)),
            idempotency_key=new_key(),
        ),
    ).tenant
    out.line(f"[bold]{changed.name}[/] is changed.")
    out.result({"tenant": _shown(changed)})


@app.command(
    epilog="**Example**\n\n`angarium tenants suspend 0190… --reason unpaid` – its messages wait until it is resumed"
)
def suspend(
    tenant: Id, reason: Reason = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Suspend a tenant: reads work, its messages wait and expire normally."""
    _change(tenant, "SuspendTenant", reason, state, as_json=as_json)


@app.command(epilog="**Example**\n\n`angarium tenants resume 0190…`")
def resume(tenant: Id, state: options.State = None, as_json: options.Json = False) -> None:
    """Let a suspended tenant go on."""
    _change(tenant, "ResumeTenant", "", state, as_json=as_json)


@app.command(
    epilog="**Example**\n\n`angarium tenants close 0190… --reason 'left us' --yes` – asks first without --yes"
)
def close(
    tenant: Id,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Close a tenant for good: nothing is accepted from it and nothing sent; its data can still be read."""
    if not yes and not as_json:
        typer.confirm("A closed tenant stays closed. Close it?", abort=True)
    _change(tenant, "CloseTenant", reason, state, as_json=as_json)


def _change(tenant: str, method: str, reason: str, state: Any, *, as_json: bool) -> None:
    from angarium.campaign.v1 import settings_service_pb2 as pb

    out = Output(as_json=as_json)
    fields = {"tenant_id": str(options.uuid("tenant", tenant)), "idempotency_key": new_key()}
    fields |= {"reason": reason} if method != "ResumeTenant" else {}
    found = _ask(state, method, getattr(pb, f"{method}Request")(**fields)).tenant
    out.line(f"[bold]{found.name}[/] is {STATES.get(found.state, 'unknown')}.")
    out.result({"tenant": _shown(found)})


def _ask(state: Any, method: str, request: Any) -> Any:
    from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub

    async def call() -> Any:
        async with administrator(StateFolder.at(state), SettingsServiceStub) as service:
            return await getattr(service, method)(request)

    return asyncio.run(call())


async def _all(folder: StateFolder, state: int, name: str) -> list[dict[str, Any]]:
    from angarium.campaign.v1 import settings_service_pb2 as pb
    from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub

    request = pb.ListTenantsRequest(state=state, name_prefix=name)  # type: ignore[arg-type]
    async with administrator(folder, SettingsServiceStub) as service:
        found = await listed(service.ListTenants, request, "tenants")
    return [_shown(one) for one in found]


def _shown(one: Any) -> dict[str, Any]:
    return {
        "tenant": one.tenant_id,
        "name": one.name,
        "state": STATES.get(one.state, "unknown"),
        "currency": one.currency_code,
        "country": one.region_code,
        "zone": one.default_time_zone,
        "language": one.default_language_code,
        "version": one.etag,
        "created": instant_of(one, "create_time"),
    }
