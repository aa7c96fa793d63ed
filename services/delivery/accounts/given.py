"""Makes the platform's first accounts out of the environment (GEN-43)."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid5

import psycopg
import structlog
from google.protobuf.struct_pb2 import Struct

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.retry import backoff
from services.common.rpc.context import Caller, bind
from services.delivery.accounts import handlers, records
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.settings import GivenAccount
from services.delivery.enums import wire

log = structlog.get_logger("accounts")

_PLACE: Final = UUID("8d2f0b0e-6a6b-5f0e-9a43-1c6f6f5e5a01")
MAKER: Final = Caller("service", "environment", None, frozenset({"service"}), service="delivery")


def account_id_of(provider: str) -> UUID:
    """Returns the id of the account that the environment describes: the same at every start and in every process."""
    return uuid5(_PLACE, provider)


class GivenAccounts:
    """Sees to it that the accounts of the environment exist.

    An account that was made is the platform's like any other: what an operator changed stays, and one that was
    deleted is not made again.
    """

    def __init__(self, deps: Accounts, given: Sequence[GivenAccount]) -> None:
        self._deps = deps
        self._given = given

    async def loop(self, stop: asyncio.Event) -> None:
        """Makes what is missing, as soon as the database is there."""
        failures = 0
        while not stop.is_set():
            try:
                await self.make()
            except (psycopg.OperationalError, psycopg.InterfaceError, ServiceError, OSError) as error:
                failures += 1
                log.warning("accounts of the environment wait", error=type(error).__name__)
                try:
                    async with asyncio.timeout(backoff(failures).total_seconds()):
                        await stop.wait()
                except TimeoutError:
                    continue
            else:
                await stop.wait()

    async def make(self) -> None:
        """Makes the accounts that were never made."""
        for one in self._given:
            account_id = account_id_of(one.provider)
            async with self._deps.database.tenant(PLATFORM) as uow:
                if await records.was_made(uow, account_id):
                    continue
                with bind(MAKER):
                    await handlers.create(
                        self._deps, uow, _message(one), dict(one.credentials), account_id=account_id
                    )
            log.info("an account of the platform was made", provider=one.provider)


def _message(one: GivenAccount) -> pb.ProviderAccount:
    config = Struct()
    config.update(one.config)
    return pb.ProviderAccount(
        channel=wire(one.channel),
        provider=one.provider,
        name=f"{one.provider} of the environment",
        config=config,
        priority=one.priority,
    )
