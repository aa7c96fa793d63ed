"""`angarium token create`: credentials signed with the installation's own secret."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from cli import options
from cli.output import CommandError, Output, usage
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=366)


class Role(StrEnum):
    """Who the token stands for."""

    RECEPTIONIST = "receptionist"
    BRANCH_MANAGER = "branch_manager"
    REGIONAL_MANAGER = "regional_manager"
    SUPER_OWNER = "super_owner"
    PLATFORM_ADMIN = "platform_admin"
    CONTACT = "contact"
    NEIGHBOUR = "neighbour"


@app.callback()
def token() -> None:
    """Create credentials for people, contacts and neighbour systems."""


@app.command(
    epilog="""
**Examples**

`angarium token create --role platform_admin` – run the deployment: make tenants, watch lanes

`angarium token create --tenant 0190… --role super_owner --ttl 8h` – the owner of one tenant for a day's work

`angarium token create --tenant 0190… --role branch_manager --branch 0191… --branch 0192…`

`grpcurl -plaintext -H "authorization: Bearer $(angarium token create --role platform_admin)" …`
"""
)
def create(
    role: Annotated[Role, typer.Option(help="Who the token stands for.")],
    tenant: Annotated[
        str, typer.Option(help="Id of the tenant; every role but platform_admin needs one.")
    ] = "",
    subject: Annotated[
        str, typer.Option(help="Name that the audit shows; the contact's id for a contact.")
    ] = "",
    branch: Annotated[
        list[str] | None,
        typer.Option(help="Id of a branch the role is limited to; may be repeated.", show_default=False),
    ] = None,
    ttl: Annotated[str, typer.Option(help="How long it is good for: 900s, 15m, 8h, 30d.")] = "15m",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Create a token and print it.

    It is signed with the installation's JWT_SECRET; whoever holds it has the role until it expires, and it cannot be
    taken back. Installations whose tokens come from an identity provider cannot sign any.
    """
    life = duration(ttl)
    tenant_id = _uuid("--tenant", tenant) if tenant else None
    if tenant_id is None and role is not Role.PLATFORM_ADMIN:
        usage(f"Role {role} belongs to a tenant.", "Name it: --tenant <id>")
    branches = [str(_uuid("--branch", one)) for one in branch or ()]
    if role is Role.CONTACT and not subject:
        usage("A contact's token needs the contact.", "Name it: --subject <contact id>")
    from cli.client import client_settings

    settings = client_settings(StateFolder.at(state))
    if not settings.can_issue:
        raise CommandError(
            f"Tokens of this installation are issued elsewhere (JWT_ALGORITHM {settings.jwt_algorithm}).",
            "Ask the identity provider for one.",
        )
    from services.common.security import jwt

    if tenant_id is not None and role is Role.CONTACT:
        signed = jwt.issue_contact(settings, tenant_id, _uuid("--subject", subject), life)
    elif tenant_id is not None and role is Role.NEIGHBOUR:
        signed = jwt.issue_neighbour(settings, tenant_id, subject or "neighbour", life)
    else:
        signed = jwt.issue_person(settings, tenant_id, subject or "cli", (str(role),), branches, life)
    out = Output(as_json=as_json)
    if not as_json:
        print(signed)
    out.result({"token": signed, "role": str(role), "expires": (datetime.now(UTC) + life).isoformat()})


def duration(text: str) -> timedelta:
    """Returns how long `--ttl` says; a text that says nothing ends the command."""
    found = re.fullmatch(r"(\d{1,7})([smhd])", text.strip())
    life = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not timedelta() < life <= _LONGEST:
        usage(f"--ttl {text!r} is no duration up to 366 days.", "Write for example: --ttl 15m")
    return life


def _uuid(option: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        usage(f"{option} {text!r} is no id.", "Ids look like 01905e6c-8b1a-7cc0-8000-000000000000")
