"""`angarium branches`: the parts of a tenant, what each may do for itself, and what it spent."""

import asyncio
from typing import Annotated, Any

import typer

from cli import options
from cli.operating.tenancy import amount, money, new_key, owner
from cli.output import Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Id = Annotated[str, typer.Argument(help="Id of the branch.")]


@app.callback()
def branches() -> None:
    """Add branches, change their settings, archive them."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium branches list --tenant 0190…` – with what each spent this month

`angarium branches list --tenant 0190… --archived --json`
""",
)
def list_branches(
    tenant: options.Tenant = "",
    archived: Annotated[bool, typer.Option("--archived", help="Archived ones too.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List the branches of a tenant."""
    out = Output(as_json=as_json)
    found = asyncio.run(_all(StateFolder.at(state), tenant, archived=archived))
    out.table(
        ("branch", "name", "state", "marketing", "budget", "spent this month", "zone", "country"),
        [
            (one["branch"], one["name"], one["state"], "on" if one["marketing"] else "off", one["budget"],
             one["spent"], one["zone"], one["country"])
            for one in found
        ],
    )  # fmt: skip
    out.result({"branches": found})


@app.command(
    epilog="**Example**\n\n`angarium branches create 'Harbour Row' --tenant 0190… --zone Europe/Madrid --country ES`"
)
def create(
    name: Annotated[str, typer.Argument(help="Name.")],
    *,
    tenant: options.Tenant = "",
    branch: Annotated[str, typer.Option("--id", help="Id (UUID); none means a new one.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone; none means the tenant's.")] = "",
    country: Annotated[str, typer.Option(help="Country; none means the tenant's.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Add a branch: with marketing on, and without a budget of its own."""
    from angarium.campaign.v1 import settings_service_pb2 as pb

    branch_id = str(options.uuid("--id", branch)) if branch else new_key()
    wanted = pb.BranchSettings(branch_id=branch_id, name=name, time_zone=zone, region_code=country)
    request = pb.CreateBranchRequest(branch=wanted, idempotency_key=new_key())
    _told(Output(as_json=as_json), _ask(state, tenant, "CreateBranch", request).branch, "is added")


@app.command(
    "set",
    epilog="""
**Examples**

`angarium branches set 0190… --tenant 0190… --budget '50 EUR'`

`angarium branches set 0190… --tenant 0190… --marketing off --budget none`
""",
)
def set_branch(
    branch: Id,
    *,
    tenant: options.Tenant = "",
    name: Annotated[str, typer.Option(help="Name.")] = "",
    marketing: Annotated[str, typer.Option(help="on or off.")] = "",
    budget: Annotated[str, typer.Option(help="Budget a month, such as '50 EUR', or none.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone, or none for the tenant's.")] = "",
    country: Annotated[str, typer.Option(help="Country, or none for the tenant's.")] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Change the settings of a branch."""
    from google.protobuf.field_mask_pb2 import FieldMask

    from angarium.campaign.v1 import settings_service_pb2 as pb

    if marketing not in ("", "on", "off"):
        usage(f"--marketing {marketing!r} is neither on nor off.")
    texts = {"name": name, "time_zone": zone, "region_code": country}
    given: dict[str, Any] = {path: "" if text == "none" else text for path, text in texts.items() if text}
    given |= {"marketing_enabled": marketing == "on"} if marketing else {}
    given |= (
        {"monthly_budget_limit": None if budget == "none" else money("--budget", budget)} if budget else {}
    )
    if not given:
        usage("Nothing is to be changed.", "Give some of: --name, --marketing, --budget, --zone, --country")
    branch_id = str(options.uuid("branch", branch))
    known = _ask(state, tenant, "GetBranchSettings", pb.GetBranchSettingsRequest(branch_id=branch_id)).branch
    wanted = {path: value for path, value in given.items() if value is not None}
    request = pb.UpdateBranchSettingsRequest(
        branch=pb.BranchSettings(branch_id=branch_id, etag=known.etag, **wanted),
        update_mask=FieldMask(paths=list(given)),
        idempotency_key=new_key(),
    )
    _told(Output(as_json=as_json), _ask(state, tenant, "UpdateBranchSettings", request).branch, "is changed")


@app.command(
    epilog="**Example**\n\n`angarium branches archive 0190… --tenant 0190…` – for good; its figures stay"
)
def archive(
    branch: Id, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Archive a branch: nothing is sent for it any more."""
    from angarium.campaign.v1 import settings_service_pb2 as pb

    branch_id = str(options.uuid("branch", branch))
    request = pb.ArchiveBranchRequest(branch_id=branch_id, idempotency_key=new_key())
    _told(Output(as_json=as_json), _ask(state, tenant, "ArchiveBranch", request).branch, "is archived")


def _told(out: Output, branch: Any, what: str) -> None:
    out.line(f"[bold]{branch.name}[/] {what}: {branch.branch_id}")
    out.result({"branch": _shown(branch)})


def _ask(state: Any, tenant: str, method: str, request: Any) -> Any:
    from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub

    async def call() -> Any:
        async with owner(StateFolder.at(state), SettingsServiceStub, options.tenant(tenant)) as service:
            return await getattr(service, method)(request)

    return asyncio.run(call())


async def _all(folder: StateFolder, tenant: str, *, archived: bool) -> list[dict[str, Any]]:
    from angarium.campaign.v1 import settings_service_pb2 as pb
    from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub

    request = pb.ListBranchSettingsRequest(include_archived=archived)
    async with owner(folder, SettingsServiceStub, options.tenant(tenant)) as service:
        found = await listed(service.ListBranchSettings, request, "branches")
    return [_shown(one) for one in found]


def _shown(one: Any) -> dict[str, Any]:
    return {
        "branch": one.branch_id,
        "name": one.name,
        "state": {1: "active", 2: "archived"}.get(one.state, "unknown"),
        "marketing": one.marketing_enabled,
        "budget": amount(one.monthly_budget_limit) if one.HasField("monthly_budget_limit") else None,
        "spent": amount(one.current_month_spend) if one.HasField("current_month_spend") else None,
        "zone": one.time_zone,
        "country": one.region_code,
        "version": one.etag,
    }
