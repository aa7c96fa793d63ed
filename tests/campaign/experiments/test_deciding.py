"""A test on a share of the audience: counted by people, decided once, and the rest gets the winner."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from angarium.campaign.v1 import campaign_events_pb2, campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from angarium.delivery.v1 import receipt_service_pb2 as receipts
from services.campaign.campaigns import wiring
from services.campaign.experiments import deciding
from services.campaign.experiments import store as experiments
from services.campaign.ledger.domain import is_tested, variant_of
from services.common.ids import uuid7
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import refused

Outcome = campaign_pb2.AbTestOutcome
HUMAN, SCANNER = receipts.ENGAGEMENT_CLASS_HUMAN, receipts.ENGAGEMENT_CLASS_SCANNER
OPEN, CLICK = receipts.ENGAGEMENT_KIND_OPEN, receipts.ENGAGEMENT_KIND_CLICK
VARIANTS = [
    campaign_pb2.CampaignVariant(key=key, share_basis_points=5000, subject=key) for key in ("control", "b")
]


def ab_test(share: int = 2000, minimum: int = 20, **changes: Any) -> campaign_pb2.AbTest:
    found = campaign_pb2.AbTest(share_basis_points=share, min_per_variant=minimum, **changes)
    found.duration.FromTimedelta(timedelta(hours=4))
    return found


async def under_way(stage: Stage, count: int = 600, **changes: Any) -> pb.SendCampaignResponse:
    """A campaign whose tested share is handed over and sent."""
    await stage.contacts(count)
    sent = await stage.send(variants=VARIANTS, ab_test=ab_test(**changes))
    await stage.worker().run_until_idle()
    await stage.deliver(sent.campaign.campaign_id, sent.run_id)
    return sent


def arms(stage: Stage, run_id: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"control": [], "b": []}
    for key, one in stage.delivery.of_run(run_id).items():
        found[one.content.variant_key].append(key)
    return found


def hits(campaign_id: str, ids: list[str], **changes: Any) -> events_pb2.MessagesEngaged:
    fields = {"kind": OPEN, "engagement_class": HUMAN, "judgement": 1, **changes}
    return events_pb2.MessagesEngaged(
        hits=[
            events_pb2.MessageEngaged(
                engagement_id=str(uuid7()), message_id=one, campaign_id=campaign_id, **fields
            )
            for one in ids
        ]
    )


async def outcome(stage: Stage, campaign_id: str) -> campaign_pb2.AbTestOutcome:
    return (await stage.runs(campaign_id))[-1].ab_test_outcome


async def when_over(stage: Stage) -> None:
    stage.clock.advance(timedelta(hours=4, seconds=1))
    await stage.worker().run_until_idle()


@pytest.mark.req("CAM-102", "CAM-14", "W6")
async def test_the_rest_gets_the_variant_that_people_opened_more_often(stage: Stage) -> None:
    sent = await under_way(stage)
    campaign_id, of = sent.campaign.campaign_id, arms(stage, sent.run_id)
    share = len(of["control"]) + len(of["b"])
    assert 80 < share < 160
    campaign = UUID(campaign_id)
    for one in stage.delivery.messages.values():
        contact = UUID(one.recipient.contact_id)
        assert is_tested(campaign, contact, 2000)
        assert one.content.variant_key == ("control", "b")[variant_of(campaign, contact, [5000, 10_000])]
    counting = await outcome(stage, campaign_id)
    assert (counting.basis, counting.winner_variant_key) == (Outcome.BASIS_UNSPECIFIED, "")
    assert counting.HasField("end_time")
    # The control is opened by more machines, b by more people, some of them twice.
    await stage.apply("message.engaged", hits(campaign_id, of["control"], engagement_class=SCANNER))
    await stage.apply("message.engaged", hits(campaign_id, of["control"][:5]))
    await stage.apply("message.engaged", hits(campaign_id, of["control"], kind=CLICK))
    for _ in range(2):
        await stage.apply("message.engaged", hits(campaign_id, of["b"][:30]))
    await stage.worker().run_until_idle()
    assert len(stage.delivery.messages) == share
    await when_over(stage)
    assert len(stage.delivery.messages) == 600
    rest = Counter(one.content.variant_key for one in stage.delivery.messages.values())
    assert rest == {"control": len(of["control"]), "b": 600 - len(of["control"])}
    found = await outcome(stage, campaign_id)
    assert (found.basis, found.winner_variant_key) == (Outcome.BASIS_SIGNIFICANT, "b")
    assert [(arm.variant_key, arm.sent_count, arm.engaged_count) for arm in found.arms] == [
        ("control", len(of["control"]), 5),
        ("b", len(of["b"]), 30),
    ]
    assert found.arms[0].p_value == 1
    assert found.arms[1].p_value < 0.05
    # The lines tell what each one got, and the hits are forgotten.
    lines = Counter(line.variant_key for line in await stage.recipients(campaign_id))
    assert lines == rest
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM test_hit") == 0
    (envelope,) = await stage.outbox("campaign.ab_test_decided")
    told = campaign_events_pb2.CampaignAbTestDecided()
    assert envelope.payload.Unpack(told)
    assert (told.run_id, told.outcome.winner_variant_key) == (sent.run_id, "b")
    await stage.deliver(campaign_id, sent.run_id)
    assert (await stage.get(campaign_id)).state == campaign_pb2.Campaign.STATE_SENT


async def test_a_difference_that_chance_explains_gives_the_rest_the_fallback(stage: Stage) -> None:
    sent = await under_way(stage, fallback_variant_key="b")
    campaign_id, of = sent.campaign.campaign_id, arms(stage, sent.run_id)
    await stage.apply("message.engaged", hits(campaign_id, of["control"][:6]))
    await stage.apply("message.engaged", hits(campaign_id, of["b"][:5]))
    await when_over(stage)
    found = await outcome(stage, campaign_id)
    assert (found.basis, found.winner_variant_key) == (Outcome.BASIS_NOT_SIGNIFICANT, "b")
    assert len(stage.delivery.messages) == 600


async def test_too_few_messages_give_the_rest_the_control(stage: Stage) -> None:
    sent = await under_way(stage, minimum=0)
    campaign_id, of = sent.campaign.campaign_id, arms(stage, sent.run_id)
    await stage.apply("message.engaged", hits(campaign_id, of["b"]))
    await when_over(stage)
    found = await outcome(stage, campaign_id)
    assert (found.basis, found.winner_variant_key) == (Outcome.BASIS_TOO_FEW, "control")


@pytest.mark.req("W6")
async def test_a_hit_that_is_judged_again_counts_as_its_newest_verdict_says(stage: Stage) -> None:
    sent = await under_way(stage, metric=campaign_pb2.AbTest.METRIC_CLICKS)
    campaign_id, of = sent.campaign.campaign_id, arms(stage, sent.run_id)
    first = hits(campaign_id, of["b"][:30], kind=CLICK)
    later = events_pb2.MessagesEngaged()
    later.CopyFrom(first)
    for one in later.hits:
        one.judgement, one.engagement_class = 2, SCANNER
    await stage.apply("message.engaged", first)
    await stage.apply("message.engaged", later)
    # What was told late does not take the newer verdict back.
    await stage.apply("message.engaged", first)
    await when_over(stage)
    found = await outcome(stage, campaign_id)
    assert [arm.engaged_count for arm in found.arms] == [0, 0]
    assert found.winner_variant_key == "control"


@pytest.mark.req("CAM-64")
async def test_a_test_waits_while_its_campaign_is_held(stage: Stage) -> None:
    sent = await under_way(stage)
    share = len(stage.delivery.messages)
    campaign_id = sent.campaign.campaign_id
    await stage.stub.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign_id))
    await when_over(stage)
    assert len(stage.delivery.messages) == share
    await stage.stub.ResumeCampaign(pb.ResumeCampaignRequest(campaign_id=campaign_id))
    await stage.worker().run_until_idle()
    assert len(stage.delivery.messages) == 600


@pytest.mark.req("CAM-65")
async def test_who_waits_for_the_winner_of_a_cancelled_campaign_gets_nothing(stage: Stage) -> None:
    sent = await under_way(stage)
    share = len(stage.delivery.messages)
    stopped = await stage.stub.CancelCampaign(pb.CancelCampaignRequest(campaign_id=sent.campaign.campaign_id))
    assert stopped.stopped_count == 600 - share
    await when_over(stage)
    assert len(stage.delivery.messages) == share
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"sent": share, "cancelled": 600 - share}


@pytest.mark.req("JOB-14")
async def test_a_decision_that_was_interrupted_is_made_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies before the commit has decided nothing; two that look at once decide once."""
    sent = await under_way(stage)
    stage.clock.advance(timedelta(hours=4, seconds=1))
    release = experiments.release

    async def dies(*_: Any) -> int:
        raise ConnectionError

    monkeypatch.setattr(experiments, "release", dies)
    assert await deciding.decide_due(stage.database) == 0
    assert (await outcome(stage, sent.campaign.campaign_id)).basis == Outcome.BASIS_UNSPECIFIED
    monkeypatch.setattr(experiments, "release", release)
    assert await deciding.decide_due(stage.database) == 1
    assert await deciding.decide_due(stage.database) == 0
    await stage.worker().run_until_idle()
    assert len(stage.delivery.messages) == 600
    assert len(await stage.outbox("campaign.ab_test_decided")) == 1
    assert max(stage.delivery.offered.values()) == 1


@pytest.mark.req("CAM-110")
@pytest.mark.parametrize(
    ("variants", "changes"),
    [
        ([], {}),
        (VARIANTS, {"fallback_variant_key": "c"}),
    ],
)
async def test_a_test_that_cannot_be_decided_is_refused(
    stage: Stage, variants: list[campaign_pb2.CampaignVariant], changes: dict[str, Any]
) -> None:
    error = await refused(stage.create(variants=variants, ab_test=ab_test(**changes)))
    assert error.reason == "INVALID_AB_TEST"


@pytest.mark.req("GEN-47")
async def test_hits_of_tests_that_were_never_decided_are_forgotten_after_a_month(stage: Stage) -> None:
    sent = await under_way(stage)
    of = arms(stage, sent.run_id)
    await stage.apply("message.engaged", hits(sent.campaign.campaign_id, of["b"]))
    for days, left in ((29, len(of["b"])), (2, 0)):
        stage.clock.advance(timedelta(days=days))
        async with stage.database.system() as uow:
            await wiring.keep_ledger(uow, stage.clock.now(), 1000)
            assert await uow.fetch_value("SELECT count(*) FROM test_hit") == left
