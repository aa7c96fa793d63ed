"""Use cases of what coupons are: made, read, changed, taken out of use, and their pools of codes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.campaign.v1 import coupon_service_pb2 as pb
from services.campaign.campaigns import store as campaigns
from services.campaign.contacts import handlers as contacts
from services.campaign.coupons import codes, convert, pool, records, store
from services.campaign.coupons.domain import (
    CodeKind,
    Coupon,
    CouponState,
)
from services.campaign.coupons.rules import frozen_changes, problems, raised
from services.campaign.segments import store as segments
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import (
    ServiceError,
    Violation,
    aborted,
    denied,
    failed,
    invalid,
    invalid_many,
    not_found,
)
from services.common.events.event import Event
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant
from services.common.rpc.status import item_status

_SERVICE = "CouponService"
_TRIES = 5


class Coupons:
    """Discounts by code, as they are defined."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, request: pb.CreateCouponRequest) -> pb.CreateCouponResponse:
        """Makes a coupon, with a code of its own making when none is given."""

        async def effect(uow: UnitOfWork) -> pb.CreateCouponResponse:
            owner = await tenants.open_tenant(uow)
            coupon = replace(
                convert.coupon_from_proto(request.coupon, owner.currency_code),
                created_by=current_caller().subject,
                created_at=uow.now(),
            )
            _check(problems(coupon))
            _check_branches(coupon)
            await _check_references(uow, coupon)
            made = await make(uow, coupon)
            return pb.CreateCouponResponse(coupon=convert.coupon_to_proto(made))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.CreateCoupon", request, pb.CreateCouponResponse, effect)

    async def get(self, request: pb.GetCouponRequest) -> pb.GetCouponResponse:
        """Returns a coupon with what became of its codes."""
        async with self._database.tenant(tenant()) as uow:
            found = await visible(uow, UUID(request.coupon_id))
            counts = await pool.counts(uow, [found.coupon_id])
        return pb.GetCouponResponse(coupon=convert.coupon_to_proto(found, counts.get(found.coupon_id, {})))

    async def page(self, request: pb.ListCouponsRequest) -> pb.ListCouponsResponse:
        """Returns a page of coupons, newest first."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await store.page(
                uow,
                state=request.state,
                campaign_id=UUID(request.campaign_id) if request.campaign_id else None,
                text=request.text,
                branch_ids=current_caller().own_branches(),
                before=position(request, request.page_token),
                limit=size + 1,
            )
            shown, token = cut(request, rows, size, lambda one: one.coupon_id)
            counts = await pool.counts(
                uow, [one.coupon_id for one in shown if one.code_kind is not CodeKind.SHARED]
            )
        return pb.ListCouponsResponse(
            coupons=[convert.coupon_to_proto(one, counts.get(one.coupon_id, {})) for one in shown],
            next_page_token=token,
        )

    async def update(self, request: pb.UpdateCouponRequest) -> pb.UpdateCouponResponse:
        """Changes what the mask names; what somebody used keeps its terms."""
        paths = apply_mask(request.update_mask, convert.MASKABLE)

        async def effect(uow: UnitOfWork) -> pb.UpdateCouponResponse:
            known = await visible(uow, UUID(request.coupon.coupon_id), lock=True)
            if request.coupon.etag != str(known.version):
                raise aborted("the coupon was changed meanwhile: read it again")
            changed = _changed(request, known, paths)
            _check([*problems(changed), *frozen_changes(known, changed, map(_plain, paths))])
            _check_branches(changed)
            # What is taken into use again needs all it names.
            revived = changed.state is CouponState.ACTIVE and known.state is not CouponState.ACTIVE
            await _check_references(uow, changed, None if revived else known)
            changed = raised(known, changed)
            await store.save(uow, changed)
            await _record(uow, "coupon.update", known, changed)
            return pb.UpdateCouponResponse(coupon=convert.coupon_to_proto(changed))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.UpdateCoupon", request, pb.UpdateCouponResponse, effect)

    async def deactivate(self, request: pb.DeactivateCouponRequest) -> pb.DeactivateCouponResponse:
        """Takes a coupon out of use."""

        async def effect(uow: UnitOfWork) -> pb.DeactivateCouponResponse:
            known = await visible(uow, UUID(request.coupon_id), lock=True)
            after = known
            if known.state is not CouponState.INACTIVE:
                after = replace(known, state=CouponState.INACTIVE, version=known.version + 1)
                await store.save(uow, after)
                await _record(uow, "coupon.deactivate", known, after)
            return pb.DeactivateCouponResponse(coupon=convert.coupon_to_proto(after))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.DeactivateCoupon", request, pb.DeactivateCouponResponse, effect
            )

    async def add_codes(self, request: pb.AddCouponCodesRequest) -> pb.AddCouponCodesResponse:
        """Adds a block of codes to a pool; codes that are wrong do not keep the others out."""
        texts = [codes.canonical(one) for one in request.codes]
        errors = {
            index: invalid(f"codes[{index}]", "must be 4-50 of A-Z, 0-9, - and _")
            for index, text in enumerate(texts)
            if not codes.fits_pool(text)
        }
        good = {text for index, text in enumerate(texts) if index not in errors}
        async with self._database.tenant(tenant()) as uow:
            coupon = await visible(uow, UUID(request.coupon_id), lock=True)
            if coupon.code_kind is not CodeKind.POOL:
                raise invalid("coupon_id", "names a coupon whose codes do not come from a pool")
            added = await pool.add(uow, coupon.coupon_id, sorted(good))
            known = await pool.of_coupon(uow, coupon.coupon_id, sorted(good - added))
        taken = good - added - known
        for index, text in enumerate(texts):
            if text in taken:
                errors[index] = failed("COUPON_CODE_TAKEN", "another coupon has this code")
        return pb.AddCouponCodesResponse(
            block_number=request.block_number,
            added_count=len(added),
            known_count=len(texts) - len(added) - len(errors),
            errors=[_code_error(index, errors[index]) for index in sorted(errors)],
        )

    async def redemptions(self, request: pb.ListCouponRedemptionsRequest) -> pb.ListCouponRedemptionsResponse:
        """Returns a page of what was redeemed of a coupon, newest first."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            coupon = await visible(uow, UUID(request.coupon_id))
            rows = await records.page(
                uow, coupon.coupon_id, before=position(request, request.page_token), limit=size + 1
            )
        shown, token = cut(request, rows, size, lambda one: one.redemption_id)
        return pb.ListCouponRedemptionsResponse(
            redemptions=[convert.redemption_to_proto(one, coupon.free_service_id) for one in shown],
            next_page_token=token,
        )


async def visible(uow: UnitOfWork, coupon_id: UUID, *, lock: bool = False) -> Coupon:
    """Returns a coupon of the caller's branches; NOT_FOUND for any other (SEC-6)."""
    found = await store.by_id(uow, coupon_id, lock=lock)
    own = set(current_caller().own_branches())
    if found is None or (own and not own & set(found.branch_ids)):
        raise not_found("coupon", coupon_id)
    return found


async def make(uow: UnitOfWork, coupon: Coupon) -> Coupon:
    """Adds a coupon, with a code of its own making when it has none, and tells of it; COUPON_CODE_TAKEN otherwise."""
    made = await _insert(uow, coupon)
    payload = events_pb2.CouponChanged(coupon=convert.coupon_to_proto(made), actor=made.created_by)
    uow.emit(Event("coupon.created", "coupon", str(made.coupon_id), payload))
    await _record(uow, "coupon.create", None, made)
    return made


async def switch_unused(uow: UnitOfWork, coupon_id: UUID, state: CouponState) -> bool:
    """Takes a coupon that nobody used out of use, or back into it; False when there was nothing to change."""
    known = await store.by_id(uow, coupon_id, lock=True)
    if known is None or known.is_used or known.state is state:
        return False
    after = replace(known, state=state, version=known.version + 1)
    await store.save(uow, after)
    await _record(
        uow, "coupon.deactivate" if state is CouponState.INACTIVE else "coupon.update", known, after
    )
    return True


async def _insert(uow: UnitOfWork, coupon: Coupon) -> Coupon:
    if coupon.code is not None or coupon.code_kind is not CodeKind.SHARED:
        if not await store.insert(uow, coupon):
            raise failed("COUPON_CODE_TAKEN", "another coupon has this code")
        return coupon
    for _ in range(_TRIES):
        made = replace(coupon, code=codes.generate())
        if await store.insert(uow, made):
            return made
    raise failed("COUPON_CODE_TAKEN", "no free code was found: try again")


async def _check_references(uow: UnitOfWork, coupon: Coupon, before: Coupon | None = None) -> None:
    """Raises NOT_FOUND for a segment, contact or campaign that the tenant does not have; looks at what is new only."""

    def is_new(field: str) -> bool:
        value = getattr(coupon, field)
        return value is not None and (before is None or value != getattr(before, field))

    # Locked, so that it is not deleted while it is named.
    if is_new("segment_id") and await segments.by_id(uow, coupon.segment_id, lock=True) is None:  # type: ignore[arg-type]
        raise not_found("segment", coupon.segment_id)
    if is_new("contact_id"):
        await contacts.get(uow, coupon.contact_id, None)
    if is_new("campaign_id") and await campaigns.by_id(uow, coupon.campaign_id) is None:  # type: ignore[arg-type]
        raise not_found("campaign", coupon.campaign_id)


def _check(found: Iterable[tuple[str, str]]) -> None:
    wrong = [Violation(f"coupon.{field}", text) for field, text in found]
    if wrong:
        raise invalid_many(wrong)


def _check_branches(coupon: Coupon) -> None:
    """Denies a coupon that reaches beyond the branches of a limited caller."""
    own = set(current_caller().own_branches())
    if own and not (coupon.branch_ids and set(coupon.branch_ids) <= own):
        raise denied("coupons of one's own branches only")


def _changed(request: pb.UpdateCouponRequest, known: Coupon, paths: Sequence[str]) -> Coupon:
    """Returns a coupon with the fields that the mask names as the request has them."""
    for path in paths:
        if path in convert.DISCOUNTS and request.coupon.WhichOneof("discount") != path:
            raise invalid(f"coupon.{path}", "is named by the mask and not given")
    whole = convert.coupon_to_proto(known)
    request.update_mask.MergeMessage(
        request.coupon, whole, replace_message_field=True, replace_repeated_field=True
    )
    return replace(
        convert.coupon_from_proto(whole, known.currency),
        current_uses=known.current_uses,
        reserved_uses=known.reserved_uses,
        is_told_exhausted=known.is_told_exhausted,
        created_by=known.created_by,
        created_at=known.created_at,
        version=known.version + 1,
    )


def _plain(path: str) -> str:
    return convert.FIELDS.get(path, path)


def _code_error(index: int, error: ServiceError) -> pb.CouponCodeError:
    return pb.CouponCodeError(index=index, status=item_status(error, "campaign"))


async def _record(uow: UnitOfWork, action: str, before: Coupon | None, after: Coupon) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="coupon",
        resource_id=after.coupon_id,
        before=None if before is None else _audited(before),
        after=_audited(after),
    )


def _audited(coupon: Coupon) -> dict[str, object]:
    return {
        "code": coupon.code,
        "name": coupon.name,
        "state": coupon.state.name.lower(),
        "percentage": coupon.percentage,
        "amount": None if coupon.amount is None else str(coupon.amount),
        "valid_until": coupon.valid_until.isoformat(),
        "max_total_uses": coupon.max_total_uses,
        "max_uses_per_contact": coupon.max_uses_per_contact,
    }
