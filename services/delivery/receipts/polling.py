"""Asking providers that do not tell it all: what became of messages, and what they cost (DEL-80, JOB-27)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import psycopg
import structlog

from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.jobs import Job, JobContext, JobCounts, apart
from services.delivery.accounts import store as accounts
from services.delivery.accounts.adapters import Adapters
from services.delivery.providers import ConfigurationError, Receipt
from services.delivery.providers.base import Asked, Polled
from services.delivery.receipts import applying, bodies, parsed, polls
from services.delivery.receipts.applying import Tools
from services.delivery.receipts.polls import Due

log = structlog.get_logger("polling")

EVERY: Final = timedelta(minutes=2)
AT_ONCE: Final = 500
MOST: Final = 5000
"""Messages that one run asks for."""

CONTENT_TYPE: Final = "application/x-polled"


class StatusPolls:
    """Asks account by account; what is answered is applied as if it had been told."""

    def __init__(self, database: Database, adapters: Adapters, tools: Tools) -> None:
        self._database = database
        self._adapters = adapters
        self._tools = tools

    def job(self) -> Job:
        """Returns the job, every two minutes."""
        return Job("delivery_statuses", EVERY, self.run)

    async def run(self, context: JobContext) -> JobCounts:
        """Asks for what is due, and gives up what is too old to be told of."""
        counts = JobCounts()
        async with self._database.system() as uow:
            counts = counts.plus(
                JobCounts(skipped=await polls.forget(uow, context.clock.now() - polls.KEPT, MOST))
            )
        while counts.seen < MOST and not context.stopping:
            async with self._database.system() as uow:
                due = await polls.take(uow, context.clock.now(), AT_ONCE)
            if not due:
                break
            grouped: defaultdict[tuple[UUID, UUID], list[Due]] = defaultdict(list)
            for one in due:
                grouped[one.tenant_id, one.account_id].append(one)
            for (tenant_id, account_id), members in grouped.items():
                asking = self._ask(context, tenant_id, account_id, members)
                counts = counts.plus(await apart(tenant_id, len(members), asking))
        return counts

    async def _ask(
        self, context: JobContext, tenant_id: UUID, account_id: UUID, due: Sequence[Due]
    ) -> JobCounts:
        try:
            receipts = await self._polled(tenant_id, account_id, due)
        except (ConfigurationError, psycopg.Error, ServiceError, OSError) as error:
            log.warning("an account was not asked", provider=due[0].provider, error=type(error).__name__)
            return JobCounts(seen=len(due), failed=len(due))
        if receipts is None:
            async with self._database.tenant(tenant_id) as uow:
                await polls.drop(uow, [one.message_id for one in due])
            return JobCounts(seen=len(due), skipped=len(due))
        now = context.clock.now()
        batch = bodies.new(tenant_id, account_id, due[0].provider, CONTENT_TYPE, now)
        rows = parsed.rows(receipts, account_id, now)
        async with self._database.tenant(tenant_id) as uow:
            await applying.apply_rows(uow, self._tools, batch, rows, now)
        return JobCounts(seen=len(due), done=len(rows))

    async def _polled(self, tenant_id: UUID, account_id: UUID, due: Sequence[Due]) -> list[Receipt] | None:
        """Returns what a provider says, each with its message; None when the account is asked nothing."""
        account = await accounts.by_id(self._database, tenant_id, account_id)
        if account is None:
            return None
        provider = await self._adapters.of(account)
        if not isinstance(provider, Polled):
            return None
        by_name = {one.name: one.message_id for one in due}
        answered = await provider.poll([Asked(one.message_id, one.name, one.sent_at) for one in due])
        return [
            replace(receipt, message_id=by_name[receipt.provider_message_id])
            for receipt in answered
            if receipt.provider_message_id in by_name
        ]
