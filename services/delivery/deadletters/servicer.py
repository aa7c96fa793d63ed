"""DeadLetterService: messages that were given up."""

from typing import Any

from angarium.delivery.v1 import dead_letter_service_pb2 as pb
from angarium.delivery.v1 import dead_letter_service_pb2_grpc as grpc_pb
from services.common.rpc.context import current_caller, tenant
from services.delivery.deadletters import handlers
from services.delivery.deadletters.handlers import DeadLetters


class DeadLetterServicer(grpc_pb.DeadLetterServiceServicer):
    """Answers calls about dead letters."""

    def __init__(self, deps: DeadLetters) -> None:
        self._deps = deps

    async def ListDeadLetters(
        self, request: pb.ListDeadLettersRequest, context: Any
    ) -> pb.ListDeadLettersResponse:
        return await handlers.list_letters(self._deps, tenant(), request)

    async def RetryDeadLetter(
        self, request: pb.RetryDeadLetterRequest, context: Any
    ) -> pb.RetryDeadLetterResponse:
        return await handlers.retry(self._deps, current_caller(), tenant(), request)

    async def BatchRetryDeadLetters(
        self, request: pb.BatchRetryDeadLettersRequest, context: Any
    ) -> pb.BatchRetryDeadLettersResponse:
        return await handlers.retry_selection(self._deps, current_caller(), tenant(), request)

    async def DiscardDeadLetter(
        self, request: pb.DiscardDeadLetterRequest, context: Any
    ) -> pb.DiscardDeadLetterResponse:
        return await handlers.discard(self._deps, current_caller(), tenant(), request)
