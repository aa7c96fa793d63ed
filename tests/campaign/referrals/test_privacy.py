"""What referrals and follow-ups know of a person is told to them, and forgotten with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.common.v1 import contact_data_pb2
from angarium.common.v1.contact_data_pb2_grpc import ContactDataServiceStub
from services.common.errors import ServiceError
from tests.campaign.followups.given import listed, made, remind, signed_in, staff
from tests.campaign.referrals.given import apply, contact, notices, now, referral, referrer
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = "+4915112345678"


async def exported(shop: Served, contact_id: str) -> str:
    service = shop.caller(ContactDataServiceStub, "consent")
    request = contact_data_pb2.ExportContactDataRequest(
        contact_id=contact_id, privacy_request_id=str(uuid4())
    )
    return "".join([str(block) async for block in service.ExportContactData(request)])


async def erased(shop: Served, contact_id: str) -> str:
    """Erases a contact and returns the id that stands for them."""
    service = shop.caller(ContactDataServiceStub, "consent")
    request: Any = contact_data_pb2.EraseContactDataRequest(
        contact_id=contact_id, privacy_request_id=str(uuid4()), tombstone_id=str(uuid4())
    )
    while (await service.EraseContactData(request)).remaining_count:
        pass
    return str(request.tombstone_id)


@pytest.mark.req("CON-90", "CON-91", "LIF-80")
async def test_erased_people_leave_figures_of_referrals_and_no_code_or_number(shop: Served) -> None:
    ada, code = await referrer(shop)
    answer = await apply(shop, code, PHONE, referred_name="Ben")
    ben, id = answer.referred_contact_id, answer.referral.referral_id
    told = await exported(shop, ben)
    assert PHONE in told
    assert code in await exported(shop, ada)
    assert PHONE not in await exported(shop, ada)

    stands_for_ben = await erased(shop, ben)
    left = await referral(shop, id)
    assert (left.referred_contact_id, left.masked_phone) == (stands_for_ben, "")
    stands_for_ada = await erased(shop, ada)
    assert (await referral(shop, id)).referrer_contact_id == stands_for_ada
    with pytest.raises(ServiceError) as refused:
        await apply(shop, code, "+4915112345679")
    assert refused.value.reason == "INVALID_REFERRAL_CODE"


@pytest.mark.req("CON-90", "CON-91", "LIF-84")
async def test_what_staff_noted_of_an_erased_person_is_gone_with_its_reminder(shop: Served) -> None:
    await staff(shop, "mia")
    ben, eve = await contact(shop, name="Ben"), await contact(shop)
    one = await made(shop, ben, note="Allergic to henna")
    await made(shop, eve, note="stays")
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE staff_followup SET due_at = %s WHERE tenant_id = %s AND followup_id = %s",
            (now(shop) - timedelta(minutes=1), uow.tenant_id, UUID(one.followup_id)),
        )
    await remind(shop)
    assert "Allergic to henna" in await exported(shop, ben)
    await erased(shop, ben)
    assert await listed(signed_in(shop)) == ["stays"]
    assert [row[4] for row in await notices(shop)] == ["cancelled"]
