"""LimitService: rules of rate limits, and what they count."""

from typing import Any

from angarium.delivery.v1 import limit_service_pb2 as pb
from angarium.delivery.v1 import limit_service_pb2_grpc as grpc_pb
from services.common.rpc.context import current_caller
from services.delivery.limits import handlers
from services.delivery.limits.handlers import LimitCases


class LimitServicer(grpc_pb.LimitServiceServicer):
    """Answers calls about rate limits."""

    def __init__(self, cases: LimitCases) -> None:
        self._cases = cases

    async def SetRateLimitRule(
        self, request: pb.SetRateLimitRuleRequest, context: Any
    ) -> pb.SetRateLimitRuleResponse:
        return await handlers.put(self._cases, current_caller(), request)

    async def DeleteRateLimitRule(
        self, request: pb.DeleteRateLimitRuleRequest, context: Any
    ) -> pb.DeleteRateLimitRuleResponse:
        return await handlers.delete(self._cases, request)

    async def ListRateLimitRules(
        self, request: pb.ListRateLimitRulesRequest, context: Any
    ) -> pb.ListRateLimitRulesResponse:
        return await handlers.page(self._cases, request)

    async def GetRateLimitStatus(
        self, request: pb.GetRateLimitStatusRequest, context: Any
    ) -> pb.GetRateLimitStatusResponse:
        return await handlers.status(self._cases, current_caller(), request)

    async def ResetRateLimit(
        self, request: pb.ResetRateLimitRequest, context: Any
    ) -> pb.ResetRateLimitResponse:
        return await handlers.reset(self._cases, current_caller(), request)
