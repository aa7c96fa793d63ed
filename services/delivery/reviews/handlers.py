"""Use cases of reviews (CAM-49, CAM-94)."""

from dataclasses import dataclass
from uuid import UUID

from angarium.delivery.v1 import template_review_service_pb2 as pb
from services.common.db.database import Database
from services.common.errors import ServiceError, failed, invalid, not_found
from services.delivery.accounts import store
from services.delivery.accounts.adapters import Adapters
from services.delivery.messages.domain import Category, Channel, MessageClass, class_of
from services.delivery.providers.approvals import Draft, Review, Reviewer, SubmissionError
from services.delivery.providers.base import Code


@dataclass(frozen=True, slots=True)
class Reviews:
    """What these use cases need."""

    database: Database
    adapters: Adapters


async def submit(
    deps: Reviews, tenant_id: UUID, request: pb.SubmitTemplateRequest
) -> pb.SubmitTemplateResponse:
    """Hands a template in; TEMPLATE_INVALID with the provider's words when it is refused."""
    reviewer, business = await _reviewer(deps, tenant_id, request.provider_account_id)
    draft = Draft(
        name=request.name,
        language=request.language_code.replace("-", "_"),
        category=_category(Category(request.category)),
        body=request.body,
        examples=list(request.examples),
        footer=request.footer,
    )
    try:
        review = await reviewer.submit(draft)
    except SubmissionError as error:
        raise _refusal(error) from None
    finally:
        await reviewer.close()
    return pb.SubmitTemplateResponse(review=_shown(review), business_account=business)


async def ask(
    deps: Reviews, tenant_id: UUID, request: pb.GetTemplateReviewsRequest
) -> pb.GetTemplateReviewsResponse:
    """Returns where the templates of an account stand by its provider's word."""
    reviewer, business = await _reviewer(deps, tenant_id, request.provider_account_id)
    wanted = frozenset(request.names)
    try:
        found = await reviewer.reviews()
    except SubmissionError as error:
        raise _refusal(error) from None
    finally:
        await reviewer.close()
    return pb.GetTemplateReviewsResponse(
        reviews=[_shown(one) for one in found if not wanted or one.name in wanted], business_account=business
    )


async def _reviewer(deps: Reviews, tenant_id: UUID, account_id: str) -> tuple[Reviewer, str]:
    account = await store.by_id(deps.database, tenant_id, UUID(account_id))
    if account is None or account.channel is not Channel.WHATSAPP:
        raise not_found("provider account", account_id)
    return await deps.adapters.reviewer(account)


def _category(category: Category) -> str:
    """Returns the word of a category at WhatsApp."""
    if category is Category.ACCOUNT_SECURITY:
        return "authentication"
    return "marketing" if class_of(category) is MessageClass.MARKETING else "utility"


def _refusal(error: SubmissionError) -> ServiceError:
    if error.code in (Code.CREDENTIALS, "unsupported"):
        return failed("PROVIDER_NOT_CONFIGURED", str(error))
    if error.is_temporary:
        return failed("PROVIDER_ERROR", "the provider could not take the question")
    return invalid("body", f"the provider refused it: {error}", "TEMPLATE_INVALID")


def _shown(review: Review) -> pb.TemplateReview:
    return pb.TemplateReview(
        name=review.name,
        language_code=review.language,
        state=f"WHATS_APP_APPROVAL_STATE_{review.approval.name}",
        whatsapp_template_id=review.template_id,
        reason=review.reason,
    )
