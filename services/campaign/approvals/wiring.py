"""What approvals give to the bootstrap."""

from datetime import timedelta

import structlog

from angarium.campaign.v1 import whatsapp_template_service_pb2, whatsapp_template_service_pb2_grpc
from angarium.delivery.v1.template_review_service_pb2_grpc import TemplateReviewServiceStub
from services.campaign.approvals import handlers, store
from services.campaign.approvals.cases import ApprovalCases
from services.campaign.approvals.servicer import WhatsAppTemplateServicer
from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.jobs import Job, JobContext, JobCounts
from services.common.rpc.client import Channels
from services.common.service import Registration

JOB = "whatsapp-template-status"
EVERY = timedelta(minutes=15)

log = structlog.get_logger("approvals")


def registration(database: Database, channels: Channels, users: handlers.Users) -> Registration:
    """Returns the RPC service of approvals."""
    return Registration(
        whatsapp_template_service_pb2.DESCRIPTOR.services_by_name["WhatsAppTemplateService"],
        whatsapp_template_service_pb2_grpc.add_WhatsAppTemplateServiceServicer_to_server,
        WhatsAppTemplateServicer(
            ApprovalCases(database, channels.stub(TemplateReviewServiceStub, "delivery"), users)
        ),
    )


def job(channels: Channels, users: handlers.Users) -> Job:
    """Returns the job that asks where pending templates stand, through delivery (JOB-23)."""
    reviews = channels.stub(TemplateReviewServiceStub, "delivery")

    async def run(context: JobContext) -> JobCounts:
        async with context.database.system() as uow:
            waiting = await store.waiting(uow)
        counts = JobCounts()
        for (tenant_id, account_id), names in waiting.items():
            if context.stopping:
                break
            try:
                changed = await handlers.poll(context.database, reviews, tenant_id, account_id, names, users)
            except ServiceError as error:
                log.warning("templates could not be asked for", account=str(account_id), reason=error.reason)
                counts = counts.plus(JobCounts(seen=len(names), failed=len(names)))
            else:
                counts = counts.plus(JobCounts(seen=len(names), done=changed))
        return counts

    return Job(JOB, EVERY, run)
