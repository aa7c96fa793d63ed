"""What events say of people ends up on their contacts, in whatever order and however often it is told."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from angarium.campaign.v1 import contact_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from services.campaign.contacts import store
from services.campaign.contacts.domain import Contact
from services.campaign.intake.steps import InboundEvent
from services.campaign.orders import store as orders
from services.campaign.orders.domain import OrderReference
from tests.campaign.contacts.given import branch
from tests.campaign.orders.given import NOON, at, event, told
from tests.house import Served

BRANCH = str(UUID(int=7))
ANNA = {"user_id": "u-1"}
KNOWN = {"user_id": "u-1", "email": "Anna@Example.com", "name": "Anna Ott", "language": "de"}


async def contact(served: Served, user_id: str = "u-1") -> Contact | None:
    async with served.service.database.tenant(served.tenant_id) as uow:
        return await store.by_key(uow, external_id=user_id)


async def anna(served: Served, user_id: str = "u-1") -> Contact:
    found = await contact(served, user_id)
    assert found is not None
    return found


async def order(served: Served, order_ref: str = "o-1") -> OrderReference:
    async with served.service.database.tenant(served.tenant_id) as uow:
        found = await orders.by_ref(uow, order_ref)
    assert found is not None
    return found


def life(served: Served) -> list[InboundEvent]:
    """Everything that can happen to one person, told once."""

    def one(type_: str, minutes: int, **data: Any) -> InboundEvent:
        return event(served, type_, minutes=minutes, branch=BRANCH, **data)

    money = {"amount": 9000, "currency": "EUR"}
    member = {"membership_id": "m-1", "plan": "gold", "starts_at": at(0)}
    package = {"package_id": "p-1", "person": ANNA, "name": "Ten visits", "expires_at": at(9000)}
    return [
        one("user.registered", 1, person=KNOWN, registration_source="web"),
        one("user.updated", 40, person={**ANNA, "first_name": "Anna", "last_name": "Berg"}),
        one("user.email_changed", 30, person=ANNA, old_email="a@b.example", new_email="anna@new.example"),
        one(
            "contact.upserted", 20, person=ANNA, tags=["vip"], attributes={"plan": "pro"}, birthday="--03-14"
        ),
        one(
            "contact.upserted",
            25,
            person=ANNA,
            tags=["gold"],
            attributes={"size": 4},
            assigned_staff_id="ada",
        ),
        one("order.created", 2, person=ANNA, order_id="o-1", order_number="1", items=[], **money),
        one(
            "payment.succeeded",
            3,
            person=ANNA,
            order_id="o-1",
            payment_id="y",
            coupon_codes=["SPRING"],
            **money,
        ),
        one("order.paid", 4, person=ANNA, order_id="o-1", payment_id="y", event_ref="e-1", amount=9000),
        one(
            "refund.completed", 50, order_id="o-1", refund_id="r", payment_id="y", amount=1000, currency="EUR"
        ),
        one(
            "invoice.finalized",
            5,
            person=ANNA,
            invoice_id="i-1",
            paid_amount=2500,
            total=2500,
            currency="EUR",
        ),
        one("invoice.refunded", 6, invoice_id="i-1", amount=500, is_full=False),
        one("visit.completed", 7, person=ANNA, visit_id="v-1", completed_at=at(7)),
        one("visit.completed", 8, person=ANNA, visit_id="v-2", completed_at=at(8)),
        one("visit.cancelled", 9, visit_id="v-2"),
        one("ticket.admitted", 10, person=ANNA, ticket_ref="t-1", event_ref="e-1", admitted_at=at(10)),
        one("ticket.admitted", 11, person=ANNA, ticket_ref="t-2", event_ref="a-2", admitted_at=at(11)),
        one("event.viewed", 60, person=ANNA, event_ref="e-9"),
        one("membership.purchased", 12, person=ANNA, **member, expires_at=at(100)),
        one("membership.renewed", 13, person=ANNA, **member, expires_at=at(200)),
        one("membership.expired", 14, membership_id="m-0", at=at(14)),
        one("package.purchased", 15, **package, remaining=10),
        one("package.used", 16, **package, remaining=9),
        one("loyalty.points_earned", 17, person=ANNA, points=50, balance=150, reason="", batch_id="b"),
        one("loyalty.points_redeemed", 18, person=ANNA, points=30, balance=120, reference="x"),
        one("loyalty.points_expiring", 19, person=ANNA, points=20, expires_on="2026-12-31"),
    ]


def kept(found: Contact) -> Contact:
    """A contact without what tells when and how often it was written."""
    packages = tuple(replace(one, package_ref="") for one in found.packages)
    return replace(found, contact_id=None, version=0, created_at=None, updated_at=None, packages=packages)


@pytest.mark.req("CAM-80", "CAM-18", "EVT-16", "EVT-21", "EVT-37", "EVT-73", "EVT-74", "EVT-75", "EVT-76")
@pytest.mark.req("EVT-45", "EVT-79", "EVT-80", "EVT-81", "EVT-82")
async def test_a_life_told_in_any_order_and_repeatedly_makes_the_same_contact_and_orders(
    campaign: Served,
) -> None:
    await branch(campaign, BRANCH)
    first = Contact()
    chance = random.Random(5)
    told_as: list[dict[str, Any]] = []
    for turn in range(6):
        events = life(campaign)
        if turn:
            events += chance.sample(events, 12)
            chance.shuffle(events)
        await told(campaign, [_of(turn, one) for one in events])
        found, bought = await anna(campaign, f"{turn}/u-1"), await order(campaign, f"{turn}/o-1")
        assert bought.contact_id == found.contact_id
        plain = replace(kept(found), external_id=None)
        told_as.append({**asdict(_plain(bought)), **asdict(plain)})
        assert {name: value for name, value in told_as[-1].items() if value != told_as[0][name]} == {}
        first = plain if turn == 0 else first
    assert (first.email, first.name, first.first_name, first.language_code) == (
        "anna@new.example",
        "Anna Ott",
        "Anna",
        "de",
    )
    assert (first.tags, first.attributes, str(first.birth_date)) == (
        ("gold",),
        {"plan": "pro", "size": 4},
        "--03-14",
    )
    assert (first.assigned_staff_id, first.branch_id, first.source) == ("ada", UUID(BRANCH), "event")
    assert (first.visit_count, first.purchase_count, first.total_spend_minor) == (1, 2, 10_000)
    assert (first.first_visit_at, first.last_visit_at) == (_at(7), _at(8))
    assert (first.last_purchase_at, first.last_activity_at) == (_at(5), _at(60))
    assert first.attended_event_refs == ("a-2", "e-1")
    assert (first.membership_status, first.membership_expires_at) == ("active", _at(200))
    [package] = first.packages
    assert (package.remaining, package.expires_at) == (9, _at(9000))
    assert (first.loyalty_points, first.points_expiring, str(first.points_expire_on)) == (
        120,
        20,
        "2026-12-31",
    )


def _of(turn: int, one: InboundEvent) -> InboundEvent:
    """The event as it happens to another person, with things of their own."""
    names = ("order_id", "invoice_id", "visit_id", "membership_id", "package_id")
    data = {name: f"{turn}/{value}" if name in names else value for name, value in one.data.items()}
    person = one.person
    if person:
        person = replace(person, user_id=f"{turn}/{person.user_id}")
    return replace(one, data=data, person=person)


def _plain(bought: OrderReference) -> OrderReference:
    return replace(bought, order_ref="", contact_id=None, fold={})


def _at(minutes: int) -> Any:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.req("EVT-2", "CAM-81", "EVT-46")
async def test_somebody_an_event_names_becomes_a_contact_without_consent_and_nobody_is_invented(
    campaign: Served,
) -> None:
    await told(campaign, [event(campaign, "user.registered", person={**ANNA, "email": "a@example.com"})])
    found = await anna(campaign)
    assert (found.email, found.name, found.source) == ("a@example.com", None, "event")
    stub = campaign.person(ContactServiceStub)
    shown = (await stub.GetContact(pb.GetContactRequest(external_id="u-1"))).contact
    assert not shown.consented_channels


@pytest.mark.req("EVT-2", "EVT-34")
async def test_everybody_an_event_names_is_known_afterwards(campaign: Served) -> None:
    holders = [{"user_id": f"h-{number}", "email": f"h{number}@example.com"} for number in range(3)]
    sender, receiver = {"user_id": "s", "email": "s@example.com"}, {"user_id": "r", "phone": "030 1234567"}
    await told(
        campaign,
        [
            event(campaign, "event.cancelled", event_ref="e", affected_tickets=[*holders, holders[0]]),
            event(campaign, "ticket.transferred", ticket_ref="t", **{"from": sender, "to": receiver}),
        ],
    )
    assert [(await anna(campaign, one["user_id"])).email for one in holders] == [
        one["email"] for one in holders
    ]
    assert (await anna(campaign, "r")).phone == "+49301234567"
    await told(campaign, [event(campaign, "user.deleted", person={"user_id": "gone"})])
    assert await contact(campaign, "gone") is None


@pytest.mark.req("EVT-48", "EVT-50", "CAM-80")
async def test_an_older_word_arriving_late_does_not_undo_a_newer_one(campaign: Served) -> None:
    def said(minutes: int, **data: Any) -> InboundEvent:
        return event(campaign, "contact.upserted", minutes=minutes, person={**ANNA, **data})

    await told(campaign, [said(5, name="Anna Berg", language="fr"), said(1, name="Anna Ott", language="de")])
    found = await anna(campaign)
    assert (found.name, found.language_code) == ("Anna Berg", "fr")


@pytest.mark.req("EVT-77", "EVT-78", "CAM-80")
@pytest.mark.parametrize("backwards", [False, True])
async def test_a_membership_that_is_active_holds_against_another_that_ended(
    campaign: Served, backwards: bool
) -> None:
    person = {"person": ANNA, "plan": "gold", "starts_at": at(0)}
    events: Sequence[InboundEvent] = [
        event(campaign, "membership.purchased", minutes=1, membership_id="m-1", expires_at=at(10), **person),
        event(campaign, "membership.purchased", minutes=2, membership_id="m-2", expires_at=at(90), **person),
        event(campaign, "membership.expired", minutes=10, membership_id="m-1", at=at(10)),
    ]
    await told(campaign, reversed(events) if backwards else events)
    found = await anna(campaign)
    assert (found.membership_status, found.membership_expires_at) == ("active", _at(90))
    await told(
        campaign, [event(campaign, "membership.cancelled", minutes=20, membership_id="m-2", at=at(20))]
    )
    assert (await anna(campaign)).membership_status == "cancelled"


@pytest.mark.req("EVT-123", "EVT-122")
async def test_the_buyer_of_a_refund_is_that_of_the_order_not_the_operator(campaign: Served) -> None:
    await told(
        campaign,
        [
            event(campaign, "refund.completed", order_id="o-1", refund_id="r", amount=700, operator_id="op"),
            event(campaign, "payment.succeeded", person=ANNA, order_id="o-1", amount=900, currency="EUR"),
        ],
    )
    bought = await order(campaign)
    assert bought.contact_id == (await anna(campaign)).contact_id
    assert (await anna(campaign)).total_spend_minor == 200
    assert await contact(campaign, "op") is None


@pytest.mark.req("CAM-80")
async def test_events_of_one_person_at_the_same_moment_make_one_contact_and_count_each_once(
    campaign: Served,
) -> None:
    events = [
        event(campaign, "visit.completed", minutes=minute, person=ANNA, visit_id=f"v-{minute}")
        for minute in range(8)
    ]
    await asyncio.gather(*(told(campaign, [one, one]) for one in events))
    assert (await anna(campaign)).visit_count == 8
