"""Coupons as they are used: checked, set aside, redeemed, given back, and counted right under any rush."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import campaign_events_pb2, contact_service_pb2, coupon_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.coupons import accounting, pool, records, store
from services.common.errors import ServiceError
from tests.campaign.coupons.given import contact, coupon, euros, order, spelled
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def told(shop: Served, type_: str, payload: Any) -> list[Any]:
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", (type_,))
    found = []
    for (envelope,) in rows:
        message = payload()
        assert EventEnvelope.FromString(envelope).payload.Unpack(message)
        found.append(message)
    return found


async def standing(shop: Served, coupon_id: str) -> coupon_pb2.Coupon:
    answer = await shop.person(CouponServiceStub).GetCoupon(pb.GetCouponRequest(coupon_id=coupon_id))
    return answer.coupon


async def reason_of(call: Any) -> str:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value.reason


@pytest.mark.req("LIF-29", "SEC-129")
async def test_checking_a_code_tells_what_it_takes_off_or_what_stands_against_it_and_uses_nothing(
    shop: Served,
) -> None:
    stub, anna = shop.person(CouponServiceStub), await contact(shop)
    made = await coupon(shop, code="CHECK", percentage=2000, min_order_amount=euros("50"))
    good = await stub.ValidateCoupon(pb.ValidateCouponRequest(code=" check ", order=order(anna, "80")))
    assert (good.valid, spelled(good.discount), good.coupon.coupon_id) == (True, "16", made.coupon_id)
    small = await stub.ValidateCoupon(pb.ValidateCouponRequest(code="CHECK", order=order(anna, "49.99")))
    assert (small.valid, small.HasField("discount")) == (False, False)
    assert small.invalid_reason == coupon_pb2.COUPON_REFUSAL_MIN_ORDER_NOT_MET
    unknown = await stub.ValidateCoupon(pb.ValidateCouponRequest(code="NOBODYS", order=order(anna)))
    assert unknown.invalid_reason == coupon_pb2.COUPON_REFUSAL_INVALID_CODE
    assert await standing(shop, made.coupon_id) == made


@pytest.mark.req("LIF-29", "SEC-7")
async def test_guessing_codes_is_stopped_after_twenty_questions_a_minute_about_one_contact(
    shop: Served,
) -> None:
    stub, anna, ben = shop.person(CouponServiceStub), await contact(shop), await contact(shop)
    for place in range(20):
        await stub.ValidateCoupon(pb.ValidateCouponRequest(code=f"GUESS{place}", order=order(anna)))
    with pytest.raises(ServiceError) as refused:
        await stub.ValidateCoupon(pb.ValidateCouponRequest(code="GUESS21", order=order(anna)))
    assert refused.value.reason == "RATE_LIMITED"
    assert refused.value.retry_after is not None
    await stub.ValidateCoupon(pb.ValidateCouponRequest(code="GUESS", order=order(ben)))


REFUSED = [
    ({"valid_from_date": "2026-11-22"}, {}, "COUPON_NOT_YET_VALID"),
    ({"valid_until_date": "2026-11-20"}, {}, "COUPON_EXPIRED"),
    ({"min_order_amount": euros("100.01")}, {}, "COUPON_MIN_ORDER"),
    ({"branch_ids": [str(uuid4())]}, {"branch_id": str(uuid4())}, "COUPON_NOT_ELIGIBLE"),
    ({"service_ids": ["cut"]}, {}, "COUPON_NOT_ELIGIBLE"),
    ({"category_ids": ["hair"]}, {"category_ids": ["nails"]}, "COUPON_NOT_ELIGIBLE"),
]


@pytest.mark.req("LIF-30", "LIF-31", "LIF-73", "SEC-76", "SEC-77", "SEC-80", "SEC-81", "SEC-82")
async def test_what_the_rules_refuse_is_neither_set_aside_nor_redeemed(shop: Served) -> None:
    stub, anna = shop.person(CouponServiceStub), await contact(shop)
    assert (
        await reason_of(
            stub.RedeemCoupon(pb.RedeemCouponRequest(code="NONE", order=order(anna), invoice_id="i"))
        )
        == "INVALID_COUPON_CODE"
    )
    for place, (terms, details, reason) in enumerate(REFUSED):
        made = await coupon(shop, code=f"R{place}", **{"valid_from_date": "2026-01-01", **terms})
        about = order(anna, **details)
        reserve = pb.ReserveCouponRequest(code=made.code, order=about, order_ref="o")
        redeem = pb.RedeemCouponRequest(code=made.code, order=about, invoice_id="i")
        assert await reason_of(stub.ReserveCoupon(reserve)) == reason
        assert await reason_of(stub.RedeemCoupon(redeem)) == reason
        after = await standing(shop, made.coupon_id)
        assert (after.current_uses, after.reserved_uses) == (0, 0)
    assert await told(shop, "coupon.redeemed", campaign_events_pb2.CouponUsed) == []


@pytest.mark.req("LIF-10", "LIF-31", "LIF-77", "LIF-109", "LIF-113", "EVT-105")
async def test_a_code_is_redeemed_once_on_an_invoice_with_the_amount_computed_here(shop: Served) -> None:
    stub, anna, branch = shop.person(CouponServiceStub), await contact(shop), str(uuid4())
    made = await coupon(shop, code="ONCE", percentage=1500, max_uses_per_contact=2)
    request = pb.RedeemCouponRequest(
        code="once", order=order(anna, "33.33", branch_id=branch), invoice_id="i1"
    )
    first = (await stub.RedeemCoupon(request)).redemption
    assert (spelled(first.discount), first.branch_id, first.contact_id) == ("5", branch, anna)
    again = await stub.RedeemCoupon(request)
    assert (again.redemption, again.deduplicated) == (first, True)
    other = await stub.RedeemCoupon(pb.RedeemCouponRequest(code="ONCE", order=order(anna), invoice_id="i2"))
    third = pb.RedeemCouponRequest(code="ONCE", order=order(anna), invoice_id="i3")
    assert await reason_of(stub.RedeemCoupon(third)) == "COUPON_CUSTOMER_LIMIT"
    page = await stub.ListCouponRedemptions(pb.ListCouponRedemptionsRequest(coupon_id=made.coupon_id))
    assert [one.invoice_id for one in page.redemptions] == ["i2", "i1"]
    assert (await standing(shop, made.coupon_id)).current_uses == 2
    events = await told(shop, "coupon.redeemed", campaign_events_pb2.CouponUsed)
    assert [one.redemption for one in events] == [first, other.redemption]


@pytest.mark.req("LIF-9", "LIF-30", "LIF-77")
async def test_what_is_set_aside_is_kept_for_its_order_until_its_time_is_over(shop: Served) -> None:
    stub, anna, ben = shop.person(CouponServiceStub), await contact(shop), await contact(shop)
    made = await coupon(shop, code="LAST", max_total_uses=1)
    request = pb.ReserveCouponRequest(code="LAST", order=order(anna), order_ref="o1")
    hold = (await stub.ReserveCoupon(request)).reservation
    assert hold.expire_time.ToDatetime() - shop.service.database.clock.now().replace(
        tzinfo=None
    ) == timedelta(minutes=15)
    assert (await stub.ReserveCoupon(request)).reservation == hold
    late = pb.ReserveCouponRequest(code="LAST", order=order(ben), order_ref="o2")
    assert await reason_of(stub.ReserveCoupon(late)) == "COUPON_MAX_USES"
    foreign = pb.RedeemCouponRequest(reservation_id=hold.reservation_id, order=order(ben), invoice_id="i")
    assert await reason_of(stub.RedeemCoupon(foreign)) == "COUPON_RESERVATION_INVALID"
    used = pb.RedeemCouponRequest(reservation_id=hold.reservation_id, order=order(anna, "60"), invoice_id="i")
    redeemed = await stub.RedeemCoupon(used)
    assert spelled(redeemed.redemption.discount) == "6"
    after = await standing(shop, made.coupon_id)
    assert (after.current_uses, after.reserved_uses) == (1, 0)
    second = pb.RedeemCouponRequest(
        reservation_id=hold.reservation_id, order=order(anna, "60"), invoice_id="other"
    )
    assert await reason_of(stub.RedeemCoupon(second)) == "COUPON_RESERVATION_INVALID"
    assert len(await told(shop, "coupon.exhausted", campaign_events_pb2.CouponChanged)) == 1


@pytest.mark.req("LIF-30", "LIF-92", "SEC-85")
async def test_a_hold_that_was_given_back_is_worth_nothing_and_its_use_is_free_again(shop: Served) -> None:
    stub, anna = shop.person(CouponServiceStub), await contact(shop)
    made = await coupon(shop, code="BACK", max_total_uses=1)
    request = pb.ReserveCouponRequest(code="BACK", order=order(anna), order_ref="o1")
    hold = (await stub.ReserveCoupon(request)).reservation
    release = pb.ReleaseCouponRequest(reservation_id=hold.reservation_id)
    for _ in range(2):
        answer = await stub.ReleaseCoupon(release)
        assert answer.reservation.state == coupon_pb2.CouponReservation.STATE_RELEASED
    assert (await standing(shop, made.coupon_id)).reserved_uses == 0
    for unknown in (hold.reservation_id, str(uuid4())):
        redeem = pb.RedeemCouponRequest(reservation_id=unknown, order=order(anna), invoice_id="i")
        assert await reason_of(stub.RedeemCoupon(redeem)) == "COUPON_RESERVATION_INVALID"
    assert (await stub.ReserveCoupon(request)).reservation.reservation_id != hold.reservation_id


@pytest.mark.req("LIF-76", "SEC-84")
async def test_codes_together_are_taken_off_one_after_the_other_when_each_allows_it(shop: Served) -> None:
    stub, anna = shop.person(CouponServiceStub), await contact(shop)
    await coupon(shop, code="TENTH", percentage=1000, allow_stacking=True)
    await coupon(shop, code="FIVE", amount=euros("5"), allow_stacking=True)
    await coupon(shop, code="ALONE", amount=euros("50"))
    five = await stub.ValidateCoupon(
        pb.ValidateCouponRequest(code="FIVE", order=order(anna, "5.50", other_codes=["tenth"]))
    )
    assert spelled(five.discount) == "4.95"
    request = pb.RedeemCouponRequest(code="FIVE", order=order(anna, other_codes=["ALONE"]), invoice_id="i")
    assert await reason_of(stub.RedeemCoupon(request)) == "COUPON_NOT_STACKABLE"
    nobodys = pb.RedeemCouponRequest(code="FIVE", order=order(anna, other_codes=["NOBODYS"]), invoice_id="i")
    assert await reason_of(stub.RedeemCoupon(nobodys)) == "COUPON_NOT_STACKABLE"


@pytest.mark.req("LIF-32", "LIF-78", "EVT-105")
async def test_a_reversed_use_goes_back_once_and_is_told_once(shop: Served) -> None:
    stub, anna, ben = shop.person(CouponServiceStub), await contact(shop), await contact(shop)
    made = await coupon(shop, code="REFUND", max_total_uses=1)
    await stub.RedeemCoupon(pb.RedeemCouponRequest(code="REFUND", order=order(anna), invoice_id="i1"))
    reverse = pb.ReverseRedemptionRequest(invoice_id="i1", reason="full refund")
    answers = await asyncio.gather(*(stub.ReverseRedemption(reverse) for _ in range(5)))
    assert {one.redemptions[0].reversal_reason for one in answers} == {"full refund"}
    assert (await standing(shop, made.coupon_id)).current_uses == 0
    assert len(await told(shop, "coupon.reversed", campaign_events_pb2.CouponUsed)) == 1
    await stub.RedeemCoupon(pb.RedeemCouponRequest(code="REFUND", order=order(ben), invoice_id="i2"))
    assert (
        await reason_of(stub.ReverseRedemption(pb.ReverseRedemptionRequest(invoice_id="none", reason="x")))
        == "NOT_FOUND"
    )


@pytest.mark.req("LIF-33")
async def test_redemptions_are_listed_page_by_page_newest_first_and_to_nobody_elses_people(
    shop: Served,
) -> None:
    stub = shop.person(CouponServiceStub)
    made = await coupon(shop, code="MANY", max_uses_per_contact=3)
    anna = await contact(shop)
    for number in range(3):
        await stub.RedeemCoupon(
            pb.RedeemCouponRequest(code="MANY", order=order(anna), invoice_id=f"m{number}")
        )
    await stub.ReverseRedemption(pb.ReverseRedemptionRequest(invoice_id="m1", reason="full refund"))
    request = pb.ListCouponRedemptionsRequest(coupon_id=made.coupon_id, page_size=2)
    first = await stub.ListCouponRedemptions(request)
    request.page_token = first.next_page_token
    rest = await stub.ListCouponRedemptions(request)
    found = [*first.redemptions, *rest.redemptions]
    assert [one.invoice_id for one in found] == ["m2", "m1", "m0"]
    assert [one.reversal_reason for one in found] == ["", "full refund", ""]
    assert {one.contact_id for one in found} == {anna}
    assert rest.next_page_token == ""
    receptionist = shop.person(CouponServiceStub, "receptionist")
    assert await reason_of(receptionist.ListCouponRedemptions(request)) == "PERMISSION_DENIED"
    stranger = shop.person(CouponServiceStub, tenant_id=uuid4())
    foreign = pb.ListCouponRedemptionsRequest(coupon_id=made.coupon_id)
    assert await reason_of(stranger.ListCouponRedemptions(foreign)) == "NOT_FOUND"


@pytest.mark.req("LIF-77", "LIF-109")
async def test_the_last_uses_are_given_once_however_many_ask_at_the_same_moment(shop: Served) -> None:
    stub = shop.person(CouponServiceStub)
    made = await coupon(shop, code="RUSH", max_total_uses=5)
    people = [await contact(shop) for _ in range(16)]

    async def use(place: int) -> str:
        try:
            if place % 2:
                hold = await stub.ReserveCoupon(
                    pb.ReserveCouponRequest(code="RUSH", order=order(people[place]), order_ref=f"o{place}")
                )
                await stub.RedeemCoupon(
                    pb.RedeemCouponRequest(
                        reservation_id=hold.reservation.reservation_id,
                        order=order(people[place]),
                        invoice_id=f"i{place}",
                    )
                )
            else:
                await stub.RedeemCoupon(
                    pb.RedeemCouponRequest(code="RUSH", order=order(people[place]), invoice_id=f"i{place}")
                )
        except ServiceError as error:
            return error.reason
        return "used"

    found = Counter(await asyncio.gather(*map(use, range(16))))
    assert found == {"used": 5, "COUPON_MAX_USES": 11}
    after = await standing(shop, made.coupon_id)
    assert (after.current_uses, after.reserved_uses) == (5, 0)
    assert len(await told(shop, "coupon.exhausted", campaign_events_pb2.CouponChanged)) == 1


@pytest.mark.req("LIF-28", "LIF-77", "EVT-106")
async def test_a_coupon_whose_limit_was_raised_is_told_exhausted_again(shop: Served) -> None:
    stub = shop.person(CouponServiceStub)
    made = await coupon(shop, code="MORE", max_total_uses=1)
    for place in range(2):
        anna = await contact(shop)
        await stub.RedeemCoupon(
            pb.RedeemCouponRequest(code="MORE", order=order(anna), invoice_id=f"i{place}")
        )
        assert len(await told(shop, "coupon.exhausted", campaign_events_pb2.CouponChanged)) == place + 1
        raised = coupon_pb2.Coupon(coupon_id=made.coupon_id, etag=made.etag, max_total_uses=place + 2)
        mask = FieldMask(paths=["max_total_uses"])
        made = (await stub.UpdateCoupon(pb.UpdateCouponRequest(coupon=raised, update_mask=mask))).coupon


@pytest.mark.req("JOB-19", "LIF-9", "LIF-77")
async def test_holds_whose_time_is_over_go_back_by_the_job_and_by_who_needs_them_sooner(shop: Served) -> None:
    stub, anna, ben = shop.person(CouponServiceStub), await contact(shop), await contact(shop)
    made = {code: await coupon(shop, code=code, max_total_uses=1) for code in ("SOON", "JOB")}
    for code in made:
        await stub.ReserveCoupon(pb.ReserveCouponRequest(code=code, order=order(anna), order_ref="o"))
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE coupon_reservation SET expires_at = expires_at - interval '15 minutes' WHERE tenant_id = %s",
            (shop.tenant_id,),
        )
    await stub.RedeemCoupon(pb.RedeemCouponRequest(code="SOON", order=order(ben), invoice_id="i"))
    async with shop.service.database.system() as uow:
        due = await records.expired_coupons(uow, 10)
    assert (shop.tenant_id, made["JOB"].coupon_id) in [(tenant, str(one)) for tenant, one in due]
    for tenant_id, coupon_id in due:
        async with shop.service.database.tenant(tenant_id) as uow:
            assert await accounting.expire_holds(uow, coupon_id) == 1
            assert await accounting.expire_holds(uow, coupon_id) == 0
    assert (await standing(shop, made["JOB"].coupon_id)).reserved_uses == 0


@pytest.mark.req("LIF-73", "CAM-79")
async def test_ids_of_somebody_who_became_part_of_another_use_coupons_as_that_one(shop: Served) -> None:
    stub, kept, merged = shop.person(CouponServiceStub), await contact(shop), await contact(shop)
    await coupon(shop, code="ONCE", max_uses_per_contact=1)
    await coupon(shop, code="OWN", contact_id=merged)
    await shop.person(ContactServiceStub).MergeContacts(
        contact_service_pb2.MergeContactsRequest(keep_contact_id=kept, merge_contact_id=merged)
    )
    hold = await stub.ReserveCoupon(pb.ReserveCouponRequest(code="OWN", order=order(merged), order_ref="o1"))
    assert hold.reservation.contact_id == kept
    used = await stub.RedeemCoupon(pb.RedeemCouponRequest(code="ONCE", order=order(merged), invoice_id="i1"))
    assert used.redemption.contact_id == kept
    for one in (kept, merged):
        again = pb.RedeemCouponRequest(code="ONCE", order=order(one), invoice_id="i2")
        assert await reason_of(stub.RedeemCoupon(again)) == "COUPON_CUSTOMER_LIMIT"


@pytest.mark.req("LIF-73", "SEC-78", "SEC-79")
async def test_a_personal_coupon_is_nobody_elses(shop: Served) -> None:
    stub, anna, ben = shop.person(CouponServiceStub), await contact(shop), await contact(shop)
    await coupon(shop, code="ANNAS", contact_id=anna)
    bens = pb.RedeemCouponRequest(code="ANNAS", order=order(ben), invoice_id="i")
    assert await reason_of(stub.RedeemCoupon(bens)) == "INVALID_COUPON_CODE"
    await stub.RedeemCoupon(pb.RedeemCouponRequest(code="ANNAS", order=order(anna), invoice_id="i"))


@pytest.mark.req("LIF-73", "LIF-90")
async def test_orders_of_other_currencies_and_unknown_contacts_are_refused(shop: Served) -> None:
    stub, anna = shop.person(CouponServiceStub), await contact(shop)
    await coupon(shop, code="MONEY")
    dollars = pb.CouponOrder(contact_id=anna, amount=euros("10", "USD"))
    with pytest.raises(ServiceError) as refused:
        await stub.RedeemCoupon(pb.RedeemCouponRequest(code="MONEY", order=dollars, invoice_id="i"))
    assert {one.field for one in refused.value.violations} == {"order.amount"}
    nobody = pb.RedeemCouponRequest(code="MONEY", order=order(str(uuid4())), invoice_id="i")
    assert await reason_of(stub.RedeemCoupon(nobody)) == "NOT_FOUND"


POOL = coupon_pb2.Coupon.CODE_KIND_POOL
GENERATED = coupon_pb2.Coupon.CODE_KIND_GENERATED


@pytest.mark.req("LIF-8")
async def test_a_pool_takes_codes_in_blocks_and_says_which_it_cannot_take(shop: Served) -> None:
    stub = shop.person(CouponServiceStub)
    made = await coupon(shop, code_kind=POOL)
    await coupon(shop, code="SHARED")
    blocks = [
        pb.AddCouponCodesRequest(
            coupon_id=made.coupon_id,
            block_number=1,
            codes=["aaaa-1", "AAAA-2", "x", "shared", "AAAA-1", "SHARED"],
        ),
        pb.AddCouponCodesRequest(coupon_id=made.coupon_id, block_number=2, codes=["AAAA-2", "AAAA-3"]),
    ]
    answers = [answer async for answer in stub.AddCouponCodes(iter(blocks))]
    assert [(one.block_number, one.added_count, one.known_count) for one in answers] == [(1, 2, 1), (2, 1, 1)]
    assert [one.index for one in answers[0].errors] == [2, 3, 5]
    assert (await standing(shop, made.coupon_id)).codes.free == 3


@pytest.mark.req("W5", "LIF-8")
@pytest.mark.parametrize("kind", [POOL, GENERATED])
async def test_each_recipient_gets_a_code_of_their_own_which_only_a_message_that_went_out_gives_away(
    shop: Served, kind: coupon_pb2.Coupon.CodeKind
) -> None:
    stub, people = shop.person(CouponServiceStub), [await contact(shop) for _ in range(3)]
    made = await coupon(shop, code_kind=kind)
    if kind == POOL:
        codes = [f"POOL-{uuid4().hex[:8]}" for _ in range(3)]
        request = pb.AddCouponCodesRequest(coupon_id=made.coupon_id, codes=codes)
        assert [one.added_count async for one in stub.AddCouponCodes(iter([request]))] == [3]
    messages = {uuid4(): person for person in people}
    campaign_id = uuid4()

    async def take() -> dict[Any, str]:
        async with shop.service.database.tenant(shop.tenant_id) as uow:
            found = await store.by_id(uow, made_id)
            assert found is not None
            recipients = {message: UUID(person) for message, person in messages.items()}
            return await pool.take(uow, found, recipients, campaign_id)

    made_id = UUID(made.coupon_id)
    taken = await take()
    assert len(set(taken.values())) == 3
    assert await take() == taken
    sent, failed, waiting = messages
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        assert await pool.issue(uow, [sent]) == 1
        assert await pool.give_back(uow, [sent, failed]) == 1
    counts = (await standing(shop, made.coupon_id)).codes
    assert (counts.free, counts.held, counts.issued) == (1, 1, 1)
    theirs = pb.RedeemCouponRequest(code=taken[sent], order=order(messages[sent]), invoice_id="i1")
    use = (await stub.RedeemCoupon(theirs)).redemption
    assert (use.message_id, use.campaign_id) == (str(sent), str(campaign_id))
    for message, person in ((failed, people[1]), (waiting, people[2]), (sent, people[1])):
        request = pb.RedeemCouponRequest(code=taken[message], order=order(person), invoice_id="i2")
        assert await reason_of(stub.RedeemCoupon(request)) == "INVALID_COUPON_CODE"


@pytest.mark.req("W5")
async def test_a_pool_that_runs_dry_gives_each_code_once_to_many_who_ask_at_the_same_moment(
    shop: Served,
) -> None:
    stub = shop.person(CouponServiceStub)
    made = await coupon(shop, code_kind=POOL)
    codes = [f"DRY-{place:04}" for place in range(300)]
    request = pb.AddCouponCodesRequest(coupon_id=made.coupon_id, codes=codes)
    assert [one.added_count async for one in stub.AddCouponCodes(iter([request]))] == [300]
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        found = await store.by_id(uow, UUID(made.coupon_id))
    assert found is not None

    async def take() -> dict[Any, str]:
        async with shop.service.database.tenant(shop.tenant_id) as uow:
            return await pool.take(uow, found, {uuid4(): uuid4() for _ in range(50)}, None)

    taken = [code for block in await asyncio.gather(*(take() for _ in range(8))) for code in block.values()]
    assert len(taken) == len(set(taken)) == 300
