"""MessageService: accepting, following and stopping messages."""

from collections.abc import AsyncIterator
from typing import Any

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from services.common.errors import as_service_error
from services.common.rpc.context import current_caller, tenant
from services.common.rpc.status import to_status
from services.delivery.messages import handlers
from services.delivery.messages.handlers import Acceptance


class MessageServicer(grpc_pb.MessageServiceServicer):
    """Answers calls about messages."""

    def __init__(self, acceptance: Acceptance) -> None:
        self._acceptance = acceptance

    async def SendMessage(self, request: pb.SendMessageRequest, context: Any) -> pb.SendMessageResponse:
        return await handlers.send_message(self._acceptance, current_caller(), tenant(), request)

    async def SendBatch(self, request: pb.SendBatchRequest, context: Any) -> pb.SendBatchResponse:
        return await handlers.send_batch(self._acceptance, current_caller(), tenant(), request)

    async def StreamMessages(
        self, request_iterator: AsyncIterator[pb.StreamMessagesRequest], context: Any
    ) -> AsyncIterator[pb.StreamMessagesResponse]:
        caller, tenant_id = current_caller(), tenant()
        async for request in request_iterator:
            batch = request.batch
            answer = pb.StreamMessagesResponse(idempotency_key=batch.idempotency_key)
            try:
                answer.result.CopyFrom(await handlers.send_batch(self._acceptance, caller, tenant_id, batch))
            except Exception as error:
                known = as_service_error(error)
                if known is None:
                    raise
                answer.error.CopyFrom(to_status(known, "delivery"))
            yield answer
