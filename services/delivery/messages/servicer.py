"""MessageService: accepting, following and stopping messages."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from services.common.rpc.context import current_caller, tenant
from services.delivery.messages import batching, control, queries, rescheduling
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.singles import Singles
from services.delivery.messages.watching import Watching
from services.delivery.sent.frames import Tracks

RUN_BLOCK: Final = 1000


class MessageServicer(grpc_pb.MessageServiceServicer):
    """Answers calls about messages."""

    def __init__(self, acceptance: Acceptance, watching: Watching, tracks: Tracks) -> None:
        self._tracks = tracks
        self._acceptance = acceptance
        self._watching = watching
        self._singles = Singles(acceptance)

    async def SendMessage(self, request: pb.SendMessageRequest, context: Any) -> pb.SendMessageResponse:
        return await self._singles.send(current_caller(), tenant(), request)

    async def SendBatch(self, request: pb.SendBatchRequest, context: Any) -> pb.SendBatchResponse:
        return await batching.send_batch(self._acceptance, current_caller(), tenant(), request)

    async def StreamMessages(
        self, request_iterator: AsyncIterator[pb.StreamMessagesRequest], context: Any
    ) -> AsyncIterator[pb.StreamMessagesResponse]:
        async for request in request_iterator:
            yield await batching.answered(self._acceptance, current_caller(), tenant(), request.batch)

    async def GetMessage(self, request: pb.GetMessageRequest, context: Any) -> pb.GetMessageResponse:
        return await queries.get_message(self._acceptance, self._tracks, current_caller(), tenant(), request)

    async def ListMessages(self, request: pb.ListMessagesRequest, context: Any) -> pb.ListMessagesResponse:
        return await queries.list_messages(self._acceptance, current_caller(), tenant(), request)

    async def WatchMessages(
        self, request: pb.WatchMessagesRequest, context: Any
    ) -> AsyncIterator[pb.WatchMessagesResponse]:
        async with aclosing(self._watching.watch(current_caller(), tenant(), request)) as changes:
            async for block in changes:
                yield block

    async def StreamRunStates(
        self, request: pb.StreamRunStatesRequest, context: Any
    ) -> AsyncIterator[pb.StreamRunStatesResponse]:
        async for block in queries.run_states(self._acceptance, tenant(), request, RUN_BLOCK):
            yield block

    async def BatchGetHandOvers(
        self, request: pb.BatchGetHandOversRequest, context: Any
    ) -> pb.BatchGetHandOversResponse:
        found = await queries.hand_overs(self._acceptance, tenant(), request)
        return pb.BatchGetHandOversResponse(hand_overs=found)

    async def RescheduleMessage(
        self, request: pb.RescheduleMessageRequest, context: Any
    ) -> pb.RescheduleMessageResponse:
        return await rescheduling.reschedule(self._acceptance, current_caller(), tenant(), request)

    async def GetBatch(self, request: pb.GetBatchRequest, context: Any) -> pb.GetBatchResponse:
        return await queries.get_batch(self._acceptance, current_caller(), tenant(), request)

    async def ListBatches(self, request: pb.ListBatchesRequest, context: Any) -> pb.ListBatchesResponse:
        return await queries.list_batches(self._acceptance, current_caller(), tenant(), request)

    async def CancelMessages(
        self, request: pb.CancelMessagesRequest, context: Any
    ) -> pb.CancelMessagesResponse:
        deps = self._acceptance
        return await control.cancel(deps.database, deps.clock, current_caller(), tenant(), request)

    async def HoldMessages(self, request: pb.HoldMessagesRequest, context: Any) -> pb.HoldMessagesResponse:
        deps = self._acceptance
        return await control.hold(deps.database, deps.clock, current_caller(), tenant(), request)

    async def ReleaseMessages(
        self, request: pb.ReleaseMessagesRequest, context: Any
    ) -> pb.ReleaseMessagesResponse:
        return await control.release(self._acceptance.database, current_caller(), tenant(), request)
