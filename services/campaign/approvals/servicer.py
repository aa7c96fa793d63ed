"""WhatsAppTemplateService."""

import grpc

from angarium.campaign.v1 import whatsapp_template_service_pb2 as pb
from angarium.campaign.v1.whatsapp_template_service_pb2_grpc import WhatsAppTemplateServiceServicer
from services.campaign.approvals.cases import ApprovalCases

Context = grpc.aio.ServicerContext[object, object]


class WhatsAppTemplateServicer(WhatsAppTemplateServiceServicer):
    """What WhatsApp decides about contents."""

    def __init__(self, approvals: ApprovalCases) -> None:
        self._approvals = approvals

    async def SubmitWhatsAppTemplate(
        self, request: pb.SubmitWhatsAppTemplateRequest, context: Context
    ) -> pb.SubmitWhatsAppTemplateResponse:
        return await self._approvals.submit(request)

    async def RecordWhatsAppTemplateStatus(
        self, request: pb.RecordWhatsAppTemplateStatusRequest, context: Context
    ) -> pb.RecordWhatsAppTemplateStatusResponse:
        return await self._approvals.record_status(request)
