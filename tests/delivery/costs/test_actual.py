"""What a provider really charges replaces the estimate, and what it never tells is asked for (DEL-80, DEL-88)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2, events_pb2
from angarium.delivery.v1 import delivery_events_pb2
from sandbox.aws.signature import SECRET
from sandbox.runner import Running, started
from sandbox.settings import Address, Settings
from services.common.clock import Clock, FixedClock
from services.common.ids import uuid7
from services.common.security.envelope import Envelope
from services.delivery.accounts.adapters import Adapters, aad_of_credentials
from services.delivery.accounts.domain import PLATFORM
from services.delivery.costs.cards import RateCards
from services.delivery.receipts.applying import Tools
from services.delivery.receipts.polling import StatusPolls
from tests.delivery.kit import House, later, open_house, recipient
from tests.delivery.outside import Outside

CONFIGS: dict[str, dict[str, Any]] = {
    "twilio": {"account_sid": "AC" + "a" * 32, "from": "+12025550199"},
    "aws_sns": {
        "region": "eu-central-1",
        "origination_number": "+12025550199",
        "log_account": "000000000000",
    },
}
CREDENTIALS = {
    "twilio": {"auth_token": "secret"},
    "aws_sns": {"access_key_id": "AKIDEXAMPLE", "secret_access_key": SECRET},
}


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Running]:
    settings = Settings(
        http=Address("127.0.0.1", 0),
        smtp=Address("127.0.0.1", 0),
        database=tmp_path / "sandbox.sqlite",
        signing_key=tmp_path / "key.pem",
        pace=0.02,
    )
    async with started(settings) as running:
        yield running


@pytest.fixture
async def house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    async with open_house(
        clone_database(["delivery"]), redis_url, provider_mode="live", unknown_recheck_seconds=1
    ) as opened:
        yield opened


async def account(house: House, sandbox: Running, provider: str, currency: str = "USD", **own: str) -> UUID:
    """An account of the sandbox's, and a rate for a segment that is not quite right."""
    config = {**CONFIGS[provider], **own, "base_url": f"http://127.0.0.1:{sandbox.http_port}"}
    account_id = await house.add_account(provider, config=config)
    async with house.service.database.tenant(house.tenant_id) as uow:
        sealed = await Envelope(house.settings.encryption_keys).seal(
            uow, orjson.dumps(CREDENTIALS[provider]), aad_of_credentials(account_id)
        )
        await uow.execute(
            "UPDATE provider_account SET credentials = %s, channel = 2 WHERE account_id = %s",
            (sealed, account_id),
        )
    # Those of the deployment would be nearer where they name a country.
    await house.rows("DELETE FROM rate_card WHERE provider = %s", provider)
    await house.rows(
        """INSERT INTO rate_card (tenant_id, rate_card_id, provider, channel, unit, cost, currency, valid_from)
        VALUES (%s, %s, %s, 2, 2, %s, %s, now() - interval '1 day')""",
        PLATFORM,
        uuid7(),
        provider,
        Decimal("0.01"),
        currency,
    )
    return account_id


async def send(house: House, *numbers: str) -> None:
    template = house.template(channel=enums_pb2.CHANNEL_SMS, text="Hello", required=False)
    content = house.content(template, channel=enums_pb2.CHANNEL_SMS)
    async with house.worker():
        for number in numbers:
            await house.send_one(content, recipient(1, address=number))
        await house.until_states({"sent": len(numbers)})


async def ask(house: House, clock: Clock) -> Any:
    """One run of the job."""
    database, envelope = house.service.database, Envelope(house.settings.encryption_keys)
    adapters = Adapters(database, envelope, mode="live", production=False)
    fallbacks: Any = SimpleNamespace(make=_nothing)
    tools = Tools(
        envelope, house.settings.hash_keys, RateCards(database, clock), house.settings.default_zone, fallbacks
    )
    try:
        context: Any = SimpleNamespace(clock=clock, stopping=False)
        return await StatusPolls(database, adapters, tools).run(context)
    finally:
        await adapters.close()


async def _nothing(*_: Any) -> None:
    return None


async def actual_costs(house: House) -> list[delivery_events_pb2.CostRecorded]:
    found = []
    for (envelope,) in await house.rows(
        "SELECT envelope FROM outbox WHERE type = 'message.cost_recorded' ORDER BY id"
    ):
        payload = delivery_events_pb2.CostsRecorded()
        events_pb2.EventEnvelope.FromString(envelope).payload.Unpack(payload)
        found += [one for one in payload.costs if one.is_actual]
    return found


async def over(house: House, sandbox: Running, count: int) -> None:
    """Waits until everything has happened to so many texts."""

    async def done() -> bool:
        kinds = "('delivered', 'bounced', 'dropped')"
        query = f"SELECT count(*) FROM fact WHERE kind IN {kinds}"
        return sandbox.sandbox.database.query(query)[0][0] == count

    await house.until(done)


@pytest.mark.req("DEL-80", "DEL-88")
@pytest.mark.parametrize(("provider", "price"), [("twilio", "0.0079"), ("aws_sns", "0.00645")])
async def test_the_price_of_a_provider_replaces_the_estimate_and_its_word_the_silence(
    house: House, sandbox: Running, provider: str, price: str
) -> None:
    await account(house, sandbox, provider)
    await send(house, "+12025550100", "+12025550106")
    assert await house.rows("SELECT DISTINCT cost, currency FROM message") == [(Decimal("0.01"), "USD")]
    await over(house, sandbox, 2)
    assert (await ask(house, FixedClock(later(seconds=30)))).seen == 0  # not before two minutes
    counts = await ask(house, FixedClock(later(minutes=3)))
    assert (counts.seen, counts.done) == (2, 2)
    # Twilio was told no address for its callbacks here, and SNS has none: what became of texts is asked as well.
    assert await house.states() == {"delivered": 1, "bounced": 1}
    assert await house.rows("SELECT DISTINCT cost, currency FROM message") == [(Decimal(price), "USD")]
    told = await actual_costs(house)
    assert {(one.cost.units, one.cost.nanos, one.attempt) for one in told} == {
        (0, int(Decimal(price) * 10**9), 1)
    }
    assert len(told) == 2
    assert await house.value("SELECT count(*) FROM provider_poll") == 0
    assert (await ask(house, FixedClock(later(minutes=9)))).seen == 0


@pytest.mark.req("DEL-88")
async def test_a_price_in_another_currency_replaces_the_estimate_of_a_single_attempt(
    house: House, sandbox: Running
) -> None:
    await account(house, sandbox, "twilio", "EUR")
    await send(house, "+12025550100")
    await over(house, sandbox, 1)
    await ask(house, FixedClock(later(minutes=3)))
    assert await house.rows("SELECT cost, currency FROM message") == [(Decimal("0.0079"), "USD")]


@pytest.mark.req("DEL-88")
async def test_what_earlier_attempts_cost_stays(house: House, sandbox: Running) -> None:
    await account(house, sandbox, "twilio")
    await send(house, "+12025550100")
    await house.rows("UPDATE message SET cost = cost + 0.02")
    await house.rows("UPDATE provider_poll SET cost_before = 0.02, attempt = 2")
    await over(house, sandbox, 1)
    await ask(house, FixedClock(later(minutes=3)))
    assert await house.rows("SELECT cost FROM message") == [(Decimal("0.0279"),)]
    assert [one.attempt for one in await actual_costs(house)] == [2]


@pytest.mark.req("DEL-78", "DEL-88")
async def test_a_lost_answer_that_was_found_again_is_asked_for_its_price_too(
    house: House, sandbox: Running
) -> None:
    await account(house, sandbox, "twilio")
    await house.rows("UPDATE provider_account SET timeout_ms = 300")
    await sandbox.sandbox.faults.order({"kind": "timeout_after", "seconds": 1})
    await send(house, "+12025550100")
    assert await house.rows("SELECT cost FROM message") == [(Decimal("0.01"),)]
    await over(house, sandbox, 1)
    await ask(house, FixedClock(later(minutes=3)))
    assert await house.rows("SELECT cost FROM message") == [(Decimal("0.0079"),)]


@pytest.mark.req("DEL-86", "DEL-88")
async def test_a_price_that_comes_with_a_notification_replaces_the_estimate_once(
    house: House, sandbox: Running
) -> None:
    account_id = await account(house, sandbox, "aws_sns", service="end_user_messaging", log_account="")
    await send(house, "+12025550100")
    [(message_id,)] = await house.rows("SELECT message_id FROM message")
    told = {
        "eventType": "TEXT_DELIVERED", "eventTimestamp": int(later().timestamp() * 1000), "isFinal": True,
        "messageId": "m1", "totalMessagePrice": 0.00645, "totalCarrierFee": 0.003,
        "context": {"angarium_message_id": str(message_id)},
    }  # fmt: skip
    outside = Outside(house, account_id)
    for number in range(2):  # the same event in another envelope changes nothing
        envelope = {"Type": "Notification", "MessageId": str(number), "Message": orjson.dumps(told).decode()}
        assert (await outside.post(orjson.dumps(envelope))).stored_count == 1
        await outside.applied()
    assert await house.states() == {"delivered": 1}
    assert await house.rows("SELECT cost, currency FROM message") == [(Decimal("0.00945"), "USD")]
    assert len(await actual_costs(house)) == 1
    assert await house.value("SELECT count(*) FROM provider_poll") == 0


@pytest.mark.req("DEL-80", "JOB-27")
async def test_questions_grow_rarer_and_end_after_three_days(house: House, sandbox: Running) -> None:
    await account(house, sandbox, "twilio")
    await send(house, "+12025550100")
    await house.rows("UPDATE provider_poll SET provider_message_id = 'SMunknown'")
    seen, clock, gaps = 0, FixedClock(later(minutes=3)), []
    while await house.value("SELECT count(*) FROM provider_poll"):
        seen += (await ask(house, clock)).seen
        due = await house.rows("SELECT due_at FROM provider_poll")
        if due:
            gaps.append(due[0][0] - clock.now())
            clock.set(due[0][0])
    assert gaps == sorted(gaps)
    assert gaps[-1].total_seconds() == 6 * 3600
    assert seen == len(gaps) < 25
    assert await house.rows("SELECT cost FROM message") == [(Decimal("0.01"),)]


@pytest.mark.req("DEL-86")
async def test_texts_that_carriers_filter_fail_and_somebody_is_told_once_an_hour(
    house: House, sandbox: Running
) -> None:
    account_id = await account(house, sandbox, "twilio")
    await send(house, "+12025550109", "+13035550109")
    await over(house, sandbox, 2)
    await ask(house, FixedClock(later(minutes=3)))
    assert await house.rows("SELECT DISTINCT state, failure_code FROM message") == [(11, "filtered")]
    marks = await house.rows("SELECT kind, subject_id FROM alert_mark")
    assert marks == [("messages_filtered", account_id)]
    assert await house.value("SELECT count(*) FROM outbox WHERE type = 'recipient.invalid'") == 0
