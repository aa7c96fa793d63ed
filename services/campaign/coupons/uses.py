"""Use cases of how coupons are used: checked, set aside, redeemed, given back.

A use is counted under the lock of its coupon, in the transaction that records it, after all rules were looked at anew
(LIF-77): the last use is given once, however many ask at the same moment.
"""

from dataclasses import replace
from uuid import UUID

from angarium.campaign.v1 import coupon_service_pb2 as pb
from services.campaign.contacts import handlers as contacts
from services.campaign.coupons import accounting, codes, convert, records, store
from services.campaign.coupons.domain import (
    HELD_FOR,
    Code,
    Order,
    Refusal,
    ReservationInvalidError,
    ReservationState,
)
from services.campaign.coupons.eligibility import Consents
from services.campaign.coupons.guesses import Guesses
from services.campaign.coupons.records import Reservation
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import Tenant
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.rpc.context import current_caller, tenant

_SERVICE = "CouponService"


class Uses:
    """Discounts by code, as they are used."""

    def __init__(self, database: Database, consents: Consents, guesses: Guesses) -> None:
        self._database = database
        self._consents = consents
        self._guesses = guesses

    async def validate(self, request: pb.ValidateCouponRequest) -> pb.ValidateCouponResponse:
        """Tells whether a code can be used on an order; consumes nothing."""
        await self._guesses.count(request.order.contact_id)
        text = codes.canonical(request.code)
        agrees = await self._consents.of(tenant(), text, UUID(request.order.contact_id))
        async with self._database.tenant(tenant()) as uow:
            owner = await tenants.tenant(uow, tenant())
            order = await _order(uow, request.order, owner)
            judged = await accounting.judge(uow, owner, text, order, request.order.other_codes, agrees=agrees)
        if judged.code is None or judged.refusal is Refusal.INVALID_CODE:
            # Whose it is, or that it was switched off, is nobody's business.
            return pb.ValidateCouponResponse(invalid_reason="COUPON_REFUSAL_INVALID_CODE")
        shown = convert.coupon_to_proto(judged.code.coupon)
        if judged.refusal is not None:
            return pb.ValidateCouponResponse(
                coupon=shown, invalid_reason=f"COUPON_REFUSAL_{judged.refusal.name}"
            )
        discount = convert.money(owner.currency_code, judged.discount)
        return pb.ValidateCouponResponse(valid=True, coupon=shown, discount=discount)

    async def reserve(self, request: pb.ReserveCouponRequest) -> pb.ReserveCouponResponse:
        """Sets a use aside for an order; asked again about it, returns the hold that stands."""
        text = codes.canonical(request.code)
        agrees = await self._consents.of(tenant(), text, UUID(request.order.contact_id))

        async def effect(uow: UnitOfWork) -> pb.ReserveCouponResponse:
            owner = await tenants.tenant(uow, tenant())
            order = await _order(uow, request.order, owner)
            code = await accounting.locked(uow, text)
            if code is not None and (
                known := await records.held(uow, code.coupon.coupon_id, request.order_ref)
            ):
                if (known.contact_id, known.code) != (order.contact_id, text):
                    raise ReservationInvalidError
                return pb.ReserveCouponResponse(reservation=convert.reservation_to_proto(known))
            judged = await accounting.judge(
                uow, owner, text, order, request.order.other_codes, agrees=agrees, code=code
            )
            coupon = judged.allowed().coupon
            hold = Reservation(
                reservation_id=uuid7(),
                coupon_id=coupon.coupon_id,
                code=text,
                contact_id=order.contact_id,
                order_ref=request.order_ref,
                discount=judged.discount,
                currency=coupon.currency,
                state=ReservationState.HELD,
                expires_at=uow.now() + HELD_FOR,
            )
            await records.insert_reservation(uow, hold)
            await store.count(uow, coupon.coupon_id, reserved=1)
            await accounting.tell_exhausted(uow, replace(coupon, reserved_uses=coupon.reserved_uses + 1))
            return pb.ReserveCouponResponse(reservation=convert.reservation_to_proto(hold))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.ReserveCoupon", request, pb.ReserveCouponResponse, effect)

    async def release(self, request: pb.ReleaseCouponRequest) -> pb.ReleaseCouponResponse:
        """Gives a hold back; one that went back before stays so."""

        async def effect(uow: UnitOfWork) -> pb.ReleaseCouponResponse:
            hold = await accounting.held(uow, UUID(request.reservation_id))
            if hold.state is ReservationState.HELD:
                hold = replace(hold, state=ReservationState.RELEASED)
                await accounting.end(uow, hold)
            return pb.ReleaseCouponResponse(reservation=convert.reservation_to_proto(hold))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.ReleaseCoupon", request, pb.ReleaseCouponResponse, effect)

    async def redeem(self, request: pb.RedeemCouponRequest) -> pb.RedeemCouponResponse:
        """Redeems a code or a hold on an invoice, once."""
        text = codes.canonical(request.code)
        agrees = True
        if text:
            agrees = await self._consents.of(tenant(), text, UUID(request.order.contact_id))

        is_known = False

        async def effect(uow: UnitOfWork) -> pb.RedeemCouponResponse:
            nonlocal is_known
            owner = await tenants.tenant(uow, tenant())
            order = await _order(uow, request.order, owner)
            others = list(request.order.other_codes)
            hold = None
            if request.WhichOneof("what") == "reservation_id":
                hold = await records.reservation(uow, UUID(request.reservation_id))
                if hold is None:
                    raise ReservationInvalidError
            code = await accounting.locked(uow, hold.code if hold else text)
            if code is not None and (known := await _known(uow, request.invoice_id, code)):
                is_known = True
                return known
            if hold is not None:
                code, discount = await accounting.use_hold(uow, owner, hold, order, others)
            else:
                judged = await accounting.judge(uow, owner, text, order, others, agrees=agrees, code=code)
                code, discount = judged.allowed(), judged.discount
            use = await accounting.redeemed(uow, code, order, request.invoice_id, discount)
            return pb.RedeemCouponResponse(
                redemption=convert.redemption_to_proto(use, code.coupon.free_service_id)
            )

        async with self._database.tenant(tenant()) as uow:
            answer = await keyed(uow, f"{_SERVICE}.RedeemCoupon", request, pb.RedeemCouponResponse, effect)
        answer.deduplicated |= is_known
        return answer

    async def reverse(self, request: pb.ReverseRedemptionRequest) -> pb.ReverseRedemptionResponse:
        """Gives the uses of a redemption, or of all on an invoice, back."""

        async def effect(uow: UnitOfWork) -> pb.ReverseRedemptionResponse:
            if request.WhichOneof("what") == "redemption_id":
                one = await records.redemption(uow, UUID(request.redemption_id))
                found = [one] if one else []
            else:
                found = await records.on_invoice(uow, request.invoice_id)
            if not found:
                raise not_found("redemption", request.redemption_id or request.invoice_id)
            after = await accounting.reverse(uow, found, request.reason)
            coupons = await store.lock(uow, [one.coupon_id for one in after])
            return pb.ReverseRedemptionResponse(
                redemptions=[
                    convert.redemption_to_proto(one, coupons[one.coupon_id].free_service_id) for one in after
                ]
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.ReverseRedemption", request, pb.ReverseRedemptionResponse, effect
            )


async def _order(uow: UnitOfWork, message: pb.CouponOrder, owner: Tenant) -> Order:
    """Returns the order of a call about a contact and a branch that the caller sees.

    A contact that became part of another orders as that one.
    """
    order = convert.order_from_proto(message, owner.currency_code)
    own = current_caller().own_branches()
    if own and order.branch_id not in own:
        raise denied("orders of one's own branches only")
    known = await contacts.get(uow, order.contact_id, None)
    assert known.contact_id is not None  # noqa: S101 - a stored contact has its id
    return replace(order, contact_id=known.contact_id)


async def _known(uow: UnitOfWork, invoice_id: str, code: Code) -> pb.RedeemCouponResponse | None:
    """Returns what an invoice redeemed of a coupon before."""
    found = await records.on_invoice(uow, invoice_id, coupon_id=code.coupon.coupon_id)
    if not found:
        return None
    shown = convert.redemption_to_proto(found[0], code.coupon.free_service_id)
    return pb.RedeemCouponResponse(redemption=shown)
