"""ExplainService: why messages went or did not, and the account of a run."""

from typing import Any

from angarium.delivery.v1 import explain_service_pb2 as pb
from angarium.delivery.v1 import explain_service_pb2_grpc as grpc_pb
from services.common.rpc.context import current_caller, tenant
from services.delivery.explain import convert, handlers, runs
from services.delivery.explain.handlers import Explanations


class ExplainServicer(grpc_pb.ExplainServiceServicer):
    """Answers calls that ask why."""

    def __init__(self, deps: Explanations) -> None:
        self._deps = deps

    async def ExplainSend(self, request: pb.ExplainSendRequest, context: Any) -> pb.ExplainSendResponse:
        return convert.explained(await handlers.explain(self._deps, current_caller(), tenant(), request))

    async def GetRunAccount(self, request: pb.GetRunAccountRequest, context: Any) -> pb.GetRunAccountResponse:
        return await runs.account(self._deps.acceptance.database, tenant(), request)

    async def ListRunMessages(
        self, request: pb.ListRunMessagesRequest, context: Any
    ) -> pb.ListRunMessagesResponse:
        return await runs.messages(self._deps.acceptance.database, tenant(), request)
