"""Use cases of costs: estimating before sending, and the rate cards (DEL-39, DEL-40)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from google.type.money_pb2 import Money as MoneyMessage

from angarium.delivery.v1 import cost_service_pb2 as cost_pb
from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.money import Money
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.delivery.accounts import records
from services.delivery.accounts import store as accounts
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.prices import Price
from services.delivery.costs import store
from services.delivery.costs.cards import RateCards
from services.delivery.costs.domain import Card, Unit
from services.delivery.enums import wire
from services.delivery.messages.announce import timestamp
from services.delivery.messages.domain import Channel, MessageClass
from services.delivery.providers.registry import provider_names

_LAST: Final = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
_SMALLEST: Final = Decimal("0.000001")
_LARGEST: Final = Decimal(10) ** 12


async def quote(
    database: Database, cards: RateCards, tenant_id: UUID, request: pb.QuoteCostRequest
) -> pb.QuoteCostResponse:
    """Returns what messages cost at the accounts that would carry them; what has no known rate is told apart."""
    channel, segments = Channel(request.channel), request.segments or 1
    message_class = MessageClass(request.message_class) if request.message_class else None
    answer = pb.QuoteCostResponse()
    wanted = [(one.country_code, one.message_count) for one in request.counts]
    total: Price | None = None
    for country, count in wanted or [("", request.message_count)]:
        price = await _price(database, cards, tenant_id, channel, country, message_class)
        if price is None or (total is not None and price.currency != total.currency):
            answer.unknown_count += count
            continue
        cost = Price(price.currency, Decimal(count) * price.of(segments))
        total = cost if total is None else cost._replace(amount=total.amount + cost.amount)
        if wanted:
            answer.country_costs.add(country_code=country, cost=_money(cost))
    if total is not None:
        answer.cost.CopyFrom(_money(total))
    return answer


async def _price(
    database: Database,
    cards: RateCards,
    tenant_id: UUID,
    channel: Channel,
    country: str,
    message_class: MessageClass | None,
) -> Price | None:
    account = await accounts.first(database, tenant_id, channel, country=country)
    if account is None:
        return None
    return await cards.in_country(
        tenant_id, account.provider, account.account_id, channel, country, message_class
    )


async def page(
    database: Database, owner: UUID, request: cost_pb.ListRateCardsRequest
) -> cost_pb.ListRateCardsResponse:
    """Returns a page of rate cards, newest first."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    key = PageToken.decode(request.page_token, parameters, length=2)
    try:
        before = (datetime.fromisoformat(key[0]), UUID(key[1])) if key else _LAST
    except ValueError:
        raise bad_token() from None
    async with database.system() as uow:
        found = await store.page(uow, owner, request.provider, request.channel, before, size + 1)
    answer = cost_pb.ListRateCardsResponse(rate_cards=[shown(one) for one in found[:size]])
    if len(found) > size:
        last = found[size - 1]
        answer.next_page_token = PageToken.encode([last.valid_from.isoformat(), last.card_id], parameters)
    return answer


async def upsert(
    database: Database, owner: UUID, request: cost_pb.UpsertRateCardRequest
) -> cost_pb.UpsertRateCardResponse:
    """Sets a rate from an instant on."""

    async def effect(uow: UnitOfWork) -> cost_pb.UpsertRateCardResponse:
        return await _upsert(uow, owner, request.rate_card)

    async with database.tenant(owner) as uow:
        return await keyed(uow, "CostService.UpsertRateCard", request, cost_pb.UpsertRateCardResponse, effect)


async def _upsert(uow: UnitOfWork, owner: UUID, message: cost_pb.RateCard) -> cost_pb.UpsertRateCardResponse:
    if message.provider not in provider_names():
        raise invalid("rate_card.provider", f"is one of {', '.join(sorted(provider_names()))}")
    account_id = UUID(message.provider_account_id) if message.provider_account_id else None
    if account_id is not None:
        record = await records.record(uow, account_id)
        if record is None or record.provider != message.provider:
            raise invalid("rate_card.provider_account_id", "is no account of the provider and the caller")
    valid_from = (
        message.valid_from_time.ToDatetime(tzinfo=UTC)
        if message.HasField("valid_from_time")
        else uow.now().replace(microsecond=0)
    )
    card = await store.put(
        uow,
        Card(
            tenant_id=owner,
            card_id=uuid7(),
            provider=message.provider,
            account_id=account_id,
            channel=int(message.channel),
            country=message.country_code,
            prefix=message.prefix,
            unit=Unit(message.unit),
            cost=_cost(message),
            currency=message.cost.currency_code,
            valid_from=valid_from,
            message_class=message.message_class or None,
        ),
    )
    await audit.record(
        uow,
        action="rate_card.set",
        resource_type="rate_card",
        resource_id=card.card_id,
        before=None,
        after={
            "provider": card.provider,
            "country": card.country,
            "prefix": card.prefix,
            "message_class": card.message_class,
            "cost": f"{card.currency} {card.cost}",
            "unit": card.unit.name.lower(),
            "valid_from": card.valid_from.isoformat(),
        },
    )
    return cost_pb.UpsertRateCardResponse(rate_card=shown(card))


def shown(card: Card) -> cost_pb.RateCard:
    """Returns a card as the contract shows it."""
    found = cost_pb.RateCard(
        rate_card_id=str(card.card_id),
        provider=card.provider,
        provider_account_id=str(card.account_id or ""),
        channel=wire(card.channel),
        country_code=card.country,
        prefix=card.prefix,
        unit=wire(card.unit),
        is_platform=card.tenant_id == PLATFORM,
        message_class=wire(card.message_class or 0),
    )
    found.cost.CopyFrom(Money(card.currency, card.cost).to_proto())
    found.valid_from_time.CopyFrom(timestamp(card.valid_from.astimezone(UTC)))
    return found


def _cost(message: cost_pb.RateCard) -> Decimal:
    try:
        amount = Money.from_proto(message.cost).amount
    except ValueError:
        raise invalid("rate_card.cost", "is no amount of money") from None
    if not 0 <= amount < _LARGEST or amount != amount.quantize(_SMALLEST):
        raise invalid("rate_card.cost", "must be zero or more, with at most six decimal places")
    return amount


def _money(price: Price) -> MoneyMessage:
    return Money(price.currency, price.amount).to_proto()
