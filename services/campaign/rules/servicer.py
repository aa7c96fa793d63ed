"""NotificationRuleService."""

from typing import Any

from angarium.campaign.v1 import notification_rule_service_pb2 as pb
from angarium.campaign.v1.notification_rule_service_pb2_grpc import NotificationRuleServiceServicer
from services.campaign.rules.handlers import Rules


class NotificationRuleServicer(NotificationRuleServiceServicer):
    """Which events tell whom what."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    async def ListNotificationRules(
        self, request: pb.ListNotificationRulesRequest, context: Any
    ) -> pb.ListNotificationRulesResponse:
        return await self._rules.page(request)

    async def UpdateNotificationRule(
        self, request: pb.UpdateNotificationRuleRequest, context: Any
    ) -> pb.UpdateNotificationRuleResponse:
        return await self._rules.update(request)

    async def ResetNotificationRule(
        self, request: pb.ResetNotificationRuleRequest, context: Any
    ) -> pb.ResetNotificationRuleResponse:
        return await self._rules.reset(request)
