"""What approvals give to the bootstrap."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from angarium.campaign.v1 import whatsapp_template_service_pb2, whatsapp_template_service_pb2_grpc
from angarium.delivery.v1.template_review_service_pb2_grpc import TemplateReviewServiceStub
from services.campaign.approvals import handlers, store
from services.campaign.approvals.cases import ApprovalCases
from services.campaign.approvals.servicer import WhatsAppTemplateServicer
from services.common.db.database import Database
from services.common.jobs import Job, JobContext, JobCounts, apart
from services.common.rpc.client import Channels
from services.common.service import Registration

JOB = "whatsapp-template-status"
EVERY = timedelta(minutes=15)


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
            work = ask(context, tenant_id, account_id, names)
            counts = counts.plus(await apart(tenant_id, len(names), work))
        return counts

    async def ask(context: JobContext, tenant_id: UUID, account_id: UUID, names: Sequence[str]) -> JobCounts:
        changed = await handlers.poll(context.database, reviews, tenant_id, account_id, names, users)
        return JobCounts(seen=len(names), done=changed)

    return Job(JOB, EVERY, run)
