"""Windows: what they let through in any period, whatever the instants, and what the store forgets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from services.delivery.limits.domain import EVERY, Rule, RuleSet, Scope, Span, free_at, narrowest, spans
from services.delivery.limits.rates import RateLimits, Window, global_window
from services.delivery.messages.domain import Channel

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
limits = st.integers(0, 50)


@pytest.mark.req("DEL-7")
def test_a_burst_is_the_same_rate_counted_over_more_or_fewer_messages() -> None:
    assert spans(2, 10, 50, 3) == [Span(90, 3), Span(3600, 10), Span(86_400, 50)]
    assert spans(60, 0, 0, 5) == [Span(5, 5)]
    assert spans(0, 10, 0, 0) == [Span(3600, 10)]
    assert spans(0, 0, 0, 7) == []


@given(st.integers(1, 50), limits, limits, limits)
def test_windows_rise_in_length_and_a_burst_changes_no_rate(
    minute: int, hour: int, day: int, burst: int
) -> None:
    found = spans(minute, hour, day, burst)
    assert [one.seconds for one in found] == sorted(one.seconds for one in found)
    plain = spans(minute, hour, day, 0)
    assert sorted(round(one.limit / one.seconds, 9) for one in found) == sorted(
        round(one.limit / one.seconds, 9) for one in plain
    )


@given(st.lists(st.integers(0, 7200), max_size=60), st.integers(1, 10), st.integers(1, 3600))
def test_a_window_never_holds_more_than_its_limit_in_any_period(
    arrivals: Sequence[int], limit: int, seconds: int
) -> None:
    span = Span(seconds, limit)
    taken: list[datetime] = []
    for second in sorted(arrivals):
        at = NOW + timedelta(seconds=second)
        free = free_at(taken, span, at)
        if free is None:
            taken.append(at)
            continue
        assert at < free <= at + timedelta(seconds=seconds)
        # It waits no longer than it must: a moment earlier there is no place, at that instant there is.
        assert free_at(taken, span, free - timedelta(microseconds=1)) == free
        assert free_at(taken, span, free) is None
    for first in taken:
        inside = [at for at in taken if first <= at < first + timedelta(seconds=seconds)]
        assert len(inside) <= limit


def rule(scope: Scope, subject: UUID, minute: int, hour: int = 0) -> Rule:
    return Rule(EVERY, uuid4(), Channel.SMS, scope, subject, minute, hour, 0, 0, "x", NOW, NOW)


@given(st.lists(st.tuples(st.sampled_from([60.0, 3600.0]), st.integers(1, 99)), max_size=9))
def test_of_several_limits_of_one_period_the_narrowest_holds(given_spans: list[tuple[float, int]]) -> None:
    found = narrowest(Span(*one) for one in given_spans)
    assert {one.seconds for one in found} == {seconds for seconds, _ in given_spans}
    for one in found:
        assert one.limit == min(limit for seconds, limit in given_spans if seconds == one.seconds)


def test_rules_for_each_and_for_one_are_in_force_together() -> None:
    ada, bob = uuid4(), uuid4()
    rules = RuleSet(
        [rule(Scope.CONTACT, EVERY, 5, 9), rule(Scope.CONTACT, ada, 2), rule(Scope.TENANT, ada, 1)]
    )
    assert rules.of(Scope.CONTACT, Channel.SMS, ada) == [Span(60, 2), Span(3600, 9)]
    assert rules.of(Scope.CONTACT, Channel.SMS, bob) == [Span(60, 5), Span(3600, 9)]
    assert rules.of(Scope.CONTACT, Channel.EMAIL, ada) == []
    assert rules.named(Scope.CONTACT, Channel.SMS) == {ada}


@pytest.mark.req("DEL-70", "DEL-129")
async def test_places_are_taken_in_all_windows_or_in_none_and_a_refusal_leaves_no_trace(redis: Redis) -> None:
    rates = RateLimits(redis, {})
    narrow, wide = Window("narrow", 3, 60), Window("wide", 100, 60)
    assert (await rates.take([wide, narrow], 10)).granted == 3
    before = await _state(redis)
    refused = await rates.take([wide, narrow], 10)
    assert refused.granted == 0
    assert timedelta() < refused.retry_after <= timedelta(seconds=62)
    assert await _state(redis) == before
    assert [one.messages for one in await rates.used([wide, narrow])] == [3, 3]
    # Reading changes nothing, and says when the next place is free.
    [full] = await rates.used([narrow])
    assert timedelta(seconds=50) < full.free_after <= timedelta(seconds=62)
    assert (await rates.used([wide]))[0].free_after == timedelta()
    assert await _state(redis) == before


@pytest.mark.req("DEL-70")
async def test_places_given_back_are_free_at_once_and_never_more_than_were_taken(redis: Redis) -> None:
    rates = RateLimits(redis, {})
    windows = [Window("one", 10, 60), Window("two", 20, 3600)]
    places = await rates.take(windows, 8)
    await rates.give_back(windows, places, 5)
    assert [used.messages for used in await rates.used(windows)] == [3, 3]
    assert (await rates.take(windows, 10)).granted == 7
    # Whoever gives back after the store lost its memory takes nothing from those who came since.
    await redis.flushdb()
    await asyncio.sleep(0.002)  # memories are told apart by the millisecond they begin in
    assert (await rates.take(windows, 4)).granted == 4
    await rates.give_back(windows, places, 3)
    assert [used.messages for used in await rates.used(windows)] == [4, 4]


@pytest.mark.req("DEL-70", "REL-10")
async def test_many_takers_at_once_get_no_more_than_there_is(redis: Redis) -> None:
    rates = [RateLimits(redis, {}) for _ in range(4)]
    window = Window("shared", 500, 60)
    gate = asyncio.Semaphore(40)

    async def take(number: int) -> int:
        async with gate:
            return (await rates[number % 4].take([window], 7)).granted

    assert sum(await asyncio.gather(*map(take, range(200)))) == 500


@pytest.mark.req("DEL-70")
async def test_a_window_slides(redis: Redis) -> None:
    rates = RateLimits(redis, {})
    window = Window("quick", 4, 0.3)
    assert (await rates.take([window], 9)).granted == 4
    assert (await rates.take([window], 9)).granted == 0
    await asyncio.sleep(0.33)
    assert (await rates.take([window], 3)).granted == 3


@pytest.mark.req("DEL-70", "DEL-71")
async def test_what_the_store_lost_is_counted_again_from_the_ledger(redis: Redis) -> None:
    left: list[tuple[datetime, int]] = []
    asked: list[Window] = []

    async def ledger(window: Window, since: datetime, mark: int) -> list[tuple[datetime, int]]:
        asked.append(window)
        return [one for one in left if one[0] > since]

    rates = RateLimits(redis, {}, ledger=ledger)
    window = global_window(Channel.EMAIL, 100, 3600)
    assert (await rates.take([window], 80)).granted == 80
    left.append((datetime.now(UTC) - timedelta(seconds=1), 80))
    assert len(asked) == 1
    assert (await rates.take([window], 5)).granted == 5
    assert len(asked) == 1
    left.append((datetime.now(UTC), 5))
    await redis.flushdb()
    # Nothing leaks, nothing blocks: exactly the places that are left are given out, by whoever asks first.
    found = await asyncio.gather(*(rates.take([window], 10) for _ in range(5)))
    assert sum(one.granted for one in found) == 15
    # What was reset stays so after a loss, too: the ledger is asked about what came later only.
    await rates.forget([window])
    left.clear()
    await redis.flushdb()
    assert (await rates.take([window], 200)).granted == 100


async def _state(redis: Redis) -> dict[bytes, dict[bytes, bytes]]:
    keys = [key for key in await redis.keys("angarium:*") if not key.endswith(b"born")]
    return {key: await redis.hgetall(key) for key in keys}
