"""What the rules of a coupon must know about a contact: what other areas and consent say."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from angarium.consent.v1 import consent_service_pb2
from angarium.consent.v1.consent_service_pb2_grpc import ConsentServiceStub
from services.campaign.coupons import records, store
from services.campaign.coupons.domain import Code, CouponRefusedError, CouponState, Order, Refusal
from services.campaign.coupons.rules import Facts
from services.campaign.segments import handlers as segments
from services.campaign.tenants.domain import Tenant
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, not_found
from services.common.rpc.client import Channels, as_tenant


class Consents:
    """Whether a contact agrees to marketing; asked before a transaction, and only where a coupon wants it."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._consent = channels.stub(ConsentServiceStub, "consent")

    async def of(self, tenant_id: UUID, text: str, contact_id: UUID) -> bool:
        """Returns whether consent stands in the way of a code: never of one that does not ask for it.

        Raises:
            ServiceError: COMPLIANCE_UNAVAILABLE while consent does not answer; nothing is assumed.
        """
        async with self._database.tenant(tenant_id) as uow:
            code = (await store.codes(uow, [text])).get(text)
        if code is None or not code.coupon.requires_marketing_consent:
            return True
        with as_tenant(tenant_id):
            try:
                answer = await self._consent.GetContactConsent(
                    consent_service_pb2.GetContactConsentRequest(contact_id=str(contact_id))
                )
            except ServiceError as error:
                if error.reason == "NOT_FOUND":
                    return False
                raise
        said = answer.contact_consent
        agrees = said.email_consent or said.sms_consent or said.whatsapp_consent or said.push_consent
        return agrees and not said.marketing_opted_out


async def facts(uow: UnitOfWork, code: Code | None, order: Order, owner: Tenant, *, agrees: bool) -> Facts:
    """Returns what the rules must know of a contact and a day."""
    today = today_of(uow, owner)
    if code is None:
        return Facts(today)
    coupon = code.coupon
    return Facts(
        today=today,
        contact_uses=await records.uses_of(uow, coupon.coupon_id, order.contact_id),
        is_in_segment=coupon.segment_id is None or await _is_member(uow, coupon.segment_id, order.contact_id),
        is_consenting=agrees,
    )


async def check_usable(uow: UnitOfWork, coupon_id: UUID, at: datetime, owner: Tenant) -> None:
    """Refuses a coupon that a message of that time could not bring: unknown, inactive, over, or not begun (CAM-97)."""
    coupon = await store.by_id(uow, coupon_id)
    if coupon is None:
        raise not_found("coupon", coupon_id)
    day = max(at, uow.now()).astimezone(ZoneInfo(owner.default_time_zone)).date()
    if coupon.state is not CouponState.ACTIVE:
        raise CouponRefusedError(Refusal.INVALID_CODE)
    if day < coupon.valid_from:
        raise CouponRefusedError(Refusal.NOT_YET_VALID)
    if day > coupon.valid_until:
        raise CouponRefusedError(Refusal.EXPIRED)


def today_of(uow: UnitOfWork, owner: Tenant) -> date:
    """Returns the tenant's day."""
    return uow.now().astimezone(ZoneInfo(owner.default_time_zone)).date()


async def _is_member(uow: UnitOfWork, segment_id: UUID, contact_id: UUID) -> bool:
    answer = await segments.check_memberships(uow, contact_id, [segment_id])
    return answer[segment_id]
