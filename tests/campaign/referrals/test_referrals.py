"""Referrals as callers meet them: codes, who may be referred, lists, and what holds under any rush."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import (
    contact_service_pb2,
    coupon_pb2,
    coupon_service_pb2,
    referral_pb2,
)
from angarium.campaign.v1 import referral_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from angarium.campaign.v1.referral_service_pb2_grpc import ReferralServiceStub
from services.campaign.referrals import wiring
from services.common.errors import ServiceError
from services.common.jobs import JobRunner
from tests.campaign.contacts.given import branch
from tests.campaign.referrals.given import (
    STATE,
    apply,
    code_of,
    contact,
    euros,
    invoice,
    neighbour,
    now,
    of_branch,
    referral,
    referrer,
    stub,
    tell,
    terms,
    told,
    visit,
)
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = "+4915112345678"
NUMBERS = [f"+49151200000{number:02d}" for number in range(40)]


async def reason_of(call: Any) -> str:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value.reason


async def seen(shop: Served, contact_id: str) -> Any:
    request = contact_service_pb2.GetContactRequest(contact_id=contact_id)
    return (await shop.person(ContactServiceStub).GetContact(request)).contact


@pytest.mark.req("LIF-12", "LIF-35", "LIF-79", "LIF-114")
async def test_the_first_question_makes_the_code_of_a_contact_and_later_ones_return_it(shop: Served) -> None:
    ada = await contact(shop, name="Ada Lovelace")
    request = pb.GetReferralCodeRequest(contact_id=ada)
    answers = await asyncio.gather(*(stub(shop, "receptionist").GetReferralCode(request) for _ in range(8)))
    [code] = {one.code for one in answers}
    assert code.startswith("ADAL")
    assert len(code) == 10
    assert answers[0].share_url == f"http://127.0.0.1:8081/refer?code={code}"
    assert await code_of(shop, await contact(shop, name="Ada Lovelace")) != code
    stranger = pb.GetReferralCodeRequest(contact_id=str(uuid4()))
    assert await reason_of(stub(shop).GetReferralCode(stranger)) == "NOT_FOUND"


@pytest.mark.req("LIF-13", "LIF-36", "LIF-80", "LIF-116", "EVT-107")
async def test_a_referral_makes_a_contact_without_consent_and_gives_them_a_coupon_at_once(
    shop: Served,
) -> None:
    ada, code = await referrer(shop)
    answer = await apply(shop, f" {code.lower()} ", "0151 12345678", referred_name="Ben")
    made, reward = answer.referral, answer.referred_reward
    assert (made.state, made.referrer_contact_id, made.referral_code) == (STATE.STATE_PENDING, ada, code)
    assert made.masked_phone == "+491****78"
    assert made.expire_time.ToDatetime() - made.create_time.ToDatetime() == timedelta(days=90)
    assert answer.is_contact_created
    ben = await seen(shop, answer.referred_contact_id)
    assert (ben.name, ben.phone, ben.source) == ("Ben", PHONE, "referral")
    assert (reward.percentage, reward.description) == (1000, "10 % off")
    assert reward.HasField("issue_time")
    request = coupon_service_pb2.GetCouponRequest(coupon_id=reward.coupon_id)
    coupon = (await shop.person(CouponServiceStub).GetCoupon(request)).coupon
    assert (coupon.code, coupon.contact_id, coupon.percentage) == (
        reward.coupon_code,
        ben.contact_id,
        1000,
    )
    assert (coupon.max_total_uses, coupon.state) == (1, coupon_pb2.Coupon.STATE_ACTIVE)
    assert coupon.valid_until_date == (now(shop) + timedelta(days=90)).date().isoformat()
    [event] = await told(shop, "referral.created")
    assert (event.referrer_id, event.referred_id, event.state) == (ada, ben.contact_id, STATE.STATE_PENDING)
    assert "151" not in str(event)


@pytest.mark.req("LIF-80", "LIF-36")
async def test_a_contact_that_is_known_is_found_by_its_phone_number_or_named(shop: Served) -> None:
    _, code = await referrer(shop)
    ben = await contact(shop, phone=NUMBERS[0])
    found = await apply(shop, code, NUMBERS[0])
    assert (found.referred_contact_id, found.is_contact_created) == (ben, False)
    eve = await contact(shop, email="eve@example.com")
    named = await apply(shop, code, NUMBERS[1], referred_contact_id=eve)
    assert (named.referred_contact_id, named.is_contact_created) == (eve, False)
    unknown = apply(shop, code, NUMBERS[2], referred_contact_id=str(uuid4()))
    assert await reason_of(unknown) == "NOT_FOUND"


@pytest.mark.req("LIF-80", "LIF-93", "LIF-115", "SEC-86", "SEC-87", "SEC-89", "SEC-90", "SEC-91")
async def test_each_thing_that_stands_against_a_referral_has_its_own_error(shop: Served) -> None:
    ada, code = await referrer(shop, phone=NUMBERS[3], email="Ada@Example.com")
    assert await reason_of(apply(shop, "REF999999", PHONE)) == "INVALID_REFERRAL_CODE"
    assert await reason_of(apply(shop, code, NUMBERS[3])) == "SELF_REFERRAL"
    assert await reason_of(apply(shop, code, PHONE, referred_contact_id=ada)) == "SELF_REFERRAL"
    twin = await contact(shop, email="ada@example.com", phone=NUMBERS[4])
    assert await reason_of(apply(shop, code, NUMBERS[4])) == "SELF_REFERRAL"
    assert await reason_of(apply(shop, code, PHONE, referred_contact_id=twin)) == "SELF_REFERRAL"

    await apply(shop, code, NUMBERS[5])
    assert await reason_of(apply(shop, code, NUMBERS[5])) == "ALREADY_REFERRED"
    _, other = await referrer(shop, name="Grace")
    assert await reason_of(apply(shop, other, NUMBERS[5])) == "ALREADY_REFERRED"

    await contact(shop, phone=NUMBERS[6])
    await tell(shop, visit(shop, {"user_id": "old", "phone": NUMBERS[6]}))
    assert await reason_of(apply(shop, code, NUMBERS[6])) == "NOT_A_NEW_CONTACT"
    await tell(shop, invoice(shop, {"user_id": "buyer", "phone": NUMBERS[7]}, 100, "i-buyer"))
    assert await reason_of(apply(shop, code, NUMBERS[7])) == "NOT_A_NEW_CONTACT"
    assert await reason_of(apply(shop, code, "not a number")) == "VALIDATION_FAILED"

    await terms(shop, is_enabled=False)
    assert await reason_of(apply(shop, "REF999999", PHONE)) == "REFERRAL_DISABLED"


@pytest.mark.req("LIF-80", "SEC-86")
async def test_the_code_of_somebody_erased_or_blocked_is_none(shop: Served) -> None:
    ada, code = await referrer(shop)
    for state, erased in ((2, "NULL"), (3, "now()")):
        async with shop.service.database.tenant(shop.tenant_id) as uow:
            await uow.execute(
                f"UPDATE contact SET state = %s, erased_at = {erased}, external_id = NULL, name = NULL,"
                " first_name = NULL, last_name = NULL, branch_id = NULL WHERE tenant_id = %s AND contact_id = %s",
                (state, uow.tenant_id, UUID(ada)),
            )
        assert await reason_of(apply(shop, code, PHONE)) == "INVALID_REFERRAL_CODE"


@pytest.mark.req("LIF-80", "SEC-88")
async def test_a_referrer_has_so_many_referrals_in_a_calendar_month_of_the_tenants_zone(
    shop: Served,
) -> None:
    await terms(shop, max_referrals_per_month=2)
    _, code = await referrer(shop)
    first = (await apply(shop, code, NUMBERS[8])).referral
    await apply(shop, code, NUMBERS[9])
    assert await reason_of(apply(shop, code, NUMBERS[10])) == "REFERRAL_LIMIT_REACHED"
    # Fraud and what expired do not count, nor what was made before the month began in Berlin.
    mark = pb.MarkReferralFraudRequest(referral_id=first.referral_id, reason="made up")
    await stub(shop).MarkReferralFraud(mark)
    second = (await apply(shop, code, NUMBERS[10])).referral
    assert await reason_of(apply(shop, code, NUMBERS[11])) == "REFERRAL_LIMIT_REACHED"
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE referral SET created_at = '2026-10-31T22:59:59Z' WHERE tenant_id = %s AND referral_id = %s",
            (uow.tenant_id, UUID(second.referral_id)),
        )
    await apply(shop, code, NUMBERS[11])


@pytest.mark.req("LIF-13", "LIF-80", "LIF-115")
async def test_the_same_phone_at_the_same_moment_is_referred_once_whoever_refers(shop: Served) -> None:
    codes = [(await referrer(shop, name=name))[1] for name in ("Ada", "Grace", "Edith", "Hedy")]

    async def refer(place: int) -> str:
        calls = neighbour(shop) if place % 2 else stub(shop)
        request = pb.ApplyReferralRequest(referral_code=codes[place % 4], referred_phone=PHONE)
        try:
            await calls.ApplyReferral(request)
        except ServiceError as error:
            return error.reason
        return "referred"

    assert Counter(await asyncio.gather(*map(refer, range(8)))) == {"referred": 1, "ALREADY_REFERRED": 7}
    assert len(await told(shop, "referral.created")) == 1
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        count = "SELECT count(*) FROM {} WHERE tenant_id = %s AND {}"
        people = await uow.fetch_value(count.format("contact", "phone = %s"), (uow.tenant_id, PHONE))
        coupons = await uow.fetch_value(count.format("coupon", "true"), (uow.tenant_id,))
    assert (people, coupons) == (1, 1)


@pytest.mark.req("LIF-80", "LIF-115")
async def test_a_referrers_limit_holds_however_many_are_referred_at_the_same_moment(shop: Served) -> None:
    await terms(shop, max_referrals_per_month=3)
    _, code = await referrer(shop)

    async def refer(place: int) -> str:
        try:
            await apply(shop, code, NUMBERS[place])
        except ServiceError as error:
            return error.reason
        return "referred"

    found = Counter(await asyncio.gather(*(refer(20 + place) for place in range(8))))
    assert found == {"referred": 3, "REFERRAL_LIMIT_REACHED": 5}


@pytest.mark.req("GEN-29", "LIF-36")
async def test_a_repeated_call_refers_once_and_answers_the_same(shop: Served) -> None:
    _, code = await referrer(shop)
    request = {"idempotency_key": "once"}
    first = await apply(shop, code, PHONE, **request)
    again = await apply(shop, code, PHONE, **request)
    assert (again.deduplicated, again.referral) == (True, first.referral)


@pytest.mark.req("SEC-7")
async def test_codes_cannot_be_guessed_quickly(shop: Served) -> None:
    found: Counter[str] = Counter()
    for place in range(25):
        found[await reason_of(apply(shop, f"REF{place:06d}", PHONE))] += 1
    assert found == {"INVALID_REFERRAL_CODE": 20, "RATE_LIMITED": 5}


@pytest.mark.req("LIF-11", "LIF-34", "SEC-17")
async def test_the_programme_has_defaults_and_changes_what_the_mask_names(shop: Served) -> None:
    known = (await stub(shop).GetReferralSettings(pb.GetReferralSettingsRequest())).settings
    assert (known.is_enabled, known.referrer_reward.points, known.referred_reward.percentage) == (
        True,
        100,
        1000,
    )
    assert (known.max_referrals_per_month, known.min_order_for_reward) == (10, euros("500"))
    assert known.reward_on == referral_pb2.ReferralSettings.REWARD_ON_FIRST_PAID_VISIT
    assert (known.expires_after_days, known.clawback_days, known.etag) == (90, 14, "1")
    after = await terms(
        shop,
        is_enabled=False,
        referrer_reward=referral_pb2.ReferralReward(free_service_id="cut"),
        min_order_for_reward=euros("20.50"),
        clawback_days=0,
    )
    assert (after.is_enabled, after.referrer_reward.free_service_id) == (False, "cut")
    assert (after.min_order_for_reward, after.clawback_days, after.etag) == (euros("20.50"), 0, "2")
    assert (after.referred_reward.percentage, after.max_referrals_per_month) == (1000, 10)
    for role in ("receptionist", "branch_manager", "regional_manager"):
        denied = stub(shop, role).GetReferralSettings(pb.GetReferralSettingsRequest())
        assert await reason_of(denied) == "PERMISSION_DENIED"


@pytest.mark.req("LIF-34", "LIF-11", "GEN-20")
async def test_terms_that_cannot_be_are_refused_with_every_field_named(shop: Served) -> None:
    with pytest.raises(ServiceError) as refused:
        await terms(
            shop,
            referred_reward=referral_pb2.ReferralReward(points=5),
            min_order_for_reward=euros("20", "USD"),
            expires_after_days=0,
            reward_on=0,
        )
    assert sorted(one.field for one in refused.value.violations) == [
        "settings.expires_after_days",
        "settings.min_order_for_reward",
        "settings.referred_reward.points",
        "settings.reward_on",
    ]
    stale = pb.UpdateReferralSettingsRequest(settings=referral_pb2.ReferralSettings(etag="7"))
    stale.update_mask.paths.append("is_enabled")
    assert await reason_of(stub(shop).UpdateReferralSettings(stale)) == "VERSION_CONFLICT"


@pytest.mark.req("LIF-37", "SEC-18")
async def test_referrals_are_listed_newest_first_by_state_referrer_and_time(shop: Served) -> None:
    ada, code = await referrer(shop)
    grace, other = await referrer(shop, name="Grace")
    mine = [(await apply(shop, code, NUMBERS[place])).referral for place in (12, 13)]
    hers = (await apply(shop, other, NUMBERS[14])).referral
    await stub(shop).MarkReferralFraud(pb.MarkReferralFraudRequest(referral_id=hers.referral_id, reason="x"))

    async def listed(**filters: Any) -> list[str]:
        answer = await stub(shop, "receptionist").ListReferrals(pb.ListReferralsRequest(**filters))
        return [one.referral_id for one in answer.referrals]

    newest = [hers.referral_id, mine[1].referral_id, mine[0].referral_id]
    assert await listed() == newest
    assert await listed(referrer_contact_id=ada) == newest[1:]
    assert await listed(state=STATE.STATE_FRAUD) == newest[:1]
    assert await listed(referrer_contact_id=grace, state=STATE.STATE_PENDING) == []
    later = pb.ListReferralsRequest()
    later.from_time.FromDatetime(now(shop) + timedelta(seconds=1))
    assert not (await stub(shop).ListReferrals(later)).referrals
    until = pb.ListReferralsRequest()
    until.to_time.FromDatetime(now(shop) + timedelta(seconds=1))
    assert len((await stub(shop).ListReferrals(until)).referrals) == 3
    page = await stub(shop).ListReferrals(pb.ListReferralsRequest(page_size=2))
    rest = pb.ListReferralsRequest(page_size=2, page_token=page.next_page_token)
    assert [one.referral_id for one in (await stub(shop).ListReferrals(rest)).referrals] == newest[2:]


@pytest.mark.req("SEC-6", "GEN-8", "SEC-18", "LIF-37")
async def test_other_tenants_and_branches_see_no_referral(shop: Served) -> None:
    mitte, nord = await branch(shop), str(uuid4())
    _, code = await referrer(shop, branch_id=mitte)
    made = (await apply(shop, code, PHONE)).referral
    get = pb.GetReferralRequest(referral_id=made.referral_id)

    assert (await of_branch(shop, mitte).GetReferral(get)).referral.referral_id == made.referral_id
    assert await reason_of(of_branch(shop, nord).GetReferral(get)) == "NOT_FOUND"
    assert not (await of_branch(shop, nord).ListReferrals(pb.ListReferralsRequest())).referrals
    elsewhere = shop.person(ReferralServiceStub, tenant_id=uuid4())
    assert await reason_of(elsewhere.GetReferral(get)) == "NOT_FOUND"
    fraud = pb.MarkReferralFraudRequest(referral_id=made.referral_id, reason="x")
    assert await reason_of(of_branch(shop, nord).MarkReferralFraud(fraud)) == "NOT_FOUND"
    assert await reason_of(stub(shop, "receptionist").MarkReferralFraud(fraud)) == "PERMISSION_DENIED"
    assert await reason_of(neighbour(shop).MarkReferralFraud(fraud)) == "PERMISSION_DENIED"


@pytest.mark.req("JOB-20", "LIF-83", "LIF-116", "EVT-108")
async def test_what_does_not_count_in_time_expires_once_and_frees_the_person(shop: Served) -> None:
    _, code = await referrer(shop)
    late = (await apply(shop, code, NUMBERS[15])).referral
    early = (await apply(shop, code, NUMBERS[16])).referral
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE referral SET expires_at = %s WHERE tenant_id = %s AND referral_id = %s",
            (now(shop), uow.tenant_id, UUID(late.referral_id)),
        )
    [job] = wiring.jobs()
    assert job.period == timedelta(days=1)
    runner = JobRunner(shop.service.database, [job], shop.service.database.clock)
    for _ in range(2):
        await runner.run_now(job.name)
    assert (await referral(shop, late.referral_id)).state == STATE.STATE_EXPIRED
    assert (await referral(shop, early.referral_id)).state == STATE.STATE_PENDING
    [event] = await told(shop, "referral.expired")
    assert (event.referral_id, event.state) == (late.referral_id, STATE.STATE_EXPIRED)
    _, other = await referrer(shop, name="Grace")
    await apply(shop, other, NUMBERS[15])
    mark = pb.MarkReferralFraudRequest(referral_id=late.referral_id, reason="late")
    assert await reason_of(stub(shop).MarkReferralFraud(mark)) == "VALIDATION_FAILED"
