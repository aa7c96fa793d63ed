"""Handing contents in for approval, through delivery (CAM-49, CAM-94)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from angarium.delivery.v1 import template_review_service_pb2 as review_pb
from angarium.delivery.v1.template_review_service_pb2_grpc import TemplateReviewServiceStub
from services.campaign.approvals import drafts, store
from services.campaign.approvals.domain import Approval, State, may_submit, name_for
from services.campaign.approvals.handlers import Users, tell
from services.campaign.templates import handlers as templates
from services.campaign.templates import rendering
from services.campaign.templates.activation import content_of
from services.campaign.templates.domain import WHATSAPP, Content, Template, Version
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, invalid, not_found
from services.common.rpc.client import as_tenant

Answer = tuple[review_pb.TemplateReview, str]
"""Where a template stands, and at which business account."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A content that is to be handed in, by an account."""

    template: Template
    version: Version
    content: Content
    account_id: UUID
    is_known_to_provider: bool
    body: str
    examples: Sequence[str]
    known: Sequence[Approval]

    @property
    def name(self) -> str:
        """Returns its name at WhatsApp."""
        return name_for(self.content.whatsapp_name, self.template.name, self.version.number)


async def asked(
    database: Database,
    tenant_id: UUID,
    *,
    template_id: UUID,
    number: int,
    language: str,
    account_id: UUID,
    is_known_to_provider: bool,
) -> Asked:
    """Returns what is to be handed in; the error says why WhatsApp would not take it."""
    async with database.tenant(tenant_id) as uow:
        template = await templates.get(uow, template_id)
        version = await templates.version_of(uow, template_id, number)
        owner = await tenants.tenant(uow, tenant_id)
        known = (await store.of_versions(uow, [version.version_id])).get(version.version_id, ())
    if template.channel != WHATSAPP:
        raise invalid("template_id", "is no WhatsApp template", "TEMPLATE_CHANNEL_MISMATCH")
    language = language or version.fallback_language
    content = content_of(version, language)
    values = rendering.sample_variables(version, owner)
    body = drafts.body_of(version, content)
    examples = drafts.examples_of(version, content, values)
    return Asked(template, version, content, account_id, is_known_to_provider, body, examples, known)


async def reviewed(reviews: TemplateReviewServiceStub, tenant_id: UUID, wanted: Asked) -> Answer:
    """Hands a content in, or looks it up, and returns where it stands at which business account.

    What the provider refuses because it has it already is looked up too: a call that broke off may have handed it in.
    """
    with as_tenant(tenant_id):
        if not wanted.is_known_to_provider and not _stands(wanted):
            try:
                answer = await reviews.SubmitTemplate(
                    review_pb.SubmitTemplateRequest(
                        provider_account_id=str(wanted.account_id),
                        name=wanted.name,
                        language_code=wanted.content.language_code,
                        category=wanted.template.category,  # type: ignore[arg-type]  # numbered as in the contract
                        body=wanted.body,
                        examples=wanted.examples,
                    )
                )
            except ServiceError as error:
                if error.reason != "TEMPLATE_INVALID":
                    raise
                found = await _looked_up(reviews, wanted)
                if found is None:
                    raise
                return found
            return answer.review, answer.business_account
        found = await _looked_up(reviews, wanted)
    if found is None:
        raise not_found("whatsapp_template", f"{wanted.name} in {wanted.content.language_code}")
    return found


def _stands(wanted: Asked) -> bool:
    """Returns whether the content stands somewhere by this account already, so that it is asked for, not handed in."""
    return any(
        one.provider_account_id == wanted.account_id
        and one.language_code == wanted.content.language_code
        and not may_submit(one.state)
        for one in wanted.known
    )


async def _looked_up(reviews: TemplateReviewServiceStub, wanted: Asked) -> Answer | None:
    answer = await reviews.GetTemplateReviews(
        review_pb.GetTemplateReviewsRequest(provider_account_id=str(wanted.account_id), names=[wanted.name])
    )
    language = _comparable(wanted.content.language_code)
    found = [one for one in answer.reviews if _comparable(one.language_code) == language]
    return (found[0], answer.business_account) if found else None


def _comparable(language: str) -> str:
    return language.replace("-", "_").lower()


async def keep(
    uow: UnitOfWork, wanted: Asked, review: review_pb.TemplateReview, business_account: str, users: Users
) -> tuple[Approval, Sequence[Approval]]:
    """Writes down where a content stands, and tells of it; returns that, and where its version stands everywhere."""
    now = uow.now()
    before = next(
        (
            one
            for one in wanted.known
            if (one.language_code, one.business_account) == (wanted.content.language_code, business_account)
        ),
        None,
    )
    approval = Approval(
        version_id=wanted.version.version_id,
        language_code=wanted.content.language_code,
        business_account=business_account,
        provider_account_id=wanted.account_id,
        name=wanted.name,
        provider_template_id=review.whatsapp_template_id,
        state=State(review.state),
        reason=review.reason,
        submitted_at=before.submitted_at if before and not may_submit(before.state) else now,
        updated_at=now,
    )
    await store.upsert(uow, approval)
    if before is None or before.state is not approval.state:
        await tell(uow, wanted.template, wanted.version, approval, before, users)
    await audit.record(
        uow,
        action="template.submit_whatsapp",
        resource_type="template",
        resource_id=wanted.template.template_id,
        before=None if before is None else _shown(before),
        after=_shown(approval),
    )
    known = await store.of_versions(uow, [approval.version_id])
    return approval, known[approval.version_id]


def _shown(one: Approval) -> Mapping[str, str]:
    return {
        "whatsapp_template_name": one.name,
        "language_code": one.language_code,
        "business_account": one.business_account,
        "state": one.state.name.lower(),
    }
