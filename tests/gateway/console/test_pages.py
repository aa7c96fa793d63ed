"""What the console shows: figures, lanes, campaigns, spend, explanations; of the session's tenant and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import campaign_events_pb2
from tests.analytics.desk import CLICK, NOW, PROXY, Campaign
from tests.delivery.kit import recipient
from tests.gateway.conftest import running
from tests.gateway.console.kit import Operator, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def reported(world: World, name: str = "Autumn <letter>") -> str:
    """A campaign with an A/B test that analytics has heard all about."""
    planned = await world.sending(name, "a", "b")
    launched = Campaign(world.desk, campaign_id=UUID(planned.campaign_id))
    told = campaign_events_pb2.CampaignLaunched(
        campaign_id=planned.campaign_id, run_id=str(launched.run_id), name=name, channel=launched.channel
    )
    for key in ("a", "b"):
        told.variants.add(key=key)
    await world.desk.tell("campaign.sent", told)
    first = await launched.delivered(200, variant_key="a")
    second = await launched.delivered(200, variant_key="b")
    await world.desk.engaged(first[:40])
    await world.desk.engaged(second[:90])
    await world.desk.engaged(second[:30], CLICK)
    await world.desk.engaged(first[50:60], by=PROXY)
    await world.desk.cost([*first, *second], "0.01")
    return planned.campaign_id


async def test_the_overview_shows_a_day_the_campaigns_under_way_and_the_providers(world: World) -> None:
    campaign = await world.sending("Spring <letter>")
    await world.desk.delivered(12, at=NOW - timedelta(hours=2))
    async with world.signed_in() as operator:
        page = await operator.get("/console")
    assert page.status == 200, page.said
    assert "Spring <letter>" in page.said
    assert "<letter>" not in page.text
    assert "100 of 300" in page.said
    assert page.has(f'a[href="/console/campaigns/{campaign.campaign_id}"]')
    assert "recording" in page.said
    assert page.has('svg.chart[role="img"][aria-label]')
    assert page.has("svg.chart rect.rect")
    assert not page.has("svg style, svg script, svg [style]")
    # A super owner has no say over lanes.
    assert "Queue and lanes" not in page.said


async def test_an_administrator_of_the_platform_sees_lanes_and_no_tenants_data(world: World) -> None:
    async with world.signed_in("platform_admin") as operator:
        page = await operator.get("/console")
        assert page.status == 200
        for word in ("Queue and lanes", "Critical", "Waiting", "Pause for all tenants"):
            assert word in page.said
        assert "The last 24 hours" not in page.said
        assert not page.has('nav a[href="/console/campaigns"]')
        refused = await operator.get("/console/campaigns")
        assert (refused.status, "Your roles do not allow this." in refused.said) == (403, True)
        spend = await operator.get("/console/spend")
        assert (spend.status, "What tenants cost" in spend.said) == (200, True)


async def test_a_campaign_is_shown_with_its_funnel_its_test_its_cost_and_who_was_left_out(
    world: World,
) -> None:
    campaign_id = await reported(world)
    async with world.signed_in() as operator:
        page = await operator.get(f"/console/campaigns/{campaign_id}")
        assert page.status == 200, page.said
        listed = await operator.get("/console/campaigns?text=autumn&state=5")
    assert page.tree.css_first("h1").text() == "Autumn <letter>"
    for word in ("Recipients 400", "Delivered 400", "Opened 130", "Clicked 30", "€4.00", "proxy"):
        assert word in page.said, word
    # 20 % against 45 %: the intervals do not touch.
    for word in ("20.0 %", "45.0 %", "significant at 95 %", "+125.0 %", " – 26.1 %"):
        assert word in page.said, word
    assert len(page.tree.css("svg.chart .ci")) >= 4
    assert all(one.parent is not None for one in page.tree.css("details table"))
    assert "Autumn <letter>" in listed.said
    assert "Spring" not in listed.said


async def test_spend_stands_against_its_budget_month_by_month(world: World) -> None:
    sent = await world.desk.delivered(10, at=NOW)
    await world.desk.cost(sent, "2.50")
    async with world.signed_in() as operator:
        page = await operator.get("/console/spend?by=provider&months=3")
        assert page.status == 200, page.said
        for word in ("2026-11", "€100.00", "Sendgrid", "Month by month"):
            assert word.lower() in page.said.lower(), word
        assert "2026-08" not in page.said
    async with world.signed_in("receptionist") as operator:
        assert (await operator.get("/console/spend")).status == 403
        assert not operator.latest.has('nav a[href="/console/spend"]')


async def test_a_message_and_one_that_nobody_sends_are_explained_gate_by_gate(world: World) -> None:
    async with world.house.worker():
        refused = await world.house.send_one(world.house.content(), recipient(1))
        went = await world.house.send_one(world.house.content(), recipient(2))
        await world.house.until(lambda: _is_sent(world, went.message_id))
    async with world.signed_in() as operator:
        page = await operator.get(f"/console/explain?message={refused.message_id}")
        assert "The message is Skipped because of opted out" in page.said
        assert "It was refused" in page.said
        assert "refused Opt-out of marketing" in page.said
        page = await operator.get(f"/console/explain?message={went.message_id}")
        assert "passed Provider recording took it" in page.said
        page = await operator.submit(
            "/console/explain", who="person1@example.com", channel="1", category="22"
        )
        assert "If it were sent now" in page.said
        assert "It was refused because of opted out" in page.said
        # What was asked about stands in no address.
        assert "person1" not in str(operator.session.cookie_jar)
        known = await world.contact("c-7")
        for who in (known, "c-7"):
            page = await operator.submit("/console/explain", who=who, channel="1", category="22")
            assert page.has("ol.gates li"), page.said
        page = await operator.submit("/console/explain", who="c-unknown", channel="1", category="22")
        assert "There is no such thing in your tenant." in page.said
        assert "This is no id of a message." in (await operator.get("/console/explain?message=x")).said
        page = await operator.get(f"/console/explain?message={uuid4()}")
        assert "There is no such thing in your tenant." in page.said


async def _is_sent(world: World, message_id: str) -> bool:
    rows = await world.house.rows("SELECT state FROM message WHERE message_id = %s", message_id)
    return bool(rows and rows[0][0] == 7)


@pytest.mark.req("SEC-6")
async def test_another_tenant_sees_nothing_of_this_one(world: World) -> None:
    campaign_id = await reported(world, "Secret")
    event_id = await world.dead_event()
    (letter,) = await world.given_up(1)
    async with world.signed_in(tenant_id=uuid4()) as stranger:
        for path in (
            f"/console/campaigns/{campaign_id}",
            f"/console/campaigns/{campaign_id}/people",
            f"/console/dead-letters/{letter}",
            f"/console/events/{event_id}",
        ):
            page = await stranger.get(path)
            assert (page.status, "Secret" in page.text) == (404, False), path
        for path in ("/console", "/console/campaigns", "/console/dead-letters", "/console/events"):
            page = await stranger.get(path)
            assert page.status in (200, 404), page.said
            for word in (campaign_id, event_id, letter, "Secret"):
                assert word not in page.text, (path, word)
        assert await _refuses(stranger, campaign_id)


async def _refuses(stranger: Operator, campaign_id: str) -> bool:
    """Whether a form that was made up for another tenant's campaign does nothing."""
    await stranger.get("/console")
    fields = stranger.latest.fields("/console/sign-out")
    page = await stranger.post(f"/console/campaigns/{campaign_id}/pause", fields)
    return page.status == 404


async def test_what_a_service_that_is_away_would_say_is_missing_and_the_rest_is_there(world: World) -> None:
    changes = {**world.behind, "analytics_address": "127.0.0.1:1"}
    async with running(world.clock, **changes) as (_, url), world.signed_in(url=url) as operator:
        page = await operator.get("/console")
        assert (page.status, "A service does not answer at the moment." in page.said) == (200, True)
        assert "Providers" in page.said
        page = await operator.get("/console/spend")
        assert page.status == 503
        assert "127.0.0.1" not in page.text


async def test_people_of_a_campaign_lead_to_why(world: World) -> None:
    campaign_id = (await world.sending("Peopled")).campaign_id
    line = await world.left_out(campaign_id, "opted_out", "person1-peopled")
    async with world.signed_in() as operator:
        page = await operator.get(f"/console/campaigns/{campaign_id}/people?state=8")
        assert (page.status, "People of Peopled" in page.said) == (200, True)
        assert "person1-peopled@example.com Skipped opted out" in page.said
        (way,) = page.tree.css(f'td a[href*="{line}"]')
        page = await operator.get(str(way.attributes["href"]))
        # No message was made for it, so nothing was kept but the reason.
        assert "No message was made for this recipient" in page.said
        assert "If it were sent now" in page.said
        assert page.has("ol.gates li"), page.said
        page = await operator.get(f"/console/campaigns/{campaign_id}/people?state=7")
        assert "There is nobody in this state." in page.said
    async with world.signed_in("receptionist") as operator:
        page = await operator.get(f"/console/campaigns/{campaign_id}/people")
        assert page.status == 200


async def test_an_address_that_makes_no_sense_is_answered_in_words(world: World) -> None:
    async with world.signed_in() as operator:
        page = await operator.get("/console/campaigns/not-an-id")
        assert page.status == 404
        page = await operator.get("/console/campaigns?page=nonsense")
        assert page.status == 400
        assert "page_token" in page.said.lower()
