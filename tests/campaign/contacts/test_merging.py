"""Two contacts that are one person become one: history, fields and ids lead to the one that is kept (CAM-79)."""

import asyncio
from uuid import UUID, uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import campaign_events_pb2, contact_pb2
from angarium.campaign.v1 import contact_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1.contact_data_pb2 import EraseContactDataRequest
from angarium.common.v1.contact_data_pb2_grpc import ContactDataServiceStub
from services.campaign import merges
from services.campaign.contacts import merge_store
from services.campaign.contacts.merging import job
from services.campaign.orders import store as orders
from services.campaign.tables import META
from services.common.clock import SystemClock
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.jobs import JobRunner
from tests.campaign.contacts.given import batch, events, get, upsert
from tests.campaign.contacts.test_projections import ANNA, at
from tests.campaign.orders.given import event, told
from tests.house import Served


async def merge(
    served: Served, keep: str, merged: str, *roles: str, key: str = ""
) -> pb.MergeContactsResponse:
    request = pb.MergeContactsRequest(keep_contact_id=keep, merge_contact_id=merged, idempotency_key=key)
    return await served.person(ContactServiceStub, *roles).MergeContacts(request)


@pytest.mark.req("CAM-30", "CAM-79")
async def test_the_kept_contact_gains_what_the_merged_one_had_and_keeps_its_own_word(
    campaign: Served,
) -> None:
    early, late = Timestamp(seconds=1_700_000_000), Timestamp(seconds=1_750_000_000)
    kept = await upsert(
        campaign,
        "k",
        first_name="Anna",
        tags=["a"],
        visit_count=2,
        last_visit_time=early,
        first_visit_time=early,
    )
    merged = await upsert(
        campaign,
        "m",
        first_name="Ann",
        last_name="Ott",
        email="anna@example.com",
        tags=["b", "a"],
        visit_count=1,
        total_spend_minor=700,
        first_visit_time=late,
        last_visit_time=late,
        membership_status="active",
    )
    answer = await merge(campaign, kept.contact_id, merged.contact_id, key="once")
    found = answer.contact
    assert (found.first_name, found.last_name, found.email) == ("Anna", "Ott", "anna@example.com")
    assert (list(found.tags), found.visit_count, found.total_spend_minor) == (["a", "b"], 3, 700)
    assert (found.first_visit_time, found.last_visit_time) == (early, late)
    assert found.membership_status == "active"
    again = await merge(campaign, kept.contact_id, merged.contact_id, key="once")
    assert again.deduplicated
    repeated = await merge(campaign, kept.contact_id, merged.contact_id)
    assert repeated.contact.visit_count == 3


@pytest.mark.req("CAM-27", "CAM-79", "CAM-26")
async def test_ids_of_a_merged_contact_lead_to_the_kept_one_however_often_it_is_merged_on(
    campaign: Served,
) -> None:
    first, second, third = [await upsert(campaign, name) for name in ("1", "2", "3")]
    await merge(campaign, second.contact_id, first.contact_id)
    await merge(campaign, third.contact_id, second.contact_id)
    for key in ({"contact_id": first.contact_id}, {"contact_id": second.contact_id}, {"external_id": "1"}):
        assert (await get(campaign, **key)).contact_id == third.contact_id
    rows = [
        contact_pb2.Contact(external_id="1", tags=["vip"]),
        contact_pb2.Contact(external_id="3", tags=["vip"]),
    ]
    [answer] = await batch(campaign, rows)
    assert set(answer.contact_ids) == {third.contact_id}
    assert list((await get(campaign, external_id="2")).tags) == ["vip"]
    listed = await campaign.person(ContactServiceStub).ListContacts(pb.ListContactsRequest())
    assert [one.contact_id for one in listed.contacts] == [third.contact_id]


@pytest.mark.req("CAM-30", "CAM-80", "CAM-18")
async def test_history_follows_and_later_events_of_the_merged_id_count_for_the_kept_contact(
    campaign: Served,
) -> None:
    kept = await upsert(campaign, "k")
    await told(
        campaign,
        [
            event(campaign, "visit.completed", person=ANNA, visit_id="v-1", completed_at=at(1)),
            event(campaign, "payment.succeeded", person=ANNA, order_id="o-1", amount=900, currency="EUR"),
        ],
    )
    merged = await get(campaign, external_id="u-1")
    await merge(campaign, kept.contact_id, merged.contact_id)
    await told(
        campaign,
        [
            event(campaign, "visit.cancelled", minutes=2, visit_id="v-1"),
            event(campaign, "visit.completed", person=ANNA, visit_id="v-2", completed_at=at(3)),
            event(campaign, "refund.completed", order_id="o-1", refund_id="r", amount=400),
        ],
    )
    found = await get(campaign, external_id="k")
    assert (found.visit_count, found.purchase_count, found.total_spend_minor) == (1, 1, 500)
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        bought = await orders.by_ref(uow, "o-1")
    assert bought is not None
    assert str(bought.contact_id) == kept.contact_id


@pytest.mark.req("EVT-115", "CAM-79")
async def test_others_learn_of_a_merge_in_the_order_they_need(campaign: Served) -> None:
    kept, merged = await upsert(campaign, "k"), await upsert(campaign, "m", email="a@example.com")
    before = len(await events(campaign))
    await merge(campaign, kept.contact_id, merged.contact_id)
    moved, last = (await events(campaign))[before:]
    assert (moved.type, last.type) == ("contact.address_changed", "contact.merged")
    block, payload = campaign_events_pb2.ContactsChanged(), campaign_events_pb2.ContactMerged()
    assert moved.payload.Unpack(block)
    assert last.payload.Unpack(payload)
    states = {one.contact_id: (one.state, len(one.address_hashes)) for one in block.contacts}
    assert states == {
        kept.contact_id: (contact_pb2.Contact.STATE_ACTIVE, 1),
        merged.contact_id: (contact_pb2.Contact.STATE_MERGED, 0),
    }
    assert (payload.kept.contact_id, payload.merged_contact_id) == (kept.contact_id, merged.contact_id)


@pytest.mark.req("SEC-28")
async def test_contacts_are_merged_by_branch_managers_and_above(campaign: Served) -> None:
    kept, merged = await upsert(campaign, "k"), await upsert(campaign, "m")
    with pytest.raises(ServiceError) as refused:
        await merge(campaign, kept.contact_id, merged.contact_id, "receptionist")
    assert refused.value.reason == "PERMISSION_DENIED"
    with pytest.raises(ServiceError) as refused:
        await merge(campaign, kept.contact_id, kept.contact_id)
    assert refused.value.reason == "VALIDATION_FAILED"
    await merge(campaign, kept.contact_id, merged.contact_id, "branch_manager")


@pytest.mark.req("CAM-79")
async def test_nobody_who_was_erased_is_merged_and_an_erasure_reaches_the_ids_that_led_to_the_person(
    campaign: Served,
) -> None:
    kept, merged, other = [await upsert(campaign, name) for name in ("k", "m", "o")]
    await merge(campaign, kept.contact_id, merged.contact_id)
    await told(campaign, [event(campaign, "visit.completed", person={"user_id": "k"}, visit_id="v")])
    service = campaign.caller(ContactDataServiceStub, "consent")
    request = EraseContactDataRequest(
        contact_id=kept.contact_id, tombstone_id=str(uuid4()), privacy_request_id=str(uuid4())
    )
    while (await service.EraseContactData(request)).remaining_count:
        pass
    for pair in ((kept, other), (other, kept), (other, merged)):
        with pytest.raises(ServiceError) as refused:
            await merge(campaign, pair[0].contact_id, pair[1].contact_id)
        assert refused.value.reason == "CONTACT_ERASED"
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        left = await uow.fetch_all("SELECT external_id FROM contact ORDER BY external_id NULLS LAST")
        facts = await uow.fetch_value("SELECT count(*) FROM contact_fact")
    assert (left, facts) == ([("o",), (None,), (None,)], 0)


@pytest.mark.req("CAM-79")
async def test_lines_of_campaigns_follow_a_piece_at_a_time(campaign: Served) -> None:
    kept, merged = await upsert(campaign, "k"), await upsert(campaign, "m")
    line = """
        INSERT INTO campaign_recipient
            (tenant_id, recipient_id, run_id, contact_id, block_no, variant, state, complained)
        VALUES (%s, %s, %s, %s, 1, 0, 2, false)
    """
    database = campaign.service.database
    async with database.tenant(campaign.tenant_id) as uow:
        for number, contact_id in enumerate((merged.contact_id, kept.contact_id)):
            recipient = UUID(int=UUID(merged.contact_id).int + number + 1)
            await uow.execute(line, (campaign.tenant_id, recipient, recipient, UUID(contact_id)))
    await merge(campaign, kept.contact_id, merged.contact_id)
    async with database.tenant(campaign.tenant_id) as uow:
        assert await merge_store.move_piece(uow) == 1
        assert await merge_store.move_piece(uow) is None
        assert await merge_store.move_piece(uow) is None
        rows = await uow.fetch_all("SELECT DISTINCT contact_id::text FROM campaign_recipient")
    assert rows == [(kept.contact_id,)]


def test_every_table_that_names_contacts_says_how_it_follows_a_merge() -> None:
    naming = {table.name for table in META.tables.values() if "contact_id" in table.columns}
    assert naming == merges.MOVED.keys() | merges.ELSEWHERE.keys()


@pytest.mark.req("CAM-79")
async def test_of_two_merges_of_the_same_people_at_once_one_wins_and_nothing_counts_twice(
    campaign: Served,
) -> None:
    one, other = await upsert(campaign, "1", visit_count=2), await upsert(campaign, "2", visit_count=3)
    pairs = [(one, other), (other, one)] * 3
    await asyncio.gather(
        *(merge(campaign, kept.contact_id, merged.contact_id) for kept, merged in pairs),
        return_exceptions=True,
    )
    first, second = await get(campaign, external_id="1"), await get(campaign, external_id="2")
    assert first == second
    assert first.visit_count == 5


@pytest.mark.req("CAM-79", "JOB-4")
async def test_merges_of_one_tenant_in_trouble_do_not_stop_those_of_others(
    campaign: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = campaign.service.database
    tenants = sorted([campaign.tenant_id, uuid4()])
    for tenant_id in tenants:
        async with database.tenant(tenant_id) as uow:
            await merge_store.note(uow, uuid7(), uuid7(), "anna")
    move = merge_store.move_piece

    async def breaks(uow: UnitOfWork) -> int | None:
        if uow.tenant_id == tenants[0]:
            raise ValueError
        return await move(uow)

    monkeypatch.setattr(merge_store, "move_piece", breaks)
    await JobRunner(database, [job(database)], SystemClock()).run_now("contact_merges")
    async with database.system() as uow:
        assert await merge_store.waiting_tenants(uow) == tenants[:1]
