"""Events of the house as automations hear them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_events_pb2 as campaign_events
from angarium.campaign.v1 import coupon_pb2
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2 as consent_events
from angarium.delivery.v1 import delivery_events_pb2 as delivery_events
from angarium.delivery.v1 import receipt_service_pb2 as receipts
from services.campaign import events
from services.campaign.automations.emitted import HEARD, NAMES, handlers, parts_of, plain
from services.campaign.notices.domain import State
from services.common.ids import uuid7
from tests.campaign.automations.given import (
    TEMPLATE,
    advance,
    automation,
    contact,
    means,
    read_contact,
    run_of,
    runs_of,
    settle,
    state,
    trigger,
)
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def happen(shop: Served, type: str, payload: Message, **more: Any) -> None:
    """Has automations hear an event as the consumer would."""
    envelope = EventEnvelope(event_id=str(uuid7()), type=type, tenant_id=str(shop.tenant_id), **more)
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await handlers(means(shop))[type](uow, envelope, payload)


def hit(contact_id: str, message_id: str = "", *, machine: bool = False) -> delivery_events.MessageEngaged:
    return delivery_events.MessageEngaged(
        engagement_id=str(uuid7()),
        message_id=message_id or str(uuid7()),
        contact_id=contact_id,
        kind=receipts.ENGAGEMENT_KIND_CLICK,
        engagement_class=receipts.ENGAGEMENT_CLASS_PROXY if machine else receipts.ENGAGEMENT_CLASS_HUMAN,
        url="https://shop.example/offers",
    )


@pytest.mark.req("LIF-64")
async def test_a_block_of_clicks_starts_a_run_for_each_person_and_none_for_machines(shop: Served) -> None:
    offers = {"field": "url", "operator": "CONDITION_OPERATOR_CONTAINS", "value": "/offers"}
    await automation(shop, event={"event_name": "message.clicked", "filter": [offers]})
    anna, ben, robot = await contact(shop), await contact(shop), await contact(shop)
    payload = delivery_events.MessagesEngaged(hits=[hit(anna), hit(ben), hit(robot, machine=True)])
    await happen(shop, "message.engaged", payload)
    await happen(shop, "message.engaged", payload)
    assert sorted(run.contact_id for run in await runs_of(shop) if not run.error) == sorted([anna, ben])


@pytest.mark.req("LIF-64")
async def test_a_withdrawal_ends_runs_that_name_it(shop: Served) -> None:
    made = await automation(shop, stop_on_events=[{"event_name": "consent.opted_out"}])
    person = await contact(shop)
    [run] = await trigger(shop, made.automation_id, person)
    await advance(shop)
    await happen(shop, "consent.opted_out", consent_events.ContactOptedOut(contact_id=person))
    assert await state(shop, run) == "cancelled"


@pytest.mark.req("LIF-72")
async def test_a_click_on_a_runs_own_message_wakes_it_and_starts_it_not_again(shop: Served) -> None:
    click = {"event_name": "message.clicked"}
    made = await automation(
        shop,
        event=click,
        actions=[
            {"send_notification": {"template_name": TEMPLATE}},
            {
                "wait_for_event": {
                    "event": click,
                    "timeout": "3600s",
                    "then_actions": [{"update_contact": {"add_tags": ["clicked"]}}],
                }
            },
        ],
    )
    person = await contact(shop)
    await happen(shop, "message.engaged", delivery_events.MessagesEngaged(hits=[hit(person)]))
    [run] = await runs_of(shop)
    await advance(shop)
    await settle(shop, run.run_id, State.SENT)
    await advance(shop)
    [message_id] = (await run_of(shop, run.run_id)).steps[0].message_ids
    await happen(shop, "message.engaged", delivery_events.MessagesEngaged(hits=[hit(person, message_id)]))
    await advance(shop)
    assert await state(shop, run.run_id) == "completed"
    assert list((await read_contact(shop, person)).tags) == ["clicked"]
    assert [one.error for one in await runs_of(shop, automation_id=made.automation_id)] == [
        "caused_by_itself",
        "",
    ]


@pytest.mark.req("LIF-72")
async def test_what_a_run_changes_does_not_start_its_automation_again(shop: Served) -> None:
    await automation(
        shop, event={"event_name": "contact.updated"}, actions=[{"update_contact": {"add_tags": ["seen"]}}]
    )
    person = await contact(shop)
    payload = campaign_events.ContactsChanged(contacts=[{"contact_id": person}])  # type: ignore[list-item]
    await happen(shop, "contact.updated", payload)
    [run] = await runs_of(shop)
    await advance(shop)
    await happen(shop, "contact.updated", payload, causation_id=run.run_id)
    assert [one.error for one in await runs_of(shop)] == ["caused_by_itself", ""]


async def test_payloads_are_plain_data_without_hashes_and_addresses(shop: Served) -> None:
    person = await contact(shop)
    used = campaign_events.CouponUsed(
        redemption=coupon_pb2.CouponRedemption(code="SPRING", contact_id=person, invoice_id="i1")
    )
    [part] = parts_of("coupon.redeemed", used)
    assert (part.contact_id, part.data) == (
        UUID(person),
        {"redemption": {"code": "SPRING", "contact_id": person, "invoice_id": "i1"}},
    )
    reported = delivery_events.RecipientReported(
        contact_id=person, channel=enums_pb2.CHANNEL_EMAIL, address_hash=b"x"
    )
    assert plain(reported) == {"contact_id": person, "channel": "email"}


async def test_all_events_that_may_be_named_are_consumed(shop: Served) -> None:
    consumed = events.handlers(shop.settings)  # type: ignore[arg-type]  # campaign's own settings
    assert {*HEARD, "message.engaged", "webhook.call_settled"} <= set(consumed)
    assert {"message.opened", "message.clicked"} <= NAMES
