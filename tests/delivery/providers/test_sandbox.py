"""The adapters against the sandbox's emulators and their faults: what an adapter says is what really happened."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.runner import started
from sandbox.settings import Address, Settings
from services.delivery.providers import (
    Account,
    Code,
    Outgoing,
    Presence,
    Provider,
    Result,
    open_provider,
)
from tests.delivery.providers.blocks import CONTENT, message, outcomes
from tests.delivery.providers.rigs import mail

SEARCHED = ("sendgrid", "postmark")
ALL = (*mail.API, "smtp")


class Emulator:
    """A running sandbox, and adapters that speak to it."""

    def __init__(self, http_port: int, smtp_port: int, session: aiohttp.ClientSession) -> None:
        self.url, self.smtp_port, self.session = f"http://127.0.0.1:{http_port}", smtp_port, session
        self.opened: list[Provider] = []

    def provider(self, name: str) -> Provider:
        made = open_provider(
            Account(
                uuid.uuid4(),
                name,
                mail.config(name, self.url, self.smtp_port),
                mail.CREDENTIALS[name],
                timedelta(seconds=1),
                4,
                production=False,
            )
        )
        self.opened.append(made)
        return made

    async def fault(self, kind: str, **fields: Any) -> None:
        async with self.session.post(f"{self.url}/faults", json={"kind": kind, **fields}) as response:
            assert response.status < 300, await response.text()

    async def accepted(self, sent: list[Outgoing]) -> list[dict[str, Any]]:
        """What the sandbox took of these messages."""
        found = []
        for one in sent:
            async with self.session.get(
                f"{self.url}/truth", params={"message_id": str(one.message_id)}
            ) as response:
                found += (await response.json())["messages"]
        return found


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[Emulator]:
    settings = Settings(
        http=Address("127.0.0.1", 0),
        smtp=Address("127.0.0.1", 0),
        database=tmp_path / "sandbox.sqlite",
        signing_key=tmp_path / "key.pem",
        pace=0.02,
    )
    async with started(settings) as running, aiohttp.ClientSession() as session:
        made = Emulator(running.http_port, running.smtp_port, session)
        yield made
        for provider in made.opened:
            await provider.close()


def batch(count: int) -> list[Outgoing]:
    return [message(f"silent@x{n}.example", name=f'R{n} "é"', note="a & b\n.c") for n in range(count)]


@pytest.mark.req("DEL-109")
@pytest.mark.parametrize("name", ALL)
async def test_a_block_is_taken_whole_and_known_by_our_reference(emulator: Emulator, name: str) -> None:
    provider = emulator.provider(name)
    sent = batch(120)
    assert {one.result for one in await outcomes(provider, sent)} == {Result.ACCEPTED}
    assert len(await emulator.accepted(sent)) == 120
    if name in SEARCHED:
        found = await provider.look_up([sent[0].message_id, uuid.uuid4()])
        assert [one.presence for one in found.values()] == [Presence.FOUND, Presence.NOT_FOUND]
    assert (await provider.verify()).ok


async def test_the_emulator_shows_what_was_rendered(emulator: Emulator) -> None:
    sent = message("silent@x.example", name="Zoë & Co", note='<i> "x" é')
    for name in ALL:
        await outcomes(emulator.provider(name), [sent])
    subjects = {one["subject"] for one in await emulator.accepted([sent])}
    assert subjects == {CONTENT.parts["subject"].join(sent.slots)}


@pytest.mark.req("DEL-76", "DEL-78", "DEL-82", "REL-13")
@pytest.mark.parametrize(
    ("fault", "fields", "result", "code"),
    [
        ("smtp_reply", {"stage": "rcpt", "code": 550, "text": "5.1.1 no"}, Result.PERMANENT, Code.INVALID_RECIPIENT),
        ("smtp_reply", {"stage": "mail", "code": 451, "text": "4.3.0 no"}, Result.RETRYABLE, Code.UNAVAILABLE),
        ("smtp_reply", {"stage": "data", "code": 554, "text": "5.7.1 no"}, Result.PERMANENT, Code.POLICY),
        ("smtp_reply", {"stage": "before_dot", "code": 452, "text": "4.2.2 no"}, Result.RETRYABLE, Code.MAILBOX_FULL),
        ("smtp_disconnect", {"stage": "rcpt"}, Result.RETRYABLE, Code.CONNECTION),
        ("smtp_disconnect", {"stage": "connect"}, Result.RETRYABLE, Code.CONNECTION),
        ("smtp_disconnect", {"stage": "after_dot"}, Result.UNKNOWN, Code.CONNECTION),
        ("smtp_timeout", {"stage": "after_dot"}, Result.UNKNOWN, Code.TIMEOUT),
        ("smtp_timeout", {"stage": "mail"}, Result.RETRYABLE, Code.TIMEOUT),
    ],
)  # fmt: skip
async def test_every_fault_of_a_relay_gets_its_name_and_nothing_is_lost_or_sent_twice(
    emulator: Emulator, fault: str, fields: dict[str, Any], result: Result, code: str
) -> None:
    provider = emulator.provider("smtp")
    await emulator.fault(fault, **fields)
    sent = batch(1)
    (outcome,) = await outcomes(provider, sent)
    assert (outcome.result, outcome.code) == (result, code)
    taken = len(await emulator.accepted(sent))
    assert taken == 0 or result is Result.UNKNOWN
    (again,) = await outcomes(provider, batch(1))
    assert again.result is Result.ACCEPTED


async def test_faults_in_the_middle_of_a_block_touch_only_their_messages(emulator: Emulator) -> None:
    provider = emulator.provider("smtp")
    await emulator.fault("smtp_reply", count=5, skip=20, stage="rcpt", code=550, text="5.1.1 no such user")
    await emulator.fault("smtp_disconnect", count=2, skip=60, stage="after_dot")
    sent = batch(150)
    results = await outcomes(provider, sent)
    kinds = [one.result for one in results]
    assert kinds.count(Result.PERMANENT) == 5
    assert kinds.count(Result.UNKNOWN) == 2
    assert kinds.count(Result.ACCEPTED) == 143
    taken = len(await emulator.accepted(sent))
    assert 143 <= taken <= 145
