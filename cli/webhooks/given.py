"""What is given to `angarium webhooks`, read and checked."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from cli.output import usage

SubscriptionId = Annotated[str, typer.Argument(help="Id of the subscription.", metavar="SUBSCRIPTION")]


def header(text: str) -> tuple[str, str]:
    """Returns name and value of a header."""
    name, colon, value = text.partition(":")
    if not colon:
        usage("A header is a name and a value.", "Write it so: --header 'Name: value'")
    return name.strip(), value.strip()


def secret(path: Path | None) -> str:
    """Returns the secret that a file holds; empty without one."""
    return "" if path is None else path.read_text(encoding="utf-8").strip()


def identifier(name: str, text: str) -> str:
    """Returns an id; one that is none ends the command."""
    try:
        return str(UUID(text))
    except ValueError:
        usage(f"{name} is no id: {text}", "See them: angarium webhooks list")


def tenant(text: str) -> UUID | None:
    """Returns the tenant that is named; None leaves it to the token."""
    from cli.client import TOKEN_VARIABLE

    if text:
        try:
            return UUID(text)
        except ValueError:
            usage(
                f"--tenant is no id: {text}",
                "Give the tenant's id, for example the one `angarium demo` shows.",
            )
    if not os.environ.get(TOKEN_VARIABLE):
        usage("Nobody knows whose webhooks these are.", "Name the tenant: --tenant <id>")
    return None


def utc(instant: datetime) -> datetime:
    """Returns an instant in UTC."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
