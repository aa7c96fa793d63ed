"""What `angarium segments` asks of campaign."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import contact_pb2
from angarium.campaign.v1 import segment_service_pb2 as pb
from angarium.campaign.v1 import segment_service_pb2_grpc as pb_grpc
from cli.client import PersonChannels, client_settings
from cli.output import CommandError
from cli.paging import listed
from cli.state_folder import StateFolder
from services.common.security.permissions import SUPER_OWNER


@asynccontextmanager
async def stub(folder: StateFolder, tenant_id: UUID | None) -> AsyncIterator[Any]:
    """Yields SegmentService as the tenant's owner calls it."""
    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=SUPER_OWNER) as channels:
        yield channels.stub(pb_grpc.SegmentServiceStub, "campaign")


async def every(segments: Any) -> list[pb.Segment]:
    """Returns all segments, newest first."""
    return await listed(segments.ListSegments, pb.ListSegmentsRequest(), "segments")


async def named(segments: Any, text: str) -> pb.Segment:
    """Returns the segment of an id or a name."""
    try:
        segment_id = str(UUID(text))
    except ValueError:
        for one in await every(segments):
            if one.name == text:
                return one
        raise CommandError(
            f"There is no segment {text!r}.", "See what there is: angarium segments list"
        ) from None
    answer = await segments.GetSegment(pb.GetSegmentRequest(segment_id=segment_id))
    found: pb.Segment = answer.segment
    return found


async def contacts(segments: Any, segment_id: str, most: int) -> list[contact_pb2.Contact]:
    """Returns up to so many contacts of a segment."""
    request = pb.ListSegmentContactsRequest(segment_id=segment_id)
    return await listed(segments.ListSegmentContacts, request, "contacts", most)
