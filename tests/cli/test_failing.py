"""`angarium dead-letters` and `angarium explain` against a running service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from tests.cli.conftest import Angarium, Ask, asking
from tests.delivery.kit import House, open_house, recipient
from tests.fakes.neighbours import ALLOW, deny


@pytest.fixture
async def house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    """Delivery with a message that was refused for good and one that consent refused."""
    async with open_house(clone_database(["delivery"]), redis_url) as opened:
        await opened.add_account(
            config={"rules": [{"result": "permanent", "code": "content_refused", "address": "person0@*"}]}
        )
        opened.neighbours.consent.rule = lambda context, item: (
            deny(consent_pb.DECISION_REASON_OPTED_OUT) if "person1" in item.address else ALLOW
        )
        yield opened


@pytest.fixture
def ask(angarium: Angarium, house: House) -> Ask:
    """Runs a command for the tenant, which finds the service by its environment."""
    return asking(angarium, tenant=str(house.tenant_id), delivery=f"127.0.0.1:{house.server.port}")


@pytest.mark.req("DEL-30")
async def test_dead_letters_are_listed_retried_and_discarded(house: House, ask: Ask) -> None:
    content = house.campaign_content()
    async with house.worker():
        await house.send_block(content, [recipient(0), recipient(0), recipient(2)])
        await house.until_states({"failed": 2, "sent": 1})
    listed = await ask("dead-letters", "list", "--json")
    assert listed.code == 0, listed.err
    first, second = listed.document["dead_letters"]
    assert (first["reason"], first["tries"], first["resolution"]) == ("content_refused", 1, "open")
    discarded = await ask("dead-letters", "discard", first["message"], "--because", "over", "--json")
    assert (discarded.document["resolution"], discarded.document["note"]) == ("discarded", "over")
    nothing = await ask("dead-letters", "retry")
    assert (nothing.code, "--reason" in nothing.err) == (2, True)
    retried = await ask("dead-letters", "retry", "--run", content.run_id, "--json")
    assert retried.document == {"retried": 1, "expired": 0, "in_doubt": 0, "more": False}
    assert await house.rows("SELECT state FROM message WHERE message_id = %s", second["message"]) == [(1,)]
    again = await ask("dead-letters", "retry", first["message"])
    assert "pending again" in again.out
    assert "There are none." in (await ask("dead-letters", "list")).out
    unknown = await ask("dead-letters", "retry", str(uuid4()))
    assert unknown.code == 1
    assert "not found" in unknown.err


async def test_a_message_is_explained_in_sentences(house: House, ask: Ask) -> None:
    async with house.worker():
        went = await house.send_one(house.content(), recipient(2))
        await house.until_states({"sent": 1})
        refused = await house.send_one(house.content(), recipient(1))
    told = await ask("explain", went.message_id)
    assert told.code == 0, told.err
    assert "The message is sent." in told.out
    assert "✓ the provider let it pass: recording took it" in told.out
    told = await ask("explain", refused.message_id)
    assert "The message is skipped, because of opted out." in told.out
    assert "✗ the opt-out of marketing stopped it: what stopped it" in told.out
    assert "· the consent was not asked" in told.out
    document = (await ask("explain", refused.message_id, "--json")).document
    assert document["decisions"][0]["moment"] == "acceptance"
    assert [gate["check"] for gate in document["decisions"][0]["gates"] if gate["outcome"] == "refused"] == [
        "opt_out"
    ]
    wrong = await ask("explain", "nonsense")
    assert (wrong.code, "is no id" in wrong.err) == (2, True)
