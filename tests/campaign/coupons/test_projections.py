"""What invoices of neighbours do to coupons."""

from __future__ import annotations

from itertools import permutations

import pytest

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from services.campaign.coupons import records
from services.campaign.intake.steps import InboundEvent
from services.campaign.reactions import steps
from services.common.rpc.context import Caller, bind
from tests.campaign.coupons.given import coupon, euros
from tests.campaign.orders.given import event
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON = {"user_id": "anna"}
LINES = [{"service": "cut", "category": "hair", "amount": 10_000}]


def finalized(shop: Served, codes: list[str], invoice: str = "i1", minutes: int = 0) -> InboundEvent:
    return event(
        shop,
        "invoice.finalized",
        minutes=minutes,
        invoice_id=invoice,
        person=PERSON,
        branch="",
        total=10_000,
        paid_amount=8_500,
        currency="EUR",
        coupon_codes=codes,
        lines=LINES,
        finalized_at="2026-11-21T12:00:00Z",
    )


async def meet(shop: Served) -> str:
    wanted = contact_pb2.Contact(external_id="anna")
    stub = shop.person(ContactServiceStub)
    return (
        await stub.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=wanted))
    ).contact.contact_id


async def tell(shop: Served, *events: InboundEvent) -> None:
    with bind(Caller.of_service("neighbour", shop.tenant_id)):
        for one in events:
            for step in steps(shop.settings):  # type: ignore[arg-type]  # campaign's own settings
                if one.type in step.types or "*" in step.types:
                    async with shop.service.database.tenant(shop.tenant_id) as uow:
                        await step.run(uow, one)


async def used(shop: Served, invoice: str = "i1") -> dict[str, str]:
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        found = await records.on_invoice(uow, invoice)
    return {one.code: f"{one.discount.normalize():f}" for one in found if one.reversed_at is None}


@pytest.mark.req("EVT-75", "LIF-10")
async def test_codes_on_an_invoice_are_redeemed_once_in_the_order_in_which_they_take_off(
    shop: Served,
) -> None:
    anna = await meet(shop)
    await coupon(shop, code="TENTH", percentage=1000, allow_stacking=True, service_ids=["cut"])
    await coupon(shop, code="FIVE", amount=euros("5"), allow_stacking=True, category_ids=["hair"])
    invoice = finalized(shop, ["five", "TENTH", "NOBODYS"])
    for _ in range(2):
        await tell(shop, invoice)
    assert await used(shop) == {"TENTH": "10", "FIVE": "5"}
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        assert {str(one.contact_id) for one in await records.on_invoice(uow, "i1")} == {anna}


@pytest.mark.req("EVT-75", "LIF-73")
async def test_a_code_that_the_rules_refuse_leaves_the_invoice_without_it(shop: Served) -> None:
    await meet(shop)
    await coupon(shop, code="OVER", valid_until_date="2026-11-20")
    await tell(shop, finalized(shop, ["OVER"]))
    assert await used(shop) == {}


@pytest.mark.req("EVT-76", "EVT-21", "LIF-78")
@pytest.mark.parametrize("kind", ["refunded", "cancelled", "part"])
async def test_what_is_given_back_whole_is_reversed_in_whatever_order_it_is_told(
    shop: Served, kind: str
) -> None:
    await meet(shop)
    await coupon(shop, code="AGAIN", max_uses_per_contact=100)
    for place, order in enumerate(permutations(range(2))):
        invoice = f"{kind}{place}"
        told = [
            finalized(shop, ["AGAIN"], invoice),
            event(
                shop,
                f"invoice.{'cancelled' if kind == 'cancelled' else 'refunded'}",
                minutes=5,
                invoice_id=invoice,
                amount=4_000 if kind == "part" else 8_500,
                is_full=kind != "part",
            ),
        ]
        await tell(shop, *(told[one] for one in order))
        assert (await used(shop, invoice) == {}) is (kind != "part")
