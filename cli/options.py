"""Options that commands share."""

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from cli.output import usage
from cli.state_folder import VARIABLE

State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar=VARIABLE,
        help="Folder of data, secrets and logs.",
        show_default=".angarium",
        file_okay=False,
    ),
]
Tenant = Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def uuid(option: str, text: str) -> UUID:
    """Returns an id; an option that is none ends the command."""
    try:
        return UUID(text)
    except ValueError:
        usage(f"{option} {text!r} is no id.", "Ids look like 01905e6c-8b1a-7cc0-8000-000000000000")


def tenant(text: str) -> UUID | None:
    """Returns whose data is meant; None leaves it to the token of the environment."""
    if text:
        return uuid("--tenant", text)
    if not os.environ.get("ANGARIUM_TOKEN"):
        usage("Nobody knows whose this is.", "Name the tenant: --tenant <id>")
    return None
