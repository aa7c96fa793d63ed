"""What can be done from the console: only by a form of one's own session, only what one's roles allow, and once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as campaign_rpc
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from tests.gateway.console.kit import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

STATE = campaign_pb2.Campaign


async def state_of(world: World, campaign_id: str) -> Any:
    stub = world.campaign.person(CampaignServiceStub)
    found = await stub.GetCampaign(campaign_rpc.GetCampaignRequest(campaign_id=campaign_id))
    return found.campaign.state


async def test_a_campaign_is_paused_resumed_and_after_a_second_question_stopped(world: World) -> None:
    campaign_id = (await world.sending("Held")).campaign_id
    path = f"/console/campaigns/{campaign_id}"
    async with world.signed_in() as operator:
        await operator.get(path)
        page = await operator.submit(f"{path}/pause", reason="wrong price")
        assert "The campaign is paused" in page.said
        assert await state_of(world, campaign_id) == STATE.STATE_PAUSED
        # What a state does not allow is not offered.
        assert not page.has(f'form[action="{path}/pause"]')
        page = await operator.submit(f"{path}/resume")
        assert "The campaign goes on." in page.said
        asked = await operator.submit(f"{path}/cancel")
        assert "This cannot be undone." in asked.said
        assert await state_of(world, campaign_id) == STATE.STATE_SENDING
        page = await operator.submit(f"{path}/cancel", reason="over")
        assert "stopped for good" in page.said
    assert await state_of(world, campaign_id) == STATE.STATE_CANCELLED


async def test_a_form_without_its_token_or_with_another_sessions_does_nothing(world: World) -> None:
    campaign_id = (await world.sending("Kept")).campaign_id
    path = f"/console/campaigns/{campaign_id}"
    async with world.signed_in() as operator, world.signed_in(subject="berta") as other:
        await operator.get(path)
        await other.get(path)
        own, others = operator.latest.fields(f"{path}/pause"), other.latest.fields(f"{path}/pause")
        for fields in ({}, {**own, "form_token": ""}, {**own, "form_token": others["form_token"]}):
            page = await operator.post(f"{path}/pause", fields)
            assert (page.status, "nothing was done" in page.said) == (403, True)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            assert (await operator.post(f"{path}/pause", own, headers=headers)).status == 403
        assert (await operator.get(f"{path}/pause")).status == 405
        for body in (b"x=" + b"y" * 70_000, _endless(), "&".join(f"n{n}=1" for n in range(300)).encode()):
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            assert (await operator.post(f"{path}/pause", body, headers=form)).status == 403
    async with world.browser() as nobody:
        assert (await nobody.post(f"{path}/pause", own)).status == 401
    assert await state_of(world, campaign_id) == STATE.STATE_SENDING


async def _endless() -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(20):
        yield b"y" * 10_000


async def test_what_a_role_may_not_do_is_not_offered_and_the_service_refuses_it_all_the_same(
    world: World,
) -> None:
    campaign_id = (await world.sending("Watched")).campaign_id
    path = f"/console/campaigns/{campaign_id}"
    async with world.signed_in("receptionist") as operator:
        page = await operator.get(path)
        assert page.status == 200, page.said
        assert not page.has(f'form[action^="{path}"]')
        assert not page.has('nav a[href="/console/dead-letters"], nav a[href="/console/events"]')
        fields = page.fields("/console/sign-out")
        refused = await operator.post(f"{path}/pause", fields)
        assert (refused.status, "Your roles do not allow this." in refused.said) == (403, True)
        refused = await operator.post("/console/lanes/pause", {**fields, "lane": "4", "reason": "x"})
        assert refused.status == 403
    assert await state_of(world, campaign_id) == STATE.STATE_SENDING


@pytest.mark.req("DEL-30")
async def test_chosen_dead_letters_are_tried_again_or_put_aside_after_a_question(world: World) -> None:
    first, second, third = await world.given_up(3)
    async with world.signed_in() as operator:
        page = await operator.get("/console/dead-letters?reason=content_refused")
        for one in (first, second, third):
            assert page.has(f'input[name=message][value="{one}"]')
        asked = await operator.submit(
            "/console/dead-letters/decide", [("message", first), ("message", second)], act="retry"
        )
        assert "Give 2 messages a fresh series of tries?" in asked.said
        assert len(await world.open_letters()) >= 3
        retry = {**asked.fields("/console/dead-letters/retry")}
        page = await operator.submit("/console/dead-letters/retry", [("message", first)])
        assert "Pending again, with a fresh series of tries: 2." in page.said
        # The same form once more is the same act.
        again = [("form_token", retry["form_token"]), ("form_key", retry["form_key"]), ("message", first)]
        assert (await operator.post("/console/dead-letters/retry", again)).status == 303
        page = await operator.get(f"/console/dead-letters/{third}")
        assert "refused Provider" in page.said or "content refused" in page.said.lower()
        await operator.submit("/console/dead-letters/decide", act="discard")
        page = await operator.submit("/console/dead-letters/discard", reason="the letter is old")
        assert "Put aside: 1." in page.said
        page = await operator.get("/console/dead-letters?resolution=3")
        assert "anna: the letter is old" in page.said
    rows = await world.house.rows(
        "SELECT message_id, state FROM message WHERE message_id = ANY(%s::uuid[])", [first, second, third]
    )
    assert {str(row[0]): row[1] for row in rows} == {first: 1, second: 1, third: 11}


async def test_all_that_match_are_tried_again_after_a_question(world: World) -> None:
    letters = await world.given_up(2)
    async with world.signed_in() as operator:
        page = await operator.get("/console/dead-letters")
        assert "Try all that match again" not in page.said
        page = await operator.get("/console/dead-letters?reason=content_refused&provider=recording")
        assert "Try all that match again" in page.said
        asked = await operator.submit(
            "/console/dead-letters/decide", act="retry_all", reason="content_refused", provider="recording"
        )
        assert "given up for content refused by recording" in asked.said
        page = await operator.submit("/console/dead-letters/retry-all")
        assert "Pending again" in page.said
        # Nobody tries everything again by mistake.
        fields = {**operator.latest.fields("/console/sign-out"), "act": "retry_all"}
        assert (await operator.post("/console/dead-letters/retry-all", fields)).status == 400
    assert not set(letters) & set(await world.open_letters())


async def test_an_event_that_died_is_shown_masked_and_handled_again(world: World) -> None:
    event_id = await world.dead_event()
    async with world.signed_in() as operator:
        listed = await operator.get("/console/events?source=orders")
        assert listed.has(f'a[href="/console/events/{event_id}"]')
        page = await operator.get(f"/console/events/{event_id}")
        assert (page.status, "order.expired" in page.said, "NotFound" in page.said) == (200, True, True)
        assert "maya@example.com" not in page.text
        page = await operator.submit(f"/console/events/{event_id}/replay")
        assert "The event is handled again." in page.said
        assert "Received" in page.said
        assert not page.has(f'form[action="/console/events/{event_id}/replay"]')


async def test_an_administrator_pauses_a_lane_and_lets_it_run_again(world: World) -> None:
    async with world.signed_in("platform_admin") as operator:
        await operator.get("/console")
        page = await operator.submit("/console/lanes/pause", lane="4", reason="provider is being changed")
        assert "The lane is paused." in page.said
        assert "Low Paused" in page.said
        fields = operator.latest.fields("/console/lanes/pause")
        assert (await operator.post("/console/lanes/resume", {**fields, "lane": "4"})).status == 303
        page = await operator.get("/console")
        assert "Low Paused" not in page.said
        refused = await operator.post("/console/lanes/pause", {**fields, "lane": "9", "reason": "x"})
        assert refused.status == 400
