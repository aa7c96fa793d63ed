"""Campaigns that each recipient gets at the same time of their own day."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from services.common.zones import at, resolve
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import refused, stamp

C = campaign_pb2.Campaign
HOME = "Europe/Berlin"
ZONES = ("Asia/Tokyo", HOME, "America/New_York", "America/Los_Angeles", "")


async def people(stage: Stage) -> dict[str, str]:
    """Two people of each zone; their zones by their ids."""
    found = {}
    for number, name in enumerate(ZONES):
        for contact in await stage.contacts(2, tag=str(number), time_zone=name):
            found[contact] = name or HOME
    return found


def arrived(stage: Stage, people: dict[str, str]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for one in stage.delivery.messages.values():
        counts[people[one.recipient.contact_id]] += 1
    return dict(counts)


def at_ten(stage: Stage, days: int) -> datetime:
    """Ten in the morning in Berlin, some days ahead."""
    day = stage.clock.now().astimezone(ZoneInfo(HOME)).date() + timedelta(days=days)
    return at(day, time(10), ZoneInfo(HOME))


async def go_to(stage: Stage, moment: datetime) -> None:
    stage.clock.advance(moment - stage.clock.now() + timedelta(seconds=1))
    await stage.job("scheduled-campaigns")
    await stage.worker().run_until_idle()


@pytest.mark.req("CAM-62", "CAM-100")
async def test_everybody_gets_it_at_ten_of_their_own_day(stage: Stage) -> None:
    of = await people(stage)
    campaign = await stage.approved(schedule_zone=C.SCHEDULE_ZONE_RECIPIENT)
    planned = at_ten(stage, 3)
    await stage.stub.ScheduleCampaign(
        pb.ScheduleCampaignRequest(campaign_id=campaign.campaign_id, schedule_time=stamp(planned))
    )
    local = planned.astimezone(ZoneInfo(HOME)).replace(tzinfo=None)
    # It is launched as the first zone of the world reaches ten; nobody of these is there yet.
    await go_to(stage, planned - timedelta(hours=12))
    assert (await stage.get(campaign.campaign_id)).state == C.STATE_SENDING
    assert stage.delivery.messages == {}
    seen = []
    for name in ("Asia/Tokyo", HOME, "America/New_York", "America/Los_Angeles"):
        due = resolve(local, ZoneInfo(name))
        await go_to(stage, due - timedelta(seconds=5))
        before = arrived(stage, of).get(name, 0)
        await go_to(stage, due)
        seen.append((name, before, arrived(stage, of)[name]))
    assert seen == [
        ("Asia/Tokyo", 0, 2),
        (HOME, 0, 4),
        ("America/New_York", 0, 2),
        ("America/Los_Angeles", 0, 2),
    ]
    run = (await stage.runs(campaign.campaign_id))[0]
    assert run.plan_time.ToDatetime(tzinfo=UTC) == planned
    assert await stage.assert_tally_equals_lines(run.run_id) == {"handed_over": 10}
    assert max(stage.delivery.offered.values()) == 1


@pytest.mark.parametrize(("policy", "at_once"), [(C.PASSED_TIME_UNSPECIFIED, 2), (C.PASSED_TIME_NEXT_DAY, 0)])
async def test_whose_hour_had_passed_gets_it_at_once_or_the_next_day(
    stage: Stage, policy: campaign_pb2.Campaign.PassedTime.ValueType, at_once: int
) -> None:
    of = await people(stage)
    # Launched by hand at ten in Berlin: in Tokyo it is evening.
    stage.clock.advance(at_ten(stage, 1) - stage.clock.now())
    sent = await stage.send(schedule_zone=C.SCHEDULE_ZONE_RECIPIENT, passed_policy=policy)
    await stage.worker().run_until_idle()
    assert arrived(stage, of).get("Asia/Tokyo", 0) == at_once
    assert arrived(stage, of).get("America/New_York", 0) == 0
    stage.clock.advance(timedelta(hours=24, minutes=1))
    await stage.worker().run_until_idle()
    assert arrived(stage, of) == {name or HOME: 4 if name == HOME else 2 for name in ZONES if name}
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 10}


@pytest.mark.req("CAM-110")
async def test_a_test_that_decides_cannot_leave_in_recipients_zones(stage: Stage) -> None:
    ab_test = campaign_pb2.AbTest(share_basis_points=1000)
    ab_test.duration.FromTimedelta(timedelta(hours=1))
    variants = [campaign_pb2.CampaignVariant(key=key, share_basis_points=5000) for key in ("control", "a")]
    error = await refused(
        stage.create(variants=variants, ab_test=ab_test, schedule_zone=C.SCHEDULE_ZONE_RECIPIENT)
    )
    assert error.reason == "INVALID_AB_TEST"
