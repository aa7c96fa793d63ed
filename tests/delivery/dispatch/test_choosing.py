"""Which account carries a message: by country, by the room of its day, by what domains said, and never two at once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2
from services.delivery.accounts import domains, warmup
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.domains import DomainLimit, Heard, limit_of
from services.delivery.accounts.warmup import WarmUp
from services.delivery.providers import Outgoing
from services.delivery.providers.smtp.domains import Domains
from tests.delivery.kit import House, recipient
from tests.fakes.carrier import Carrier

FAST = {"LEASE_SECONDS": "2", "UNKNOWN_RECHECK_SECONDS": "1", "UNKNOWN_ABSENT_SECONDS": "1"}
TODAY = {"start": f"{datetime.now(UTC):%Y-%m-%d}"}


def warming(*steps: tuple[int, int]) -> str:
    return orjson.dumps({**TODAY, "steps": steps or ((1, 10),)}).decode()


@given(
    st.lists(
        st.tuples(st.integers(2, 60), st.integers(1, 10**6)), max_size=6, unique_by=lambda step: step[0]
    ),
    st.integers(1, 10**6),
    st.integers(-5, 80),
)
def test_a_ramp_meets_its_steps_stays_between_them_and_ends(
    more: list[tuple[int, int]], first: int, day: int
) -> None:
    steps = ((1, first), *sorted(more))
    found = WarmUp(date(2026, 3, 1), steps)
    on = date(2026, 3, 1) + timedelta(days=day - 1)
    most = found.maximum(on)
    if day < 1:
        assert most == 0
    elif day > steps[-1][0]:
        assert most is None
    else:
        low = max(step for step in steps if step[0] <= day)
        high = min(step for step in steps if step[0] >= day)
        assert most is not None
        assert min(low[1], high[1]) <= most <= max(low[1], high[1])
        assert most == low[1] or low[0] != day
    assert warmup.schedule(found.stored()) == found


@pytest.mark.req("DEL-5")
async def test_many_workers_together_keep_the_maximum_of_a_day(house: House) -> None:
    account, now = uuid4(), datetime.now(UTC)
    database = house.service.database

    async def take(held: bool) -> int:
        return await warmup.take(database, house.tenant_id, account, 30, 100, is_held=held, now=now)

    assert sum(await asyncio.gather(*(take(True) for _ in range(8)))) == 100
    # What may not wait is counted all the same.
    assert await take(False) == 30
    assert await house.value("SELECT used FROM account_day") == 130


async def test_what_a_warming_account_has_no_room_for_goes_by_the_next_or_waits_for_tomorrow(
    house: House,
) -> None:
    first = await house.add_account(priority=1, warm_up=warming((1, 10)))
    second = await house.add_account(priority=2, warm_up=warming((1, 6)))
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(20)])
        await house.until_states({"sent": 16, "deferred": 4})
        await house.send_block(house.content(), [recipient(n) for n in range(3)])
        await house.until_states({"sent": 19, "deferred": 4})
        await house.assert_every_waiting_message_stands_in_one_place()
    carried = await house.rows("SELECT account_id, count(*) FROM message WHERE state = 7 GROUP BY 1")
    assert dict(carried) == {first: 13, second: 6}
    assert dict(await house.rows("SELECT account_id, used FROM account_day")) == {first: 13, second: 6}
    rows = await house.rows(
        "SELECT DISTINCT reason, wake_at = date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
        " + interval '1 day', attempt_count FROM message WHERE state = 3"
    )
    assert rows == [("warm_up", True, 0)]
    assert await house.value("SELECT count(*) FROM send_slot") == 19


@pytest.mark.req("DEL-75", "DEL-131")
async def test_texts_go_by_the_account_for_their_country_then_by_the_platforms(house: House) -> None:
    async def add(tenant_id: UUID, *countries: str) -> UUID:
        return await house.add_account(
            tenant_id=tenant_id, config={"channel": "sms"}, countries=list(countries) or None
        )

    german, french = await add(house.tenant_id, "DE", "AT"), await add(house.tenant_id, "FR")
    shared = await add(PLATFORM, "US")
    await house.rows("UPDATE provider_account SET channel = 2")
    template = house.template(channel=enums_pb2.CHANNEL_SMS)
    numbers = {
        "+4915112345678": german,
        "+436601234567": german,
        "+33612345678": french,
        "+12025550100": shared,
    }
    people = [recipient(n, address=number) for n, number in enumerate([*numbers, "+819012345678"])]
    async with house.worker():
        await house.send_block(house.content(template, channel=enums_pb2.CHANNEL_SMS), people)
        await house.until_states({"sent": 4, "failed": 1})
    rows = await house.rows("SELECT position, account_id, reason FROM message ORDER BY position")
    assert [account for _, account, _ in rows][:4] == list(numbers.values())
    assert rows[4][2] == "provider_not_configured"


def outgoing(address: str) -> Outgoing:
    return Outgoing(uuid4(), address, ())


@given(st.lists(st.tuples(st.sampled_from(["a.com", "b.com", "c.com"]), st.booleans()), max_size=60))
def test_a_domain_never_has_more_connections_than_it_may(steps: list[tuple[str, bool]]) -> None:
    limits = {"a.com": 2, "*": 3}
    found, held = Domains(limits), Counter[str]()
    for domain, takes in steps:
        one = outgoing(f"x@{domain.upper()}")
        if takes and found.may_take(one):
            found.hold(one)
            held[domain] += 1
        elif not takes and held[domain]:
            found.free(one)
            held[domain] -= 1
        assert held[domain] <= limits.get(domain, 3)
        assert found.may_take(one) is (held[domain] < limits.get(domain, 3))
    assert Domains({}).may_take(outgoing("x@a.com"))
    named = {"a.com": DomainLimit("a.com", 1, 0), "*": DomainLimit("*", 9, 0)}
    assert (limit_of(named, "a.com"), limit_of(named, "b.com")) == (named["a.com"], named["*"])


def test_a_domain_puts_mail_off_when_it_says_so_of_the_rate_or_several_mailboxes_do() -> None:
    heard = Heard()
    heard.put_off["slow.com"]["rate_limited"] += 1
    heard.put_off["grey.com"]["mailbox_unavailable"] += 2
    heard.put_off["grey.org"]["smtp_451"] += 3
    heard.put_off["mixed.com"]["rate_limited"] += 9
    heard.accepted["mixed.com"] += 1
    assert heard.deferred(["rate_limited"]) == {"slow.com": "rate_limited", "grey.org": "smtp_451"}


async def test_a_domain_that_puts_mail_off_waits_twice_as_long_each_time_and_is_forgiven_by_one_success(
    house: House,
) -> None:
    account, now = uuid4(), datetime.now(UTC)
    waits = []
    for _ in range(9):
        async with house.service.database.tenant(house.tenant_id) as uow:
            await domains.learn(uow, account, [], {"gmail.com": "rate_limited"}, now)
        async with house.service.database.tenant(house.tenant_id) as uow:
            # What was under way while it waits says nothing new.
            await domains.learn(uow, account, [], {"gmail.com": "rate_limited"}, now)
            found = (await domains.deferrals(uow, [house.tenant_id], [account]))[account]["gmail.com"]
        waits.append((found.resume_at - now).total_seconds() / 60)
        now = found.resume_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    async with house.service.database.tenant(house.tenant_id) as uow:
        await domains.learn(uow, account, ["gmail.com"], {}, now)
    assert await house.value("SELECT count(*) FROM account_domain") == 0


async def test_mail_to_a_domain_that_puts_it_off_waits_and_the_rest_goes(house: House) -> None:
    relay = await _relay(house, {"domain": "slow.example", "max_concurrency": 0, "max_per_minute": 3})
    await house.rows(
        "INSERT INTO account_domain VALUES (%s, %s, 'off.example', 2, now() + interval '5 minutes', 'rate_limited')",
        house.tenant_id, relay,
    )  # fmt: skip
    people = [
        *(recipient(n, address=f"p{n}@off.example") for n in range(4)),
        *(recipient(n, address=f"p{n}@slow.example") for n in range(8)),
        *(recipient(n, address=f"p{n}@fine.example") for n in range(5)),
    ]
    async with house.worker():
        await house.send_block(house.campaign_content(), people)
        await house.until_states({"sent": 8, "deferred": 4, "pending": 5})
        await house.assert_every_waiting_message_stands_in_one_place()
    assert await house.rows("SELECT DISTINCT reason, attempt_count FROM message WHERE state = 3") == [
        ("domain_deferred", 0)
    ]
    assert await house.value(
        "SELECT wake_at > now() + interval '4 minutes' FROM message WHERE state = 3 LIMIT 1"
    )
    assert await house.value("SELECT count(*) FROM send_slot") == 8


async def _relay(house: House, *limits: dict[str, Any]) -> UUID:
    return await house.add_account(
        "smtp", config={"host": "localhost"}, domain_limits=orjson.dumps(limits).decode()
    )


@pytest.mark.req("DEL-77", "DEL-78", "REL-6", "W4")
@pytest.mark.parametrize(
    "moment", ["while the first answers", "after the first refused", "while the second answers"]
)
async def test_a_worker_killed_between_two_accounts_sends_nothing_twice(house: House, moment: str) -> None:
    """The first account is down, the second takes over; whenever the worker dies, everybody gets it once."""
    async with Carrier() as down, Carrier() as second:
        down.status = 503
        await house.add_carrier(down.url, priority=1, config={"email_activity": True})
        await house.add_carrier(second.url, priority=2, config={"email_activity": True})
        victim = down if moment == "while the first answers" else second
        victim.gate.clear()
        content = house.campaign_content()
        await house.send_block(content, [recipient(n) for n in range(100)])
        environment = {**FAST, "RETRY_DELAY_MS": "2000" if moment == "after the first refused" else "50"}
        first = await house.start_worker_process(**environment)
        if moment == "after the first refused":
            await house.until(lambda: house.rows("SELECT 1 FROM message_wait WHERE state = 6"), seconds=30)
        else:
            await asyncio.wait_for(victim.arrived.wait(), 30)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        victim.gate.set()
        await house.start_worker_process(**FAST, RETRY_DELAY_MS="50")
        await house.until_states({"sent": 100}, seconds=60)
        assert (len(second.taken), second.duplicates, len(down.taken)) == (100, 0, 0)
    accounts = await house.rows("SELECT DISTINCT provider, attempt_count > 1 FROM message")
    assert accounts == [("sendgrid", True)]
    assert await house.value("SELECT count(*) FROM message_wait") == 0
    assert await house.value("SELECT count(*) FROM send_slot") == 100


@pytest.mark.req("DEL-77", "W4")
async def test_refused_credentials_move_on_at_once_mark_the_account_and_are_told_of(house: House) -> None:
    rules = {"rules": [{"result": "retryable", "code": "credentials", "provider_fault": True}]}
    first = await house.add_account(config=rules, priority=1)
    second = await house.add_account(priority=2)
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(10)])
        await house.until_states({"sent": 10})
    assert await house.rows("SELECT DISTINCT account_id, attempt_count FROM message") == [(second, 1)]
    assert await house.rows("SELECT circuit FROM provider_account WHERE account_id = %s", first) == [(2,)]
    assert [type for type, _ in await house.events()].count("provider.unhealthy") == 1


@pytest.mark.req("DEL-77", "W4")
async def test_credentials_that_cannot_be_opened_mark_their_account_and_the_next_one_sends(
    house: House,
) -> None:
    async with Carrier() as first, Carrier() as second:
        broken = await house.add_carrier(first.url, priority=1)
        await house.add_carrier(second.url, priority=2)
        await house.rows(
            "UPDATE provider_account SET credentials = credentials || '\\x00' WHERE account_id = %s", broken
        )
        async with house.worker(provider_mode="live"):
            await house.send_one(house.content(), recipient())
            await house.until_states({"sent": 1})
        assert (len(first.taken), len(second.taken)) == (0, 1)
    assert await house.rows("SELECT account_id FROM provider_account WHERE circuit = 2") == [(broken,)]


@pytest.mark.req("DEL-76")
async def test_a_domain_that_refuses_the_rate_is_learnt_of_and_the_accounts_circuit_stays_closed(
    house: House,
) -> None:
    rules = [
        {
            "address": "*@slow.example",
            "result": "retryable",
            "code": "rate_limited",
            "provider_fault": True,
            "times": 4,
        }
    ]
    await house.add_account("smtp", config={"host": "localhost", "rules": rules})
    people = [recipient(n, address=f"p{n}@slow.example") for n in range(4)]
    async with house.worker(retry_delay_ms=20):
        await house.send_block(house.campaign_content(), [*people, recipient(9)])
        await house.until_states({"sent": 1, "deferred": 4})
        rows = await house.rows("SELECT domain, level, code FROM account_domain")
        assert rows == [("slow.example", 1, "rate_limited")]
        assert await house.rows("SELECT circuit, failure_count FROM provider_account") == [(1, 0)]
        await house.rows("UPDATE account_domain SET resume_at = now()")
        await house.rows("UPDATE message_wait SET due_at = now()")
        await house.until_states({"sent": 5})
    assert await house.value("SELECT count(*) FROM account_domain") == 0


@pytest.mark.req("DEL-70")
async def test_what_the_day_of_an_account_has_no_room_for_takes_no_places_from_others(
    house: House, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await house.add_account(warm_up=warming((1, 10)))
    await house.rows(
        "INSERT INTO account_day (tenant_id, account_id, day, used)"
        " SELECT tenant_id, account_id, (now() AT TIME ZONE 'UTC')::date, 8 FROM provider_account WHERE account_id = %s",
        account,
    )
    read, seen = warmup.used, 0

    async def late(*given: Any) -> dict[UUID, int]:
        # Another worker takes eight of the places after they were read.
        nonlocal seen
        seen += 1
        return {} if seen == 1 else await read(*given)

    monkeypatch.setattr(warmup, "used", late)
    async with house.worker(rate_limit_global_email_per_min=100):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(10)])
        await house.until_states({"sent": 2, "deferred": 8})
    [key] = await redis.keys("*global:email:60000")
    counted = {name: int(count) for name, count in (await redis.hgetall(key)).items() if name != b"born"}
    assert sum(counted.values()) == 2
