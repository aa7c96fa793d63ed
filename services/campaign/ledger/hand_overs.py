"""How lines were handed over, as delivery knows it; asked for when lines are shown (CAM-16).

Lines do not keep it: they are written for every recipient and changed at most three times, and hardly any is looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.campaign.ledger.domain import Recipient
from services.common.errors import ServiceError
from services.common.rpc.client import Channels, as_tenant

Known = Mapping[str, pb.HandOver]
"""Hand-overs by the message's id."""

NOTHING: Final[Known] = {}


class HandOvers:
    """Asks delivery for a block of lines at once, never inside a transaction."""

    def __init__(self, channels: Channels) -> None:
        self._messages = channels.stub(MessageServiceStub, "delivery")

    async def of(self, tenant_id: UUID, lines: Sequence[Recipient]) -> Known:
        """Returns what is known of up to 1,000 lines; DEPENDENCY_UNAVAILABLE while delivery cannot be asked."""
        if not lines:
            return NOTHING
        with as_tenant(tenant_id):
            answer = await self._messages.BatchGetHandOvers(
                pb.BatchGetHandOversRequest(message_ids=[str(line.recipient_id) for line in lines])
            )
        return {one.message_id: one for one in answer.hand_overs}

    async def of_those_it_can(self, tenant_id: UUID, lines: Sequence[Recipient]) -> Known:
        """Returns the same, and nothing while delivery cannot be asked: a list is worth showing without it."""
        try:
            return await self.of(tenant_id, lines)
        except ServiceError:
            return NOTHING
