"""Circuits of accounts: opened by repeated faults of a provider, closed by a success, seen by all processes (DEL-76)."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from angarium.delivery.v1 import delivery_events_pb2 as events
from services.common import telemetry
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.events.event import Event
from services.common.jobs import Job, JobContext, JobCounts
from services.delivery.accounts import circuit_rows, domains, store
from services.delivery.accounts.adapters import Adapters
from services.delivery.accounts.domain import CREDENTIALS_FAULT, PLATFORM, Circuit, CircuitState
from services.delivery.accounts.health import NOTHING_LEARNT, Lesson, Observation
from services.delivery.accounts.store import CLOSED, ProviderAccount
from services.delivery.providers import ConfigurationError
from services.delivery.providers.base import masked

log = structlog.get_logger("circuits")

FLUSH_SECONDS: Final = 1.0
"""How often successes of a healthy account are counted: each is a row everybody would queue for."""

CHECK_EVERY: Final = timedelta(hours=1)
PROBE_SECONDS: Final = 15.0
PROBES_AT_ONCE: Final = 8
LISTEN_AGAIN: Final = timedelta(minutes=1)
"""So often what domains took is held against what another process may have learnt of them."""

UNHEALTHY, RECOVERED = "unhealthy", "recovered"
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
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
        self._put_off: defaultdict[UUID, set[str]] = defaultdict(set)
        self._listened: dict[UUID, datetime] = {}

    async def observe(
        self, account: ProviderAccount, seen: Observation, lesson: Lesson = NOTHING_LEARNT
    ) -> None:
        """Counts what a hand-over showed; never raises."""
        await self._learn(account, lesson)
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

    async def checked(
        self, account: ProviderAccount, seen: Observation, detail: str, quota: int | None = None
    ) -> None:
        """Counts what a check of credentials showed."""
        await self._count(account, seen.successes, seen, detail=detail, is_check=True, quota=quota)

    async def reset(self, account: ProviderAccount) -> None:
        """Closes the circuit of an account for everybody and sets its counters to zero."""
        self._uncounted.pop(account.account_id, None)
        now = self._clock.now()
        async with self._database.tenant(account.tenant_id) as uow:
            before = await circuit_rows.circuit(uow, account.account_id)
            if before is None:
                return
            await circuit_rows.reset_circuit(uow, account.account_id)
            await domains.forget(uow, account.account_id)
            if before.state is not CircuitState.CLOSED:
                uow.emit(_event(account, RECOVERED, "", account.tenant_id))
        if account.tenant_id == PLATFORM:
            async with self._database.system() as uow:
                for tenant_id in await circuit_rows.forget_circuits_of_tenants(uow, account.account_id):
                    uow.emit(_event(account, RECOVERED, "", tenant_id))
        log.info("the health of an account was reset", provider=account.provider, at=now.isoformat())

    async def _learn(self, account: ProviderAccount, lesson: Lesson) -> None:
        """Keeps what a hand-over taught of domains; that a domain takes mail again is news only after it did not."""
        known = self._put_off[account.account_id]
        recovered = sorted(known.intersection(lesson.accepted)) if known else []
        if self._clock.now() - self._listened.get(account.account_id, _LONG_AGO) > LISTEN_AGAIN:
            recovered = list(lesson.accepted)
        if not recovered and not lesson.put_off:
            return
        try:
            async with self._database.tenant(account.tenant_id) as uow:
                await domains.learn(uow, account.account_id, recovered, lesson.put_off, self._clock.now())
        except Exception as error:  # noqa: BLE001 - what was sent was sent, whatever is learnt of it
            log.warning("what domains said was not kept", error=type(error).__name__)
            return
        self._listened[account.account_id] = self._clock.now()
        known.difference_update(recovered)
        known.update(lesson.put_off)

    async def _count(
        self,
        account: ProviderAccount,
        successes: int,
        seen: Observation,
        *,
        detail: str = "",
        is_check: bool = False,
        quota: int | None = None,
    ) -> None:
        tenant_id = account.used_by
        if account.tenant_id == PLATFORM and tenant_id is not None and tenant_id != PLATFORM:
            await self._count_for(tenant_id, account, seen)
            if seen.provider_faults and seen.code != CREDENTIALS_FAULT:
                # Whose messages fail is the tenant's matter; whether its key is taken, everybody's.
                seen = seen._replace(provider_faults=0)
                if not seen.successes:
                    return
        now = self._clock.now()
        replacement = await self._replacement(account) if seen.provider_faults else None
        async with self._database.tenant(account.tenant_id) as uow:
            before = await circuit_rows.circuit(uow, account.account_id)
            if before is None:
                return
            after = before.after(seen.successes, seen.provider_faults, seen.code, now)
            await circuit_rows.save_circuit(
                uow,
                account.account_id,
                after,
                successes=successes,
                faults=seen.provider_faults,
                error=(detail or seen.code) if seen.provider_faults else "",
                checked_at=now if is_check else None,
                quota=quota,
            )
            word = _change(before, after)
            if word:
                uow.emit(_event(account, word, seen.code, account.tenant_id, replacement))
        _tell(account, word, seen.code)

    async def _count_for(self, tenant_id: UUID, account: ProviderAccount, seen: Observation) -> None:
        """Counts what an account of the platform showed with the messages of one tenant."""
        if seen.code == CREDENTIALS_FAULT:
            return
        replacement = await self._replacement(account) if seen.provider_faults else None
        async with self._database.tenant(tenant_id) as uow:
            before = await circuit_rows.circuit_of_tenant(uow, account.account_id)
            after = before.after(seen.successes, seen.provider_faults, seen.code, self._clock.now())
            if after != before:
                await circuit_rows.save_circuit_of_tenant(uow, account.account_id, after, seen.code)
            word = _change(before, after)
            if word:
                uow.emit(_event(account, word, seen.code, tenant_id, replacement))
        _tell(account, word, seen.code)

    async def _replacement(self, account: ProviderAccount) -> UUID | None:
        """Returns the account that carries the messages instead."""
        tenant_id = account.used_by or account.tenant_id
        found = await store.first(self._database, tenant_id, account.channel, apart_from=account.account_id)
        return found.account_id if found is not None and found.circuit == CLOSED else None


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
            due += await store.due_of_tenants(uow, now, CHECKS)
            taken = [one for one in due if one.circuit == CLOSED or await store.take_probe(uow, [one], now)]
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
            quota = None
            try:
                provider = await self._adapters.of(account)
                async with asyncio.timeout(PROBE_SECONDS):
                    found = await provider.verify()
            except ConfigurationError as error:
                seen, detail = Observation(0, 1, "credentials"), str(error)
            except TimeoutError:
                seen, detail = Observation(0, 1, "timeout"), "the provider did not answer in time"
            except Exception:
                # Whatever is wrong with one account, the others are looked after.
                log.exception("an account could not be checked", provider=account.provider)
                return False
            else:
                seen = Observation(int(found.ok), int(not found.ok), "verification_failed")
                detail, quota = masked(found.details), found.quota
            await self._circuits.checked(account, seen, detail, quota)
            return not seen.provider_faults


def _change(before: Circuit, after: Circuit) -> str:
    """Returns the word for what became of a circuit; empty when it is what it was."""
    is_closed = after.state is CircuitState.CLOSED
    if (before.state is CircuitState.CLOSED) is is_closed:
        return ""
    return RECOVERED if is_closed else UNHEALTHY


def _tell(account: ProviderAccount, word: str, code: str) -> None:
    if word:
        _CHANGES.labels(account.provider, word).inc()
        log.warning("the circuit of an account changed", provider=account.provider, change=word, code=code)


def _event(
    account: ProviderAccount, word: str, code: str, tenant_id: UUID, replacement: UUID | None = None
) -> Event:
    is_open = word == UNHEALTHY
    payload = events.ProviderHealthChanged(
        provider_account_id=str(account.account_id),
        provider=account.provider,
        error_class=code if is_open else "",
        replacement_provider_account_id=str(replacement or "") if is_open else "",
        channel=int(account.channel),  # type: ignore[arg-type]  # numbered as in the contract
    )
    return Event(
        f"provider.{word}", "provider_account", str(account.account_id), payload, tenant_id=tenant_id
    )
