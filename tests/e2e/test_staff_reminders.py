"""A follow-up from its making to the inbox of the staff member: real services, told once."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from angarium.campaign.v1 import contact_pb2, contact_service_pb2, followup_service_pb2
from angarium.campaign.v1.followup_service_pb2_grpc import FollowupServiceStub
from angarium.delivery.v1 import inbox_service_pb2
from angarium.delivery.v1.inbox_service_pb2_grpc import InboxServiceStub
from cli.client import ClientSettings, PersonChannels
from services.campaign.bootstrap import NAME
from services.campaign.followups import wiring
from services.common.clock import SystemClock
from services.common.db.database import Database
from services.common.jobs import JobRunner
from services.common.security.permissions import RECEPTIONIST
from services.common.settings import read
from tests.e2e.city import City


@pytest.mark.req("LIF-84", "LIF-119", "DEL-14")
async def test_a_due_follow_up_lies_in_the_inbox_of_its_staff_member_once(city: City) -> None:
    ada = city.cast.ada
    member = contact_pb2.StaffMember(staff_id="mia", name="Mia", roles=[RECEPTIONIST], language_code="en")
    await ada.contacts.UpsertStaffMember(contact_service_pb2.UpsertStaffMemberRequest(staff_member=member))
    contact = contact_pb2.Contact(external_id="ben", name="Ben Okoro")
    made = await ada.contacts.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=contact))
    known = {
        name: getattr(city.settings[NAME], name)
        for name in ClientSettings.model_fields
        if name in type(city.settings[NAME]).model_fields
    }
    mia = PersonChannels(
        read(ClientSettings, **known), tenant_id=city.cast.tenant_id, role=RECEPTIONIST, subject="mia"
    )
    try:
        followups: Any = mia.stub(FollowupServiceStub, "campaign")
        inbox: Any = mia.stub(InboxServiceStub, "delivery")
        wanted = followup_service_pb2.Followup(
            contact_id=made.contact.contact_id, reminder_date="2099-01-01", note="Ask about the gift"
        )
        request = followup_service_pb2.CreateFollowupRequest(followup=wanted, idempotency_key=str(uuid4()))
        await followups.CreateFollowup(request)
        await city.rows("UPDATE campaign.staff_followup SET due_at = now() - interval '1 minute' RETURNING 1")
        await remind(city)
        await remind(city)
        try:
            async with asyncio.timeout(25):
                while not (items := (await listed(inbox)).items):  # noqa: ASYNC110 - no event to wait for
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"messages are {await city.states()}") from None
    finally:
        await mia.close()
    [item] = items
    assert (item.staff_id, item.contact_id) == ("mia", "")
    assert "Ben Okoro" in item.title
    assert "Ask about the gift" in item.body
    sent = await city.rows("SELECT count(*) FROM campaign.notice")
    assert sent == [(1,)]


async def listed(inbox: Any) -> inbox_service_pb2.ListInboxItemsResponse:
    answer: inbox_service_pb2.ListInboxItemsResponse = await inbox.ListInboxItems(
        inbox_service_pb2.ListInboxItemsRequest()
    )
    return answer


async def remind(city: City) -> None:
    settings = city.settings[NAME]
    database = await Database.open(settings, NAME)
    try:
        await JobRunner(database, [wiring.job(settings)], SystemClock()).run_now("followups")
    finally:
        await database.close()
