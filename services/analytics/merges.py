"""What follows a contact that becomes part of another.

Facts stay under the id they were told of: whoever asks for a person's is answered by every id the person has.
"""

from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from services.analytics.scores import store as scores
from services.common.contact_data import merged
from services.common.db.uow import UnitOfWork


async def contact_merged(
    uow: UnitOfWork,
    envelope: EventEnvelope,  # noqa: ARG001 - as every handler
    payload: campaign_events_pb2.ContactMerged,
) -> None:
    """Notes whose the merged contact's facts are from now on; its score goes into the next one of the kept contact."""
    merged_id = UUID(payload.merged_contact_id)
    await merged.record(uow, merged_id, UUID(payload.kept.contact_id))
    await scores.drop(uow, merged_id)
