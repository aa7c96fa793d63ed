"""Batches: one content for many or items of their own, added to, counted when asked, cancelled."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import grpc
import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from tests.delivery.kit import House, later
from tests.delivery.messages.calls import (
    EMAIL,
    ORDER,
    SMS,
    S,
    cancel,
    listed,
    person,
    refused,
    rows,
    send_many,
    states,
    stopped,
    told,
)
from tests.fakes.neighbours import ALLOW, defer, deny

pytestmark = pytest.mark.asyncio(loop_scope="module")

B = message_pb2.Batch


async def batch(house: House, batch_id: str, **more: Any) -> message_pb2.Batch:
    answer = await house.messages.GetBatch(
        pb.GetBatchRequest(batch_id=batch_id), metadata=house.as_person(**more)
    )
    return answer.batch


async def batches(house: House, **fields: Any) -> pb.ListBatchesResponse:
    return await house.messages.ListBatches(pb.ListBatchesRequest(**fields), metadata=house.as_person())


def counted(found: message_pb2.Batch) -> dict[str, int]:
    return {S.State.Name(one.state).removeprefix("STATE_").lower(): one.count for one in found.counts}


def people(count: int) -> list[pb.Recipient]:
    return [person(contact_id=str(uuid4()), address=f"p{number}@example.com") for number in range(count)]


@pytest.mark.req("DEL-4", "DEL-21", "DEL-29")
async def test_a_named_batch_counts_what_came_and_how_it_stands(office: House) -> None:
    office.neighbours.consent.rule = lambda context, item: (
        deny(consent_pb.DECISION_REASON_NO_CONSENT) if item.address == "p1@example.com" else ALLOW
    )
    everybody = [*people(3), person(address="not an address"), *people(1)]
    answer = await send_many(office, content=office.content(), recipients=everybody, name="Spring")
    assert (answer.accepted_count, answer.duplicate_count) == (4, 0)
    assert [(one.index, one.status.code) for one in answer.errors] == [(3, 3)]
    assert [(one.index, one.state, one.reason) for one in answer.stopped] == [
        (1, S.STATE_SKIPPED, "no_consent")
    ]
    assert [bool(id) for id in answer.message_ids] == [True, True, True, False, True]
    found = await batch(office, answer.batch_id)
    assert (found.name, found.state, found.created_by) == ("Spring", B.STATE_PROCESSING, "person-1")
    assert (found.total_count, found.accepted_count, found.rejected_count) == (5, 4, 1)
    assert counted(found) == {"pending": 3, "skipped": 1}
    page = await listed(office, batch_id=answer.batch_id)
    assert {one.message_id for one in page.messages} == {id for id in answer.message_ids if id}
    assert {one.batch_id for one in page.messages} == {answer.batch_id}
    assert [one.batch_id for one in (await batches(office, name="Spring")).batches] == [answer.batch_id]
    assert not (await batches(office, name="Summer")).batches


@pytest.mark.req("DEL-21", "DEL-29")
async def test_items_with_contents_of_their_own_are_accepted_together_and_bad_ones_named(
    office: House,
) -> None:
    mail, text = office.template(), office.template(channel=SMS)
    contact = office.neighbours.people.add(phone="+491711234567")
    items = [
        pb.BatchItem(content=office.content(mail), recipient=person(address="a@example.com")),
        pb.BatchItem(content=office.content(text, channel=SMS), recipient=person(contact_id=contact)),
        pb.BatchItem(content=office.content(mail, source="till"), recipient=person(address="b@example.com")),
        pb.BatchItem(
            content=pb.MessageContent(channel=EMAIL, category=ORDER, template_name="nothing"),
            recipient=person(address="c@example.com"),
        ),
        pb.BatchItem(content=office.content(mail), recipient=person(address="bad")),
        pb.BatchItem(content=office.content(mail), recipient=person(contact_id=str(uuid4()))),
        pb.BatchItem(content=office.content(mail), recipient=person(address="d@example.com")),
    ]
    answer = await send_many(office, items=items)
    assert answer.accepted_count == 4
    errors = {one.index: one.status for one in answer.errors}
    assert dict.fromkeys((3, 5), grpc.StatusCode.NOT_FOUND.value[0]) | {4: 3} == {
        index: status.code for index, status in errors.items()
    }
    assert [bool(id) for id in answer.message_ids] == [True, True, True, False, False, False, True]
    # Items of the same content are one block, and consent was asked once for each channel.
    assert await rows(office, "SELECT message_count FROM content WHERE tenant_id = %s ORDER BY 1") == [
        (1,), (1,), (2,),
    ]  # fmt: skip
    assert len(office.neighbours.consent.requests) == 2
    found = await batch(office, answer.batch_id)
    assert (found.total_count, found.accepted_count, found.rejected_count) == (7, 4, 3)
    assert sorted(await told(office)) == [
        ("message.accepted", 1),
        ("message.accepted", 1),
        ("message.accepted", 2),
    ]


@pytest.mark.req("DEL-4", "DEL-22")
async def test_calls_may_add_to_a_batch_until_the_last_one(office: House) -> None:
    content = office.content()
    first = await send_many(office, content=content, recipients=people(2), more_follow=True)
    assert (await batch(office, first.batch_id)).state == B.STATE_ACCEPTING

    async def blocks() -> Any:
        for last in (False, True):
            yield pb.StreamMessagesRequest(
                batch=pb.SendBatchRequest(
                    content=content,
                    recipients=people(3),
                    batch_id=first.batch_id,
                    more_follow=not last,
                    idempotency_key=str(uuid4()),
                )
            )

    answers = [one async for one in office.messages.StreamMessages(blocks(), metadata=office.as_person())]
    assert [one.result.batch_id for one in answers] == [first.batch_id] * 2
    found = await batch(office, first.batch_id)
    assert (found.state, found.total_count, counted(found)) == (B.STATE_PROCESSING, 8, {"pending": 8})
    over = await refused(send_many(office, content=content, recipients=people(1), batch_id=first.batch_id))
    assert over == (grpc.StatusCode.INVALID_ARGUMENT, "VALIDATION_FAILED", "MARKETING_063", ["batch_id"])
    unknown = await refused(send_many(office, content=content, recipients=people(1), batch_id=str(uuid4())))
    assert unknown[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert await states(office) == {"pending": 8}


@pytest.mark.req("DEL-4")
async def test_a_batch_that_nobody_added_to_for_a_day_takes_no_more(office: House) -> None:
    content = office.content()
    first = await send_many(office, content=content, recipients=people(1), more_follow=True)
    await rows(office, "UPDATE batch SET added_at = now() - interval '25 hours' WHERE tenant_id = %s")
    assert (await batch(office, first.batch_id)).state == B.STATE_PROCESSING
    late = await refused(send_many(office, content=content, recipients=people(1), batch_id=first.batch_id))
    assert late[3] == ["batch_id"]


@pytest.mark.req("DEL-4", "DEL-25", "DEL-29")
async def test_cancelling_a_batch_stops_what_waits_and_closes_it(office: House) -> None:
    content = office.content()
    office.neighbours.consent.rule = lambda context, item: (
        defer(consent_pb.DECISION_REASON_QUIET_HOURS, later(hours=2)) if "p0@" in item.address else ALLOW
    )
    answer = await send_many(office, content=content, recipients=people(5), more_follow=True)
    other = await send_many(office, content=content, recipients=people(2))
    assert await cancel(office, batch_id=answer.batch_id) == 5
    assert await cancel(office, batch_id=answer.batch_id) == 0
    found = await batch(office, answer.batch_id)
    assert (found.state, counted(found)) == (B.STATE_CANCELLED, {"cancelled": 5})
    assert found.cancel_time.seconds > 0
    assert found.cancel_reason == "cancelled"
    assert len(await stopped(office, "cancelled")) == 5
    assert counted(await batch(office, other.batch_id)) == {"pending": 1, "deferred": 1}
    late = await refused(send_many(office, content=content, recipients=people(1), batch_id=answer.batch_id))
    assert late[3] == ["batch_id"]


@pytest.mark.req("DEL-4", "DEL-119")
async def test_a_batch_is_completed_once_nothing_of_it_waits(house_of_its_own: House) -> None:
    house = house_of_its_own
    await house.add_account()
    answer = await send_many(house, content=house.content(), recipients=people(4))
    assert (await batch(house, answer.batch_id)).state == B.STATE_PROCESSING
    async with house.worker():
        await house.until_states({"sent": 4})
    found = await batch(house, answer.batch_id)
    assert (found.state, counted(found)) == (B.STATE_COMPLETED, {"sent": 4})


@pytest.mark.req("DEL-29", "GEN-26", "SEC-6")
async def test_batches_are_listed_newest_first_and_only_to_their_tenant_and_branches(office: House) -> None:
    content = office.content()
    made = [
        (await send_many(office, content=content, recipients=people(n + 1), name="N")).batch_id
        for n in range(5)
    ]
    seen: list[str] = []
    token = ""
    while True:
        page = await batches(office, page_size=2, page_token=token)
        seen += [one.batch_id for one in page.batches]
        token = page.next_page_token
        if not token:
            break
    assert seen == list(reversed(made))
    counts = {one.batch_id: counted(one)["pending"] for one in (await batches(office)).batches}
    assert counts == {id: n + 1 for n, id in enumerate(made)}
    foreign = batch(office, made[0], tenant_id=uuid4())
    assert (await refused(foreign))[1] == "NOT_FOUND"
    bad = await refused(batches(office, page_size=2, page_token="nonsense"))
    assert bad[3] == ["page_token"]


@pytest.mark.req("DEL-116", "DEL-21")
async def test_empty_double_and_oversize_batches_are_refused(office: House) -> None:
    content = office.content()
    item = pb.BatchItem(content=content, recipient=person(address="a@example.com"))
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["recipients"]),
        ({"content": content}, ["recipients"]),
        ({"content": content, "recipients": people(1), "items": [item]}, ["items"]),
        ({"content": content, "recipients": people(1001)}, ["recipients"]),
        ({"items": [item] * 1001}, ["items"]),
    ]
    for fields, named in cases:
        found = await refused(send_many(office, **fields))
        assert found == (grpc.StatusCode.INVALID_ARGUMENT, "VALIDATION_FAILED", "MARKETING_063", named)
    assert await states(office) == {}


@pytest.mark.req("GEN-29", "DEL-113")
async def test_a_repeated_batch_is_the_first_one(office: House) -> None:
    fields: dict[str, Any] = {"content": office.content(), "recipients": people(2), "key": "batch-1"}
    first = await send_many(office, **fields)
    again = await send_many(office, **fields)
    assert (again.deduplicated, again.batch_id) == (True, first.batch_id)
    assert list(again.message_ids) == list(first.message_ids)
    assert len((await batches(office)).batches) == 1
    other = {**fields, "content": office.content(category=enums_pb2.CATEGORY_REFUND)}
    assert (await refused(send_many(office, **other)))[1] == "IDEMPOTENCY_CONFLICT"


async def test_blocks_of_campaigns_are_no_batches(office: House) -> None:
    answer = await send_many(
        office, as_service="campaign", content=office.campaign_content(), recipients=people(2)
    )
    assert answer.batch_id == ""
    assert not (await batches(office)).batches
