"""What notices are, whom they reach and when, and how they are listed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.campaign.v1 import notice_service_pb2 as pb
from angarium.campaign.v1.notice_service_pb2_grpc import NoticeServiceStub
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2
from services.campaign.notices.domain import Mode, Reader, Source, State, countdown
from services.common.db.uow import UnitOfWork
from services.common.security.jwt import issue_person
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


@pytest.mark.parametrize(
    ("wanted", "index"),
    [("event_id", "ix_notice_event"), ("rule", "ix_notice_rule"), ("contact_id", "ix_notice_contact")],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_few_notices_among_many_are_listed_by_an_index(
    office: Office, wanted: str, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, event_id = await office.contact(email="anna@example.com"), uuid4()
    common = Reader(email="x@example.com")
    await office.add(*(office.notice(common, event_id=uuid4()) for _ in range(1500)))
    await office.add(office.notice(Reader(contact_id=anna), rule="rare", event_id=event_id))
    asked = {"event_id": str(event_id), "rule": "rare", "contact_id": str(anna)}
    plans: list[str] = []
    fetch_all = UnitOfWork.fetch_all

    async def explained(uow: UnitOfWork, query: Any, params: Any = (), **more: Any) -> Any:
        if "FROM notice " in str(query):
            plan = await fetch_all(uow, f"EXPLAIN {query}", params, prepare=False)
            plans.append("\n".join(line for (line,) in plan))
        return await fetch_all(uow, query, params, **more)

    async with office.served.service.database.system() as uow:
        await uow.execute("ANALYZE notice")
    with monkeypatch.context() as looking:
        looking.setattr(UnitOfWork, "fetch_all", explained)
        stub = office.served.person(NoticeServiceStub)
        answer = await stub.ListNotices(pb.ListNoticesRequest(**{wanted: asked[wanted]}))
    assert [one.rule for one in answer.notices] == ["rare"]
    [plan] = plans
    assert index in plan


@given(st.integers(min_value=-10_000, max_value=10_000_000))
def test_what_is_left_is_rounded_up_and_never_negative(seconds: int) -> None:
    left = countdown(NOON + timedelta(seconds=seconds), NOON)
    for name, unit in (("minutesLeft", 60), ("hoursUntil", 3600), ("daysLeft", 86400)):
        assert left[name] >= 0
        assert left[name] * unit >= seconds
        assert (left[name] - 1) * unit < max(seconds, 1)
