"""Campaign's ledger, as the spend check asks for it."""

from decimal import Decimal
from uuid import UUID

from angarium.campaign.v1 import settings_service_pb2, settings_service_pb2_grpc
from services.common.errors import ServiceError
from services.common.money import Money
from services.common.rpc.client import Channels, as_tenant


class CampaignLedger:
    """Asks campaign what its ledger says was spent."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    async def __call__(self, tenant_id: UUID, period: str) -> Decimal | None:
        """Returns what was spent in a month, in the tenant's currency, whether it counts against a limit or not.

        None for a tenant campaign does not know.
        """
        stub = self._channels.stub(settings_service_pb2_grpc.SettingsServiceStub, "campaign")
        try:
            with as_tenant(tenant_id):
                answer = await stub.GetBudget(settings_service_pb2.GetBudgetRequest(month=period))
        except ServiceError as error:
            if error.reason == "NOT_FOUND":
                return None
            raise
        if not answer.HasField("spent"):
            return None
        told = [answer.spent] + ([answer.uncounted] if answer.HasField("uncounted") else [])
        return sum((Money.from_proto(one).amount for one in told), Decimal(0))
