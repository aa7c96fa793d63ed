"""What the commands of coupons share: their options, and one question to campaign."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cli import options
from cli.output import Output
from cli.state_folder import StateFolder

T = TypeVar("T")
Named = Annotated[
    str, typer.Argument(help="Id of the coupon, its shared code, or its name.", metavar="COUPON")
]
Several = list[str] | None


def ask(tenant: str, state: Path | None, work: Callable[[Any], Awaitable[T]]) -> T:
    """Returns what campaign answers to an owner of the tenant."""
    from cli.coupons import calls

    async def run() -> T:
        async with calls.stub(StateFolder.at(state), options.tenant(tenant)) as stub:
            return await work(stub)

    return asyncio.run(run())


def told(coupon: Any, out: Output) -> None:
    """Prints a coupon."""
    from cli.coupons.showing import document

    shown = document(coupon)
    for name, value in shown.items():
        if isinstance(value, dict):
            value = ", ".join(f"{count:,} {word}" for word, count in value.items())
        if value is not None and value is not False and value != []:
            out.text(f"{name:<22}", ", ".join(value) if isinstance(value, list) else str(value))
    out.result({"coupon": shown})
