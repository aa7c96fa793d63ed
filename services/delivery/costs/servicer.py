"""CostService: the rate cards."""

from typing import Any

from angarium.delivery.v1 import cost_service_pb2 as pb
from angarium.delivery.v1 import cost_service_pb2_grpc as grpc_pb
from services.common.db.database import Database
from services.delivery.accounts.owners import owner
from services.delivery.costs import handlers


class CostServicer(grpc_pb.CostServiceServicer):
    """Answers calls about rate cards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListRateCards(self, request: pb.ListRateCardsRequest, context: Any) -> pb.ListRateCardsResponse:
        return await handlers.page(self._database, owner(), request)

    async def UpsertRateCard(
        self, request: pb.UpsertRateCardRequest, context: Any
    ) -> pb.UpsertRateCardResponse:
        return await handlers.upsert(self._database, owner(), request)
