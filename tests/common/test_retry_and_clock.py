from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.common.clock import FixedClock, SystemClock
from services.common.retry import backoff, retrying


def test_delays_double_up_to_the_cap_and_jitter_only_lengthens_them():
    still = [backoff(n, draw=lambda: 0.0).total_seconds() for n in range(1, 9)]
    longest = [backoff(n, draw=lambda: 1.0).total_seconds() for n in range(1, 9)]
    assert still == [1, 2, 4, 8, 16, 32, 60, 60]
    assert longest == pytest.approx([1.3 * delay for delay in still])
    assert backoff(10_000, draw=lambda: 0.0) == timedelta(seconds=60)
    with pytest.raises(ValueError, match="from 1"):
        backoff(0)


async def test_an_operation_is_repeated_until_it_succeeds_and_no_longer_than_allowed():
    tries, slept = [], []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def fail_twice() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError
        return len(tries)

    def delay(attempt: int) -> timedelta:
        return timedelta(seconds=attempt)

    def always(_error: Exception) -> bool:
        return True

    assert await retrying(fail_twice, attempts=3, retry_on=always, delay=delay, sleep=sleep) == 3
    assert slept == [1, 2]
    tries.clear()
    with pytest.raises(ConnectionError):
        await retrying(fail_twice, attempts=2, retry_on=always, delay=delay, sleep=sleep)
    tries.clear()
    with pytest.raises(ConnectionError):
        await retrying(fail_twice, attempts=3, retry_on=lambda _: False, sleep=sleep)
    assert len(tries) == 1


@pytest.mark.req("GEN-16")
def test_a_fixed_clock_moves_only_when_told_and_speaks_utc():
    clock = FixedClock(datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("America/Chicago")))
    assert clock.now() == datetime(2026, 7, 1, 14, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(minutes=5))
    assert clock.now() == datetime(2026, 7, 1, 14, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2026, 7, 1))  # noqa: DTZ001 - what must be refused


@pytest.mark.req("GEN-12")
def test_the_system_clock_is_in_utc_whatever_the_machines_zone():
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
