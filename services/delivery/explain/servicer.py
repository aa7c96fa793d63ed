"""ExplainService: why messages went or did not, and the account of a run."""

from typing import Any
from uuid import UUID

from angarium.delivery.v1 import explain_service_pb2 as pb
from angarium.delivery.v1 import explain_service_pb2_grpc as grpc_pb
from services.common.paging import PageToken, bad_token, parameters_hash
from services.common.rpc.context import current_caller, tenant
from services.delivery.explain import convert, handlers, store
from services.delivery.explain.handlers import Explanations

DEFAULT_SIZE = 50


class ExplainServicer(grpc_pb.ExplainServiceServicer):
    """Answers calls that ask why."""

    def __init__(self, deps: Explanations) -> None:
        self._deps = deps

    async def ExplainSend(self, request: pb.ExplainSendRequest, context: Any) -> pb.ExplainSendResponse:
        if request.WhichOneof("subject") == "what_if":
            found = await handlers.what_if(self._deps, tenant(), request.what_if)
        else:
            found = await handlers.message(self._deps, current_caller(), tenant(), UUID(request.message_id))
        return convert.explained(found)

    async def GetRunAccount(self, request: pb.GetRunAccountRequest, context: Any) -> pb.GetRunAccountResponse:
        async with self._deps.acceptance.database.tenant(tenant()) as uow:
            lines = await store.run_lines(uow, UUID(request.run_id))
        return pb.GetRunAccountResponse(
            lines=[convert.line(one) for one in lines],
            total_count=sum(one.count for one in lines),
            resendable_count=sum(one.resendable for one in lines),
        )

    async def ListRunMessages(
        self, request: pb.ListRunMessagesRequest, context: Any
    ) -> pb.ListRunMessagesResponse:
        size = request.page_size or DEFAULT_SIZE
        parameters = parameters_hash(request)
        key = PageToken.decode(request.page_token, parameters, length=1)
        try:
            after = UUID(key[0]) if key else None
        except ValueError:
            raise bad_token() from None
        async with self._deps.acceptance.database.tenant(tenant()) as uow:
            found = await store.run_page(
                uow,
                UUID(request.run_id),
                standing=request.standing,
                reason=request.reason,
                resendable_only=request.resendable_only,
                after=after,
                limit=size + 1,
            )
        answer = pb.ListRunMessagesResponse(messages=[convert.run_message(one) for one in found[:size]])
        if len(found) > size:
            answer.next_page_token = PageToken.encode([found[size - 1].message_id], parameters)
        return answer
