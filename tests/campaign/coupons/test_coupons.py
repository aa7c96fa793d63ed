"""Coupons as they are defined: made, read, changed, taken out of use."""

from __future__ import annotations

from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import campaign_events_pb2, coupon_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.errors import ServiceError
from tests.campaign.coupons.given import contact, coupon, draft, euros, order, spelled
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.req("LIF-8", "LIF-27", "EVT-104")
async def test_a_coupon_is_made_with_its_terms_told_and_audited(shop: Served) -> None:
    made = await coupon(
        shop,
        code=" autumn-26 ".strip(),
        percentage=1250,
        max_total_uses=100,
        min_order_amount=euros("20"),
        max_discount_amount=euros("15.50"),
        service_ids=["cut"],
        allow_stacking=True,
    )
    assert (made.code, made.percentage, made.max_uses_per_contact) == ("AUTUMN-26", 1250, 1)
    assert made.state == coupon_pb2.Coupon.STATE_ACTIVE
    assert spelled(made.max_discount_amount) == "15.5"
    found = await shop.person(CouponServiceStub).GetCoupon(pb.GetCouponRequest(coupon_id=made.coupon_id))
    assert found.coupon == made
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        envelope = await uow.fetch_value("SELECT envelope FROM outbox WHERE type = 'coupon.created'")
        actions = await uow.fetch_all("SELECT action, resource_id FROM audit WHERE resource_type = 'coupon'")
    told = campaign_events_pb2.CouponChanged()
    assert EventEnvelope.FromString(envelope).payload.Unpack(told)
    assert (told.coupon.code, told.actor) == ("AUTUMN-26", "anna")
    assert [(action, str(id)) for action, id in actions] == [("coupon.create", made.coupon_id)]


@pytest.mark.req("LIF-27", "LIF-91", "SEC-83")
async def test_a_code_is_taken_once_in_any_case_and_one_is_made_when_none_is_given(shop: Served) -> None:
    first = await coupon(shop, code="Welcome")
    with pytest.raises(ServiceError) as refused:
        await coupon(shop, code="WELCOME")
    assert refused.value.reason == "COUPON_CODE_TAKEN"
    made = [await coupon(shop) for _ in range(3)]
    assert len({one.code for one in made} | {first.code}) == 4
    assert all(len(one.code) == 10 for one in made)
    other = shop.person(CouponServiceStub, tenant_id=uuid4())
    with pytest.raises(ServiceError) as hidden:
        await other.GetCoupon(pb.GetCouponRequest(coupon_id=first.coupon_id))
    assert hidden.value.reason == "NOT_FOUND"


@pytest.mark.req("LIF-90", "LIF-112")
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": euros("0")}, "coupon.amount"),
        ({"amount": euros("5", "USD")}, "coupon.amount"),
        ({"amount": euros("5.001")}, "coupon.amount"),
        ({"percentage": 10_001}, "coupon.percentage"),
        ({"free_service_id": ""}, "coupon.free_service_id"),
        ({"valid_from_date": "2026-12-02", "valid_until_date": "2026-12-01"}, "coupon.valid_until_date"),
        ({"valid_from_date": "tomorrow"}, "coupon.valid_from_date"),
        ({"min_order_amount": euros("-1")}, "coupon.min_order_amount"),
        ({"max_discount_amount": euros("0")}, "coupon.max_discount_amount"),
        ({"code": "no spaces"}, "coupon.code"),
        ({"code": "X", "code_kind": coupon_pb2.Coupon.CODE_KIND_POOL}, "coupon.code"),
        ({"name": "  "}, "coupon.name"),
    ],
)
async def test_what_is_wrong_with_a_coupon_is_named(
    shop: Served, fields: dict[str, object], wrong: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        await coupon(shop, **fields)
    assert refused.value.reason == "VALIDATION_FAILED"
    assert wrong in {violation.field for violation in refused.value.violations}


@pytest.mark.req("LIF-90")
async def test_a_coupon_without_a_discount_or_of_strangers_is_refused(shop: Served) -> None:
    stub = shop.person(CouponServiceStub)
    bare = draft()
    bare.ClearField("percentage")
    with pytest.raises(ServiceError) as refused:
        await stub.CreateCoupon(pb.CreateCouponRequest(coupon=bare))
    assert {one.field for one in refused.value.violations} == {"coupon.discount"}
    for field in ("segment_id", "contact_id", "campaign_id"):
        with pytest.raises(ServiceError) as unknown:
            await coupon(shop, **{field: str(uuid4())})
        assert unknown.value.reason == "NOT_FOUND"


@pytest.mark.req("LIF-28")
async def test_before_the_first_use_everything_changes_and_afterwards_only_what_harms_nobody(
    shop: Served,
) -> None:
    stub = shop.person(CouponServiceStub)
    made = await coupon(shop, code="TERMS", percentage=1000, max_total_uses=10, branch_ids=[str(uuid4())])

    async def change(etag: str, paths: list[str], **fields: object) -> coupon_pb2.Coupon:
        wanted = coupon_pb2.Coupon(coupon_id=made.coupon_id, etag=etag, **fields)  # type: ignore[arg-type]
        answer = await stub.UpdateCoupon(
            pb.UpdateCouponRequest(coupon=wanted, update_mask=FieldMask(paths=paths))
        )
        return answer.coupon

    free = await change(made.etag, ["amount", "branch_ids"], amount=euros("7"))
    assert free.WhichOneof("discount") == "amount"
    assert list(free.branch_ids) == []
    with pytest.raises(ServiceError) as stale:
        await change(made.etag, ["name"], name="Late")
    assert stale.value.reason == "VERSION_CONFLICT"

    anna = await contact(shop)
    await stub.RedeemCoupon(pb.RedeemCouponRequest(code="terms", order=order(anna), invoice_id="i1"))
    with pytest.raises(ServiceError) as frozen:
        await change(free.etag, ["amount", "max_total_uses", "name"], amount=euros("70"), max_total_uses=5)
    wrong = {violation.field for violation in frozen.value.violations}
    assert wrong == {"coupon.amount", "coupon.max_total_uses", "coupon.name"}
    more = await change(
        free.etag,
        ["name", "max_total_uses", "valid_until_date"],
        name="Longer",
        max_total_uses=20,
        valid_until_date="2099-01-01",
    )
    assert (more.name, more.max_total_uses, more.current_uses) == ("Longer", 20, 1)


@pytest.mark.req("LIF-28", "GEN-33")
async def test_a_coupon_out_of_use_is_no_code_any_more(shop: Served) -> None:
    stub = shop.person(CouponServiceStub)
    made, anna = await coupon(shop, code="ENDED"), await contact(shop)
    ended = await stub.DeactivateCoupon(pb.DeactivateCouponRequest(coupon_id=made.coupon_id))
    assert ended.coupon.state == coupon_pb2.Coupon.STATE_INACTIVE
    again = await stub.DeactivateCoupon(pb.DeactivateCouponRequest(coupon_id=made.coupon_id))
    assert again.coupon.etag == ended.coupon.etag
    answer = await stub.ValidateCoupon(pb.ValidateCouponRequest(code="ended", order=order(anna)))
    assert (answer.valid, answer.HasField("coupon")) == (False, False)
    assert answer.invalid_reason == coupon_pb2.COUPON_REFUSAL_INVALID_CODE


@pytest.mark.req("LIF-28")
async def test_coupons_are_listed_newest_first_page_by_page(shop: Served) -> None:
    stub = shop.person(CouponServiceStub)
    made = [await coupon(shop, code=f"LIST{place}", name=f"Number {place}") for place in range(5)]
    await stub.DeactivateCoupon(pb.DeactivateCouponRequest(coupon_id=made[0].coupon_id))
    page = await stub.ListCoupons(pb.ListCouponsRequest(page_size=2, state=coupon_pb2.Coupon.STATE_ACTIVE))
    seen = [one.code for one in page.coupons]
    while page.next_page_token:
        page = await stub.ListCoupons(
            pb.ListCouponsRequest(
                page_size=2, state=coupon_pb2.Coupon.STATE_ACTIVE, page_token=page.next_page_token
            )
        )
        seen += [one.code for one in page.coupons]
    assert seen == ["LIST4", "LIST3", "LIST2", "LIST1"]
    found = await stub.ListCoupons(pb.ListCouponsRequest(text="list3"))
    assert [one.name for one in found.coupons] == ["Number 3"]
