"""Switching marketing off holds what of it delivery has queued; switching it on lets it go."""

from datetime import timedelta

import pytest

from services.campaign.tenants.orders import LEASE, MarketingOrders
from services.campaign.tenants.store import DueOrder
from tests.campaign.campaigns.conftest import Stage, stage

__all__ = ["stage"]


@pytest.mark.req("CAM-22", "CAM-2")
async def test_delivery_is_told_after_the_commit_until_it_knows(stage: Stage) -> None:
    orders = MarketingOrders(stage.database, stage.channels)
    assert not await orders.carry_out()
    await stage.configure(marketing_enabled=False)
    stage.delivery.is_deaf = True
    assert await orders.carry_out()
    assert not stage.delivery.told
    stage.delivery.is_deaf = False
    assert not await orders.carry_out()
    stage.clock.advance(timedelta(minutes=1))
    assert await orders.carry_out()
    assert not await orders.carry_out()
    await stage.configure(marketing_enabled=True)
    assert await orders.carry_out()
    told = [(word, selector.WhichOneof("selector")) for word, selector in stage.delivery.told]
    assert told == [("hold", "tenant_marketing"), ("release", "tenant_marketing")]


@pytest.mark.req("CAM-22", "JOB-4")
async def test_trouble_with_one_order_does_not_stop_the_loop(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = MarketingOrders(stage.database, stage.channels)
    await stage.configure(marketing_enabled=False)

    async def breaks(_: object) -> None:
        raise ValueError

    with monkeypatch.context() as patched:
        patched.setattr(orders, "_tell", breaks)
        assert await orders.carry_out()
    assert not await orders.carry_out()
    stage.clock.advance(timedelta(minutes=1))
    assert await orders.carry_out()
    assert [word for word, _ in stage.delivery.told] == ["hold"]


@pytest.mark.req("CAM-22")
async def test_what_was_not_told_yet_gives_way_to_what_came_after(stage: Stage) -> None:
    orders = MarketingOrders(stage.database, stage.channels)
    await stage.configure(marketing_enabled=False)
    await stage.configure(marketing_enabled=True)
    await stage.configure(footer_text="x")
    assert await orders.carry_out()
    assert not await orders.carry_out()
    assert [word for word, _ in stage.delivery.told] == ["release"]


@pytest.mark.req("CAM-22")
@pytest.mark.parametrize(
    ("before", "after"),
    [(["on", "told"], []), ([], ["on", "told", "off"]), (["on", "told", "off"], ["on", "told"])],
)
async def test_what_is_switched_while_delivery_is_told_is_what_delivery_knows_at_last(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, before: list[str], after: list[str]
) -> None:
    slow, other = (MarketingOrders(stage.database, stage.channels) for _ in range(2))
    await stage.configure(marketing_enabled=False)
    tell = slow._tell

    async def happens(steps: list[str]) -> None:
        for step in steps:
            if step == "told":
                await other.carry_out()
            else:
                await stage.configure(marketing_enabled=step == "on")

    async def meanwhile(due: DueOrder) -> None:
        await happens(before)
        await tell(due)
        await happens(after)

    monkeypatch.setattr(slow, "_tell", meanwhile)
    await slow.carry_out()
    while await other.carry_out():
        pass
    word, _ = stage.delivery.told[-1]
    is_on = [step for step in [*before, *after] if step != "told"][-1] == "on"
    assert word == ("release" if is_on else "hold")


@pytest.mark.req("CAM-22", "GEN-6")
async def test_an_order_whose_teller_died_is_told_by_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying, other = (MarketingOrders(stage.database, stage.channels) for _ in range(2))
    await stage.configure(marketing_enabled=False)

    async def dies(_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(dying, "_carry_one", dies)
    with pytest.raises(SystemExit):
        await dying.carry_out()
    assert not await other.carry_out()
    stage.clock.advance(LEASE)
    assert await other.carry_out()
    assert [word for word, _ in stage.delivery.told] == ["hold"]
