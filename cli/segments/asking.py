"""How commands about segments ask, and the option they share."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cli import options
from cli.state_folder import StateFolder

T = TypeVar("T")
Tenant = Annotated[str, typer.Option(help="Id of the tenant; the token of ANGARIUM_TOKEN knows it.")]


def ask(tenant: str, state: Path | None, work: Callable[[Any], Awaitable[T]]) -> T:
    """Does work with SegmentService as the tenant's owner calls it."""
    from cli.segments import calls

    async def run() -> T:
        async with calls.stub(StateFolder.at(state), options.tenant(tenant)) as stub:
            return await work(stub)

    return asyncio.run(run())
