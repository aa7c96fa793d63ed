"""How anchors of dates are made: two days ahead, once a day of each tenant, in blocks, by the timing of the moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import orjson
import pytest

from services.campaign.triggers import calendar
from services.campaign.triggers.domain import TriggerType
from tests.campaign.tenants.test_tenants import update
from tests.campaign.triggers.conftest import NOON, Salon

pytestmark = pytest.mark.asyncio(loop_scope="module")
T = TriggerType


async def made_on(salon: Salon) -> date | None:
    async with salon.database.tenant(salon.tenant_id) as uow:
        return await uow.fetch_value(
            "SELECT made_on FROM trigger_calendar WHERE tenant_id = %s", (salon.tenant_id,)
        )


@pytest.mark.req("JOB-5", "JOB-11")
async def test_a_tenant_s_day_is_made_once_when_it_is_half_past_midnight_there(salon: Salon) -> None:
    # Berlin is an hour ahead.
    salon.clock.set(datetime(2026, 11, 20, 23, 29, tzinfo=UTC))
    await calendar.run(salon.context())
    assert await made_on(salon) == date(2026, 11, 20)
    salon.clock.set(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    await calendar.run(salon.context())
    assert await made_on(salon) == date(2026, 11, 21)
    assert (await calendar.run(salon.context())).seen == 0


@pytest.mark.req("JOB-11", "JOB-6")
async def test_what_came_with_contacts_is_found_by_its_date(salon: Salon) -> None:
    await salon.use(
        T.REBOOKING_REMINDER,
        T.MISS_YOU,
        T.PACKAGE_EXPIRY,
        T.MEMBERSHIP_EXPIRY,
        T.LOYALTY_POINTS_EXPIRING,
    )
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "UPDATE trigger_config SET enabled_at = %s WHERE tenant_id = %s AND is_enabled",
            (NOON - timedelta(days=100), uow.tenant_id),
        )
    anna = await salon.contact()
    ends = datetime(2026, 11, 28, 12, tzinfo=UTC)
    packages = [
        {"package_ref": ref, "name": "Ten cuts", "remaining": left, "expires_at": ends.isoformat()}
        for ref, left in (("p1", 2), ("p2", 0))
    ]
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "UPDATE contact SET packages = %s::jsonb WHERE tenant_id = %s AND contact_id = %s",
            (orjson.dumps(packages).decode(), uow.tenant_id, anna),
        )
    await salon.set(
        anna,
        membership_status="active",
        membership_expires_at=ends,
        points_expiring=10,
        points_expire_on=date(2026, 11, 28),
        last_visit_at=datetime(2026, 10, 22, 9, tzinfo=UTC),
        visit_count=3,
    )
    for _ in range(2):
        await salon.make()
    nine = datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert await salon.waiting() == [
        (T.REBOOKING_REMINDER.word, "last-visit/2026-10-22T09:00:00+00:00", nine),
        (T.PACKAGE_EXPIRY.word, "p1", nine),
        (T.MEMBERSHIP_EXPIRY.word, "membership/2026-11-28", nine),
        (T.LOYALTY_POINTS_EXPIRING.word, "2026-11-28", nine),
    ]
    salon.clock.set(nine)
    await salon.look()
    assert sorted(state for _, state, _ in await salon.history()) == ["sent"] * 4
    await salon.make()
    await salon.look()
    assert len(salon.sent()) == 4


@pytest.mark.req("LIF-99")
async def test_what_an_event_told_is_not_made_a_second_time(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.REBOOKING_REMINDER)
    await salon.visit()
    salon.clock.set(datetime(2026, 12, 19, 0, 30, tzinfo=UTC))
    await salon.make()
    assert [reference for _, reference, _ in await salon.waiting()] == ["v1"]
    salon.clock.set(datetime(2026, 12, 20, 8, tzinfo=UTC))
    await salon.look()
    await salon.make()
    await salon.look()
    assert len(salon.sent()) == 1


@pytest.mark.req("LIF-17", "JOB-3")
async def test_what_waits_follows_a_new_timing(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.REBOOKING_REMINDER, T.POST_VISIT_THANK_YOU)
    await salon.visit()
    await calendar.run(salon.context())
    # Sooner than it was timed: the anchors are made anew within the hour.
    await salon.change(T.REBOOKING_REMINDER, days_after=1, send_time="18:30")
    await calendar.run(salon.context())
    assert (
        T.REBOOKING_REMINDER.word,
        "v1",
        datetime(2026, 11, 21, 17, 30, tzinfo=UTC),
    ) in await salon.waiting()
    # Later: it is looked at when it was timed, and not fired.
    await salon.change(T.REBOOKING_REMINDER, days_after=2)
    salon.clock.set(datetime(2026, 11, 21, 17, 30, tzinfo=UTC))
    await salon.change(T.POST_VISIT_THANK_YOU, enabled=False)
    await salon.look()
    assert salon.sent() == []
    assert await salon.waiting() == [
        (T.REBOOKING_REMINDER.word, "v1", datetime(2026, 11, 22, 17, 30, tzinfo=UTC))
    ]


@pytest.mark.req("LIF-57", "GEN-13")
async def test_what_waits_is_timed_anew_within_the_hour_when_the_tenant_moves(salon: Salon) -> None:
    await salon.set(await salon.contact(), birth_month=11, birth_day=21)
    await salon.use(T.BIRTHDAY_WISH)
    await calendar.run(salon.context())
    nine = (T.BIRTHDAY_WISH.word, "2026", datetime(2026, 11, 21, 8, tzinfo=UTC))
    assert await salon.waiting() == [nine]
    await update(salon.served, default_time_zone="Asia/Tokyo")
    await calendar.run(salon.context())
    assert await salon.waiting() == [(*nine[:2], datetime(2026, 11, 21, 0, tzinfo=UTC))]


@pytest.mark.req("LIF-17")
async def test_a_shorter_delay_counts_for_visits_that_wait(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.POST_VISIT_THANK_YOU)
    await salon.visit()
    salon.at(minutes=31)
    await salon.look()
    assert salon.sent() == []
    await salon.change(T.POST_VISIT_THANK_YOU, delay_minutes=30)
    await salon.look()
    assert len(salon.sent()) == 1


@pytest.mark.req("LIF-57")
async def test_a_contact_who_moved_is_written_to_by_the_clock_of_the_new_place(salon: Salon) -> None:
    anna = await salon.contact(time_zone="Europe/Berlin")
    await salon.set(anna, birth_month=11, birth_day=21)
    await salon.use(T.BIRTHDAY_WISH)
    await salon.make()
    await salon.set(anna, time_zone="America/New_York")
    salon.clock.set(datetime(2026, 11, 21, 8, tzinfo=UTC))
    await salon.look()
    assert salon.sent() == []
    salon.clock.set(datetime(2026, 11, 21, 14, tzinfo=UTC))
    await salon.look()
    assert len(salon.sent()) == 1


@pytest.mark.req("LIF-57")
async def test_without_a_time_of_its_own_a_date_is_kept_when_the_send_window_opens(salon: Salon) -> None:
    anna = await salon.contact()
    await salon.set(anna, birth_month=11, birth_day=21)
    await salon.use(T.BIRTHDAY_WISH)
    await salon.change(T.BIRTHDAY_WISH, send_time="")
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "UPDATE marketing_settings SET send_window_start = '11:15' WHERE tenant_id = %s", (uow.tenant_id,)
        )
    await salon.make()
    assert await salon.waiting() == [
        (T.BIRTHDAY_WISH.word, "2026", datetime(2026, 11, 21, 10, 15, tzinfo=UTC))
    ]


@pytest.mark.req("LIF-18", "LIF-100", "JOB-11")
async def test_turning_a_trigger_on_writes_to_nobody_past_its_threshold(salon: Salon) -> None:
    for number in range(5):
        one = await salon.contact(f"c{number}")
        await salon.set(one, last_visit_at=NOON - timedelta(days=58 + number), visit_count=1)
        await salon.set(one, birth_month=11, birth_day=20)
    salon.clock.set(datetime(2026, 11, 20, 9, tzinfo=UTC))
    for kind in (T.MISS_YOU, T.REBOOKING_REMINDER, T.BIRTHDAY_WISH):
        await salon.template(kind)
        await salon.enable(kind)
    await salon.pass_days(5)
    assert salon.sent() == []
    assert await salon.history() == []


@pytest.mark.req("JOB-4", "JOB-11")
async def test_more_contacts_than_a_block_holds_are_all_found(
    salon: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "_BLOCK", 2)
    await salon.use(T.BIRTHDAY_WISH, T.REBOOKING_REMINDER)
    for number in range(5):
        one = await salon.contact(f"c{number}")
        await salon.set(one, birth_month=11, birth_day=21)
        await salon.visit(f"c{number}", f"v{number}")
    await salon.make()
    assert [word for word, _, _ in await salon.waiting()].count(T.BIRTHDAY_WISH.word) == 5
    await salon.change(T.REBOOKING_REMINDER, days_after=1)
    await salon.make()
    assert len([due for _, _, due in await salon.waiting() if due < NOON + timedelta(days=2)]) == 10
