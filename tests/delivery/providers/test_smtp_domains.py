"""SMTP with limits per domain: so many conversations at once, everybody reached, nobody twice."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from services.delivery.providers import Account, Result
from services.delivery.providers.smtp.adapter import Smtp
from tests.delivery.providers.blocks import message, outcomes
from tests.delivery.providers.fake_smtp import FakeSmtp, _Talk


def account(port: int, **limits: int) -> Account:
    return Account(
        uuid.uuid4(),
        "smtp",
        {"host": "127.0.0.1", "port": port, "security": "none"},
        timeout=timedelta(seconds=3),
        max_concurrency=8,
        production=False,
        domain_connections=limits,
    )


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_limited_domain_has_no_more_conversations_than_it_may_and_blocks_share_the_limit(
    pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking: Counter[str] = Counter()
    most: Counter[str] = Counter()
    original = _Talk.rcpt

    async def rcpt(self: Any, line: str) -> str:
        answer = await original(self, line)
        self.domain = line.rpartition("@")[2].rstrip(">").lower()
        talking[self.domain] += 1
        most[self.domain] = max(most[self.domain], talking[self.domain])
        await asyncio.sleep(0.002)
        return answer

    data = _Talk.data

    async def settled(self: Any, line: str) -> str:
        answer = await data(self, line)
        talking[self.domain] -= 1
        return answer

    monkeypatch.setattr(_Talk, "rcpt", rcpt)
    monkeypatch.setattr(_Talk, "data", settled)
    async with FakeSmtp(pipelining=pipelining) as server:
        smtp = Smtp(account(server.port, **{"slow.example": 2}))
        sent = [message(f"p{n}@{'slow.example' if n % 2 else 'fine.example'}") for n in range(60)]
        found = await asyncio.gather(outcomes(smtp, sent[:30]), outcomes(smtp, sent[30:]))
        await smtp.close()
    assert {one.result for lot in found for one in lot} == {Result.ACCEPTED}
    assert sorted(one.message_id for lot in found for one in lot) == sorted(one.message_id for one in sent)
    assert len(server.letters) == 60
    assert most["slow.example"] <= 2 < most["fine.example"]


async def test_a_domain_that_drops_its_connections_gives_its_places_back() -> None:
    async with FakeSmtp() as server:
        server.replies |= {f"dot:p{n}@slow.example": "drop" for n in range(3)}
        smtp = Smtp(account(server.port, **{"*": 1}))
        found = await outcomes(smtp, [message(f"p{n}@slow.example") for n in range(12)])
        await smtp.close()
    assert Counter(one.result for one in found) == {Result.UNKNOWN: 3, Result.ACCEPTED: 9}
