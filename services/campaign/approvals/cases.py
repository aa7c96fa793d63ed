"""Use cases of approvals as WhatsAppTemplateService asks for them."""

from uuid import UUID

from angarium.campaign.v1 import whatsapp_template_service_pb2 as pb
from angarium.delivery.v1.template_review_service_pb2_grpc import TemplateReviewServiceStub
from services.campaign.approvals import handlers, submission
from services.campaign.approvals.domain import Spoken, State
from services.campaign.templates import convert
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.idempotency import keyed
from services.common.rpc.context import current_caller, tenant


class ApprovalCases:
    """What WhatsApp decides about contents."""

    def __init__(self, database: Database, reviews: TemplateReviewServiceStub, users: handlers.Users) -> None:
        self._database = database
        self._reviews = reviews
        self._users = users

    async def submit(self, request: pb.SubmitWhatsAppTemplateRequest) -> pb.SubmitWhatsAppTemplateResponse:
        """Hands a content in; the provider is asked before the transaction begins."""
        tenant_id = tenant()
        wanted = await submission.asked(
            self._database,
            tenant_id,
            template_id=UUID(request.template_id),
            number=request.version,
            language=request.language_code,
            account_id=UUID(request.provider_account_id),
            is_known_to_provider=request.is_known_to_provider,
        )
        outcome: submission.Answer | ServiceError
        try:
            outcome = await submission.reviewed(self._reviews, tenant_id, wanted)
        except ServiceError as error:
            outcome = error  # raised below, unless the call is a repeat of one that worked

        async def effect(uow: UnitOfWork) -> pb.SubmitWhatsAppTemplateResponse:
            if isinstance(outcome, ServiceError):
                raise outcome
            review, business_account = outcome
            approval, known = await submission.keep(uow, wanted, review, business_account, self._users)
            return pb.SubmitWhatsAppTemplateResponse(
                content=convert.content_to_proto(wanted.content, known),
                approval=convert.approval_to_proto(approval),
            )

        async with self._database.tenant(tenant_id) as uow:
            method = "WhatsAppTemplateService.SubmitWhatsAppTemplate"
            return await keyed(uow, method, request, pb.SubmitWhatsAppTemplateResponse, effect)

    async def record_status(
        self, request: pb.RecordWhatsAppTemplateStatusRequest
    ) -> pb.RecordWhatsAppTemplateStatusResponse:
        """Takes down a provider's word; a repeat of it changes nothing."""
        spoken = Spoken(
            UUID(request.provider_account_id),
            request.business_account,
            request.whatsapp_template_id,
            request.whatsapp_template_name,
            request.language_code,
        )
        matched, changed = await handlers.hear(
            self._database,
            current_caller().tenant_id,
            spoken,
            State(request.state),
            request.reason,
            self._users,
        )
        return pb.RecordWhatsAppTemplateStatusResponse(matched_count=matched, changed_count=changed)
