"""Use cases of segments as SegmentService asks for them: read from the request, done in one transaction, shown."""

from collections.abc import Sequence
from uuid import UUID

from angarium.campaign.v1 import segment_service_pb2 as pb
from services.campaign.campaigns.branches import limited_to
from services.campaign.contacts.convert import contact_to_proto
from services.campaign.segments import convert, handlers
from services.campaign.segments.audience import of_rule, of_segment
from services.campaign.segments.domain import EVERYBODY, Rule
from services.campaign.segments.explain import explain
from services.campaign.segments.previews import CHANNELS, Previews
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.masks import apply_mask
from services.common.paging import cut, page_size, position
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted

_MASKABLE = ("name", "description", "rule", "branch_ids", "is_active")
_SAMPLE = 10


class SegmentCases:
    """Audiences by rule and by list."""

    def __init__(
        self,
        database: Database,
        previews: Previews,
        users: Sequence[handlers.InUse],
        going_out: handlers.InUse,
    ) -> None:
        self._database = database
        self._previews = previews
        self._users = users
        self._going_out = going_out

    async def create(self, request: pb.CreateSegmentRequest) -> pb.CreateSegmentResponse:
        """Creates a segment with its members."""
        message = request.segment
        rule = convert.either_rule(request, message.rule, "segment.rule", is_given=message.HasField("rule"))
        is_dynamic = message.is_dynamic if message.HasField("is_dynamic") else True
        if rule is None and is_dynamic:
            raise invalid("segment.rule", "needs at least one condition", reason="INVALID_SEGMENT_RULE")
        wanted = convert.segment_from_proto(
            message, rule or Rule(), segment_id=uuid7(), actor=current_caller().subject
        )

        async def effect(uow: UnitOfWork) -> pb.CreateSegmentResponse:
            created = await handlers.create(uow, wanted)
            return pb.CreateSegmentResponse(segment=convert.segment_to_proto(created))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, "SegmentService.CreateSegment", request, pb.CreateSegmentResponse, effect)

    async def get(self, request: pb.GetSegmentRequest) -> pb.GetSegmentResponse:
        """Returns a segment."""
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.shown(uow, UUID(request.segment_id))
        return pb.GetSegmentResponse(segment=convert.segment_to_proto(found))

    async def page(self, request: pb.ListSegmentsRequest) -> pb.ListSegmentsResponse:
        """Lists segments."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.page(
                uow,
                kind=request.kind,
                text=request.text,
                is_active=request.is_active if request.HasField("is_active") else None,
                before=position(request, request.page_token),
                limit=size + 1,
            )
        page, token = cut(request, found, size, lambda one: one.segment_id)
        return pb.ListSegmentsResponse(
            segments=[convert.segment_to_proto(segment) for segment in page], next_page_token=token
        )

    async def update(self, request: pb.UpdateSegmentRequest) -> pb.UpdateSegmentResponse:
        """Changes a segment."""
        paths = apply_mask(request.update_mask, _MASKABLE)
        message = request.segment
        has_rule = "rule" in paths and message.HasField("rule")
        rule = convert.rule_from_proto(message.rule, "segment.rule") if has_rule else Rule()
        wanted = convert.segment_from_proto(message, rule, segment_id=UUID(message.segment_id))

        async def effect(uow: UnitOfWork) -> pb.UpdateSegmentResponse:
            changed = await handlers.update(uow, wanted, paths, message.etag, self._going_out)
            return pb.UpdateSegmentResponse(segment=convert.segment_to_proto(changed))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, "SegmentService.UpdateSegment", request, pb.UpdateSegmentResponse, effect)

    async def delete(self, request: pb.DeleteSegmentRequest) -> pb.DeleteSegmentResponse:
        """Archives a segment."""

        async def effect(uow: UnitOfWork) -> pb.DeleteSegmentResponse:
            await handlers.delete(uow, UUID(request.segment_id), self._users)
            return pb.DeleteSegmentResponse()

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, "SegmentService.DeleteSegment", request, pb.DeleteSegmentResponse, effect)

    async def contacts(self, request: pb.ListSegmentContactsRequest) -> pb.ListSegmentContactsResponse:
        """Lists who is in a segment."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.contacts(
                uow,
                UUID(request.segment_id),
                limited_to(current_caller()),
                position(request, request.page_token),
                size + 1,
            )
        page, token = cut(request, found, size, lambda one: one.contact_id or EVERYBODY)
        return pb.ListSegmentContactsResponse(
            contacts=[contact_to_proto(one, masked=_is_masked()) for one in page], next_page_token=token
        )

    async def refresh(self, request: pb.RefreshSegmentRequest) -> pb.RefreshSegmentResponse:
        """Brings a segment's members up to date."""

        async def effect(uow: UnitOfWork) -> pb.RefreshSegmentResponse:
            segment, difference = await handlers.refresh(
                uow, UUID(request.segment_id), self._going_out, rebuild=request.rebuild
            )
            return pb.RefreshSegmentResponse(
                segment=convert.segment_to_proto(segment),
                added_count=difference.added,
                removed_count=difference.removed,
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "SegmentService.RefreshSegment", request, pb.RefreshSegmentResponse, effect
            )

    async def preview(self, request: pb.PreviewSegmentRequest) -> pb.PreviewSegmentResponse:
        """Counts a rule, shows a sample, and asks consent."""
        rule = convert.either_rule(request, request.rule, "rule", is_given=request.HasField("rule"))
        if rule is None:
            raise invalid("rule", "needs at least one condition", reason="INVALID_SEGMENT_RULE")
        branches = convert.ids_from_proto(request.branch_ids, "branch_ids")
        found = await self._previews.of(
            tenant(),
            rule,
            limits=(branches, limited_to(current_caller())),
            sample_size=request.sample_size or _SAMPLE,
            channels=request.channels or CHANNELS,
        )
        response = convert.preview_to_proto(found)
        response.sample.extend(contact_to_proto(one, masked=_is_masked()) for one in found.sample)
        return response

    async def explain(self, request: pb.ExplainSegmentRequest) -> pb.ExplainSegmentResponse:
        """Says how a rule is evaluated."""
        if request.HasField("rule") == bool(request.segment_id):
            raise invalid("rule", "give either a rule or a segment")
        limits = (convert.ids_from_proto(request.branch_ids, "branch_ids"), limited_to(current_caller()))
        async with self._database.tenant(tenant()) as uow:
            if request.segment_id:
                segment = await handlers.get(uow, UUID(request.segment_id))
                found = await of_segment(uow, segment, *limits)
            else:
                found = await of_rule(uow, convert.rule_from_proto(request.rule, "rule"), *limits)
            explanation = await explain(uow, found)
        return convert.explanation_to_proto(explanation)

    async def add_members(self, request: pb.AddSegmentMembersRequest) -> pb.AddSegmentMembersResponse:
        """Adds contacts to a list."""
        contact_ids = sorted(set(convert.ids_from_proto(request.contact_ids, "contact_ids")))

        async def effect(uow: UnitOfWork) -> pb.AddSegmentMembersResponse:
            segment, added, unknown = await handlers.add_members(
                uow, UUID(request.segment_id), contact_ids, current_caller().subject, self._going_out
            )
            return pb.AddSegmentMembersResponse(
                segment=convert.segment_to_proto(segment),
                added_count=added,
                unchanged_count=len(contact_ids) - added - len(unknown),
                unknown_contact_ids=map(str, unknown),
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "SegmentService.AddSegmentMembers", request, pb.AddSegmentMembersResponse, effect
            )

    async def remove_members(
        self, request: pb.RemoveSegmentMembersRequest
    ) -> pb.RemoveSegmentMembersResponse:
        """Takes contacts out of a list."""
        contact_ids = sorted(set(convert.ids_from_proto(request.contact_ids, "contact_ids")))

        async def effect(uow: UnitOfWork) -> pb.RemoveSegmentMembersResponse:
            segment, removed = await handlers.remove_members(uow, UUID(request.segment_id), contact_ids)
            return pb.RemoveSegmentMembersResponse(
                segment=convert.segment_to_proto(segment),
                removed_count=removed,
                unchanged_count=len(contact_ids) - removed,
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "SegmentService.RemoveSegmentMembers", request, pb.RemoveSegmentMembersResponse, effect
            )

    async def check_membership(
        self, request: pb.CheckSegmentMembershipRequest
    ) -> pb.CheckSegmentMembershipResponse:
        """Tells in which segments a contact is."""
        segment_ids = convert.ids_from_proto(request.segment_ids, "segment_ids")
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.check_memberships(
                uow, UUID(request.contact_id), segment_ids, within=limited_to(current_caller())
            )
        return pb.CheckSegmentMembershipResponse(
            is_member={str(segment_id): holds for segment_id, holds in found.items()}
        )

    async def set_holdout(self, request: pb.SetHoldoutRequest) -> pb.SetHoldoutResponse:
        """Sets whom campaigns leave out."""
        wanted = request.holdout

        async def effect(uow: UnitOfWork) -> pb.SetHoldoutResponse:
            saved = await handlers.save_holdout(
                uow,
                UUID(wanted.segment_id) if wanted.segment_id else EVERYBODY,
                wanted.basis_points,
                redraw=request.redraw,
                actor=current_caller().subject,
            )
            return pb.SetHoldoutResponse(holdout=convert.holdout_to_proto(saved))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, "SegmentService.SetHoldout", request, pb.SetHoldoutResponse, effect)

    async def get_holdout(self, request: pb.GetHoldoutRequest) -> pb.GetHoldoutResponse:
        """Returns whom campaigns leave out."""
        async with self._database.tenant(tenant()) as uow:
            found = await handlers.holdout(uow, UUID(request.segment_id) if request.segment_id else EVERYBODY)
        return pb.GetHoldoutResponse(holdout=convert.holdout_to_proto(found))


def _is_masked() -> bool:
    return not permitted(current_caller().roles, "contact.view")
