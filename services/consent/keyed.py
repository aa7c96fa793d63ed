"""Calls about contacts: each happens once per key of its caller, also when the contacts are new to the directory."""

from typing import TypeVar

from google.protobuf.message import Message

from services.common.db.database import Database
from services.common.idempotency import Effect, Keyed, keyed
from services.common.rpc.context import tenant
from services.consent.directory.handlers import Directory

M = TypeVar("M", bound=Message)


async def keyed_about(
    database: Database,
    directory: Directory,
    method: str,
    request: Keyed,
    response: type[M],
    effect: Effect[M],
) -> M:
    """Runs an effect about contacts in a unit of work of its own; once more when the directory had to learn of them."""

    async def work() -> M:
        async with database.tenant(tenant()) as uow:
            return await keyed(uow, method, request, response, effect)

    return await directory.with_contacts(tenant(), work)
