"""`angarium webhooks` against a service as it is served, and a partner that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

import pytest
from standardwebhooks.webhooks import Webhook

from services.common.clock import SystemClock
from tests.cli.conftest import Angarium, Ask, asking
from tests.delivery.webhooks.kit import Stand, open_stand


@pytest.fixture
async def stand(clone_database: Callable[[Iterable[str]], str], redis_url: str) -> AsyncIterator[Stand]:
    async with open_stand(clone_database(["delivery"]), redis_url, SystemClock()) as opened:
        yield opened


@pytest.fixture
async def ask(angarium: Angarium, stand: Stand) -> Ask:
    """Runs `angarium webhooks` for the tenant, while the service answers."""
    return asking(angarium, "webhooks", tenant=str(stand.tenant_id), delivery=stand.address)


@pytest.mark.req("DEL-47", "DEL-48", "DEL-49", "DEL-50")
async def test_an_operator_sets_up_tries_and_repeats_webhooks(ask: Ask, stand: Stand) -> None:
    made = await ask(
        "create",
        "shop",
        "--url",
        stand.partner.url,
        "--event",
        "message.*",
        "--header",
        "X-Team: till",
        "--json",
    )
    assert made.code == 0, made.err
    id, secret = made.document["subscription"], made.document["secret"]
    tried = await ask("test", id)
    assert tried.code == 0, tried.err
    assert "Taken" in tried.out
    headers, body = stand.partner.calls[-1]
    assert headers["X-Team"] == "till"
    Webhook(secret).verify(body, dict(headers))

    await stand.happens(2)
    await stand.send()
    listed = await ask("deliveries", id, "--status", "delivered", "--json")
    assert [one["type"] for one in listed.document["deliveries"]] == ["message.delivered"] * 2
    again = await ask("redeliver", listed.document["deliveries"][0]["delivery"], "--json")
    assert again.document["status"] == "pending"
    await stand.send()
    replayed = await ask("replay", id, "--since", "2020-01-01", "--all", "--json")
    assert replayed.document == {"replayed": 2}
    rotated = await ask("rotate", id, "--json")
    assert rotated.document["secret"] not in ("", secret)

    assert (await ask("disable", id, "--json")).document["disabled"] is True
    listed = await ask("list")
    assert "shop" in listed.out
    assert "off" in listed.out


async def test_what_goes_wrong_is_told_with_how_to_mend_it(ask: Ask, stand: Stand) -> None:
    unsafe = await ask("create", "shop", "--url", "https://10.0.0.1/hook", "--event", "*")
    assert unsafe.code == 1
    assert "webhook_subscription.url" in unsafe.err
    stand.partner.answers(500, "out of order")
    made = await ask("create", "shop", "--url", stand.partner.url, "--json")
    tried = await ask("test", made.document["subscription"], "--json")
    assert tried.code == 1
    assert (tried.document["status"], tried.document["excerpt"]) == (500, "out of order")
    types = await ask("events", "--json")
    assert {"message.delivered", "campaign.completed"} <= {one["type"] for one in types.document["events"]}
