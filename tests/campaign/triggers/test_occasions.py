"""What each of the eleven triggers waits for, and what makes it pointless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.campaign.triggers.domain import TriggerType
from tests.campaign.triggers.conftest import NOON, Salon

pytestmark = pytest.mark.asyncio(loop_scope="module")
T = TriggerType


def days(number: float) -> datetime:
    return NOON + timedelta(days=number)


async def held(salon: Salon, kind: str, reference: str, ends: datetime, **data: object) -> None:
    named = {"membership_id": reference} if kind.startswith("membership") else {"package_id": reference}
    said = (
        {"plan": "Gold", "starts_at": NOON.isoformat()}
        if kind.startswith("membership")
        else {"name": "Ten cuts"}
    )
    person = {"user_id": "anna"}
    await salon.tell(kind, **{**named, **said, "person": person, "expires_at": ends.isoformat(), **data})


@pytest.mark.req("LIF-49", "LIF-61")
async def test_feedback_is_asked_for_with_a_link_unless_it_was_given(salon: Salon) -> None:
    await salon.contact("anna")
    bert = await salon.contact("bert")
    await salon.use(T.FEEDBACK_REQUEST)
    await salon.visit("anna", "v1")
    await salon.visit("bert", "v2")
    async with salon.database.tenant(salon.tenant_id) as uow:
        await uow.execute(
            "INSERT INTO feedback (tenant_id, feedback_id, contact_id, reference_id, rating, comment, source, created_at,"
            " updated_at) VALUES (%s, gen_random_uuid(), %s, 'v2', 5, '', 'staff', now(), now())",
            (uow.tenant_id, bert),
        )
    salon.at(minutes=60)
    await salon.look()
    [message] = salon.sent()
    assert str(message.recipient.variables["feedbackUrl"]).startswith("http://127.0.0.1:8080/feedback/")
    word = T.FEEDBACK_REQUEST.word
    assert sorted(await salon.history()) == [(word, "sent", ""), (word, "skipped", "condition_gone")]


@pytest.mark.req("LIF-53")
async def test_only_a_first_visit_is_followed_up_whatever_order_visits_are_told_in(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.FIRST_VISIT_FOLLOWUP)
    await salon.visit(visit="second", at=NOON + timedelta(hours=3))
    await salon.visit(visit="first", at=NOON)
    await salon.visit(visit="third", at=NOON + timedelta(hours=5))
    salon.at(hours=30)
    await salon.look()
    word = T.FIRST_VISIT_FOLLOWUP.word
    assert sorted(await salon.history()) == [(word, "sent", ""), (word, "skipped", "condition_gone")]
    [message] = salon.sent()
    assert message.recipient.variables["bookingUrl"] == "http://127.0.0.1:8081/book"


@pytest.mark.req("LIF-61", "EVT-74")
async def test_a_cancelled_visit_is_neither_thanked_for_nor_asked_about(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.POST_VISIT_THANK_YOU, T.FEEDBACK_REQUEST, T.REBOOKING_REMINDER)
    await salon.visit()
    assert len(await salon.waiting()) == 3
    await salon.tell("visit.cancelled", visit_id="v1", at=NOON + timedelta(minutes=5))
    assert await salon.waiting() == []
    await salon.visit(visit="v2")
    await salon.tell("invoice.refunded", invoice_id="i", amount=100, is_full=False, visit_id="v2")
    assert len(await salon.waiting()) == 3
    await salon.tell("invoice.refunded", invoice_id="i", amount=100, is_full=True, visit_id="v2")
    assert [word for word, _, _ in await salon.waiting()] == [T.REBOOKING_REMINDER.word]


@pytest.mark.req("LIF-61")
async def test_a_visit_that_was_cancelled_before_it_was_told_of_waits_for_nothing(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.POST_VISIT_THANK_YOU)
    await salon.visit(visit="v1")
    await salon.tell("visit.cancelled", visit_id="v1", at=NOON + timedelta(minutes=5))
    await salon.visit(visit="v1")
    assert await salon.waiting() == []


@pytest.mark.req("LIF-61")
async def test_what_is_on_its_way_is_stopped_when_its_visit_is_cancelled(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.POST_VISIT_THANK_YOU)
    await salon.visit()
    salon.at(hours=2)
    await salon.look(hand_over=False)
    await salon.tell("visit.cancelled", visit_id="v1", at=NOON + timedelta(hours=1))
    await salon.hand_over()
    assert salon.sent() == []
    assert await salon.history() == [(T.POST_VISIT_THANK_YOU.word, "skipped", "condition_gone")]


@pytest.mark.req("LIF-47", "LIF-61", "EVT-71", "EVT-72")
async def test_rebooking_is_recalled_a_month_after_the_last_visit_unless_one_comes_or_is_booked(
    salon: Salon,
) -> None:
    for name in ("anna", "bert", "carla", "dora"):
        await salon.contact(name)
        await salon.use(T.REBOOKING_REMINDER) if name == "anna" else None
        await salon.visit(name, f"v-{name}")
    booking = {"branch": "", "staff": "", "services": []}
    for name in ("bert", "carla"):
        await salon.tell(
            "appointment.booked",
            appointment_id=f"a-{name}",
            person={"user_id": name},
            start_at=days(40).isoformat(),
            **booking,
        )
    assert {reference for _, reference, _ in await salon.waiting()} == {"v-anna", "v-dora"}
    await salon.tell(
        "appointment.cancelled", appointment_id="a-carla", reason="ill", at=NOON + timedelta(hours=1)
    )
    await salon.visit("dora", "v2-dora", days(3))
    # At nine in Berlin, when the send window opens, thirty days after each last visit.
    nine = datetime(2026, 12, 20, 8, tzinfo=UTC)
    assert await salon.waiting() == [
        (T.REBOOKING_REMINDER.word, "v-anna", nine),
        (T.REBOOKING_REMINDER.word, "v-carla", nine),
        (T.REBOOKING_REMINDER.word, "v2-dora", nine + timedelta(days=3)),
    ]
    salon.clock.set(nine - timedelta(minutes=1))
    await salon.look()
    assert salon.sent() == []
    salon.clock.set(nine)
    await salon.look()
    assert {one.recipient.contact_id for one in salon.sent()} == {
        str(salon.contacts["anna"]),
        str(salon.contacts["carla"]),
    }
    shown = dict(salon.sent()[0].recipient.variables)
    assert (shown["lastVisitDate"], shown["daysSince"], shown["serviceName"]) == ("2026-11-20", 30, "Cut")
    assert shown["bookingUrl"] == "http://127.0.0.1:8081/book"


@pytest.mark.req("LIF-61")
async def test_an_appointment_that_is_booked_when_the_reminder_is_due_keeps_it_back(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.REBOOKING_REMINDER)
    await salon.tell(
        "appointment.booked",
        appointment_id="a1",
        person={"user_id": "anna"},
        start_at=days(31).isoformat(),
        branch="",
        staff="",
        services=[],
    )
    await salon.visit()
    salon.clock.set(datetime(2026, 12, 20, 8, tzinfo=UTC))
    await salon.look()
    assert await salon.history() == [(T.REBOOKING_REMINDER.word, "skipped", "condition_gone")]


@pytest.mark.req("LIF-51", "LIF-61")
async def test_who_has_not_come_for_sixty_days_is_missed_and_who_came_is_not(salon: Salon) -> None:
    await salon.contact("anna")
    await salon.contact("bert")
    await salon.use(T.MISS_YOU)
    await salon.visit("anna", "v1")
    await salon.visit("bert", "v2")
    await salon.visit("bert", "v3", days(10))
    # An older visit that is told of late changes nothing.
    await salon.visit("bert", "v0", days(-5))
    salon.clock.set(datetime(2027, 1, 19, 8, tzinfo=UTC))
    await salon.look()
    [message] = salon.sent()
    assert message.recipient.contact_id == str(salon.contacts["anna"])
    assert message.recipient.variables["daysSince"] == 60
    assert [reference for _, reference, _ in await salon.waiting()] == ["v3"]


@pytest.mark.req("LIF-50", "LIF-61", "EVT-79")
async def test_a_package_that_ends_with_something_left_is_told_of_a_week_before(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.PACKAGE_EXPIRY)
    for reference in ("used", "left", "ended", "moved"):
        await held(salon, "package.purchased", reference, days(30), remaining=3)
    later = NOON + timedelta(hours=1)
    await held(salon, "package.used", "used", days(30), remaining=0, at=later)
    await held(salon, "package.expired", "ended", days(30), remaining=3, at=later)
    await held(salon, "package.used", "moved", days(60), remaining=2, at=later)
    nine = datetime(2026, 12, 13, 8, tzinfo=UTC)
    assert await salon.waiting() == [
        (T.PACKAGE_EXPIRY.word, "left", nine),
        (T.PACKAGE_EXPIRY.word, "moved", nine + timedelta(days=30)),
    ]
    salon.clock.set(nine)
    await salon.look()
    [message] = salon.sent()
    assert dict(message.recipient.variables) == {
        "packageName": "Ten cuts",
        "remaining": 3,
        "expiryDate": "2026-12-20",
        "bookingUrl": "http://127.0.0.1:8081/book",
    }


@pytest.mark.req("LIF-52", "LIF-61", "EVT-77", "EVT-78")
async def test_a_membership_that_ends_is_told_of_once_for_each_term(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.MEMBERSHIP_EXPIRY)
    await held(salon, "membership.purchased", "m1", days(10))
    await held(salon, "membership.purchased", "m2", days(10))
    await salon.tell(
        "membership.cancelled",
        membership_id="m2",
        at=NOON + timedelta(hours=1),
        expires_at=days(10).isoformat(),
    )
    assert [reference for _, reference, _ in await salon.waiting()] == ["m1"]
    salon.clock.set(datetime(2026, 11, 23, 8, tzinfo=UTC))
    await salon.look()
    [message] = salon.sent()
    assert message.recipient.variables["planName"] == "Gold"
    assert message.recipient.variables["expiryDate"] == "2026-11-30"
    await held(salon, "membership.renewed", "m1", days(40), at=days(5))
    await salon.look()
    assert len(salon.sent()) == 1
    salon.clock.set(datetime(2026, 12, 23, 8, tzinfo=UTC))
    await salon.look()
    assert len(salon.sent()) == 2


@pytest.mark.req("LIF-61")
async def test_a_membership_renewed_in_time_is_not_told_of(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.MEMBERSHIP_EXPIRY)
    await held(salon, "membership.purchased", "m1", days(10))
    await held(salon, "membership.renewed", "m1", days(375), at=NOON + timedelta(hours=1))
    salon.clock.set(datetime(2026, 11, 23, 8, tzinfo=UTC))
    await salon.look()
    assert salon.sent() == []
    assert await salon.history() == []


@pytest.mark.req("LIF-55", "EVT-80")
async def test_earned_points_are_told_of_five_minutes_later_each_batch_once(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.LOYALTY_POINTS_EARNED)
    for batch, points in (("b1", 40), ("b2", 10), ("b1", 40)):
        await salon.tell(
            "loyalty.points_earned",
            person={"user_id": "anna"},
            points=points,
            balance=320,
            reason="visit",
            batch_id=batch,
        )
    salon.at(minutes=5)
    await salon.look()
    assert sorted(one.recipient.variables["points"] for one in salon.sent()) == [10, 40]
    assert {one.recipient.variables["balance"] for one in salon.sent()} == {320}


@pytest.mark.req("LIF-56", "LIF-61", "EVT-81")
async def test_points_that_expire_are_told_of_a_week_before_by_the_date_told_last(salon: Salon) -> None:
    await salon.contact()
    await salon.use(T.LOYALTY_POINTS_EXPIRING)

    async def expiring(points: int, on: str, hours: int) -> None:
        await salon.tell(
            "loyalty.points_expiring",
            person={"user_id": "anna"},
            points=points,
            expires_on=on,
            at=NOON + timedelta(hours=hours),
        )

    await expiring(100, "2026-12-01", 0)
    await expiring(120, "2026-12-05", 1)
    salon.clock.set(datetime(2026, 11, 24, 8, tzinfo=UTC))
    await salon.look()
    assert salon.sent() == []
    salon.clock.set(datetime(2026, 11, 28, 8, tzinfo=UTC))
    await salon.look()
    [message] = salon.sent()
    assert dict(message.recipient.variables) == {"points": 120, "expiryDate": "2026-12-05"}


@pytest.mark.req("LIF-48", "LIF-54", "LIF-58")
async def test_birthdays_and_anniversaries_are_kept_once_a_year_at_nine_where_the_contact_is(
    salon: Salon,
) -> None:
    await salon.use(T.BIRTHDAY_WISH, T.ANNIVERSARY_WISH)
    anna = await salon.contact("anna", time_zone="America/New_York")
    await salon.set(anna, birth_month=11, birth_day=22, anniversary_month=11, anniversary_day=23)
    await salon.make()
    assert await salon.waiting() == []
    salon.at(hours=3)
    for _ in range(2):
        await salon.make()
    nine = datetime(2026, 11, 22, 14, tzinfo=UTC)
    assert await salon.waiting() == [(T.BIRTHDAY_WISH.word, "2026", nine)]
    salon.clock.set(nine - timedelta(minutes=1))
    await salon.look()
    assert salon.sent() == []
    salon.clock.set(nine)
    await salon.look()
    await salon.make()
    await salon.look()
    assert [one.content.trigger_type for one in salon.sent()] == [T.BIRTHDAY_WISH.word]
    salon.clock.set(nine + timedelta(days=1))
    await salon.look()
    assert [one.content.trigger_type for one in salon.sent()] == [
        T.BIRTHDAY_WISH.word,
        T.ANNIVERSARY_WISH.word,
    ]
    salon.clock.set(nine + timedelta(days=364, minutes=-5))
    await salon.make()
    salon.clock.set(nine + timedelta(days=365))
    await salon.look()
    assert len(salon.sent(T.BIRTHDAY_WISH)) == 2


@pytest.mark.req("LIF-58", "LIF-97")
async def test_a_leap_day_is_kept_on_the_28th_of_february_in_other_years(salon: Salon) -> None:
    await salon.use(T.BIRTHDAY_WISH)
    anna = await salon.contact()
    await salon.set(anna, birth_month=2, birth_day=29, birth_year=2000)
    sent_on = []
    for day in (
        "2027-02-26",
        "2027-02-27",
        "2027-02-28",
        "2027-03-01",
        "2028-02-27",
        "2028-02-28",
        "2028-02-29",
    ):
        salon.clock.set(datetime.fromisoformat(f"{day}T23:30:00+00:00") - timedelta(days=1))
        await salon.make()
        salon.clock.set(datetime.fromisoformat(f"{day}T08:00:00+00:00"))
        before = len(salon.sent())
        await salon.look()
        sent_on += [day] * (len(salon.sent()) - before)
    assert sent_on == ["2027-02-28", "2028-02-29"]


@pytest.mark.req("LIF-61")
async def test_a_birthday_that_was_corrected_meanwhile_is_not_kept_on_the_wrong_day(salon: Salon) -> None:
    await salon.use(T.BIRTHDAY_WISH)
    anna = await salon.contact()
    await salon.set(anna, birth_month=11, birth_day=21)
    await salon.make()
    await salon.set(anna, birth_month=12, birth_day=21)
    salon.clock.set(datetime(2026, 11, 21, 8, tzinfo=UTC))
    await salon.look()
    assert await salon.history() == [(T.BIRTHDAY_WISH.word, "skipped", "condition_gone")]
