"""ComplianceService."""

from typing import Any

from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1 import compliance_service_pb2_grpc
from services.consent.decisions.cases import DecisionCases


class ComplianceServicer(compliance_service_pb2_grpc.ComplianceServiceServicer):
    """Answers whether messages may go."""

    def __init__(self, decisions: DecisionCases) -> None:
        self._decisions = decisions

    async def EvaluateSend(self, request: pb.EvaluateSendRequest, context: Any) -> pb.EvaluateSendResponse:
        return await self._decisions.evaluate(request)

    async def EvaluateSendBatch(
        self, request: pb.EvaluateSendBatchRequest, context: Any
    ) -> pb.EvaluateSendBatchResponse:
        return await self._decisions.evaluate_batch(request)

    async def GetDecision(self, request: pb.GetDecisionRequest, context: Any) -> pb.GetDecisionResponse:
        return await self._decisions.get(request)

    async def ListDecisions(self, request: pb.ListDecisionsRequest, context: Any) -> pb.ListDecisionsResponse:
        return await self._decisions.page(request)
