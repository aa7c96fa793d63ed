"""How what waits, and what was handed over, is stopped or given another time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from services.campaign.notices import cancellations, store
from services.campaign.notices.domain import Reader
from services.campaign.notices.requests import message_id
from services.campaign.notices.store import Due
from services.campaign.notices.worker import NoticeWorker
from services.common.errors import unavailable
from tests.campaign.notices.conftest import EMAIL, NOON, Office


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
    # What was sent after all is stopped by itself: others who share the key may have been told of since.
    assert [selector.correlation_key or selector.message_id for _, selector in office.delivery.told] == [
        "cart:1",
        *office.delivery.messages,
    ]


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
    with monkeypatch.context() as racing:
        racing.setattr(store, "cancel", taken_before(office))
        async with office.uow() as uow:
            assert await office.notices.cancel(uow, "cart:1", "bought") == 1
    await office.hand_over()
    assert [selector.correlation_key for _, selector in office.delivery.told] == ["cart:1"]


def taken_before(office: Office) -> Any:
    """Returns a cancelling of notices that a worker took just before, and died."""
    cancel = store.cancel

    async def cancelled(*given: Any) -> Any:
        async with office.served.service.database.system() as uow:
            assert await store.claim(uow, timedelta(minutes=1), 10)
        return await cancel(*given)

    return cancelled


async def three(office: Office) -> tuple[list[UUID], str]:
    """Three people who share a key, and the message to the first of them."""
    people = [await office.contact(email=f"{name}@example.com") for name in ("anna", "bert", "carla")]
    await office.add(
        *(
            office.notice(Reader(contact_id=one), correlation_key="event:1", rule="event-reminder")
            for one in people
        )
    )
    async with office.uow() as uow:
        notice_id = await uow.fetch_value(
            "SELECT notice_id FROM notice WHERE tenant_id = %s AND contact_id = %s",
            (office.served.tenant_id, people[0]),
        )
    return people, str(message_id(notice_id, NOON, EMAIL))


async def silence(office: Office, *people: UUID) -> int:
    async with office.uow() as uow:
        return await office.notices.cancel_readers(uow, "event:1", "event-reminder", people, "no ticket")


@pytest.mark.asyncio(loop_scope="module")
async def test_readers_are_left_out_of_what_was_handed_over_and_others_of_the_key_are_not(
    office: Office,
) -> None:
    people, first = await three(office)
    await office.hand_over()
    assert await silence(office, people[0]) == 0
    await office.hand_over()
    assert [selector.message_id for _, selector in office.delivery.told] == [first]
    assert len(office.sent()) == 3


@pytest.mark.asyncio(loop_scope="module")
async def test_readers_are_left_out_of_what_delivery_could_not_take_yet(office: Office) -> None:
    people, _ = await three(office)
    office.delivery.error = unavailable("delivery")
    await office.worker.step()
    office.delivery.error = None
    assert await silence(office, people[0]) == 1
    office.clock.advance(timedelta(minutes=1))
    await office.hand_over()
    assert sorted(row[:2] for row in await office.rows()) == [
        ("cancelled", "no ticket"),
        ("sent", ""),
        ("sent", ""),
    ]
    assert {UUID(one.recipient.contact_id) for one in office.sent()} == set(people[1:])


@pytest.mark.asyncio(loop_scope="module")
async def test_readers_are_left_out_of_what_a_worker_took_before_it_died(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, first = await three(office)
    with monkeypatch.context() as racing:
        racing.setattr(store, "cancel", taken_before(office))
        assert await silence(office, people[0]) == 1
    await office.hand_over()
    assert [selector.message_id for _, selector in office.delivery.told] == [first]
    office.clock.advance(timedelta(minutes=2))
    await office.hand_over()
    assert {UUID(one.recipient.contact_id) for one in office.sent()} == set(people[1:])


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
