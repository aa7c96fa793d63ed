"""SegmentService."""

from uuid import UUID

import grpc

from angarium.campaign.v1 import segment_service_pb2 as pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceServicer
from services.campaign.contacts.convert import contact_to_proto
from services.campaign.segments import convert, handlers
from services.campaign.segments.domain import Join, Rule, Segment
from services.common.db.database import Database
from services.common.idempotency import once
from services.common.masks import apply_mask
from services.common.paging import PageToken, page_size, parameters_hash
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted

Context = grpc.aio.ServicerContext[object, object]

_MASKABLE = ("name", "description", "rule", "branch_ids")
_SAMPLE = 10


class SegmentServicer(SegmentServiceServicer):
    """Audiences by rule."""

    def __init__(self, database: Database, in_use: handlers.InUse) -> None:
        self._database = database
        self._in_use = in_use

    async def CreateSegment(
        self, request: pb.CreateSegmentRequest, context: Context
    ) -> pb.CreateSegmentResponse:
        """Creates a segment and counts it."""
        rule = convert.rule_from_proto(request.segment.rule, "segment.rule")
        branches = convert.branches_from_proto(request.segment.branch_ids, "segment.branch_ids")
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.CreateSegmentResponse:
                created = await handlers.create(
                    uow,
                    name=request.segment.name,
                    description=request.segment.description,
                    rule=rule,
                    branch_ids=branches,
                    actor=current_caller().subject,
                )
                return pb.CreateSegmentResponse(segment=convert.segment_to_proto(created))

            response, repeated = await once(
                uow,
                method="SegmentService.CreateSegment",
                key=request.idempotency_key,
                request=request,
                response_type=pb.CreateSegmentResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def GetSegment(self, request: pb.GetSegmentRequest, context: Context) -> pb.GetSegmentResponse:
        """Returns a segment."""
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.get(uow, UUID(request.segment_id))
        return pb.GetSegmentResponse(segment=convert.segment_to_proto(found))

    async def ListSegments(
        self, request: pb.ListSegmentsRequest, context: Context
    ) -> pb.ListSegmentsResponse:
        """Lists segments."""
        size = page_size(request.page_size)
        parameters = parameters_hash(request)
        last = PageToken.decode(request.page_token, parameters, length=1)
        before = UUID(last[0]) if last else None
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.page(
                uow, kind=request.kind, text=request.text, before=before, limit=size + 1
            )
        token = PageToken.encode([found[size - 1].segment_id], parameters) if len(found) > size else ""
        return pb.ListSegmentsResponse(
            segments=[convert.segment_to_proto(segment) for segment in found[:size]], next_page_token=token
        )

    async def UpdateSegment(
        self, request: pb.UpdateSegmentRequest, context: Context
    ) -> pb.UpdateSegmentResponse:
        """Changes a segment."""
        paths = apply_mask(request.update_mask, _MASKABLE)
        message = request.segment
        rule = convert.rule_from_proto(message.rule, "segment.rule") if "rule" in paths else Rule(Join.AND)
        wanted = Segment(
            UUID(message.segment_id),
            message.name,
            rule,
            message.description,
            convert.branches_from_proto(message.branch_ids, "segment.branch_ids"),
        )
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.UpdateSegmentResponse:
                changed = await handlers.update(uow, wanted, paths, message.etag)
                return pb.UpdateSegmentResponse(segment=convert.segment_to_proto(changed))

            response, repeated = await once(
                uow,
                method="SegmentService.UpdateSegment",
                key=request.idempotency_key,
                request=request,
                response_type=pb.UpdateSegmentResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def DeleteSegment(
        self, request: pb.DeleteSegmentRequest, context: Context
    ) -> pb.DeleteSegmentResponse:
        """Archives a segment."""
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.DeleteSegmentResponse:
                await handlers.delete(uow, UUID(request.segment_id), self._in_use)
                return pb.DeleteSegmentResponse()

            response, _ = await once(
                uow,
                method="SegmentService.DeleteSegment",
                key=request.idempotency_key,
                request=request,
                response_type=pb.DeleteSegmentResponse,
                effect=effect,
            )
        return response

    async def PreviewSegment(
        self, request: pb.PreviewSegmentRequest, context: Context
    ) -> pb.PreviewSegmentResponse:
        """Counts a rule and shows a sample."""
        rule = convert.rule_from_proto(request.rule, "rule")
        branches = convert.branches_from_proto(request.branch_ids, "branch_ids")
        masked = not permitted(current_caller().roles, "contact.view")
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.preview(uow, rule, branches, request.sample_size or _SAMPLE)
        return pb.PreviewSegmentResponse(
            contact_count=found.count,
            with_email_count=found.with_email,
            with_phone_count=found.with_phone,
            sample=[contact_to_proto(contact, masked=masked) for contact in found.sample],
        )

    async def RefreshSegment(
        self, request: pb.RefreshSegmentRequest, context: Context
    ) -> pb.RefreshSegmentResponse:
        """Counts a segment anew."""
        async with self._database.tenant(tenant()) as uow:
            segment = await handlers.refresh(uow, UUID(request.segment_id))
        return pb.RefreshSegmentResponse(segment=convert.segment_to_proto(segment))
