"""How messages to one person at a time are written down, handed over, and stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.campaign.v1 import notice_service_pb2 as pb
from angarium.campaign.v1.notice_service_pb2_grpc import NoticeServiceStub
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from services.campaign.notices import cancellations, requests, store
from services.campaign.notices.domain import Mode, Outcome, Reader, Source, State, countdown
from services.campaign.notices.store import Due
from services.campaign.notices.worker import End, NoticeWorker, together
from services.common.errors import failed, unavailable
from services.common.security.jwt import issue_person
from tests.campaign.conftest import create_tenant
from tests.campaign.notices.conftest import EMAIL, NOON, PUSH, SMS, Office


@pytest.mark.asyncio(loop_scope="module")
async def test_a_notice_reaches_each_channel_on_which_its_reader_has_an_address(office: Office) -> None:
    anna = await office.contact(email="anna@example.com", language_code="de", time_zone="Europe/Berlin")
    await office.add(
        office.notice(
            Reader(contact_id=anna),
            channels=(EMAIL, SMS, PUSH),
            variables={"orderNumber": "A-7"},
            priority=enums_pb2.PRIORITY_HIGH,
            correlation_key="order:7",
        )
    )
    await office.hand_over()
    mail, push = office.sent()
    assert (mail.content.channel, push.content.channel) == (EMAIL, PUSH)
    assert (mail.recipient.contact_id, mail.recipient.address) == (str(anna), "anna@example.com")
    assert (mail.recipient.language_code, mail.recipient.time_zone) == ("de", "Europe/Berlin")
    assert mail.recipient.variables["orderNumber"] == "A-7"
    assert (mail.content.template_name, mail.content.category) == ("order-shipped", enums_pb2.CATEGORY_ORDER)
    assert (mail.content.priority, mail.content.correlation_key) == (enums_pb2.PRIORITY_HIGH, "order:7")
    assert mail.content.origin == message_pb2.ORIGIN_TRANSACTIONAL
    assert mail.content.expire_time.ToDatetime(NOON.tzinfo) == NOON + timedelta(hours=24)
    assert await office.rows() == [("sent", "", 2)]
    [told] = office.outcomes
    assert (told.state, told.contact_id, len(told.message_ids)) == (State.SENT, anna, 2)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_notice_of_a_known_key_is_not_added_again(office: Office) -> None:
    reader = Reader(email="guest@example.com")
    assert await office.add(office.notice(reader, key="k"), office.notice(reader, key="l")) == 2
    assert await office.add(office.notice(reader, key="k"), office.notice(reader, key="m")) == 1
    assert await office.add(office.notice(reader, key="k", source=Source.AUTOMATION)) == 1
    await office.hand_over()
    assert len(office.sent()) == 4


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_said_is_sealed_while_it_waits_and_gone_afterwards(office: Office) -> None:
    await office.add(
        office.notice(Reader(email="guest@example.com"), variables={"resetUrl": "https://s.example/x"})
    )
    async with office.uow() as uow:
        waiting = str(await uow.fetch_all("SELECT n FROM notice n WHERE tenant_id = %s", (uow.tenant_id,)))
    assert "guest@" not in waiting
    assert "s.example" not in waiting
    await office.hand_over()
    async with office.uow() as uow:
        assert await uow.fetch_all("SELECT sealed FROM notice WHERE tenant_id = %s", (uow.tenant_id,)) == [
            (None,)
        ]
    [sent] = office.sent()
    assert (sent.recipient.address, sent.recipient.contact_id) == ("guest@example.com", "")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_notice_waits_for_its_hour_and_counts_down_from_when_it_leaves(office: Office) -> None:
    until = NOON + timedelta(minutes=10)
    await office.add(
        office.notice(
            Reader(phone="+4915112345678"),
            channels=(SMS,),
            due_at=NOON + timedelta(minutes=5),
            countdown_to=until,
        )
    )
    await office.hand_over()
    assert office.sent() == []
    office.clock.advance(timedelta(minutes=5, seconds=30))
    await office.hand_over()
    [sent] = office.sent()
    assert sent.recipient.variables["minutesLeft"] == 5


@pytest.mark.asyncio(loop_scope="module")
async def test_a_notice_past_its_expiry_is_skipped(office: Office) -> None:
    await office.add(office.notice(Reader(email="late@example.com"), expires_at=NOON + timedelta(minutes=1)))
    office.clock.advance(timedelta(minutes=1))
    await office.hand_over()
    assert office.sent() == []
    assert await office.rows() == [("skipped", "expired", 0)]


@pytest.mark.asyncio(loop_scope="module")
async def test_who_cannot_be_reached_or_may_not_be_written_to_is_skipped_with_the_reason(
    office: Office,
) -> None:
    nowhere = await office.contact(first_name="Nemo")
    refused = await office.contact(email="no@example.com")
    office.delivery.stopped[str(refused)] = "no_consent"
    await office.add(
        office.notice(Reader(contact_id=nowhere)),
        office.notice(Reader(contact_id=refused)),
        office.notice(Reader(contact_id=uuid4())),
    )
    await office.hand_over()
    assert await office.rows() == [
        ("skipped", "no_address", 0),
        ("skipped", "no_consent", 1),
        ("skipped", "contact_erased", 0),
    ]


@pytest.mark.asyncio(loop_scope="module")
async def test_delivery_takes_the_first_channel_where_one_is_to_be_chosen(office: Office) -> None:
    anna = await office.contact(email="anna@example.com", phone="+4915112345678")
    berta = await office.contact(email="berta@example.com")
    await office.add(
        office.notice(Reader(contact_id=anna), channels=(SMS, EMAIL), mode=Mode.FIRST),
        office.notice(Reader(contact_id=berta), channels=(SMS, EMAIL), mode=Mode.FIRST),
    )
    await office.hand_over()
    # With one channel left there is nothing to choose.
    assert {one.recipient.contact_id: one.content.channel for one in office.sent()} == {
        str(anna): SMS,
        str(berta): EMAIL,
    }
    assert await office.rows() == [("sent", "", 1), ("sent", "", 1)]


@pytest.mark.asyncio(loop_scope="module")
async def test_staff_are_written_to_as_staff(office: Office) -> None:
    await office.add(office.notice(Reader(staff_id="ada"), category=enums_pb2.CATEGORY_STAFF_ALERT))
    await office.hand_over()
    [sent] = office.sent()
    assert (sent.content.is_staff, sent.recipient.staff_id, sent.recipient.address) == (True, "ada", "")


@pytest.mark.asyncio(loop_scope="module")
async def test_what_was_handed_over_before_a_crash_is_not_sent_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.add(*(office.notice(Reader(email=f"reader{number}@example.com")) for number in range(3)))

    class Killed(BaseException):
        """Nothing of the process runs any more."""

    async def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(NoticeWorker, "_settle", die)
        with pytest.raises(Killed):
            await office.worker.step()
    assert {row[0] for row in await office.rows()} == {"waiting"}
    # One more was added since, so that the block is another one than before.
    await office.add(office.notice(Reader(email="reader3@example.com")))
    office.clock.advance(timedelta(seconds=61))
    await office.hand_over()
    assert len(office.sent()) == 4
    assert sorted(office.delivery.offered.values()) == [1, 2, 2, 2]
    assert [row[0] for row in await office.rows()] == ["sent"] * 4


@pytest.mark.asyncio(loop_scope="module")
async def test_two_workers_hand_each_notice_over_once(office: Office) -> None:
    await office.add(*(office.notice(Reader(email=f"r{number}@example.com")) for number in range(40)))
    await asyncio.gather(office.hand_over(), office.hand_over(), office.hand_over())
    assert len(office.sent()) == 40
    assert max(office.delivery.offered.values()) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_a_notice_is_tried_again_while_delivery_is_away_and_fails_for_good_otherwise(
    office: Office,
) -> None:
    office.delivery.error = unavailable("delivery")
    await office.add(office.notice(Reader(email="anna@example.com")))
    await office.hand_over()
    assert await office.rows() == [("waiting", "", 0)]
    office.delivery.error = None
    office.clock.advance(timedelta(minutes=1))
    await office.hand_over()
    assert await office.rows() == [("sent", "", 1)]
    office.delivery.error = failed("MARKETING_DISABLED", "marketing is disabled")
    await office.add(office.notice(Reader(email="anna@example.com")))
    await office.hand_over()
    assert await office.rows() == [("sent", "", 1), ("failed", "marketing_disabled", 0)]


@pytest.mark.asyncio(loop_scope="module")
async def test_one_bad_address_does_not_stop_the_others(office: Office) -> None:
    office.delivery.refused["bad@example.com"] = "INVALID_RECIPIENT"
    await office.add(
        office.notice(Reader(email="good@example.com")), office.notice(Reader(email="bad@example.com"))
    )
    await office.hand_over()
    assert await office.rows() == [("sent", "", 1), ("failed", "invalid_recipient", 0)]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_goes_to_many_on_three_channels_is_more_than_one_call_and_all_of_it_is_sent(
    office: Office,
) -> None:
    everywhere = (EMAIL, SMS, PUSH)
    await office.add(*(office.notice(Reader(staff_id="ada"), channels=everywhere) for _ in range(350)))
    await office.hand_over()
    assert len(office.sent()) == 350 * 3
    assert set(await office.rows()) == {("sent", "", 3)}


def test_a_call_holds_no_more_than_delivery_takes_and_no_part_of_a_notice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Sized(NamedTuple):
        size: int

        def ByteSize(self) -> int:
            return self.size

    def cut(*sizes: int) -> list[list[int]]:
        found: Any = [
            SimpleNamespace(due=SimpleNamespace(notice_id=number // 2), item=Sized(size))
            for number, size in enumerate(sizes)
        ]
        return [[one.item.ByteSize() for one in block] for block in requests.calls(found)]

    monkeypatch.setattr(requests, "MOST_ITEMS", 5)
    monkeypatch.setattr(requests, "MOST_BYTES", 20)
    assert cut() == []
    assert cut(1, 2, 3, 4, 5, 6) == [[1, 2, 3, 4], [5, 6]]
    assert cut(9, 9, 1, 2, 30, 1, 1) == [[9, 9], [1, 2], [30, 1], [1]]


@pytest.mark.asyncio(loop_scope="module")
async def test_one_malformed_notice_does_not_stop_the_others(office: Office) -> None:
    # A template's name is up to 100 characters long: delivery refuses the whole call.
    await office.add(
        *(office.notice(Reader(email=f"reader{number}@example.com")) for number in range(4)),
        office.notice(Reader(email="bad@example.com"), template="t" * 101, channels=(EMAIL,)),
    )
    await office.hand_over()
    assert await office.rows() == [*[("sent", "", 1)] * 4, ("failed", "validation_failed", 0)]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_notice_that_cannot_be_opened_stops_no_other_and_ends_when_it_is_worthless(
    office: Office,
) -> None:
    await office.add(office.notice(Reader(email="lost@example.com")))
    async with office.uow() as uow:
        await uow.execute("UPDATE notice SET sealed = 'altered' WHERE tenant_id = %s", (uow.tenant_id,))
    await office.add(office.notice(Reader(email="anna@example.com")))
    await office.hand_over()
    assert await office.rows() == [("waiting", "", 0), ("sent", "", 1)]
    office.clock.advance(timedelta(hours=24))
    await office.hand_over()
    assert await office.rows() == [("skipped", "expired", 0), ("sent", "", 1)]


@pytest.mark.asyncio(loop_scope="module")
async def test_an_outcome_that_its_source_cannot_take_keeps_no_other_from_being_settled(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen = office.worker._listeners[Source.RULE]

    async def stumble(uow: Any, outcome: Outcome) -> None:
        if outcome.key == "bad":
            raise LookupError("nothing is known of it")
        await listen(uow, outcome)

    reader = Reader(email="anna@example.com")
    await office.add(*(office.notice(reader, key=key) for key in ("good", "bad", "better")))
    with monkeypatch.context() as stumbling:
        stumbling.setattr(office.worker, "_listeners", {Source.RULE: stumble})
        await office.hand_over()
    assert [row[0] for row in await office.rows()] == ["sent", "waiting", "sent"]
    office.clock.advance(timedelta(minutes=1))
    await office.hand_over()
    assert [row[0] for row in await office.rows()] == ["sent"] * 3
    assert len(office.sent()) == 3


@pytest.mark.asyncio(loop_scope="module")
async def test_trouble_with_notices_of_one_tenant_keeps_no_other_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.add(office.notice(Reader(email="anna@example.com")))
    prepare, troubled = NoticeWorker._prepare, office.served.tenant_id
    office.served.tenant_id = uuid4()
    await create_tenant(office.served)
    await office.add(office.notice(Reader(email="berta@example.com")))

    async def fail(worker: NoticeWorker, tenant_id: UUID, due: Sequence[Due]) -> Any:
        if tenant_id == troubled:
            raise LookupError("a fault of ours")
        return await prepare(worker, tenant_id, due)

    with monkeypatch.context() as failing:
        failing.setattr(NoticeWorker, "_prepare", fail)
        await office.hand_over()
    assert await office.rows() == [("sent", "", 1)]


@pytest.mark.parametrize("countdown", [None, NOON + timedelta(hours=1)])
@pytest.mark.asyncio(loop_scope="module")
async def test_what_delivery_could_not_take_at_first_is_taken_later_whatever_it_answered_then(
    office: Office, countdown: datetime | None
) -> None:
    office.delivery.refused["anna@example.com"] = "DEPENDENCY_UNAVAILABLE"
    await office.add(office.notice(Reader(email="anna@example.com"), countdown_to=countdown))
    await office.hand_over()
    assert await office.rows() == [("waiting", "", 0)]
    office.delivery.refused.clear()
    office.clock.advance(timedelta(minutes=5))
    await office.hand_over()
    assert len(office.sent()) == 1
    assert await office.rows() == [("sent", "", 1)]


@pytest.mark.asyncio(loop_scope="module")
async def test_cancelling_ends_what_waits_and_stops_at_delivery_what_was_handed_over(office: Office) -> None:
    later = NOON + timedelta(hours=1)
    await office.add(
        office.notice(Reader(email="anna@example.com"), correlation_key="group:1"),
        office.notice(Reader(email="anna@example.com"), correlation_key="group:1", due_at=later),
        office.notice(Reader(email="anna@example.com"), correlation_key="group:2", due_at=later),
    )
    await office.hand_over()
    async with office.uow() as uow:
        assert await office.notices.cancel(uow, "group:1", "paid") == 1
        assert await office.notices.cancel(uow, "group:3", "paid") == 0
    office.delivery.is_deaf = True
    await office.worker.step()
    # A later notice of the same key waits until delivery knows that the former ones are void.
    await office.add(office.notice(Reader(email="anna@example.com"), correlation_key="group:1"))
    await office.hand_over()
    assert len(office.sent()) == 1
    office.delivery.is_deaf = False
    office.clock.advance(timedelta(seconds=5))
    await office.hand_over()
    assert [(what, selector.correlation_key) for what, selector in office.delivery.told] == [
        ("cancel", "group:1")
    ]
    assert len(office.sent()) == 2
    office.clock.advance(timedelta(hours=1))
    await office.hand_over()
    assert [row[:2] for row in await office.rows()] == [
        ("sent", ""),
        ("cancelled", "paid"),
        ("sent", ""),
        ("sent", ""),
    ]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_cancelled_while_it_is_handed_over_is_stopped_at_delivery_afterwards(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.add(office.notice(Reader(email="anna@example.com"), correlation_key="cart:1"))
    prepare = NoticeWorker._prepare

    async def cancelled_meanwhile(worker: NoticeWorker, tenant_id: UUID, due: Sequence[Due]) -> Any:
        work = await prepare(worker, tenant_id, due)
        async with office.uow() as uow:
            await office.notices.cancel(uow, "cart:1", "bought")
        # Delivery is told before the message reaches it.
        await worker._cancellations.step()
        return work

    with monkeypatch.context() as racing:
        racing.setattr(NoticeWorker, "_prepare", cancelled_meanwhile)
        await office.worker.step()
    await office.hand_over()
    assert await office.rows() == [("cancelled", "bought", 0)]
    assert [selector.correlation_key for _, selector in office.delivery.told] == ["cart:1"] * 2


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_to_be_cancelled_again_while_delivery_is_told_is_told_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = office.worker._cancellations
    delivery = telling._delivery

    async def cancel() -> None:
        async with office.uow() as uow:
            await cancellations.add(uow, "cart:1", "bought")

    async def told(request: Any) -> Any:
        answer = await delivery.CancelMessages(request)
        # What was on its way at that moment arrives only now.
        await cancel()
        return answer

    await cancel()
    with monkeypatch.context() as racing:
        racing.setattr(telling, "_delivery", SimpleNamespace(CancelMessages=told))
        await telling.step()
    await office.hand_over()
    assert [selector.correlation_key for _, selector in office.delivery.told] == ["cart:1"] * 2


@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_worker_took_just_before_it_was_cancelled_is_stopped_at_delivery_even_if_the_worker_dies(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.add(office.notice(Reader(email="anna@example.com"), correlation_key="cart:1"))
    cancel = store.cancel

    async def taken_before(*given: Any) -> Any:
        async with office.served.service.database.system() as uow:
            assert len(await store.claim(uow, timedelta(minutes=1), 10)) == 1
        return await cancel(*given)

    with monkeypatch.context() as racing:
        racing.setattr(store, "cancel", taken_before)
        async with office.uow() as uow:
            assert await office.notices.cancel(uow, "cart:1", "bought") == 1
    await office.hand_over()
    assert [selector.correlation_key for _, selector in office.delivery.told] == ["cart:1"]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_waits_can_be_given_another_time(office: Office) -> None:
    later = NOON + timedelta(days=2)
    await office.add(
        office.notice(
            Reader(email="anna@example.com"), correlation_key="event:9", rule="event-reminder", due_at=later
        )
    )
    async with office.uow() as uow:
        soon = NOON + timedelta(hours=1)
        moved = await office.notices.move(uow, "event:9", "event-reminder", soon, soon + timedelta(hours=1))
    assert moved == 1
    office.clock.advance(timedelta(hours=1))
    await office.hand_over()
    assert len(office.sent()) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_what_gets_another_time_while_delivery_refuses_it_waits_for_that_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.add(office.notice(Reader(email="anna@example.com"), correlation_key="event:9"))
    office.delivery.error = unavailable("delivery")
    prepare, later = NoticeWorker._prepare, NOON + timedelta(hours=1)

    async def moved_meanwhile(worker: NoticeWorker, tenant_id: UUID, due: Sequence[Due]) -> Any:
        async with office.uow() as uow:
            await office.notices.move(uow, "event:9", "order-shipped", later, later + timedelta(hours=1))
        return await prepare(worker, tenant_id, due)

    with monkeypatch.context() as moving:
        moving.setattr(NoticeWorker, "_prepare", moved_meanwhile)
        await office.worker.step()
    office.delivery.error = None
    office.clock.advance(timedelta(minutes=30))
    await office.hand_over()
    assert office.sent() == []
    office.clock.advance(timedelta(minutes=30))
    await office.hand_over()
    assert len(office.sent()) == 1


@pytest.mark.parametrize(
    ("reader", "fields"),
    [
        (Reader(), {}),
        (Reader(email="a@example.com", staff_id="ada"), {}),
        (Reader(email="a@example.com"), {"channels": ()}),
        (Reader(email="a@example.com"), {"key": ""}),
        (Reader(email="a@example.com"), {"key": "k" * 201}),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_notice_that_makes_no_sense_is_refused(
    office: Office, reader: Reader, fields: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"reader|channel|key"):
        await office.add(office.notice(reader, **fields))


@pytest.mark.asyncio(loop_scope="module")
async def test_notices_are_listed_newest_first_by_what_they_are_and_never_those_of_others(
    office: Office,
) -> None:
    anna, branch = await office.contact(email="anna@example.com"), uuid4()
    event_id = uuid4()
    office.delivery.stopped[str(anna)] = "no_consent"
    await office.add(
        office.notice(Reader(contact_id=anna), rule="order-shipped", event_id=event_id),
        office.notice(Reader(email="x@example.com"), rule="order-expired", due_at=NOON + timedelta(hours=1)),
        office.notice(Reader(staff_id="ada"), rule="visit", source=Source.FOLLOW_UP, branch_id=branch),
    )
    await office.hand_over()
    stub = office.served.person(NoticeServiceStub)

    async def rules(**wanted: Any) -> list[str]:
        answer = await stub.ListNotices(pb.ListNoticesRequest(**wanted))
        return [one.rule for one in answer.notices]

    assert await rules() == ["visit", "order-expired", "order-shipped"]
    assert await rules(state=pb.Notice.STATE_WAITING) == ["order-expired"]
    assert await rules(source=pb.Notice.SOURCE_FOLLOW_UP) == ["visit"]
    assert await rules(rule="order-shipped") == ["order-shipped"]
    assert await rules(contact_id=str(anna)) == ["order-shipped"]
    assert await rules(event_id=str(event_id)) == ["order-shipped"]
    first = await stub.ListNotices(pb.ListNoticesRequest(page_size=2))
    rest = await stub.ListNotices(pb.ListNoticesRequest(page_size=2, page_token=first.next_page_token))
    assert ([one.rule for one in rest.notices], rest.next_page_token) == (["order-shipped"], "")
    [skipped] = rest.notices
    assert (skipped.state, skipped.reason, len(skipped.message_ids)) == (
        pb.Notice.STATE_SKIPPED,
        "no_consent",
        1,
    )
    assert (skipped.contact_id, list(skipped.channels)) == (str(anna), [EMAIL])
    other = office.served.person(NoticeServiceStub, tenant_id=uuid4())
    assert list((await other.ListNotices(pb.ListNoticesRequest())).notices) == []
    token = issue_person(
        office.served.settings, office.served.tenant_id, "dora", ["branch_manager"], [str(branch)]
    )
    at_branch = office.served._stub(NoticeServiceStub, token, None)
    shown = await at_branch.ListNotices(pb.ListNoticesRequest())
    assert [one.rule for one in shown.notices] == ["visit"]


@given(st.integers(min_value=-10_000, max_value=10_000_000))
def test_what_is_left_is_rounded_up_and_never_negative(seconds: int) -> None:
    left = countdown(NOON + timedelta(seconds=seconds), NOON)
    for name, unit in (("minutesLeft", 60), ("hoursUntil", 3600), ("daysLeft", 86400)):
        assert left[name] >= 0
        assert left[name] * unit >= seconds
        assert (left[name] - 1) * unit < max(seconds, 1)


def test_one_message_on_its_way_is_enough_and_a_decision_speaks_before_a_fault() -> None:
    sent, skipped, broken = (
        End(State.SENT),
        End(State.SKIPPED, "no_consent"),
        End(State.FAILED, "no_template"),
    )
    assert together([skipped, broken, sent]).state is State.SENT
    assert together([broken, skipped]) == skipped
    assert together([broken]) == broken
