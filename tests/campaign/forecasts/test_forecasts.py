"""Estimates and dry runs: the whole audience, gate by gate, and nothing sent or stored."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from services.campaign.forecasts.gates import GATES, gate_of, through
from services.common.addresses import country_of_phone
from services.common.money import Money
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import refused, stamp
from tests.fakes.neighbours import ALLOW, defer, deny

Reason = consent_pb.DecisionReason


async def dry_run(stage: Stage, campaign_id: str) -> list[pb.DryRunCampaignResponse]:
    return [one async for one in stage.stub.DryRunCampaign(pb.DryRunCampaignRequest(campaign_id=campaign_id))]


async def rows(stage: Stage) -> dict[str, int]:
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        tables = (
            "campaign_run",
            "campaign_recipient",
            "campaign_block",
            "budget_entry",
            "campaign_usage",
            "outbox",
        )
        return {name: await uow.fetch_value(f"SELECT count(*) FROM {name}") for name in tables}


@pytest.mark.req("W2", "W8", "CAM-70")
async def test_a_dry_run_counts_every_gate_over_the_whole_audience_and_stores_nothing(stage: Stage) -> None:
    contacts = await stage.contacts(4100, time_zone="Asia/Tokyo")
    contacts += await stage.contacts(900, tag="h")
    await stage.contacts(7, tag="n", email="")
    eight = (stage.clock.now() + timedelta(hours=9)).replace(minute=30, second=0, microsecond=0)
    answers = {
        **dict.fromkeys(contacts[:5], deny(Reason.DECISION_REASON_SUPPRESSED)),
        **dict.fromkeys(contacts[5:25], deny(Reason.DECISION_REASON_NO_CONSENT)),
        **dict.fromkeys(contacts[25:35], deny(Reason.DECISION_REASON_CONSENT_REVOKED)),
        **dict.fromkeys(contacts[35:75], deny(Reason.DECISION_REASON_WEEKLY_CAP_REACHED)),
        **dict.fromkeys(contacts[4100:4200], defer(Reason.DECISION_REASON_QUIET_HOURS, eight)),
        **dict.fromkeys(contacts[4200:4203], defer(Reason.DECISION_REASON_SEND_WINDOW, None)),
    }
    stage.consent.rule = lambda _context, item: answers.get(item.contact_id, ALLOW)
    campaign = await stage.draft(daily_limit=4000)
    before = await rows(stage)
    told = await dry_run(stage, campaign.campaign_id)
    assert await rows(stage) == before
    assert stage.delivery.messages == {}
    assert [(one.judged_count, one.audience_count, one.HasField("report")) for one in told] == [
        (4000, 5007, False),
        (5007, 5007, False),
        (5007, 5007, True),
    ]
    report = told[-1].report
    assert report.channel == enums_pb2.CHANNEL_EMAIL
    counts = (
        report.recipient_count, report.eligible_count, report.deferred_count, report.refused_count, report.limited_count
    )  # fmt: skip
    assert counts == (5007, 4822, 103, 82, 925)
    gates = {gate.check: gate for gate in report.gates}
    assert list(gates) == list(GATES)
    assert [
        (gate.reached_count, gate.refused_count, gate.deferred_count) for gate in report.gates if gate.reasons
    ] == [
        (5007, 7, 0),
        (5000, 5, 0),
        (4995, 30, 0),
        (4965, 40, 0),
        (4925, 0, 100),
        (4825, 0, 3),
    ]
    assert [(one.reason, one.count) for one in gates["consent"].reasons] == [
        ("no_consent", 20),
        ("consent_revoked", 10),
    ]
    assert [(zone.time_zone, zone.recipient_count, zone.eligible_count, zone.deferred_count, zone.refused_count)
            for zone in report.zones] == [
        ("Asia/Tokyo", 4100, 4025, 0, 75),
        ("Europe/Berlin", 907, 797, 103, 7),
    ]  # fmt: skip
    hour = eight.replace(minute=0)
    assert [(one.resume_time.ToDatetime(tzinfo=UTC), one.count) for one in report.deferrals] == [
        (hour, 100),
        (datetime(1970, 1, 1, tzinfo=UTC), 3),
    ]
    assert Money.from_proto(report.cost).amount == Decimal("4.925")
    assert report.duration.ToTimedelta() < timedelta(seconds=1)


@pytest.mark.req("W2")
async def test_a_dry_run_says_what_would_stop_the_launch(stage: Stage) -> None:
    await stage.configure(campaign_approval_threshold_recipients=3, postal_address="")
    await stage.contacts(3)
    campaign = await stage.draft()
    await stage.configure(marketing_enabled=False)
    report = (await dry_run(stage, campaign.campaign_id))[-1].report
    assert list(report.warnings) == ["approval_required", "marketing_disabled", "invalid_configuration"]
    assert report.eligible_count == 3


async def test_a_dry_run_asks_for_the_time_at_which_each_zone_gets_it(stage: Stage) -> None:
    await stage.contacts(2, time_zone="Asia/Tokyo")
    await stage.contacts(3, tag="h")
    asked: dict[str, int] = {}

    def rule(context: Any, _item: Any) -> Any:
        at = context.evaluate_time.ToDatetime(tzinfo=UTC).isoformat()
        asked[at] = asked.get(at, 0) + 1
        return ALLOW

    stage.consent.rule = rule
    planned = (stage.clock.now() + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
    campaign = await stage.draft(
        schedule_zone=campaign_pb2.Campaign.SCHEDULE_ZONE_RECIPIENT, schedule_time=stamp(planned)
    )
    report = (await dry_run(stage, campaign.campaign_id))[-1].report
    local = planned.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
    tokyo = local.replace(tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)
    assert asked == {planned.isoformat(): 3, tokyo.isoformat(): 2}
    assert [(zone.time_zone, zone.send_time.ToDatetime(tzinfo=UTC)) for zone in report.zones] == [
        ("Europe/Berlin", planned),
        ("Asia/Tokyo", tokyo),
    ]


async def test_a_dry_run_of_a_test_says_who_waits_for_the_winner(stage: Stage) -> None:
    await stage.contacts(500)
    variants = [campaign_pb2.CampaignVariant(key=key, share_basis_points=5000) for key in ("control", "b")]
    ab_test = campaign_pb2.AbTest(share_basis_points=2000)
    ab_test.duration.FromTimedelta(timedelta(hours=1))
    campaign = await stage.draft(variants=variants, ab_test=ab_test)
    report = (await dry_run(stage, campaign.campaign_id))[-1].report
    found = {one.variant_key: one.count for one in report.variants}
    assert sum(found.values()) == 500
    assert 360 < found[""] < 440
    await stage.send(variants=variants, ab_test=ab_test, template_id=campaign.template_id)
    assert report.eligible_count == 500


@pytest.mark.req("CAM-70", "CAM-97")
async def test_what_is_no_campaign_yet_is_estimated_with_its_cost(stage: Stage) -> None:
    await stage.contacts(4)
    draft = campaign_pb2.Campaign(
        name="idea",
        channel=enums_pb2.CHANNEL_EMAIL,
        template_id=await stage.template(),
        target_all_contacts=True,
    )
    found = await stage.stub.EstimateCampaign(pb.EstimateCampaignRequest(draft=draft))
    assert (found.recipient_count, found.eligible_count, found.segments) == (4, 4, 1)
    assert Money.from_proto(found.cost).amount == Decimal("0.004")
    assert (
        await refused(stage.stub.EstimateCampaign(pb.EstimateCampaignRequest()))
    ).reason == "VALIDATION_FAILED"
    assert not (await stage.stub.ListCampaigns(pb.ListCampaignsRequest())).campaigns


def test_every_reason_of_consent_belongs_to_a_gate() -> None:
    words = {name.removeprefix("DECISION_REASON_").lower() for name in list(Reason.keys())} - {"unspecified"}
    assert {word for word in words if gate_of(word) == "other"} == set()
    assert through(0, Counter(), Counter())[0].reached == 0


@pytest.mark.parametrize(
    ("number", "country"),
    [("+491711234567", "DE"), ("+12025550123", "US"), ("+919876543210", "IN"), ("+3725551234", "EE"), ("", ""), ("ada@example.com", "")],
)  # fmt: skip
def test_the_country_of_a_number_is_that_of_its_calling_code(number: str, country: str) -> None:
    assert country_of_phone(number) == country
