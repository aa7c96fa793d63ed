"""Circuits of accounts: opened by repeated faults of a provider, closed by a success, seen by all processes (DEL-76)."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import delivery_events_pb2 as events
from services.common import telemetry
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.events.event import Event
from services.common.jobs import Job, JobContext, JobCounts
from services.delivery.accounts import store
from services.delivery.accounts.adapters import Adapters
from services.delivery.accounts.domain import CircuitState
from services.delivery.accounts.health import Observation
from services.delivery.accounts.store import CLOSED, ProviderAccount
from services.delivery.providers import ConfigurationError
from services.delivery.providers.base import masked

log = structlog.get_logger("circuits")

FLUSH_SECONDS: Final = 1.0
"""How often successes of a healthy account are counted: each is a row everybody would queue for."""

CHECK_EVERY: Final = timedelta(hours=1)
PROBE_SECONDS: Final = 15.0
PROBES_AT_ONCE: Final = 8
CHECKS: Final = 100

_OPEN = telemetry.gauge("provider_circuits_open", "Accounts whose circuit is not closed.", ("provider",))
_CHANGES = telemetry.counter(
    "provider_circuit_changes_total", "Openings and recoveries.", ("provider", "change")
)


@dataclass(slots=True)
class _Uncounted:
    """Successes that are not in the table yet."""

    successes: int = 0
    since: float = 0.0
    had_failure: bool = False


class Circuits:
    """Keeps circuits by what hand-overs, probes and checks show."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._uncounted: defaultdict[UUID, _Uncounted] = defaultdict(_Uncounted)

    async def observe(self, account: ProviderAccount, seen: Observation) -> None:
        """Counts what a hand-over showed; never raises."""
        uncounted = self._uncounted[account.account_id]
        uncounted.successes += seen.successes
        if seen.provider_faults:
            uncounted.had_failure = True
        elif account.circuit == CLOSED and not uncounted.had_failure:
            now = time.monotonic()
            if not uncounted.successes or now - uncounted.since < FLUSH_SECONDS:
                return
            uncounted.since = now
        successes, uncounted.successes = uncounted.successes, 0
        if not seen.provider_faults:
            uncounted.had_failure = False
        try:
            await self._count(account, successes, seen)
        except Exception as error:  # noqa: BLE001 - what was sent was sent, whether or not it can be counted
            log.warning("health of an account was not counted", error=type(error).__name__)

    async def checked(self, account: ProviderAccount, seen: Observation, detail: str) -> None:
        """Counts what a check of credentials showed."""
        await self._count(account, seen.successes, seen, detail=detail, is_check=True)

    async def _count(
        self,
        account: ProviderAccount,
        successes: int,
        seen: Observation,
        *,
        detail: str = "",
        is_check: bool = False,
    ) -> None:
        now = self._clock.now()
        async with self._database.tenant(account.tenant_id) as uow:
            before = await store.circuit(uow, account.account_id)
            if before is None:
                return
            after = before.after(seen.successes, seen.provider_faults, seen.code, now)
            await store.save_circuit(
                uow,
                account.account_id,
                after,
                successes=successes,
                faults=seen.provider_faults,
                error=(detail or seen.code) if seen.provider_faults else "",
                checked_at=now if is_check else None,
            )
            is_closed = after.state is CircuitState.CLOSED
            is_changed = (before.state is CircuitState.CLOSED) is not is_closed
            word = "recovered" if is_closed else "unhealthy"
            if is_changed:
                uow.emit(_event(account, word, "" if is_closed else seen.code))
        if is_changed:
            _CHANGES.labels(account.provider, word).inc()
            log.warning(
                "the circuit of an account changed", provider=account.provider, change=word, code=seen.code
            )


class HealthJob:
    """Probes open circuits, so that an account recovers without traffic, and checks credentials (JOB-28)."""

    def __init__(self, database: Database, adapters: Adapters, circuits: Circuits, clock: Clock) -> None:
        self._database = database
        self._adapters = adapters
        self._circuits = circuits
        self._clock = clock
        self._known: set[str] = set()

    def job(self) -> Job:
        """Returns the job, every minute."""
        return Job("provider_health", timedelta(minutes=1), self.run)

    async def run(self, _context: JobContext) -> JobCounts:
        """Probes what is due."""
        now = self._clock.now()
        async with self._database.system() as uow:
            due = await store.due_checks(uow, now, now - CHECK_EVERY, CHECKS)
            taken = [
                one
                for one in due
                if one.circuit == CLOSED or await store.take_probe(uow, one.tenant_id, [one.account_id], now)
            ]
        gate = asyncio.Semaphore(PROBES_AT_ONCE)
        results = await asyncio.gather(*(self._probe(gate, account) for account in taken))
        async with self._database.system() as uow:
            found = await store.open_circuits(uow)
        self._known.update(found)
        for provider in self._known:
            _OPEN.labels(provider).set(found.get(provider, 0))
        return JobCounts(len(due), results.count(True), len(due) - len(taken), results.count(False))

    async def _probe(self, gate: asyncio.Semaphore, account: ProviderAccount) -> bool:
        async with gate:
            try:
                provider = await self._adapters.of(account)
                async with asyncio.timeout(PROBE_SECONDS):
                    found = await provider.verify()
            except ConfigurationError as error:
                seen, detail = Observation(0, 1, "credentials"), str(error)
            except TimeoutError:
                seen, detail = Observation(0, 1, "timeout"), "the provider did not answer in time"
            else:
                seen = Observation(int(found.ok), int(not found.ok), "verification_failed")
                detail = masked(found.details)
            await self._circuits.checked(account, seen, detail)
            return not seen.provider_faults


def _event(account: ProviderAccount, word: str, code: str) -> Event:
    payload = events.ProviderHealthChanged(
        provider_account_id=str(account.account_id), provider=account.provider, error_class=code
    )
    return Event(
        f"provider.{word}", "provider_account", str(account.account_id), payload, tenant_id=account.tenant_id
    )
