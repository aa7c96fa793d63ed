"""Estimating what messages cost before they are sent (DEL-40)."""

from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.db.database import Database
from services.common.money import Money
from services.delivery.accounts import store as accounts
from services.delivery.costs.cards import RateCards
from services.delivery.messages.domain import Channel


async def quote(
    database: Database, cards: RateCards, tenant_id: UUID, request: pb.QuoteCostRequest
) -> pb.QuoteCostResponse:
    """Returns what messages cost at the account that would carry them; no cost when no rate is known."""
    channel = Channel(request.channel)
    answer = pb.QuoteCostResponse()
    account = await accounts.first(database, tenant_id, channel)
    if account is None:
        return answer
    cost = await cards.cost_of(
        tenant_id,
        account.provider,
        account.account_id,
        channel,
        count=request.message_count,
        segments=request.segments or 1,
    )
    if cost is not None:
        answer.cost.CopyFrom(Money(cost.currency, cost.amount).to_proto())
    return answer
