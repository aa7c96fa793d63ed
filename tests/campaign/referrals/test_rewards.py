"""What makes referrals count, and who gets what: once each, and back when it was not deserved."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from angarium.campaign.v1 import (
    campaign_events_pb2,
    contact_service_pb2,
    coupon_pb2,
    coupon_service_pb2,
    referral_pb2,
)
from angarium.campaign.v1 import referral_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from services.common.errors import ServiceError
from tests.campaign.contacts.given import branch
from tests.campaign.coupons.given import order
from tests.campaign.referrals.given import (
    STATE,
    apply,
    code_of,
    contact,
    credited,
    event,
    invoice,
    neighbour,
    notices,
    now,
    of_branch,
    referral,
    referrer,
    refunded,
    stub,
    tell,
    terms,
    told,
    visit,
)
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = "+4915112345678"
BEN = {"user_id": "ben", "phone": PHONE}
ADA = {"user_id": "ada"}
POINTS = campaign_events_pb2.PointsRequested
REWARD_ON = referral_pb2.ReferralSettings


async def ada_refers(shop: Served, **fields: Any) -> tuple[str, str]:
    """Ada, whom neighbours know, refers Ben; returns her contact and the referral."""
    stub_ = shop.person(ContactServiceStub)
    wanted = contact_service_pb2.UpsertContactRequest()
    wanted.contact.external_id, wanted.contact.name = "ada", "Ada"
    ada = (await stub_.UpsertContact(wanted)).contact.contact_id
    made = await apply(shop, await code_of(shop, ada), PHONE, **fields)
    return ada, made.referral.referral_id


async def coupon(shop: Served, coupon_id: str) -> Any:
    request = coupon_service_pb2.GetCouponRequest(coupon_id=coupon_id)
    return (await shop.person(CouponServiceStub).GetCoupon(request)).coupon


async def mark(shop: Served, id: str) -> Any:
    request = pb.MarkReferralFraudRequest(referral_id=id, reason="made up")
    return (await stub(shop, "branch_manager").MarkReferralFraud(request)).referral


async def clear(shop: Served, id: str) -> Any:
    request = pb.ClearReferralFraudRequest(referral_id=id, reason="a mistake")
    return (await stub(shop, "branch_manager").ClearReferralFraud(request)).referral


@pytest.mark.req("LIF-81", "LIF-82", "LIF-116", "EVT-75", "EVT-82", "EVT-107", "EVT-108", "EVT-109")
async def test_the_first_large_enough_invoice_counts_and_points_reward_it_once_acknowledged(
    shop: Served,
) -> None:
    ada, id = await ada_refers(shop)
    # A smaller first invoice does not count, and does not use up the chance.
    await tell(shop, invoice(shop, BEN, 49_999, "small"))
    assert (await referral(shop, id)).state == STATE.STATE_PENDING
    for _ in range(2):
        await tell(shop, invoice(shop, BEN, 50_000))
    found = await referral(shop, id)
    assert (found.state, found.first_invoice_id) == (STATE.STATE_CONVERTED, "i1")
    assert (found.first_invoice_amount.units, found.referrer_reward.points) == (500, 100)
    assert not found.referrer_reward.HasField("issue_time")
    [converted] = await told(shop, "referral.converted")
    assert (converted.invoice_id, converted.amount.units, converted.referrer_id) == ("i1", 500, ada)
    [asked] = await told(shop, "loyalty.points_credit_requested", POINTS)
    assert (asked.contact_id, asked.external_id, asked.points, asked.reason) == (ada, "ada", 100, "referral")
    assert (asked.referral_id, asked.credit_id) == (id, id)
    assert await notices(shop) == []

    await tell(shop, credited(shop, BEN, id), credited(shop, ADA, "something else"))
    assert (await referral(shop, id)).state == STATE.STATE_CONVERTED
    for _ in range(2):
        await tell(shop, credited(shop, ADA, id))
    found = await referral(shop, id)
    assert found.state == STATE.STATE_REWARDED
    assert found.referrer_reward.HasField("issue_time")
    [event] = await told(shop, "referral.rewarded")
    assert (event.referrer_id, event.referrer_reward.points) == (ada, 100)
    # Marketing: whether she is written to is for her consent to decide.
    assert await notices(shop) == [("referral", "referral-rewarded", UUID(ada), None, "waiting")]


@pytest.mark.req("LIF-82", "LIF-117")
async def test_a_coupon_rewards_the_referrer_at_once_and_is_theirs_alone(shop: Served) -> None:
    await terms(shop, referrer_reward=referral_pb2.ReferralReward(free_service_id="cut"))
    ada, id = await ada_refers(shop)
    await tell(shop, invoice(shop, BEN, 60_000))
    found = await referral(shop, id)
    assert (found.state, found.referrer_reward.free_service_id) == (STATE.STATE_REWARDED, "cut")
    made = await coupon(shop, found.referrer_reward.coupon_id)
    assert (made.contact_id, made.free_service_id, made.max_total_uses) == (ada, "cut", 1)
    assert (made.code, made.requires_marketing_consent) == (found.referrer_reward.coupon_code, False)
    assert await told(shop, "loyalty.points_credit_requested", POINTS) == []
    assert [one[1] for one in await notices(shop)] == ["referral-rewarded"]
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        category = await uow.fetch_value("SELECT category FROM notice WHERE tenant_id = %s", (uow.tenant_id,))
    assert category == 33


@pytest.mark.req("LIF-81")
async def test_a_sign_up_counts_at_once_where_the_terms_say_so(shop: Served) -> None:
    await terms(shop, reward_on=REWARD_ON.REWARD_ON_SIGNUP)
    _, id = await ada_refers(shop)
    assert (await referral(shop, id)).state == STATE.STATE_CONVERTED
    assert [one.state for one in await told(shop, "referral.created")] == [STATE.STATE_PENDING]
    assert len(await told(shop, "loyalty.points_credit_requested", POINTS)) == 1


@pytest.mark.req("LIF-81", "EVT-73")
async def test_a_first_visit_counts_where_the_terms_say_so_and_invoices_do_not(shop: Served) -> None:
    await terms(shop, reward_on=REWARD_ON.REWARD_ON_FIRST_VISIT)
    _, id = await ada_refers(shop)
    await tell(shop, invoice(shop, BEN, 90_000))
    assert (await referral(shop, id)).state == STATE.STATE_PENDING
    await tell(shop, visit(shop, BEN))
    found = await referral(shop, id)
    assert (found.state, found.first_invoice_id) == (STATE.STATE_CONVERTED, "")


@pytest.mark.req("LIF-81", "EVT-74")
async def test_a_first_visit_that_was_cancelled_before_it_is_told_counts_for_nothing(shop: Served) -> None:
    await terms(shop, reward_on=REWARD_ON.REWARD_ON_FIRST_VISIT)
    _, id = await ada_refers(shop)
    first = visit(shop, BEN)
    cancelled = event(
        shop, "visit.cancelled", visit_id=first.data["visit_id"], person=BEN, after=timedelta(minutes=9)
    )
    await tell(shop, cancelled, first)
    assert (await referral(shop, id)).state == STATE.STATE_PENDING
    await tell(shop, visit(shop, BEN))
    assert (await referral(shop, id)).state == STATE.STATE_CONVERTED


@pytest.mark.req("LIF-81")
async def test_what_came_before_or_too_late_or_in_another_currency_does_not_count(shop: Served) -> None:
    _, id = await ada_refers(shop)
    await tell(
        shop,
        invoice(shop, BEN, 90_000, "before", after=timedelta(minutes=-1)),
        invoice(shop, BEN, 90_000, "late", after=timedelta(days=91)),
        invoice(shop, BEN, 90_000, "foreign", currency="USD"),
        invoice(shop, {"user_id": "eve"}, 90_000, "somebody else's"),
        visit(shop, BEN),
    )
    assert (await referral(shop, id)).state == STATE.STATE_PENDING
    await mark(shop, id)
    await tell(shop, invoice(shop, BEN, 90_000, "flagged"))
    assert (await referral(shop, id)).state == STATE.STATE_FRAUD
    assert await told(shop, "referral.converted") == []


@pytest.mark.req("LIF-81", "LIF-82")
async def test_many_invoices_at_the_same_moment_let_a_referral_count_once(shop: Served) -> None:
    _, id = await ada_refers(shop)
    await tell(shop, visit(shop, BEN))
    await asyncio.gather(*(tell(shop, invoice(shop, BEN, 60_000, f"i{place}")) for place in range(8)))
    assert len(await told(shop, "referral.converted")) == 1
    assert len(await told(shop, "loyalty.points_credit_requested", POINTS)) == 1
    await asyncio.gather(*(tell(shop, credited(shop, ADA, id)) for _ in range(8)))
    assert len(await told(shop, "referral.rewarded")) == 1
    assert len(await notices(shop)) == 1


@pytest.mark.req("LIF-83", "EVT-76", "EVT-108", "EVT-109")
async def test_a_full_refund_takes_the_rewards_back_before_and_after_they_were_given(shop: Served) -> None:
    _, id = await ada_refers(shop)
    await tell(shop, invoice(shop, BEN, 60_000), refunded(shop, 20_000))
    assert (await referral(shop, id)).state == STATE.STATE_CONVERTED
    refund = refunded(shop, 40_000)
    for _ in range(2):
        await tell(shop, refund)
    found = await referral(shop, id)
    assert (found.state, found.fraud_reason) == (STATE.STATE_FRAUD, "refund")
    ended = await coupon(shop, found.referred_reward.coupon_id)
    assert ended.state == coupon_pb2.Coupon.STATE_INACTIVE
    [debit] = await told(shop, "loyalty.points_debit_requested", POINTS)
    assert (debit.points, debit.credit_id) == (100, id)
    [marked] = await told(shop, "referral.fraud_marked")
    assert (marked.reason, marked.actor) == ("refund", "")
    # What is acknowledged afterwards rewards nobody.
    await tell(shop, credited(shop, ADA, id))
    assert (await referral(shop, id)).state == STATE.STATE_FRAUD


@pytest.mark.req("LIF-83", "EVT-21")
async def test_a_payment_given_back_whole_takes_the_rewards_of_its_invoice_back(shop: Served) -> None:
    _, id = await ada_refers(shop)
    paid = event(shop, "payment.succeeded", order_id="i1", person=BEN, amount=60_000, currency="EUR")
    await tell(shop, invoice(shop, BEN, 60_000), paid)
    for refund_id, amount, state in (
        ("r1", 20_000, STATE.STATE_CONVERTED),
        ("r2", 40_000, STATE.STATE_FRAUD),
    ):
        data = {"order_id": "i1", "refund_id": refund_id, "amount": amount, "currency": "EUR"}
        await tell(shop, event(shop, "refund.completed", **data))
        assert (await referral(shop, id)).state == state


@pytest.mark.req("LIF-83", "EVT-76")
async def test_an_invoice_that_was_refunded_before_it_is_told_lets_nothing_count(shop: Served) -> None:
    _, id = await ada_refers(shop)
    await tell(shop, refunded(shop, 60_000), invoice(shop, BEN, 60_000))
    assert (await referral(shop, id)).state == STATE.STATE_PENDING
    await tell(shop, invoice(shop, BEN, 60_000, "i2"))
    assert (await referral(shop, id)).state == STATE.STATE_CONVERTED


@pytest.mark.req("LIF-83")
async def test_a_refund_after_the_days_of_the_terms_changes_nothing(shop: Served) -> None:
    await terms(shop, clawback_days=3)
    _, id = await ada_refers(shop)
    await tell(shop, invoice(shop, BEN, 60_000), refunded(shop, 60_000, after=timedelta(days=4)))
    assert (await referral(shop, id)).state == STATE.STATE_CONVERTED


@pytest.mark.req("LIF-39", "LIF-83", "EVT-109", "SEC-18")
async def test_fraud_ends_unused_coupons_and_clearing_it_puts_everything_back(shop: Served) -> None:
    _, id = await ada_refers(shop)
    await tell(shop, invoice(shop, BEN, 60_000), credited(shop, ADA, id))
    marked = await mark(shop, id)
    assert (marked.state, marked.fraud_reason) == (STATE.STATE_FRAUD, "made up")
    assert (await mark(shop, id)).state == STATE.STATE_FRAUD
    [event] = await told(shop, "referral.fraud_marked")
    assert (event.reason, event.actor) == ("made up", "anna")
    assert len(await told(shop, "loyalty.points_debit_requested", POINTS)) == 1
    assert [one[4] for one in await notices(shop)] == ["cancelled"]
    given = marked.referred_reward.coupon_id
    assert (await coupon(shop, given)).state == coupon_pb2.Coupon.STATE_INACTIVE

    cleared = await clear(shop, id)
    assert (cleared.state, cleared.fraud_reason) == (STATE.STATE_REWARDED, "")
    assert (await coupon(shop, given)).state == coupon_pb2.Coupon.STATE_ACTIVE
    asked = await told(shop, "loyalty.points_credit_requested", POINTS)
    assert [one.credit_id for one in asked] == [id, f"{id}/2"]
    with pytest.raises(ServiceError) as refused:
        await clear(shop, id)
    assert refused.value.reason == "VALIDATION_FAILED"


@pytest.mark.req("LIF-83")
async def test_points_given_again_are_acknowledged_by_their_own_name(shop: Served) -> None:
    _, id = await ada_refers(shop)
    await tell(shop, invoice(shop, BEN, 60_000))
    await mark(shop, id)
    await clear(shop, id)
    await tell(shop, credited(shop, ADA, id))
    assert (await referral(shop, id)).state == STATE.STATE_CONVERTED
    await tell(shop, credited(shop, ADA, f"{id}/2"))
    assert (await referral(shop, id)).state == STATE.STATE_REWARDED


@pytest.mark.req("LIF-83")
async def test_a_coupon_that_was_used_is_not_taken_back(shop: Served) -> None:
    _, id = await ada_refers(shop)
    made = await referral(shop, id)
    redeem = coupon_service_pb2.RedeemCouponRequest(
        code=made.referred_reward.coupon_code, order=order(made.referred_contact_id), invoice_id="i9"
    )
    await shop.person(CouponServiceStub).RedeemCoupon(redeem)
    await mark(shop, id)
    used = await coupon(shop, made.referred_reward.coupon_id)
    assert (used.state, used.current_uses) == (coupon_pb2.Coupon.STATE_ACTIVE, 1)


@pytest.mark.req("LIF-13", "LIF-39")
async def test_somebody_who_was_referred_again_meanwhile_keeps_the_later_referral(shop: Served) -> None:
    _, id = await ada_refers(shop)
    await mark(shop, id)
    _, other = await referrer(shop, name="Grace")
    await apply(shop, other, PHONE)
    with pytest.raises(ServiceError) as refused:
        await clear(shop, id)
    assert refused.value.reason == "ALREADY_REFERRED"


@pytest.mark.req("LIF-38")
async def test_the_board_shows_who_brought_most_and_of_equals_who_was_first(shop: Served) -> None:
    await terms(shop, reward_on=REWARD_ON.REWARD_ON_SIGNUP)
    mitte = await branch(shop)
    people = {}
    for place, (name, count, branch_id) in enumerate(
        (("Ada", 1, mitte), ("Grace", 2, ""), ("Edith", 2, ""), ("Hedy", 1, ""))
    ):
        people[name], code = await referrer(shop, name=name, branch_id=branch_id)
        for number in range(count):
            made = await apply(shop, code, f"+4915120000{place}{number}0")
            async with shop.service.database.tenant(shop.tenant_id) as uow:
                await uow.execute(
                    "UPDATE referral SET converted_at = %s WHERE tenant_id = %s AND referral_id = %s",
                    (
                        now(shop) + timedelta(minutes=10 - place),
                        uow.tenant_id,
                        UUID(made.referral.referral_id),
                    ),
                )
            if name == "Hedy":
                await mark(shop, made.referral.referral_id)

    async def board(who: Any, **filters: Any) -> list[tuple[str, int, int]]:
        answer = await who.GetReferralLeaderboard(pb.GetReferralLeaderboardRequest(**filters))
        return [(one.name, one.converted_count, one.rewarded_count) for one in answer.referrers]

    anybody = stub(shop, "receptionist")
    assert await board(anybody) == [("Edith", 2, 0), ("Grace", 2, 0), ("Ada", 1, 0)]
    assert await board(anybody, limit=1) == [("Edith", 2, 0)]
    assert await board(of_branch(shop, mitte)) == [("Ada", 1, 0)]
    later = pb.GetReferralLeaderboardRequest()
    later.from_time.FromDatetime(now(shop) + timedelta(minutes=10))
    [only] = (await neighbour(shop).GetReferralLeaderboard(later)).referrers
    assert (only.contact_id, only.name) == (people["Ada"], "Ada")


@pytest.mark.req("LIF-80", "CAM-79")
async def test_who_turns_out_to_be_the_referrer_themselves_counts_no_more(shop: Served) -> None:
    ada, id = await ada_refers(shop)
    code = await code_of(shop, ada)
    ben = (await referral(shop, id)).referred_contact_id
    own = await code_of(shop, ben)
    merge = contact_service_pb2.MergeContactsRequest(keep_contact_id=ada, merge_contact_id=ben)
    await shop.person(ContactServiceStub).MergeContacts(merge)
    found = await referral(shop, id)
    assert (found.state, found.fraud_reason) == (STATE.STATE_FRAUD, "same_person")
    assert found.referred_contact_id == found.referrer_contact_id == ada
    assert await code_of(shop, ada) == code
    # The code of the contact that is no more leads to the one that is.
    made = await apply(shop, own, "+4915120000099")
    assert made.referral.referrer_contact_id == ada


@pytest.mark.req("LIF-13", "CAM-79")
async def test_of_two_referrals_of_one_person_the_earlier_stays(shop: Served) -> None:
    _, id = await ada_refers(shop)
    _, other = await referrer(shop, name="Grace")
    twin = await contact(shop)
    later = await apply(shop, other, "+4915120000098", referred_contact_id=twin)
    ben = (await referral(shop, id)).referred_contact_id
    merge = contact_service_pb2.MergeContactsRequest(keep_contact_id=twin, merge_contact_id=ben)
    await shop.person(ContactServiceStub).MergeContacts(merge)
    assert (await referral(shop, id)).state == STATE.STATE_PENDING
    assert (await referral(shop, id)).referred_contact_id == twin
    assert (await referral(shop, later.referral.referral_id)).fraud_reason == "same_person"


@pytest.mark.req("LIF-82")
async def test_an_erased_referrer_gets_nothing_and_is_named_nowhere(shop: Served) -> None:
    await terms(shop, referrer_reward=referral_pb2.ReferralReward(percentage=500))
    ada, id = await ada_refers(shop)
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE contact SET state = 3, erased_at = now(), external_id = NULL, name = NULL"
            " WHERE tenant_id = %s AND contact_id = %s",
            (uow.tenant_id, UUID(ada)),
        )
    await tell(shop, invoice(shop, BEN, 60_000))
    found = await referral(shop, id)
    assert (found.state, found.referrer_reward.coupon_id) == (STATE.STATE_CONVERTED, "")
    assert await notices(shop) == []
