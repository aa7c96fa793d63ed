"""Rate cards over their RPCs, and what messages cost by them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import cost_service_pb2 as pb
from angarium.delivery.v1 import cost_service_pb2_grpc as grpc_pb
from angarium.delivery.v1 import delivery_events_pb2 as events
from angarium.delivery.v1 import provider_service_pb2
from services.delivery.accounts.domain import PLATFORM
from services.delivery.costs.domain import Card, Unit, nearest
from tests.delivery.kit import House, open_house, recipient
from tests.delivery.outside import Outside

SMS, EMAIL = enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_EMAIL
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def cost(text: str, currency: str = "EUR") -> Money:
    amount = Decimal(text)
    units = int(amount)
    return Money(currency_code=currency, units=units, nanos=int((amount - units) * 10**9))


def card(**fields: Any) -> pb.RateCard:
    values: dict[str, Any] = {"provider": "twilio", "channel": SMS, "unit": pb.RATE_UNIT_SEGMENT, **fields}
    return pb.RateCard(**values)


async def put(house: House, wanted: pb.RateCard, key: str = "", **who: Any) -> pb.UpsertRateCardResponse:
    return await grpc_pb.CostServiceStub(house.channel).UpsertRateCard(
        pb.UpsertRateCardRequest(rate_card=wanted, idempotency_key=key), metadata=house.as_person(**who)
    )


@pytest.mark.req("DEL-39", "DEL-6")
async def test_a_rate_is_set_replaced_and_listed_with_those_of_the_platform(outside: Outside) -> None:
    house = outside.house
    first = (await put(house, card(country_code="DE", cost=cost("0.07")), key="once")).rate_card
    again = await put(house, card(country_code="DE", cost=cost("0.07")), key="once")
    assert (again.rate_card, again.deduplicated) == (first, True)
    later = card(country_code="DE", cost=cost("0.08"))
    later.valid_from_time.CopyFrom(first.valid_from_time)
    replaced = (await put(house, later)).rate_card
    assert (replaced.rate_card_id, replaced.cost.nanos) == (first.rate_card_id, 80_000_000)
    await put(house, card(prefix="+49151", cost=cost("0")))
    await put(house, card(cost=cost("9")), tenant_id=uuid4())
    found: list[pb.RateCard] = []
    token = ""
    while True:
        answer = await grpc_pb.CostServiceStub(house.channel).ListRateCards(
            pb.ListRateCardsRequest(provider="twilio", page_size=1, page_token=token),
            metadata=house.as_person(),
        )
        found += answer.rate_cards
        token = answer.next_page_token
        if not token:
            break
    assert [(one.country_code, one.prefix, one.is_platform) for one in found if one.channel == SMS] == [
        ("", "+49151", False),
        ("DE", "", False),
        ("", "", True),
    ]
    assert await house.value("SELECT count(*) FROM audit WHERE action = 'rate_card.set'") == 4


@pytest.mark.req("DEL-39")
async def test_a_card_that_cannot_be_is_refused(outside: Outside) -> None:
    wrong: list[dict[str, Any]] = [
        {"cost": cost("-1")},
        {"cost": Money(currency_code="EUR", nanos=1)},
        {"cost": cost("1", "euro")},
        {"cost": cost("1"), "provider": "pigeon"},
        {"cost": cost("1"), "country_code": "DE", "prefix": "+49"},
        {"cost": cost("1"), "prefix": "49"},
        {"cost": cost("1"), "unit": 0},
        {"cost": cost("1"), "provider_account_id": str(uuid4())},
        {},
    ]
    for fields in wrong:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await put(outside.house, card(**fields))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT, fields


def a_card(place: str = "", *, tenant: bool = False, account: bool = False, days: int = 1) -> Card:
    is_prefix = place.startswith("+")
    return Card(
        uuid4() if tenant else PLATFORM, uuid4(), "twilio", uuid4() if account else None, 2,
        "" if is_prefix else place, place if is_prefix else "", Unit.SEGMENT, Decimal(1), "EUR",
        NOW - timedelta(days=days),
    )  # fmt: skip


@pytest.mark.req("DEL-6")
def test_the_nearest_card_is_the_tenants_the_accounts_the_longest_prefix_the_country_the_newest() -> None:
    order = [
        a_card(),
        a_card("DE"),
        a_card("+49"),
        a_card("+4915"),
        a_card(account=True),
        a_card(tenant=True),
        a_card("DE", tenant=True),
        a_card(tenant=True, account=True),
    ]
    for count in range(1, len(order) + 1):
        assert nearest(order[:count], "+4915112345678", lambda _: "DE") is order[count - 1]
    assert nearest([a_card("FR"), a_card("+33")], "+4915112345678", lambda _: "DE") is None
    newer, older = a_card(days=1), a_card(days=9)
    assert nearest([older, newer], "+49", lambda _: "DE") is newer


@pytest.mark.req("DEL-6")
def test_a_card_of_one_class_goes_before_one_of_all_in_its_place_and_holds_for_no_other() -> None:
    everywhere, germany = a_card(), a_card("DE")
    marketing = replace(everywhere, message_class=2)
    of_germany = replace(germany, message_class=2)
    cards = [everywhere, germany, marketing, of_germany]
    number = "+4915112345678"
    assert nearest(cards, number, lambda _: "DE", 2) is of_germany
    assert nearest(cards, number, lambda _: "DE", 1) is germany
    assert nearest([marketing, germany], number, lambda _: "DE", 2) is germany
    assert nearest(cards, number, lambda _: "FR", 2) is marketing
    assert nearest([marketing], number, lambda _: "FR", 1) is None
    assert nearest([marketing], number, lambda _: "FR") is None


@pytest.mark.req("DEL-6", "DEL-39", "DEL-40")
async def test_rates_of_one_class_stand_beside_each_other_and_are_quoted_apart(outside: Outside) -> None:
    house = outside.house
    await house.add_account("twilio")
    await house.rows("UPDATE provider_account SET channel = 2 WHERE provider = 'twilio'")
    marketing, transactional = enums_pb2.MESSAGE_CLASS_MARKETING, enums_pb2.MESSAGE_CLASS_TRANSACTIONAL
    for message_class, text in ((marketing, "0.11"), (transactional, "0.05")):
        wanted = card(country_code="DE", message_class=message_class, cost=cost(text))
        wanted.valid_from_time.FromDatetime(NOW)
        assert (await put(house, wanted)).rate_card.message_class == message_class
    quoted = []
    for message_class in (marketing, transactional):
        request = provider_service_pb2.QuoteCostRequest(channel=SMS, message_class=message_class)
        request.counts.add(country_code="DE", message_count=100)
        answer = await outside.providers.QuoteCost(request, metadata=house.as_service())
        quoted.append(answer.cost.units)
    assert quoted == [11, 5]


@given(st.lists(st.sampled_from(["", "DE", "FR", "+4", "+49", "+491", "+33"]), max_size=8))
def test_a_card_that_is_found_fits(places: list[str]) -> None:
    found = nearest([a_card(place) for place in places], "+4915112345678", lambda _: "DE")
    fitting = [place for place in places if place in ("", "DE", "+4", "+49", "+491")]
    assert (found is None) is (not fitting)
    if found is not None:
        assert (found.prefix or found.country) in fitting


@pytest.mark.req("DEL-40")
async def test_a_quote_adds_up_countries_and_says_what_it_does_not_know(outside: Outside) -> None:
    house = outside.house
    await house.add_account("twilio", config={}, countries=["DE", "FR", "CH"])
    await house.rows("UPDATE provider_account SET channel = 2 WHERE provider = 'twilio'")
    await house.rows("DELETE FROM rate_card WHERE provider = 'twilio'")
    await put(house, card(country_code="DE", cost=cost("0.07")))
    await put(house, card(country_code="FR", cost=cost("0.05"), unit=pb.RATE_UNIT_MESSAGE))
    await put(house, card(country_code="CH", cost=cost("0.09", "CHF")))
    counts = [("DE", 100), ("FR", 10), ("CH", 7), ("US", 5)]
    answer = await outside.providers.QuoteCost(
        provider_service_pb2.QuoteCostRequest(
            channel=SMS,
            segments=2,
            counts=[
                provider_service_pb2.CountryCount(country_code=country, message_count=count)
                for country, count in counts
            ],
        ),
        metadata=house.as_service(),
    )
    assert (answer.cost.currency_code, answer.cost.units, answer.cost.nanos) == ("EUR", 14, 500_000_000)
    assert [(one.country_code, one.cost.units, one.cost.nanos) for one in answer.country_costs] == [
        ("DE", 14, 0),
        ("FR", 0, 500_000_000),
    ]
    assert answer.unknown_count == 12


@pytest.fixture
async def house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    async with open_house(clone_database(["delivery"]), redis_url) as opened:
        yield opened


async def recorded(house: House) -> list[events.CostsRecorded]:
    found = []
    for (envelope,) in await house.rows(
        "SELECT envelope FROM outbox WHERE type = 'message.cost_recorded' ORDER BY id"
    ):
        payload = events.CostsRecorded()
        assert EventEnvelope.FromString(envelope).payload.Unpack(payload)
        found.append(payload)
    return found


async def texts(house: House, tenant_id: UUID | None = None) -> None:
    await house.add_account("twilio", tenant_id=tenant_id)
    await house.rows("UPDATE provider_account SET channel = 2")
    await house.rows("DELETE FROM rate_card WHERE provider = 'twilio'")


@pytest.mark.req("DEL-88", "DEL-137", "DEL-12")
async def test_each_text_costs_by_its_country_and_nothing_is_a_cost_too(house: House) -> None:
    await texts(house)
    house.neighbours.templates.time_zone = "Pacific/Kiritimati"
    await put(house, card(country_code="DE", cost=cost("0.07")))
    await put(house, card(country_code="FR", cost=cost("0.05")))
    await put(house, card(prefix="+3361", cost=cost("0")))
    template = house.template(channel=SMS)
    numbers = ["+4915112345678", "+33712345678", "+33612345678", "+12025550100"]
    async with house.worker():
        people = [recipient(n, address=number) for n, number in enumerate(numbers)]
        await house.send_block(house.content(template, channel=SMS), people)
        await house.until_states({"sent": 4})
    assert await house.rows("SELECT cost, currency FROM message ORDER BY position") == [
        (Decimal("0.07"), "EUR"),
        (Decimal("0.05"), "EUR"),
        (Decimal(0), "EUR"),
        (None, None),
    ]
    told = [one for payload in await recorded(house) for one in payload.costs]
    assert sorted(one.cost.nanos for one in told) == [0, 50_000_000, 70_000_000]
    assert {one.is_platform_cost for one in told} == {False}
    # The month is the tenant's, fourteen hours ahead of UTC, also when the cost comes later.
    local = datetime.now(UTC) + timedelta(hours=14)
    assert {one.billing_period for one in told} == {f"{local:%Y-%m}"}
    assert await house.rows("SELECT time_zone FROM billing_zone") == [("Pacific/Kiritimati",)]


@pytest.mark.req("DEL-12", "EVT-99")
@pytest.mark.parametrize("is_billed_on", [False, True])
async def test_the_platform_bears_what_its_account_costs_unless_the_tenant_has_a_rate(
    house: House, is_billed_on: bool
) -> None:
    await texts(house, PLATFORM)
    await house.rows(
        "INSERT INTO rate_card (tenant_id, rate_card_id, provider, channel, unit, cost, currency, valid_from)"
        " VALUES (%s, gen_random_uuid(), 'twilio', 2, 2, 0.01, 'USD', now() - interval '1 day')",
        PLATFORM,
    )
    if is_billed_on:
        await put(house, card(cost=cost("0.02")))
    async with house.worker():
        people = [recipient(1, address="+4915112345678")]
        await house.send_block(house.content(house.template(channel=SMS), channel=SMS), people)
        await house.until_states({"sent": 1})
    [payload] = await recorded(house)
    [one] = payload.costs
    assert (one.is_platform_cost, one.cost.currency_code) == (
        not is_billed_on,
        "EUR" if is_billed_on else "USD",
    )
