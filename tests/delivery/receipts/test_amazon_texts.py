"""Texts by End User Messaging all the way: handed over, told of by signed notifications, priced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2 as pb
from sandbox.runner import started
from sandbox.settings import Address, Settings
from tests.delivery.emulated import AMAZON, TOPIC, confirmed, gateway, loops, subscribe
from tests.delivery.kit import open_house, recipient
from tests.delivery.outside import Outside, struct
from tests.ports import free_port
from tests.sandbox import webhook_faults

CONFIG: dict[str, Any] = {
    "region": "eu-central-1",
    "service": "end_user_messaging",
    "origination_number": "+12025550199",
    "configuration_set": "news",
    "topic_arn": TOPIC,
}
ENDS = {
    "+12025550100": (8, None),
    "+12025550105": (10, "unreachable"),
    "+12025550106": (10, "invalid_recipient"),
    "+12025550109": (11, "filtered"),
    "+12025550112": (11, "opted_out"),
}


@pytest.mark.req("DEL-86", "DEL-87", "DEL-104", "GAT-23", "REL-13")
async def test_what_amazon_tells_of_texts_is_what_becomes_of_them_though_it_comes_twice_late_disordered_and_forged(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis, tmp_path: Path
) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    emulated = Settings(
        http=Address("127.0.0.1", 0),
        smtp=Address("127.0.0.1", 0),
        database=tmp_path / "sandbox.sqlite",
        signing_key=tmp_path / "key.pem",
        pace=0.1,
        webhook_seconds=0.05,
    )
    async with (
        started(emulated) as sandbox,
        aiohttp.ClientSession() as session,
        open_house(
            clone_database(["delivery"]), redis_url, provider_mode="live", public_base_url=base
        ) as house,
        gateway(house, port, free_port()),
        loops(house, "dispatch", "receipts"),
    ):
        url = f"http://127.0.0.1:{sandbox.http_port}"
        outside = Outside(house, uuid4())
        account = pb.ProviderAccount(
            channel=enums_pb2.CHANNEL_SMS,
            provider="aws_sns",
            name="texts",
            config=struct(**CONFIG, base_url=url),
            rate_per_second=1000,
        )
        created = await outside.providers.CreateProviderAccount(
            pb.CreateProviderAccountRequest(provider_account=account, credentials=AMAZON),
            metadata=house.as_person(),
        )
        await subscribe(url, base + created.provider_account.webhook_path)
        await house.until(lambda: confirmed(sandbox))
        await webhook_faults.order(session, url)
        template = house.template(channel=enums_pb2.CHANNEL_SMS, text="Hello", required=False)
        content = house.content(template, channel=enums_pb2.CHANNEL_SMS)
        sent = {
            (await house.send_one(content, recipient(1, address=number))).message_id: end
            for number, end in ENDS.items()
        }

        async def found() -> bool:
            rows = await house.rows("SELECT message_id::text, state, failure_code FROM message")
            return {row[0]: (row[1], row[2]) for row in rows} == sent

        await house.until(found)
        await webhook_faults.all_struck_and_no_forgery_was_taken(session, url)
        priced = await house.rows("SELECT DISTINCT cost, currency FROM message WHERE cost IS NOT NULL")
        assert priced == [(Decimal("0.00945"), "USD")]
        told = {type for type, _ in await house.events()}
        assert {
            "message.delivered",
            "message.bounced",
            "recipient.opted_out",
            "message.cost_recorded",
        } <= told
