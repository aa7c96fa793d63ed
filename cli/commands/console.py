"""`angarium console`: an address that signs a person in to the console, once."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options
from cli.commands.token import Role, duration
from cli.output import CommandError, Output, usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from services.common.security.keys import KeySet

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_STAFF = tuple(role for role in Role if role not in (Role.CONTACT, Role.NEIGHBOUR))


@app.command(
    epilog="""
**Examples**

`angarium console --tenant 0190…` – as the owner of a tenant, for an hour

`angarium console` – as an administrator of the platform: lanes and accounts of all tenants

`angarium console --tenant 0190… --role branch_manager --branch 0191… --subject maya --ttl 8h`

`angarium console --tenant 0190… --json | jq -r .url` – for a script that opens a browser
"""
)
def console(
    tenant: Annotated[
        str, typer.Option(help="Id of the tenant; without one, an administrator of the platform signs in.")
    ] = "",
    role: Annotated[
        list[Role] | None,
        typer.Option(
            help="Who the person is; may be repeated.",
            show_default="super_owner of a tenant, else platform_admin",
        ),
    ] = None,
    subject: Annotated[str, typer.Option(help="Name that pages and the audit show.")] = "cli",
    branch: Annotated[
        list[str] | None,
        typer.Option(help="Branch the roles are limited to; may be repeated.", show_default=False),
    ] = None,
    ttl: Annotated[str, typer.Option(help="How long the session lasts: 900s, 15m, 8h.")] = "1h",
    open_it: Annotated[bool, typer.Option("--open", help="Open it in this machine's browser.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Print an address that signs a person in to the console, once, within two minutes.

    The session has the roles of the person and no others, lasts no longer than --ttl, and ends when they sign out. Where
    tokens are issued elsewhere, ANGARIUM_TOKEN says who signs in.
    """
    from cli.client import TOKEN_VARIABLE, ConsoleSettings, client_settings, given_token
    from gateway.console import tickets
    from gateway.console.people import NobodyOfStaff, person_of

    tenant_id = options.uuid("--tenant", tenant) if tenant else None
    branches = [str(options.uuid("--branch", one)) for one in branch or ()]
    settings = client_settings(StateFolder.at(state), ConsoleSettings)
    bearer = given_token()
    if not bearer:
        roles = _roles(role, has_tenant=tenant_id is not None)
        if not settings.can_issue:
            raise CommandError(
                f"Tokens of this installation are issued elsewhere (JWT_ALGORITHM {settings.jwt_algorithm}).",
                f"Give the command one of its issuer: export {TOKEN_VARIABLE}=…",
            )
        from services.common.security.jwt import issue_person

        bearer = issue_person(settings, tenant_id, subject, roles, branches, duration(ttl))
    try:
        person = person_of(bearer)
        ticket = _ticket(settings.token_keys, bearer)
    except NobodyOfStaff:
        raise CommandError(
            f"{TOKEN_VARIABLE} is no token of a member of staff.", "The console is for staff only."
        ) from None
    url = f"{settings.public_base_url}/console/sign-in/{ticket}"
    out = Output(as_json=as_json)
    if not as_json:
        print(url)
    out.line(
        f"[dim]It signs {person.subject} in once, within two minutes, until {_clock(person.expires)}.[/]"
    )
    out.result(
        {
            "url": url,
            "subject": person.subject,
            "roles": sorted(person.roles),
            "tenant": person.tenant_id or None,
            "within_seconds": int(tickets.VALIDITY.total_seconds()),
            "expires": person.expires.isoformat(),
        }
    )
    if open_it:
        typer.launch(url)


def _roles(given: list[Role] | None, *, has_tenant: bool) -> list[str]:
    """Returns the roles; those of a tenant are worth nothing without one."""
    roles = list(given or ([Role.SUPER_OWNER] if has_tenant else [Role.PLATFORM_ADMIN]))
    if strangers := [str(one) for one in roles if one not in _STAFF]:
        usage(f"{strangers[0]} is no role of staff.", f"Take of: {', '.join(map(str, _STAFF))}")
    if not has_tenant and roles != [Role.PLATFORM_ADMIN]:
        usage(f"Role {roles[0]} belongs to a tenant.", "Name it: --tenant <id>")
    return [str(one) for one in roles]


def _ticket(keys: "KeySet", bearer: str) -> str:
    from gateway.console import tickets

    try:
        return tickets.issue(keys, bearer, datetime.now(UTC))
    except ValueError:
        raise CommandError(
            "The token is too long for a browser.", "Name fewer branches, or none for all."
        ) from None


def _clock(when: datetime) -> str:
    return f"{when.astimezone():%H:%M %Z}"
