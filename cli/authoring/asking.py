"""What the commands about templates share: their arguments, and asking as an owner of the tenant."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cli import options
from cli.state_folder import StateFolder

T = TypeVar("T")
Named = Annotated[
    str,
    typer.Argument(
        help="Id or name of the template; name:channel where several have it.", metavar="TEMPLATE"
    ),
]
Number = Annotated[
    int, typer.Option("--version", help="Number of the version; else the active, else the newest.")
]


def ask(tenant: str, state: Path | None, call: Callable[[Any], Awaitable[T]]) -> T:
    """Calls campaign's TemplateService for a tenant, and returns what the call returns."""
    from cli.authoring import calls

    tenant_id = options.tenant(tenant)
    folder = StateFolder.at(state)

    async def run() -> T:
        async with calls.templates(folder, tenant_id) as service:
            return await call(service)

    return asyncio.run(run())
