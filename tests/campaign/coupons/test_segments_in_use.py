"""A segment stays while a coupon needs it."""

from __future__ import annotations

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import coupon_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1 import segment_service_pb2 as segments_pb
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from services.common.errors import ServiceError
from tests.campaign.coupons.given import coupon
from tests.campaign.segments.asking import EQ, rule, segment
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.req("CAM-36", "SEC-113")
async def test_a_segment_can_be_deleted_once_no_active_coupon_is_for_it(shop: Served) -> None:
    segments, coupons = shop.person(SegmentServiceStub), shop.person(CouponServiceStub)
    made = (await segments.CreateSegment(segment("vips", rule("customer_type", EQ, "vip")))).segment
    offer = await coupon(shop, segment_id=made.segment_id)
    deleting = segments_pb.DeleteSegmentRequest(segment_id=made.segment_id)
    with pytest.raises(ServiceError) as refused:
        await segments.DeleteSegment(deleting)
    assert refused.value.reason == "SEGMENT_IN_USE"
    ended = await coupons.DeactivateCoupon(pb.DeactivateCouponRequest(coupon_id=offer.coupon_id))
    assert ended.coupon.state == coupon_pb2.Coupon.STATE_INACTIVE
    await segments.DeleteSegment(deleting)
    changed = coupon_pb2.Coupon(coupon_id=offer.coupon_id, etag=ended.coupon.etag, description="over")
    mask = FieldMask(paths=["description"])
    told = await coupons.UpdateCoupon(pb.UpdateCouponRequest(coupon=changed, update_mask=mask))
    revived = coupon_pb2.Coupon(
        coupon_id=offer.coupon_id, etag=told.coupon.etag, state=coupon_pb2.Coupon.STATE_ACTIVE
    )
    with pytest.raises(ServiceError) as gone:
        await coupons.UpdateCoupon(
            pb.UpdateCouponRequest(coupon=revived, update_mask=FieldMask(paths=["state"]))
        )
    assert gone.value.reason == "NOT_FOUND"
