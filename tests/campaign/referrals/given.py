"""Referrals as tests begin with, and what neighbours tell of the people in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import campaign_events_pb2, referral_pb2
from angarium.campaign.v1 import referral_service_pb2 as pb
from angarium.campaign.v1.referral_service_pb2_grpc import ReferralServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.intake.steps import InboundEvent, person_of
from services.campaign.reactions import steps
from services.common.ids import uuid7
from services.common.rpc.context import Caller, bind
from services.common.security.jwt import issue_neighbour, issue_person
from tests.campaign.coupons.given import contact, euros
from tests.house import Served

STATE = referral_pb2.Referral
ALL_STEPS = ("contacts", "orders", "referrals")


def stub(shop: Served, *roles: str) -> Any:
    return shop.person(ReferralServiceStub, *roles)


def of_branch(shop: Served, branch: str, role: str = "branch_manager") -> Any:
    """The stub of somebody who is limited to a branch."""
    token = issue_person(shop.settings, shop.tenant_id, "bea", [role], [branch])
    return shop._stub(ReferralServiceStub, token, None)


def neighbour(shop: Served) -> Any:
    """The stub of another system of the tenant's."""
    return shop._stub(ReferralServiceStub, issue_neighbour(shop.settings, shop.tenant_id, "till"), None)


def now(shop: Served) -> datetime:
    return shop.service.database.clock.now()


async def terms(shop: Served, **fields: Any) -> referral_pb2.ReferralSettings:
    """Changes the terms of the programme."""
    known = (await stub(shop).GetReferralSettings(pb.GetReferralSettingsRequest())).settings
    wanted = referral_pb2.ReferralSettings(etag=known.etag, **fields)
    request = pb.UpdateReferralSettingsRequest(settings=wanted, update_mask=FieldMask(paths=fields))
    answer = await stub(shop).UpdateReferralSettings(request)
    found: referral_pb2.ReferralSettings = answer.settings
    return found


async def code_of(shop: Served, contact_id: str) -> str:
    answer = await stub(shop).GetReferralCode(pb.GetReferralCodeRequest(contact_id=contact_id))
    return str(answer.code)


async def referrer(shop: Served, **fields: Any) -> tuple[str, str]:
    """A contact who refers others, and the code."""
    contact_id = await contact(shop, **{"name": "Ada Lovelace", **fields})
    return contact_id, await code_of(shop, contact_id)


async def apply(shop: Served, code: str, phone: str, **fields: Any) -> pb.ApplyReferralResponse:
    request = pb.ApplyReferralRequest(referral_code=code, referred_phone=phone, **fields)
    answer: pb.ApplyReferralResponse = await stub(shop).ApplyReferral(request)
    return answer


async def referral(shop: Served, referral_id: str) -> referral_pb2.Referral:
    answer = await stub(shop).GetReferral(pb.GetReferralRequest(referral_id=referral_id))
    found: referral_pb2.Referral = answer.referral
    return found


def event(shop: Served, type_: str, *, after: timedelta = timedelta(minutes=5), **data: Any) -> InboundEvent:
    at = now(shop) + after
    return InboundEvent(
        tenant_id=shop.tenant_id,
        event_id=uuid7(),
        type=type_,
        source="shop",
        occurred_at=at,
        received_at=at,
        aggregate_type="thing",
        aggregate_id="1",
        data=data,
        fact=str(uuid4()),
        person=person_of(data.get("person")),
    )


def visit(shop: Served, person: dict[str, Any], **times: Any) -> InboundEvent:
    return event(shop, "visit.completed", visit_id=uuid4().hex, person=person, **times)


def invoice(
    shop: Served, person: dict[str, Any], paid: int, ref: str = "i1", *, currency: str = "EUR", **times: Any
) -> InboundEvent:
    """An invoice over minor units."""
    return event(
        shop,
        "invoice.finalized",
        invoice_id=ref,
        person=person,
        branch="",
        total=paid,
        paid_amount=paid,
        currency=currency,
        coupon_codes=[],
        lines=[],
        **times,
    )


def refunded(shop: Served, amount: int, ref: str = "i1", **times: Any) -> InboundEvent:
    return event(shop, "invoice.refunded", invoice_id=ref, amount=amount, is_full=True, **times)


def credited(shop: Served, person: dict[str, Any], reference: str) -> InboundEvent:
    return event(shop, "loyalty.points_credited", person=person, points=100, balance=100, reference=reference)


async def tell(shop: Served, *events: InboundEvent) -> None:
    """Takes events through the steps that have to do with referrals, each in a transaction of its own."""
    with bind(Caller.of_service("neighbour", shop.tenant_id)):
        for one in events:
            for step in steps(shop.settings):  # type: ignore[arg-type]  # campaign's own settings
                if step.name in ALL_STEPS and (one.type in step.types or "*" in step.types):
                    async with shop.service.database.tenant(shop.tenant_id) as uow:
                        await step.run(uow, one)


async def told(shop: Served, type_: str, payload: Any = campaign_events_pb2.ReferralChanged) -> list[Any]:
    """What was emitted of a type."""
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT envelope FROM outbox WHERE tenant_id = %s AND type = %s ORDER BY id",
            (uow.tenant_id, type_),
        )
    found = []
    for (envelope,) in rows:
        message = payload()
        assert EventEnvelope.FromString(envelope).payload.Unpack(message)
        found.append(message)
    return found


async def notices(shop: Served) -> list[tuple[str, str, UUID | None, str | None, str]]:
    """Source, template, contact, staff member and state of what is to be written to people."""
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT source, template, contact_id, staff_id, state FROM notice WHERE tenant_id = %s"
            " ORDER BY notice_id",
            (uow.tenant_id,),
        )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


__all__ = ["contact", "euros"]
