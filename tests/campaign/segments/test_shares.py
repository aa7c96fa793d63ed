"""Random shares and holdouts: even, the same for ever, independent under different salts."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from angarium.campaign.v1 import segment_service_pb2 as pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2
from services.campaign.ledger.domain import bucket_of
from services.campaign.segments import previews, store
from services.campaign.segments.audience import audience, of_segment
from services.campaign.segments.catalogue import Op
from services.campaign.segments.domain import BUCKETS, Condition, Join, Rule, bucket
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.rpc.client import Channels
from tests.campaign.segments.asking import EQ, rule, segment
from tests.campaign.segments.conftest import Surrounded
from tests.campaign.segments.given import person, put
from tests.house import Served


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.text(min_size=1, max_size=100), st.integers(0, 2**64), st.sampled_from([500, 2_500, 5_000]))
def test_a_share_is_even_stable_and_independent_of_other_salts(salt: str, start: int, end: int) -> None:
    people = [UUID(int=(start << 60) + number) for number in range(3_000)]
    held = {one for one in people if bucket(salt, one) < end}
    assert held == {one for one in people if bucket(salt, one) < end}
    assert held <= {one for one in people if bucket(salt, one) < end + 500}
    share = end / BUCKETS
    spread = 5 * (share * (1 - share) / len(people)) ** 0.5
    assert abs(len(held) / len(people) - share) < spread
    other = {one for one in people if bucket(salt + "'", one) < BUCKETS // 2}
    assert abs(len(held & other) / max(len(held), 1) - 0.5) < 5 * 0.5 / len(held) ** 0.5


def test_a_share_is_drawn_as_variants_of_campaigns_are() -> None:
    campaign_id, contact_id = uuid4(), uuid4()
    assert bucket(str(campaign_id), contact_id) == bucket_of(campaign_id, contact_id)


async def reached(uow: UnitOfWork, segment_id: UUID | None) -> set[UUID]:
    found = await audience(uow, segment_id=segment_id, branch_ids=())
    rows = await uow.fetch_all(
        f"SELECT c.contact_id FROM contact c WHERE {found.where}", found.params, prepare=False
    )
    return {contact_id for (contact_id,) in rows}


@pytest.mark.req("CAM-84")
async def test_campaigns_leave_out_whom_a_holdout_names_and_segments_do_not(campaign: Served) -> None:
    people = [person(language_code="en" if number % 2 else "de") for number in range(2_000)]
    stub = campaign.person(SegmentServiceStub)
    database = campaign.service.database
    async with database.tenant(campaign.tenant_id) as uow:
        await put(uow, people)
    made = (await stub.CreateSegment(segment("English", rule("language", EQ, "en")))).segment
    none = await stub.GetHoldout(pb.GetHoldoutRequest(segment_id=made.segment_id))
    assert none.holdout.basis_points == 0
    holdout = (
        await stub.SetHoldout(
            pb.SetHoldoutRequest(holdout=pb.Holdout(segment_id=made.segment_id, basis_points=2_000))
        )
    ).holdout
    english = {one.contact_id for one in people if one.columns["language_code"] == "en"}
    segment_id = UUID(made.segment_id)
    async with database.tenant(campaign.tenant_id) as uow:
        asked = await reached(uow, segment_id)
        assert asked == {one for one in english if bucket(holdout.salt, one) >= 2_000}
        assert 0.75 < len(asked) / len(english) < 0.85
        assert await reached(uow, None) == {one.contact_id for one in people}
        saved = await store.by_id(uow, segment_id)
        assert saved is not None
        found = await of_segment(uow, saved)
        assert await store.count(uow, found.where, found.params) == (1_000, 0, 0)
    larger = pb.Holdout(segment_id=made.segment_id, basis_points=4_000)
    await stub.SetHoldout(pb.SetHoldoutRequest(holdout=larger))
    everybody = (await stub.SetHoldout(pb.SetHoldoutRequest(holdout=pb.Holdout(basis_points=1_000)))).holdout
    async with database.tenant(campaign.tenant_id) as uow:
        fewer = await reached(uow, segment_id)
        assert fewer == {one for one in asked if bucket(holdout.salt, one) >= 4_000} & {
            one for one in english if bucket(everybody.salt, one) >= 1_000
        }
        assert 0.85 < len(await reached(uow, None)) / len(people) < 0.95
    drawn = await stub.SetHoldout(pb.SetHoldoutRequest(holdout=larger, redraw=True))
    assert drawn.holdout.salt != holdout.salt
    await stub.SetHoldout(pb.SetHoldoutRequest(holdout=pb.Holdout(segment_id=made.segment_id)))
    with pytest.raises(ServiceError) as unknown:
        await stub.GetHoldout(pb.GetHoldoutRequest(segment_id=str(uuid4())))
    assert unknown.value.reason == "NOT_FOUND"


@pytest.mark.req("CAM-39")
async def test_a_preview_asks_consent_about_everybody_or_about_a_share(surrounded: Surrounded) -> None:
    served, consent = surrounded.served, surrounded.consent
    people = [
        person(
            email_canonical=f"p{number}@example.com",
            email=f"p{number}@example.com",
            phone=f"+4930{number:05d}" if number % 2 else None,
        )
        for number in range(1_200)
    ]
    async with served.service.database.tenant(served.tenant_id) as uow:
        await put(uow, people)
    deny = (compliance_service_pb2.OUTCOME_DENY, compliance_service_pb2.DECISION_REASON_NO_CONSENT, None)
    allow = consent.rule(None, None)
    consent.rule = lambda _, item: deny if item.address.endswith("0@example.com") else allow
    stub = served.person(SegmentServiceStub)
    asked = pb.PreviewSegmentRequest(
        rule=rule("visit_count", EQ, 0), channels=[enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS]
    )
    found = await stub.PreviewSegment(asked)
    assert [(one.channel, one.eligible_count, one.asked_count) for one in found.eligibility] == [
        (enums_pb2.CHANNEL_EMAIL, 1_080, 1_200),
        (enums_pb2.CHANNEL_SMS, 600, 1_200),
    ]
    assert {one.context.category for one in consent.requests} == {enums_pb2.CATEGORY_OFFER}
    assert max(len(one.items) for one in consent.requests) == previews.BLOCK
    async with Channels(served.settings, name="campaign") as channels:
        some = previews.Previews(served.service.database, channels, most=300)
        never = Rule(Join.AND, (Condition("visit_count", Op.EQ, 0),))
        shown = await some.of(served.tenant_id, never, limits=(), sample_size=1, channels=[1])
    [email] = shown.eligibility
    assert 200 < email.asked < 400
    assert 950 < email.eligible < 1_200
    consent.is_down = True
    told = await stub.PreviewSegment(asked)
    assert (told.contact_count, len(told.eligibility)) == (1_200, 0)
