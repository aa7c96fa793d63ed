"""How long delivery remembers templates: versions never change, what stands around them is asked for anew."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from services.common.clock import FixedClock
from services.delivery.messages.domain import Channel
from services.delivery.templates.cache import TemplateCache
from services.delivery.templates.source import TemplateSource


class Source:
    """Campaign as delivery asks it; counts the questions."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.live = uuid4()

    async def resolve(self, tenant_id: UUID, version_id: UUID) -> tuple[Any, Any]:
        self.asked["resolve"] += 1
        return f"version {version_id}", f"sender {self.asked['resolve']}"

    async def active(self, tenant_id: UUID, name: str, channel: Channel) -> UUID:
        self.asked["active"] += 1
        return self.live


@pytest.mark.req("GEN-39")
async def test_templates_are_asked_for_once_and_what_may_change_within_a_minute() -> None:
    source, clock = Source(), FixedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    cache = TemplateCache(cast("TemplateSource", source), clock)
    tenant_id, version_id = uuid4(), uuid4()
    for _ in range(10):
        found = await cache.get(tenant_id, version_id)
        clock.advance(timedelta(seconds=5))
    assert (source.asked["resolve"], found.version) == (1, f"version {version_id}")
    clock.advance(timedelta(seconds=11))
    assert cast("str", (await cache.get(tenant_id, version_id)).sender) == "sender 2"
    # Each tenant's by itself, also under the same id.
    await cache.get(uuid4(), version_id)
    assert source.asked["resolve"] == 3


@pytest.mark.req("GEN-39")
async def test_an_activation_is_seen_within_ten_seconds() -> None:
    source, clock = Source(), FixedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    cache = TemplateCache(cast("TemplateSource", source), clock)
    tenant_id = uuid4()
    first = await cache.active(tenant_id, "news", Channel.EMAIL)
    source.live = uuid4()
    clock.advance(timedelta(seconds=9))
    assert await cache.active(tenant_id, "news", Channel.EMAIL) == first
    clock.advance(timedelta(seconds=1))
    assert await cache.active(tenant_id, "news", Channel.EMAIL) == source.live
    assert source.asked["active"] == 2
