"""Circuits: opened by faults of a provider, shared by all processes, probed by one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.clock import FixedClock
from services.common.jobs import JobContext
from services.delivery.accounts import store
from services.delivery.accounts.circuits import Circuits, HealthJob
from services.delivery.accounts.domain import LONGEST_WAIT, PLATFORM, Circuit, CircuitState
from services.delivery.accounts.health import Observation
from services.delivery.messages.domain import Channel, MessageClass
from services.delivery.providers import Verification
from tests.delivery.outside import Outside

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FAULT, SUCCESS, RECIPIENT = Observation(0, 1, "timeout"), Observation(3, 0, ""), Observation(0, 0, "")


@pytest.mark.req("DEL-76")
def test_three_faults_in_a_row_open_a_circuit_and_waits_double_to_ten_minutes() -> None:
    circuit = Circuit()
    for _ in range(2):
        circuit = circuit.after(0, 5, "timeout", NOW)
        assert circuit.state is CircuitState.CLOSED
    circuit = circuit.after(0, 1, "timeout", NOW)
    assert (circuit.state, circuit.probe_at) == (CircuitState.OPEN, NOW + timedelta(seconds=60))
    waits = []
    now = NOW
    for _ in range(6):
        assert circuit.probe_at is not None
        now = circuit.probe_at
        assert circuit.probing(now - timedelta(seconds=1)) is None
        probing = circuit.probing(now)
        assert probing is not None
        circuit = probing.after(0, 1, "timeout", now)
        assert circuit.probe_at is not None
        waits.append((circuit.probe_at - now).total_seconds())
    assert waits == [120, 240, 480, 600, 600, 600]
    assert circuit.after(1, 0, "", now) == Circuit()


@pytest.mark.req("DEL-76", "DEL-130")
def test_refused_credentials_open_at_once_and_recipients_never() -> None:
    assert Circuit().after(0, 1, "credentials", NOW).state is CircuitState.OPEN
    circuit = Circuit()
    for _ in range(10):
        circuit = circuit.after(0, 0, "invalid_recipient", NOW)
    assert circuit == Circuit()


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), max_size=30))
def test_an_open_circuit_always_has_a_time_to_be_probed(steps: list[tuple[int, int, bool]]) -> None:
    circuit, now = Circuit(), NOW
    for successes, faults, wait in steps:
        if wait:
            now += LONGEST_WAIT
            circuit = circuit.probing(now) or circuit
        circuit = circuit.after(successes, faults, "timeout", now)
        if circuit.state is not CircuitState.CLOSED:
            assert circuit.probe_at is not None
            assert circuit.probe_at <= now + LONGEST_WAIT
        elif successes and not faults:
            assert circuit.failures == 0


async def account_of(outside: Outside) -> store.ProviderAccount:
    found = await store.by_id(outside.house.service.database, outside.house.tenant_id, outside.account_id)
    assert found is not None
    return found


@pytest.mark.req("DEL-76", "EVT-101")
async def test_two_processes_count_the_same_failures_and_tell_once(outside: Outside) -> None:
    database, clock = outside.house.service.database, FixedClock(datetime.now(UTC))
    first, second = Circuits(database, clock), Circuits(database, clock)
    account = await account_of(outside)
    await asyncio.gather(
        first.observe(account, FAULT), second.observe(account, FAULT), first.observe(account, FAULT)
    )
    assert (await account_of(outside)).circuit == store.OPEN
    await second.observe(account, FAULT)
    [told] = await outside.told("provider.unhealthy")
    assert (told.provider, told.error_class) == ("sendgrid", "timeout")
    await second.observe(await account_of(outside), SUCCESS)
    assert (await account_of(outside)).circuit == store.CLOSED
    assert len(await outside.told("provider.recovered")) == 1


async def test_successes_of_a_healthy_account_are_counted_together(outside: Outside) -> None:
    circuits = Circuits(outside.house.service.database, FixedClock(datetime.now(UTC)))
    account = await account_of(outside)
    for _ in range(20):
        await circuits.observe(account, SUCCESS)
    await circuits.observe(account, FAULT)
    rows = await outside.house.rows(
        "SELECT success_count, failure_count, consecutive_failures FROM provider_account"
    )
    assert rows == [(60, 1, 1)]
    await circuits.observe(account, SUCCESS)
    assert await outside.house.value("SELECT consecutive_failures FROM provider_account") == 0


@pytest.mark.req("DEL-75", "DEL-76")
async def test_one_of_many_workers_gets_an_account_to_probe(outside: Outside) -> None:
    house = outside.house
    database = house.service.database

    async def usable() -> int:
        found = await store.suitable(database, house.tenant_id, Channel.EMAIL, MessageClass.MARKETING)
        # Whoever comes too late must see that there is an account: without one messages would fail for good.
        assert len(found) == 1
        return sum(one.is_usable(datetime.now(UTC)) for one in found)

    await house.rows("UPDATE provider_account SET circuit = 2, probe_at = now() + interval '1 minute'")
    assert await usable() == 0
    await house.rows("UPDATE provider_account SET probe_at = now() - interval '1 second'")
    assert sorted(await asyncio.gather(*(usable() for _ in range(8)))) == [0] * 7 + [1]
    assert await house.value("SELECT circuit FROM provider_account") == store.HALF_OPEN
    assert await usable() == 0


@pytest.mark.req("DEL-75")
async def test_own_accounts_go_before_the_platforms_and_lower_priorities_first(outside: Outside) -> None:
    house = outside.house
    cheap = await house.add_account("sendgrid", priority=1)
    await house.add_account("sendgrid", tenant_id=PLATFORM, priority=1)
    await house.add_account("sendgrid", priority=2, is_enabled=False)
    await house.add_account("sendgrid", priority=3, message_classes=[int(MessageClass.TRANSACTIONAL)])
    found = await store.suitable(
        house.service.database, house.tenant_id, Channel.EMAIL, MessageClass.MARKETING
    )
    assert [one.account_id for one in found] == [cheap, outside.account_id]
    from uuid import uuid4

    found = await store.suitable(house.service.database, uuid4(), Channel.EMAIL, MessageClass.MARKETING)
    assert [one.tenant_id for one in found] == [PLATFORM]


class Adapter:
    """Stands where a provider is asked about credentials."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def of(self, account: store.ProviderAccount) -> Any:
        return self

    async def verify(self) -> Verification:
        self.asked += 1
        ok = self.answers.pop(0)
        return Verification(ok, "fine" if ok else "down", provider_fault=not ok)


@pytest.mark.req("JOB-28", "DEL-76", "JOB-43")
async def test_the_health_job_closes_a_circuit_without_traffic(outside: Outside) -> None:
    house = outside.house
    clock = FixedClock(datetime.now(UTC))
    database = house.service.database
    circuits = Circuits(database, clock)
    for _ in range(3):
        await circuits.observe(await account_of(outside), FAULT)
    adapter = Adapter(False, True)
    job = HealthJob(database, adapter, circuits, clock)  # type: ignore[arg-type]
    context: JobContext = None  # type: ignore[assignment]
    assert (await job.run(context)).seen == 0
    clock.advance(timedelta(seconds=61))
    assert (await job.run(context)).failed == 1
    assert (await job.run(context)).seen == 0
    clock.advance(timedelta(seconds=121))
    results = await asyncio.gather(job.run(context), job.run(context))
    assert sum(one.done for one in results) == 1
    assert (await account_of(outside)).circuit == store.CLOSED
    assert adapter.asked == 2
    assert len(await outside.told("provider.recovered")) == 1
