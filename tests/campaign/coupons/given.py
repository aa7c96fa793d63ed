"""Coupons as tests begin with."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from google.type import money_pb2

from angarium.campaign.v1 import contact_pb2, contact_service_pb2, coupon_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from services.common.money import Money
from tests.house import Served


def euros(amount: str, currency: str = "EUR") -> money_pb2.Money:
    return Money(currency, Decimal(amount)).to_proto()


def spelled(amount: money_pb2.Money) -> str:
    return f"{Money.from_proto(amount).amount.normalize():f}"


def order(contact_id: str, amount: str = "100", **others: object) -> pb.CouponOrder:
    return pb.CouponOrder(contact_id=contact_id, amount=euros(amount), **others)  # type: ignore[arg-type]


def draft(**fields: object) -> coupon_pb2.Coupon:
    values: dict[str, object] = {
        "name": "Autumn",
        "valid_from_date": "2026-01-01",
        "valid_until_date": "2099-12-31",
    }
    if not fields.keys() & {"percentage", "amount", "free_service_id"}:
        values["percentage"] = 1000
    return coupon_pb2.Coupon(**{**values, **fields})  # type: ignore[arg-type]


async def coupon(served: Served, **fields: object) -> coupon_pb2.Coupon:
    stub = served.person(CouponServiceStub)
    return (await stub.CreateCoupon(pb.CreateCouponRequest(coupon=draft(**fields)))).coupon


async def contact(served: Served, **fields: object) -> str:
    stub = served.person(ContactServiceStub)
    wanted = contact_pb2.Contact(external_id=uuid4().hex, **fields)  # type: ignore[arg-type]
    answer = await stub.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=wanted))
    return answer.contact.contact_id
