"""`angarium staff`: who works for a tenant, and where they can be reached."""

import asyncio
from typing import Annotated, Any

import typer

from cli import options
from cli.operating.tenancy import new_key, owner
from cli.output import Output
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Id = Annotated[str, typer.Argument(help="Id: the subject of the person's token.")]


@app.callback()
def staff() -> None:
    """Keep the people who work for a tenant: alerts and test messages go to them alone."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium staff list --tenant 0190…`

`angarium staff list --tenant 0190… --role super_owner --active` – who is told of budgets
""",
)
def list_staff(
    tenant: options.Tenant = "",
    role: Annotated[str, typer.Option(help="Only with this role.")] = "",
    branch: Annotated[str, typer.Option(help="Only who works for this branch, or for all.")] = "",
    active: Annotated[bool, typer.Option("--active", help="Leave out who does not work now.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List staff."""
    out = Output(as_json=as_json)
    branch_id = str(options.uuid("--branch", branch)) if branch else ""
    found = asyncio.run(_all(StateFolder.at(state), tenant, role, branch_id, active=active))
    out.table(
        ("id", "name", "roles", "branches", "e-mail", "verified", "phone", "works"),
        [
            (one["staff"], one["name"], ", ".join(one["roles"]), ", ".join(one["branches"]) or "all",
             one["email"], "yes" if one["verified"] else "no", one["phone"], "no" if one["disabled"] else "yes")
            for one in found
        ],
    )  # fmt: skip
    out.result({"staff": found})


@app.command(
    epilog="""
**Examples**

`angarium staff save ada --name 'Ada Lindqvist' --role super_owner --email ada@example.com --verified --tenant 0190…`

`angarium staff save ben --name 'Ben Okafor' --role branch_manager --branch 0190… --tenant 0190…`
"""
)
def save(
    staff_id: Id,
    *,
    name: Annotated[str, typer.Option(help="Name.")],
    tenant: options.Tenant = "",
    role: Annotated[list[str] | None, typer.Option(help="Role; may be repeated.")] = None,
    branch: Annotated[list[str] | None, typer.Option(help="Branch; may be repeated, none means all.")] = None,
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
    verified: Annotated[bool, typer.Option("--verified", help="The address was verified.")] = False,
    phone: Annotated[str, typer.Option(help="Phone number.")] = "",
    language: Annotated[str, typer.Option(help="Language; none means the tenant's.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone; none means the tenant's.")] = "",
    disabled: Annotated[bool, typer.Option("--disabled", help="Does not work now: gets nothing.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Add somebody, or replace what is known of them."""
    from angarium.campaign.v1 import contact_pb2, contact_service_pb2

    out = Output(as_json=as_json)
    member = contact_pb2.StaffMember(
        staff_id=staff_id,
        name=name,
        roles=role or [],
        branch_ids=[str(options.uuid("--branch", one)) for one in branch or []],
        email=email,
        is_email_verified=verified,
        phone=phone,
        language_code=language,
        time_zone=zone,
        is_disabled=disabled,
    )
    request = contact_service_pb2.UpsertStaffMemberRequest(staff_member=member, idempotency_key=new_key())
    saved = _ask(state, tenant, "UpsertStaffMember", request).staff_member
    out.line(f"[bold]{saved.name}[/] is saved.")
    out.result({"staff": _shown(saved)})


@app.command(epilog="**Example**\n\n`angarium staff remove ben --tenant 0190…`")
def remove(
    staff_id: Id, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Remove somebody: they get nothing any more."""
    from angarium.campaign.v1 import contact_service_pb2

    out = Output(as_json=as_json)
    request = contact_service_pb2.RemoveStaffMemberRequest(staff_id=staff_id, idempotency_key=new_key())
    removed = _ask(state, tenant, "RemoveStaffMember", request).staff_member
    out.line(f"[bold]{removed.name}[/] is removed.")
    out.result({"removed": removed.staff_id})


def _ask(state: Any, tenant: str, method: str, request: Any) -> Any:
    from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub

    async def call() -> Any:
        async with owner(StateFolder.at(state), ContactServiceStub, options.tenant(tenant)) as service:
            return await getattr(service, method)(request)

    return asyncio.run(call())


async def _all(
    folder: StateFolder, tenant: str, role: str, branch_id: str, *, active: bool
) -> list[dict[str, Any]]:
    from angarium.campaign.v1 import contact_service_pb2
    from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub

    request = contact_service_pb2.ListStaffMembersRequest(role=role, branch_id=branch_id, active_only=active)
    async with owner(folder, ContactServiceStub, options.tenant(tenant)) as service:
        found = await listed(service.ListStaffMembers, request, "staff_members")
    return [_shown(one) for one in found]


def _shown(one: Any) -> dict[str, Any]:
    return {
        "staff": one.staff_id,
        "name": one.name,
        "roles": list(one.roles),
        "branches": list(one.branch_ids),
        "email": one.email,
        "verified": one.is_email_verified,
        "phone": one.phone,
        "language": one.language_code,
        "zone": one.time_zone,
        "disabled": one.is_disabled,
    }
