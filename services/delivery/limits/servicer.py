"""LimitService: rules of rate limits, and what they count."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from google.protobuf.message import Message

from angarium.delivery.v1 import limit_service_pb2 as pb
from angarium.delivery.v1 import limit_service_pb2_grpc as grpc_pb
from services.common.db.uow import UnitOfWork
from services.common.idempotency import once
from services.common.rpc.context import current_caller
from services.delivery.limits import handlers
from services.delivery.limits.handlers import LimitCases

M = TypeVar("M", bound=Message)


class LimitServicer(grpc_pb.LimitServiceServicer):
    """Answers calls about rate limits."""

    def __init__(self, cases: LimitCases) -> None:
        self._cases = cases

    async def SetRateLimitRule(
        self, request: pb.SetRateLimitRuleRequest, context: Any
    ) -> pb.SetRateLimitRuleResponse:
        caller = current_caller()
        async with self._cases.database.system() as uow:
            answer, repeated = await _once(
                uow,
                "SetRateLimitRule",
                request,
                pb.SetRateLimitRuleResponse,
                lambda: handlers.put(uow, caller, request.rule),
            )
        answer.deduplicated = repeated
        return answer

    async def DeleteRateLimitRule(
        self, request: pb.DeleteRateLimitRuleRequest, context: Any
    ) -> pb.DeleteRateLimitRuleResponse:
        async with self._cases.database.system() as uow:
            answer, repeated = await _once(
                uow,
                "DeleteRateLimitRule",
                request,
                pb.DeleteRateLimitRuleResponse,
                lambda: handlers.delete(uow, request.rate_limit_rule_id),
            )
        answer.deduplicated = repeated
        return answer

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
        caller = current_caller()
        async with self._cases.database.system() as uow:
            answer, repeated = await _once(
                uow,
                "ResetRateLimit",
                request,
                pb.ResetRateLimitResponse,
                lambda: handlers.reset(self._cases, uow, caller, request),
            )
        answer.deduplicated = repeated
        return answer


async def _once(
    uow: UnitOfWork, method: str, request: Any, response_type: type[M], effect: Callable[[], Awaitable[M]]
) -> tuple[M, bool]:
    return await once(
        uow,
        method=f"LimitService.{method}",
        key=request.idempotency_key,
        request=request,
        response_type=response_type,
        effect=effect,
    )
