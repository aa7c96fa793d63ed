"""Use cases of approvals: what providers tell, asking those that wait, and telling those who send (CAM-50, CAM-94)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.delivery.v1 import template_review_service_pb2 as review_pb
from angarium.delivery.v1.template_review_service_pb2_grpc import TemplateReviewServiceStub
from services.campaign.approvals import store
from services.campaign.approvals.domain import ALARMING, Approval, Spoken, State, may_follow
from services.campaign.staff import alerts as staff
from services.campaign.templates import resolving
from services.campaign.templates.domain import Template, Version
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event
from services.common.rpc.client import as_tenant
from services.common.security.permissions import SUPER_OWNER

ALERT: Final = "whatsapp-template-stopped"
MOST_ASKED: Final = 1000

Users = Callable[[UnitOfWork, UUID], Awaitable[Sequence[tuple[UUID, str]]]]
"""Ids and names of the campaigns that are not finished and send by a template."""


async def hear(
    database: Database, tenant_id: UUID | None, spoken: Spoken, state: State, reason: str, users: Users
) -> tuple[int, int]:
    """Takes down a provider's word of a template; returns how many contents it speaks of, and how many changed.

    Without a tenant the account is the platform's, and the template may be any tenant's.
    """
    if tenant_id is not None:
        async with database.tenant(tenant_id) as uow:
            found = await store.spoken_of(uow, spoken)
    else:
        async with database.system() as uow:
            found = await store.spoken_of(uow, spoken)
    changed = 0
    for owner in dict.fromkeys(one for one, _ in found):
        async with database.tenant(owner) as uow:
            for _, known in await store.spoken_of(uow, spoken):
                changed += await settle(uow, known, state, reason, spoken.template_id, users)
    return len(found), changed


async def settle(
    uow: UnitOfWork, known: Approval, state: State, reason: str, provider_template_id: str, users: Users
) -> bool:
    """Moves an approval on, and tells of it; False for a word that changes nothing."""
    if not may_follow(known.state, state):
        return False
    changed = replace(
        known,
        state=state,
        reason=reason,
        provider_template_id=provider_template_id or known.provider_template_id,
        updated_at=uow.now(),
    )
    await store.upsert(uow, changed)
    found = await resolving.by_version(uow, known.version_id)
    if found is not None:
        await tell(uow, *found, changed, known, users)
    return True


async def poll(
    database: Database,
    reviews: TemplateReviewServiceStub,
    tenant_id: UUID,
    account_id: UUID,
    names: Sequence[str],
    users: Users,
) -> int:
    """Asks where the pending templates of an account stand; returns how many contents changed by it (JOB-23)."""
    with as_tenant(tenant_id):
        answer = await reviews.GetTemplateReviews(
            review_pb.GetTemplateReviewsRequest(provider_account_id=str(account_id), names=names[:MOST_ASKED])
        )
    changed = 0
    async with database.tenant(tenant_id) as uow:
        for one in answer.reviews:
            spoken = Spoken(
                account_id, answer.business_account, one.whatsapp_template_id, one.name, one.language_code
            )
            for _, known in await store.spoken_of(uow, spoken):
                changed += await settle(
                    uow, known, State(one.state), one.reason, one.whatsapp_template_id, users
                )
    return changed


async def tell(
    uow: UnitOfWork,
    template: Template,
    version: Version,
    now: Approval,
    before: Approval | None,
    users: Users,
) -> None:
    """Tells that a content stands elsewhere now; where it may not be sent any more, those who send by it are alerted."""
    affected = await users(uow, template.template_id) if now.state in ALARMING else ()
    payload = events_pb2.TemplateWhatsAppStatusChanged(
        template_id=str(template.template_id),
        template_version_id=str(now.version_id),
        version=version.number,
        language_code=now.language_code,
        business_account=now.business_account,
        whatsapp_template_name=now.name,
        state=int(now.state),  # type: ignore[arg-type]  # numbered as in the contract
        former_state=int(before.state) if before else 0,  # type: ignore[arg-type]
        reason=now.reason,
        campaign_ids=[str(one) for one, _ in affected],
    )
    uow.emit(Event("template.whatsapp_status_changed", "template", str(template.template_id), payload))
    if now.state in ALARMING:
        variables = {
            "template": template.name,
            "version": version.number,
            "language": now.language_code,
            "state": now.state.name.lower(),
            "reason": now.reason,
            "campaigns": ", ".join(name for _, name in affected),
        }
        await staff.add(uow, ALERT, SUPER_OWNER, variables)
