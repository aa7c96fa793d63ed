"""What the commands of automations share: their options, and one question to campaign."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from cli import options
from cli.output import CommandError
from cli.paging import listed
from cli.state_folder import StateFolder

T = TypeVar("T")
Named = Annotated[str, typer.Argument(help="Id of the automation, or its name.", metavar="AUTOMATION")]
_MEND = "See what there is: angarium automations list"


def ask(tenant: str, state: Path | None, work: Callable[[Any], Awaitable[T]]) -> T:
    """Returns what campaign answers to an owner of the tenant; a refusal names each place that is wrong."""
    from angarium.campaign.v1.automation_service_pb2_grpc import AutomationServiceStub
    from cli.operating.tenancy import owner
    from services.common.errors import ServiceError

    async def run() -> T:
        async with owner(StateFolder.at(state), AutomationServiceStub, options.tenant(tenant)) as stub:
            try:
                return await work(stub)
            except ServiceError as error:
                if error.reason in ("AUTOMATION_INVALID", "UNSAFE_URL") and error.violations:
                    places = "\n".join(f"  {one.field}: {one.description}" for one in error.violations)
                    raise CommandError(
                        f"The automation was not taken:\n{places}", "docs/automations.md shows each action."
                    ) from None
                raise

    return asyncio.run(run())


async def named(stub: Any, text: str) -> Any:
    """Returns the automation of an id, or of a name that only one has."""
    from angarium.campaign.v1 import automation_service_pb2 as pb
    from services.common.errors import ServiceError

    try:
        automation_id = str(UUID(text))
    except ValueError:
        alike = [one for one in await every(stub, None, text=text[:100]) if one.name == text]
        if len(alike) != 1:
            many = f"{len(alike)} automations are called" if alike else "There is no automation"
            raise CommandError(f"{many} {text!r}.", _MEND) from None
        return alike[0]
    try:
        return (await stub.GetAutomation(pb.GetAutomationRequest(automation_id=automation_id))).automation
    except ServiceError as error:
        if error.reason != "NOT_FOUND":
            raise
        raise CommandError(f"There is no automation {text}.", _MEND) from None


async def every(stub: Any, limit: int | None, **filters: Any) -> list[Any]:
    """Returns up to so many automations, newest first."""
    from angarium.campaign.v1 import automation_service_pb2 as pb

    return await listed(stub.ListAutomations, pb.ListAutomationsRequest(**filters), "automations", limit)


async def runs(stub: Any, limit: int, **filters: Any) -> list[Any]:
    """Returns up to so many runs, newest first."""
    from angarium.campaign.v1 import automation_service_pb2 as pb

    return await listed(stub.ListAutomationRuns, pb.ListAutomationRunsRequest(**filters), "runs", limit)
