"""Sales and visits of neighbours, from the event to what analytics counts."""

from __future__ import annotations

import dataclasses
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.analytics.v1 import analytics_events_pb2 as pb
from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.analytics.events import HANDLERS
from services.campaign.intake.steps import InboundEvent
from services.campaign.reactions import steps
from services.common.rpc.context import Caller, bind
from tests.campaign.conftest import create_tenant
from tests.campaign.orders.given import event
from tests.house import Served

PERSON = {"user_id": "anna"}
KINDS = {"payment.succeeded": pb.ConversionsObserved, "visit.completed": pb.ConversionsObserved}
REVERSED = ("refund.completed", "invoice.refunded", "invoice.cancelled")


async def tell(campaign: Served, *events: InboundEvent) -> None:
    with bind(Caller.of_service("neighbour", campaign.tenant_id)):
        for one in events:
            for step in steps(campaign.settings):  # type: ignore[arg-type]  # campaign's own settings
                if one.type in step.types or "*" in step.types:
                    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
                        await step.run(uow, one)


async def pass_on(campaign: Served, analytics: Served) -> None:
    """Brings what campaign told of conversions to analytics, as its consumer does."""
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT envelope FROM outbox WHERE tenant_id = %s AND aggregate_type = 'conversion' ORDER BY id",
            (campaign.tenant_id,),
        )
    for (sealed,) in rows:
        envelope = EventEnvelope.FromString(sealed)
        payload: Any = pb.ConversionsReversed() if envelope.type in REVERSED else pb.ConversionsObserved()
        assert envelope.payload.Unpack(payload)
        async with analytics.service.database.tenant(campaign.tenant_id) as uow:
            await HANDLERS[envelope.type](uow, envelope, payload)


async def measured(campaign: Served, analytics: Served) -> list[tuple[str, str | None, str]]:
    """Reference, value and contact of what analytics counted."""
    async with analytics.service.database.tenant(campaign.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT order_ref, trim_scale(value)::text, contact_id FROM conversion"
            " WHERE tenant_id = %s ORDER BY order_ref",
            (campaign.tenant_id,),
        )
    return [(ref, value, str(contact)) for ref, value, contact in rows]


async def opened(house: dict[str, Served]) -> tuple[Served, Served, str]:
    """Campaign as a new tenant with one contact sees it, analytics, and the contact."""
    campaign = dataclasses.replace(house["campaign"], tenant_id=uuid4())
    await create_tenant(campaign)
    wanted = contact_pb2.Contact(external_id="anna")
    stub = campaign.person(ContactServiceStub)
    made = await stub.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=wanted))
    return campaign, house["analytics"], made.contact.contact_id


def story(campaign: Served) -> list[InboundEvent]:
    """An order that three events say was paid, of which a part went back."""
    paid = {"person": PERSON, "order_id": "o1", "payment_id": "p1", "amount": 5_000, "currency": "EUR"}
    return [
        event(campaign, "payment.succeeded", minutes=1, **paid),
        event(campaign, "order.paid", minutes=2, event_ref="e1", ticket_quantity=1, **paid),
        event(campaign, "order.completed", minutes=3, person=PERSON, order_id="o1"),
        event(
            campaign,
            "refund.completed",
            minutes=9,
            refund_id="r1",
            is_partial=True,
            **{**paid, "amount": 1_500},
        ),
    ]


@pytest.mark.req("ANA-66", "EVT-16", "EVT-26", "EVT-21", "EVT-121")
async def test_a_sale_is_measured_once_net_of_refunds_in_whatever_order_it_is_told(
    house: dict[str, Served],
) -> None:
    for order in list(permutations(range(4)))[::5]:
        campaign, analytics, anna = await opened(house)
        events = story(campaign)
        for _ in range(2):
            await tell(campaign, *(events[place] for place in order))
            await pass_on(campaign, analytics)
        async with analytics.service.database.tenant(campaign.tenant_id) as uow:
            rows = await uow.fetch_all(
                "SELECT order_ref, contact_id, value, reversed_value FROM conversion WHERE tenant_id = %s",
                (campaign.tenant_id,),
            )
        assert [(ref, contact, float(value), float(back)) for ref, contact, value, back in rows] == [
            ("o1", UUID(anna), 50.0, 15.0)
        ]


@pytest.mark.req("EVT-37", "EVT-73", "ANA-66")
async def test_visits_and_admissions_are_conversions_and_an_unpaid_order_is_none(
    house: dict[str, Served],
) -> None:
    campaign, analytics, anna = await opened(house)
    await tell(
        campaign,
        event(
            campaign,
            "visit.completed",
            visit_id="v1",
            person=PERSON,
            branch="",
            services=[],
            categories=[],
            completed_at="2026-11-21T12:00:00Z",
            amount=2_000,
        ),
        event(
            campaign,
            "ticket.admitted",
            ticket_ref="t1",
            person=PERSON,
            event_ref="e1",
            admitted_at="2026-11-21T13:00:00Z",
        ),
        event(
            campaign,
            "order.created",
            person=PERSON,
            order_id="o2",
            order_number="2",
            items=[],
            amount=900,
            currency="EUR",
            payment_required=True,
        ),
        event(campaign, "order.completed", minutes=1, person=PERSON, order_id="o2"),
    )
    await pass_on(campaign, analytics)
    assert await measured(campaign, analytics) == [("t1", None, anna), ("v1", "20", anna)]
