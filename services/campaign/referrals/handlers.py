"""Use cases of referrals: made, looked at, found to be fraud."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import referral_pb2
from angarium.campaign.v1 import referral_service_pb2 as pb
from services.campaign.contacts.domain import Contact
from services.campaign.coupons import store as coupons
from services.campaign.notices.notices import Notices
from services.campaign.referrals import codes, conversion, convert, people, rewards, store, terms
from services.campaign.referrals.domain import (
    Act,
    Candidate,
    Referral,
    ReferralSettings,
    ReferralState,
    RewardOn,
    refusal,
)
from services.campaign.referrals.guesses import Guesses
from services.campaign.tenants import handlers as tenants
from services.common.addresses import parse_phone
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, failed, invalid, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant
from services.common.security import permissions
from services.common.security.keys import KeySet

_SERVICE: Final = "ReferralService"
_LEADERS: Final = 10
_JUDGES: Final = frozenset(
    {permissions.BRANCH_MANAGER, permissions.REGIONAL_MANAGER, permissions.SUPER_OWNER}
)


class Referrals:
    """Who brought whom."""

    def __init__(self, database: Database, notices: Notices, guesses: Guesses, keys: KeySet) -> None:
        self._database = database
        self._notices = notices
        self._guesses = guesses
        self._keys = keys

    async def apply(self, request: pb.ApplyReferralRequest) -> pb.ApplyReferralResponse:
        """Notes that somebody was referred, with a contact of theirs and their reward (LIF-80)."""
        async with self._database.tenant(tenant()) as uow:
            region = (await tenants.tenant(uow, tenant())).region_code
        try:
            phone = parse_phone(request.referred_phone, region)
        except ValueError as error:
            raise invalid("referred_phone", str(error)) from None
        await self._guesses.count(phone)

        async def effect(uow: UnitOfWork) -> pb.ApplyReferralResponse:
            return await self._apply(uow, request, phone)

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.ApplyReferral", request, pb.ApplyReferralResponse, effect)

    async def _apply(
        self, uow: UnitOfWork, request: pb.ApplyReferralRequest, phone: str
    ) -> pb.ApplyReferralResponse:
        owner = await tenants.open_tenant(uow)
        rules = await terms.current(uow)
        code = codes.canonical(request.referral_code)
        referrer = await people.referrer_of(uow, code)
        if (stands := refusal(Candidate(rules.is_enabled, referrer is not None))) or referrer is None:
            raise stands or failed("INVALID_REFERRAL_CODE", "there is no such referral code")
        assert referrer.contact_id is not None  # noqa: S101 - a stored contact has its id
        await store.lock_referrer(uow, referrer.contact_id)
        known = await people.referred(
            uow, phone, UUID(request.referred_contact_id) if request.referred_contact_id else None
        )
        candidate = Candidate(
            is_self=people.are_the_same(referrer, phone, known),
            month_count=await store.count_since(
                uow, referrer.contact_id, people.month_began(uow.now(), owner)
            ),
            limit=rules.max_referrals_per_month,
            is_referred=await self._is_referred(uow, phone, known),
            is_new=all(map(people.is_new, known)),
        )
        if stands := refusal(candidate):
            raise stands
        contact = (
            known[0] if known else await people.made(uow, phone, request.referred_name, referrer, self._keys)
        )
        assert contact.contact_id is not None  # noqa: S101 - as above
        referral = await self._insert(uow, code, referrer, contact, phone, rules, owner.currency_code)
        coupon = await rewards.coupon_for(
            uow, owner, rules.referred_reward, contact.contact_id, rules.expires_after_days
        )
        referral = replace(referral, referred_coupon_id=coupon.coupon_id, referred_rewarded_at=uow.now())
        await store.save(uow, referral)
        rewards.tell(uow, "referral.created", referral, current_caller().subject)
        act = Act(RewardOn.SIGNUP, uow.now())
        referral = await conversion.convert_by(uow, self._notices, owner, rules, referral, act)
        shown = await _shown(uow, referral)
        return pb.ApplyReferralResponse(
            referral=shown,
            referred_contact_id=shown.referred_contact_id,
            is_contact_created=not known,
            referred_reward=shown.referred_reward,
        )

    async def _is_referred(self, uow: UnitOfWork, phone: str, known: list[Contact]) -> bool:
        if await store.is_referred(uow, phone, None):
            return True
        for one in known:
            if await store.is_referred(uow, phone, one.contact_id):
                return True
        return False

    async def _insert(
        self,
        uow: UnitOfWork,
        code: str,
        referrer: Contact,
        contact: Contact,
        phone: str,
        rules: ReferralSettings,
        currency: str,
    ) -> Referral:
        assert referrer.contact_id is not None  # noqa: S101 - stored contacts have their ids
        assert contact.contact_id is not None  # noqa: S101
        now = uow.now()
        referral = Referral(
            referral_id=uuid7(),
            referrer_contact_id=referrer.contact_id,
            referral_code=code,
            referred_contact_id=contact.contact_id,
            referred_phone=phone,
            currency=currency,
            created_at=now,
            expires_at=now + timedelta(days=rules.expires_after_days),
            referred_reward=rules.referred_reward,
        )
        # Another referrer may bring the same person at this moment: the first one has.
        if not await store.insert(uow, referral):
            raise failed("ALREADY_REFERRED", "the person was referred before")
        return referral

    async def get(self, request: pb.GetReferralRequest) -> pb.GetReferralResponse:
        """Returns a referral."""
        async with self._database.tenant(tenant()) as uow:
            found = await _visible(uow, request.referral_id)
            return pb.GetReferralResponse(referral=await _shown(uow, found))

    async def page(self, request: pb.ListReferralsRequest) -> pb.ListReferralsResponse:
        """Returns a page of referrals, newest first."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await store.page(
                uow,
                state=request.state,
                referrer_id=UUID(request.referrer_contact_id) if request.referrer_contact_id else None,
                since=convert.instant(request.from_time, is_given=request.HasField("from_time")),
                until=convert.instant(request.to_time, is_given=request.HasField("to_time")),
                branch_ids=current_caller().own_branches(),
                before=position(request, request.page_token),
                limit=size + 1,
            )
            found, token = cut(request, rows, size, lambda one: one.referral_id)
            known = await coupons.shared_codes(uow, [id for one in found for id in one.coupon_ids])
        return pb.ListReferralsResponse(
            referrals=[convert.referral_to_proto(one, known) for one in found], next_page_token=token
        )

    async def leaders(self, request: pb.GetReferralLeaderboardRequest) -> pb.GetReferralLeaderboardResponse:
        """Returns the referrers with most referrals that count."""
        async with self._database.tenant(tenant()) as uow:
            rows = await store.leaders(
                uow,
                since=convert.instant(request.from_time, is_given=request.HasField("from_time")),
                until=convert.instant(request.to_time, is_given=request.HasField("to_time")),
                branch_ids=current_caller().own_branches(),
                limit=request.limit or _LEADERS,
            )
        answer = pb.GetReferralLeaderboardResponse()
        for contact_id, name, converted, rewarded, last in rows:
            leader = referral_pb2.Referrer(
                contact_id=str(contact_id),
                name=name or "",
                converted_count=converted,
                rewarded_count=rewarded,
            )
            leader.last_convert_time.FromDatetime(last)
            answer.referrers.append(leader)
        return answer

    async def mark(self, request: pb.MarkReferralFraudRequest) -> pb.MarkReferralFraudResponse:
        """Marks a referral as fraud and takes back what was not used."""
        _ensure_judge()

        async def effect(uow: UnitOfWork) -> pb.MarkReferralFraudResponse:
            known = await _visible(uow, request.referral_id, lock=True)
            after = known
            if known.state is not ReferralState.FRAUD:
                after = await rewards.take_back(
                    uow, self._notices, known, request.reason, current_caller().subject
                )
            return pb.MarkReferralFraudResponse(referral=await _shown(uow, after))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.MarkReferralFraud", request, pb.MarkReferralFraudResponse, effect
            )

    async def clear(self, request: pb.ClearReferralFraudRequest) -> pb.ClearReferralFraudResponse:
        """Puts a referral back where it stood before it was marked."""
        _ensure_judge()

        async def effect(uow: UnitOfWork) -> pb.ClearReferralFraudResponse:
            known = await _visible(uow, request.referral_id, lock=True)
            after = await rewards.give_back(uow, known, request.reason)
            return pb.ClearReferralFraudResponse(referral=await _shown(uow, after))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.ClearReferralFraud", request, pb.ClearReferralFraudResponse, effect
            )


async def _visible(uow: UnitOfWork, referral_id: str, *, lock: bool = False) -> Referral:
    """Returns a referral of the caller's branches; NOT_FOUND for any other (SEC-6)."""
    found = await store.by_id(uow, UUID(referral_id), branch_ids=current_caller().own_branches(), lock=lock)
    if found is None:
        raise not_found("referral", referral_id)
    return found


async def _shown(uow: UnitOfWork, referral: Referral) -> referral_pb2.Referral:
    return convert.referral_to_proto(referral, await coupons.shared_codes(uow, referral.coupon_ids))


def _ensure_judge() -> None:
    if not current_caller().roles & _JUDGES:
        raise denied("branch managers and above judge referrals")
