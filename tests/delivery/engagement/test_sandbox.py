"""From sending to the last click: through SendGrid's emulator, the real gateway and simulated people, against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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

HTML = (
    '<p>Dear {{ name }}, see <a href="https://shop.example/spring">the shop</a>, '
    '<a href="https://shop.example/news">the news</a> or <a href="https://shop.example/you?name={{ name }}">yours</a>.</p>'
)
PEOPLE = (
    "silent", "open", "click", "gmail", "proxy-click", "apple", "privacy-click", "scanner", "scanner-click", "bounce",
    "full", "defer", "drop", "complain",
)  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "sendgrid": {"config": {}, "credentials": {"api_key": "SG.test"}, "told": {}},
    "postmark": {
        "config": {"broadcast_stream": "broadcast"},
        "credentials": {"server_token": "token", "webhook_secret": "hook:secret"},
        "told": {},
        "userinfo": "hook:secret@",
    },
    "mailgun": {
        "config": {"domain": "mg.salon.example"},
        "credentials": {"api_key": "key", "signing_key": "signing"},
        "told": {"webhook_secret": "signing"},
    },
    "ses": {
        "config": {"region": "eu-central-1", "configuration_set": "news", "topic_arn": TOPIC},
        "credentials": AMAZON,
    },
}
BY_MAIL = ("silent", "open", "click", "scanner", "bounce", "full", "defer", "complain")
EACH = 6
Truth = list[dict[str, Any]]
Play = Callable[..., AbstractAsyncContextManager[tuple[Outside, Truth]]]


@pytest.fixture
def play(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis, tmp_path: Path
) -> Play:
    """Sends to people of given behaviours, waits until all is quiet, and yields the sandbox's truth about it."""

    @asynccontextmanager
    async def played(provider: str, words: tuple[str, ...]) -> AsyncIterator[tuple[Outside, Truth]]:
        port, bounce_port = free_port(), free_port()
        base = f"http://127.0.0.1:{port}"
        emulated = Settings(
            http=Address("127.0.0.1", 0),
            smtp=Address("127.0.0.1", 0),
            database=tmp_path / "sandbox.sqlite",
            signing_key=tmp_path / "key.pem",
            gateway_url=base,
            bounce_smtp=Address("127.0.0.1", bounce_port),
            pace=0.5,
            webhook_seconds=0.1,
        )
        async with (
            started(emulated) as sandbox,
            aiohttp.ClientSession() as session,
            open_house(
                clone_database(["delivery"]), redis_url, provider_mode="live", public_base_url=base
            ) as house,
            gateway(house, port, bounce_port),
            loops(house, "dispatch", "receipts", "engagement"),
        ):
            url = f"http://127.0.0.1:{sandbox.http_port}"

            async def ask(path: str, **body: Any) -> Any:
                call = session.post(url + path, json=body) if body else session.get(url + path)
                async with call as response:
                    assert response.status < 300, await response.text()
                    return await response.json()

            key = (await ask("/admin/settings"))["public_key"]
            outside = Outside(house, uuid4())
            config: dict[str, Any] = {"from_address": "news@salon.example"}
            credentials: dict[str, str] = {}
            if provider == "smtp":
                config |= {"host": "127.0.0.1", "port": sandbox.smtp_port, "security": "none"}
                config |= {"return_path_domain": "bounces.salon.example"}
            else:
                config |= {"base_url": url, **OWN[provider]["config"]}
                credentials = OWN[provider]["credentials"]
            if provider == "sendgrid":
                config["verification_key"] = key
            created = await outside.providers.CreateProviderAccount(
                pb.CreateProviderAccountRequest(
                    provider_account=pb.ProviderAccount(
                        channel=enums_pb2.CHANNEL_EMAIL,
                        provider=provider,
                        name="sandbox",
                        config=struct(**config),
                        rate_per_second=1000,
                    ),
                    credentials=credentials,
                ),
                metadata=house.as_person(),
            )
            account = created.provider_account
            verified = await outside.providers.VerifyProviderAccount(
                pb.VerifyProviderAccountRequest(provider_account_id=account.provider_account_id),
                metadata=house.as_person(),
            )
            assert verified.is_ok, verified.detail
            if provider == "ses":
                await subscribe(url, base + account.webhook_path)
                await house.until(lambda: confirmed(sandbox))
            elif account.webhook_path:
                told_at = base.replace("//", "//" + OWN[provider].get("userinfo", "")) + account.webhook_path
                await ask("/admin/settings", webhook_url=told_at, provider=provider, **OWN[provider]["told"])
            if provider != "smtp":
                await webhook_faults.order(session, url)
            template = house.template(category=enums_pb2.CATEGORY_ORDER, html=HTML)
            version = house.neighbours.templates.versions[house.tenant_id, str(template)]
            version.sender.tracking_enabled = True
            people = [
                recipient(number, address=f"{word}+{number}@example.com")
                for number, word in enumerate(words * EACH)
            ]
            await house.send_block(house.content(template), people)

            async def quiet() -> bool:
                summary = await ask("/truth/summary")
                waiting = await house.value(
                    "SELECT (SELECT count(*) FROM engagement_hit)"
                    " + (SELECT count(*) FROM receipt_batch WHERE state = 1)"
                    " + (SELECT count(*) FROM message WHERE state IN (1, 2))"
                )
                return waiting == 0 and summary["pending"]["total"] == 0

            await house.until(quiet, seconds=60, every=0.3)
            if provider != "smtp":
                await webhook_faults.all_struck_and_no_forgery_was_taken(session, url)
            yield outside, (await ask("/truth?limit=1000"))["messages"]

    return played


async def differences(outside: Outside, truth: Truth) -> list[tuple[Any, ...]]:
    """What delivery says of hits and complaints that is not what happened."""
    classes = {1: "human", 2: "proxy", 3: "privacy_prefetch", 4: "scanner"}
    hits: dict[tuple[str, str], set[str]] = {}
    for id, kind, by in await outside.house.rows("SELECT message_id, kind, class FROM engagement"):
        hits.setdefault((str(id), "opened" if kind == 1 else "clicked"), set()).add(classes[by])
    complained = {
        str(id)
        for (id,) in await outside.house.rows(
            "SELECT message_id FROM message WHERE complained_at IS NOT NULL"
        )
    }
    wrong: list[tuple[Any, ...]] = []
    for message in truth:
        id = message["message_id"]
        if message["failed"]:
            wrong.append((message["behaviour"], message["failed"]))
        happened = {
            "opened": set(message["opened"]),
            "clicked": {click["class"] for click in message["clicked"]},
        }
        for kind, expected in happened.items():
            if hits.get((id, kind), set()) != expected:
                wrong.append((message["behaviour"], kind, hits.get((id, kind), set()), expected))
        if (message["complained_at"] is not None) != (id in complained):
            wrong.append((message["behaviour"], "complained"))
    return wrong


@pytest.mark.req(
    "DEL-31", "DEL-34", "DEL-36", "DEL-85", "DEL-86", "DEL-89", "DEL-103", "GAT-21", "GAT-23", "REL-13"
)
@pytest.mark.parametrize("provider", ["sendgrid", "postmark", "mailgun", "ses"])
async def test_what_is_stored_is_what_happened_though_webhooks_come_twice_late_disordered_and_forged(
    play: Play, provider: str
) -> None:
    async with play(provider, PEOPLE) as (outside, truth):
        states = dict(await outside.house.rows("SELECT message_id::text, state FROM message"))
        # Postmark says at once which addresses it does not write to; they never were accepted.
        refused = EACH if provider == "postmark" else 0
        assert len(truth) == len(PEOPLE) * EACH - refused
        assert Counter(states[id] for id in states.keys() - {one["message_id"] for one in truth}) == (
            {11: refused} if refused else {}
        )
        assert await differences(outside, truth) == []
        assert (
            await outside.house.rows(
                "SELECT message_id, kind, occurred_at FROM receipt GROUP BY 1, 2, 3, provider_event_id HAVING count(*) > 1"
            )
            == []
        )
        for message in truth:
            expected = 10 if message["bounced"] else 11 if message["dropped"] else 8
            assert states[message["message_id"]] == expected, message["behaviour"]
        people = Counter(
            (opens > 0, clicks > 0)
            for opens, clicks in await outside.house.rows("SELECT open_count, click_count FROM message")
        )
        assert (people[True, True], people[False, True]) == (2 * EACH, 2 * EACH)
        told = {type for type, _ in await outside.house.events()}
        assert {"message.bounced", "message.complained", "recipient.invalid", "message.engaged"} <= told


@pytest.mark.req("DEL-86", "DEL-87", "DEL-103")
async def test_what_comes_back_by_mail_is_what_happened(play: Play) -> None:
    async with play("smtp", BY_MAIL) as (outside, truth):
        assert len(truth) == len(BY_MAIL) * EACH
        assert await differences(outside, truth) == []
        states = dict(await outside.house.rows("SELECT message_id::text, state FROM message"))
        for message in truth:
            expected = {10} if message["bounced"] else {7, 8}
            assert states[message["message_id"]] in expected, message["behaviour"]
