"""How notices are handed over: each once, whatever dies, and none kept by another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest

from services.campaign.notices import requests
from services.campaign.notices.domain import Listener, Outcome, Reader, Source, State
from services.campaign.notices.settling import End, Settling, together
from services.campaign.notices.store import Due
from services.campaign.notices.worker import NoticeWorker
from services.common.errors import failed, unavailable
from tests.campaign.conftest import create_tenant
from tests.campaign.notices.conftest import EMAIL, NOON, PUSH, SMS, Office


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
        dying.setattr(Settling, "settle", die)
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


@pytest.mark.req("EVT-126")
@pytest.mark.asyncio(loop_scope="module")
async def test_a_refused_email_neither_stops_nor_hides_the_text_message_of_the_same_notice(
    office: Office,
) -> None:
    office.delivery.refused["bad@example.com"] = "INVALID_RECIPIENT"
    contact_id = await office.contact(email="bad@example.com", phone="+4915112345678")
    await office.add(office.notice(Reader(contact_id=contact_id), channels=(EMAIL, SMS)))
    await office.hand_over()
    [text] = office.sent()
    assert (text.content.channel, text.recipient.address) == (SMS, "+4915112345678")
    assert await office.rows() == [("sent", "", 1)]


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
    listeners = office.worker._settling._listeners

    async def stumble(uow: Any, heard: Sequence[Outcome]) -> None:
        if any(one.key == "bad" for one in heard):
            raise LookupError("nothing is known of it")
        await listeners[Source.RULE].hear(uow, heard)

    reader = Reader(email="anna@example.com")
    await office.add(*(office.notice(reader, key=key) for key in ("good", "bad", "better")))
    with monkeypatch.context() as stumbling:
        stumbling.setattr(office.worker._settling, "_listeners", {Source.RULE: Listener(stumble)})
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


def test_one_message_on_its_way_is_enough_and_a_decision_speaks_before_a_fault() -> None:
    sent, skipped, broken = (
        End(State.SENT),
        End(State.SKIPPED, "no_consent"),
        End(State.FAILED, "no_template"),
    )
    assert together([skipped, broken, sent]).state is State.SENT
    assert together([broken, skipped]) == skipped
    assert together([broken]) == broken
