"""Segments as their callers meet them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import segment_service_pb2 as pb
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from services.campaign.segments import handlers, wiring
from services.campaign.segments.audience import of_rule
from services.campaign.segments.convert import rule_from_proto
from services.campaign.segments.explain import explain
from services.common.errors import ServiceError
from services.common.security.jwt import issue_person
from tests.campaign.segments.asking import CONTAINS, EQ, GT, IN, rule, segment
from tests.campaign.segments.given import BRANCHES, Person, person, put
from tests.house import Served


async def have(campaign: Served, people: list[Person]) -> None:
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await put(uow, people)


def readers(count: int, **columns: Any) -> list[Person]:
    return [person(language_code="en", visit_count=number, **columns) for number in range(count)]


async def refused(call: Any) -> ServiceError:
    with pytest.raises(ServiceError) as found:
        await call
    return found.value


@pytest.mark.req("CAM-111", "SEC-111", "SEC-112")
@pytest.mark.parametrize(
    ("wanted", "reason", "place"),
    [
        (rule("shoe_size", EQ, 4), "UNKNOWN_SEGMENT_FIELD", "conditions[0].field"),
        (rule("attributes.", EQ, 4), "UNKNOWN_SEGMENT_FIELD", "conditions[0].field"),
        (rule("visit_count", CONTAINS, 4), "INVALID_SEGMENT_RULE", "conditions[0].operator"),
        (rule("visit_count", EQ, "four"), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("visit_count", EQ, 1.5), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("last_visit_days", GT, 40_000), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("membership_status", EQ, "gold"), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("birthday_month", EQ, 13), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("branch_id", EQ, "Mitte"), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("language", IN, []), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("language", IN, ["x"] * 501), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("attributes.size", GT, "large"), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("attributes.size", IN, [1, "a"]), "INVALID_SEGMENT_RULE", "conditions[0].value"),
        (rule("opted_in", EQ, True), "INVALID_SEGMENT_RULE", "conditions[0].channel"),
        (
            pb.SegmentRule(operator=1, behaviours=[pb.SegmentBehaviour(activity=7, within_days=9, reference="x")]),
            "INVALID_SEGMENT_RULE",
            "behaviours[0].reference",
        ),
        (
            pb.SegmentRule(operator=1, splits=[pb.SegmentSplit(salt="s", first_bucket=9, end_bucket=9)]),
            "INVALID_SEGMENT_RULE",
            "splits[0].end_bucket",
        ),
        (
            pb.SegmentRule(operator=1, groups=[pb.SegmentRule(operator=2, groups=[rule("x", EQ, 1)])]),
            "UNKNOWN_SEGMENT_FIELD",
            "groups[0].groups[0].conditions[0].field",
        ),
        (
            pb.SegmentRule(operator=1, groups=[rule("name", EQ, "A"), pb.SegmentRule(operator=2)]),
            "INVALID_SEGMENT_RULE",
            "groups[1]",
        ),
        (
            pb.SegmentRule(operator=2, groups=[rule("visit_count", EQ, n) for n in range(50)], conditions=rule("name", EQ, "A").conditions),
            "INVALID_SEGMENT_RULE",
            "",
        ),
        (pb.SegmentRule(operator=2), "INVALID_SEGMENT_RULE", ""),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_with_its_place_in_the_tree(
    wanted: pb.SegmentRule, reason: str, place: str
) -> None:
    with pytest.raises(ServiceError) as found:
        rule_from_proto(wanted, "segment.rule")
    assert found.value.reason == reason
    assert [one.field for one in found.value.violations] == [f"segment.rule.{place}".rstrip(".")]


@pytest.mark.req("CAM-7", "CAM-33", "CAM-34", "CAM-39", "CAM-87", "CAM-111", "CAM-149", "SEC-14", "SEC-111")
async def test_a_segment_is_made_with_its_members_listed_and_previewed(campaign: Served) -> None:
    await have(campaign, [*readers(40), person(language_code="de"), person(language_code="en", state=2)])
    stub = campaign.person(SegmentServiceStub)
    english = rule("language", EQ, "en")
    made = (await stub.CreateSegment(segment("Readers", english))).segment
    assert (made.contact_count, made.is_dynamic, made.is_active) == (40, True, True)
    assert made.refresh_time.seconds > 0
    taken = await refused(stub.CreateSegment(segment("Readers", english)))
    assert taken.reason == "ALREADY_EXISTS"
    unknown = await refused(stub.CreateSegment(segment("Others", rule("shoe_size", EQ, 1))))
    assert (unknown.reason, unknown.violations[0].field) == (
        "UNKNOWN_SEGMENT_FIELD",
        "segment.rule.conditions[0].field",
    )
    found = await stub.ListSegments(pb.ListSegmentsRequest(kind=pb.Segment.KIND_CUSTOM, text="read"))
    assert [one.name for one in found.segments] == ["Readers"]
    everything = await stub.ListSegments(pb.ListSegmentsRequest(page_size=5))
    rest = await stub.ListSegments(pb.ListSegmentsRequest(page_size=5, page_token=everything.next_page_token))
    assert len(everything.segments) + len(rest.segments) == 8
    assert (await stub.GetSegment(pb.GetSegmentRequest(segment_id=made.segment_id))).segment == made
    seen = await stub.PreviewSegment(pb.PreviewSegmentRequest(rule=english, sample_size=3))
    assert (seen.contact_count, len(seen.sample)) == (40, 3)
    assert [(one.eligible_count, one.asked_count) for one in seen.eligibility] == [(0, 40)] * 3
    front = campaign.person(SegmentServiceStub, "receptionist")
    denied = await refused(front.CreateSegment(segment("Mine", english)))
    assert denied.reason == "PERMISSION_DENIED"


@pytest.mark.req("CAM-85")
async def test_the_older_form_of_a_filter_means_a_rule(campaign: Served) -> None:
    stub = campaign.person(SegmentServiceStub)
    older = pb.SegmentFilter(customer_type="vip", event_attendance="ev-1")
    older.last_purchase.days = 30
    made = await stub.CreateSegment(
        pb.CreateSegmentRequest(segment=pb.Segment(name="Long ago"), filter=older)
    )
    conditions = [(one.field, one.operator) for one in made.segment.rule.conditions]
    assert conditions == [("last_purchase_days", GT), ("customer_type", EQ), ("attended_event", CONTAINS)]
    older.last_purchase.operator = "within"
    seen = await stub.CreateSegment(pb.CreateSegmentRequest(segment=pb.Segment(name="Lately"), filter=older))
    assert seen.segment.rule.conditions[0].operator == pb.CONDITION_OPERATOR_LTE
    empty = await refused(stub.PreviewSegment(pb.PreviewSegmentRequest(filter=pb.SegmentFilter())))
    assert (empty.reason, empty.violations[0].field) == ("INVALID_SEGMENT_RULE", "filter")
    both = await refused(
        stub.PreviewSegment(pb.PreviewSegmentRequest(filter=older, rule=rule("visit_count", EQ, 1)))
    )
    assert both.violations[0].field == "filter"


@pytest.mark.req("CAM-86", "CAM-117", "CAM-35")
async def test_system_segments_are_only_switched_on_and_off(campaign: Served) -> None:
    await have(campaign, readers(3))
    stub = campaign.person(SegmentServiceStub)
    found = await stub.ListSegments(pb.ListSegmentsRequest(kind=pb.Segment.KIND_SYSTEM))
    assert len(found.segments) == 7
    new = next(one for one in found.segments if one.name == "New Customers")
    deleted = await refused(stub.DeleteSegment(pb.DeleteSegmentRequest(segment_id=new.segment_id)))
    assert deleted.reason == "SYSTEM_OBJECT_READ_ONLY"
    new.name, new.is_active = "Newcomers", False
    renamed = await refused(stub.UpdateSegment(changing(new, "name", "is_active")))
    assert renamed.reason == "SYSTEM_OBJECT_READ_ONLY"
    off = (await stub.UpdateSegment(changing(new, "is_active"))).segment
    assert (off.is_active, off.name) == (False, "New Customers")
    inactive = await stub.ListSegments(pb.ListSegmentsRequest(is_active=False))
    assert [one.name for one in inactive.segments] == ["New Customers"]
    off.is_active = True
    assert (await stub.UpdateSegment(changing(off, "is_active"))).segment.contact_count == 1


def changing(changed: pb.Segment, *paths: str) -> pb.UpdateSegmentRequest:
    return pb.UpdateSegmentRequest(segment=changed, update_mask=FieldMask(paths=paths))


@pytest.mark.req("CAM-35", "CAM-36", "SEC-113")
async def test_a_segment_is_changed_by_who_read_it_last_and_deleted_when_nothing_uses_it(
    campaign: Served,
) -> None:
    await have(campaign, readers(5))
    stub = campaign.person(SegmentServiceStub)
    made = (await stub.CreateSegment(segment("Readers", rule("language", EQ, "en")))).segment
    made.rule.CopyFrom(rule("visit_count", GT, 1))
    changed = (await stub.UpdateSegment(changing(made, "rule"))).segment
    assert changed.contact_count == 3
    stale = await refused(stub.UpdateSegment(changing(made, "rule")))
    assert stale.reason == "VERSION_CONFLICT"
    unknown = await refused(stub.UpdateSegment(changing(changed, "kind")))
    assert unknown.reason == "VALIDATION_FAILED"

    async def used(*_: object) -> bool:
        return True

    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        with pytest.raises(ServiceError) as found:
            await handlers.delete(uow, UUID(made.segment_id), [used])
    assert found.value.reason == "SEGMENT_IN_USE"
    await stub.DeleteSegment(pb.DeleteSegmentRequest(segment_id=made.segment_id))
    gone = await refused(stub.GetSegment(pb.GetSegmentRequest(segment_id=made.segment_id)))
    assert gone.reason == "NOT_FOUND"
    database = campaign.service.database
    async with database.system() as uow:
        await wiring.keep(uow, database.clock.now(), 500)
    async with database.tenant(campaign.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM segment_member") == 0


@pytest.mark.req("CAM-8", "CAM-40", "CAM-137", "CAM-38")
async def test_a_static_segment_is_a_list_that_only_its_callers_change(campaign: Served) -> None:
    people = readers(6)
    await have(campaign, people)
    stub = campaign.person(SegmentServiceStub)
    made = (await stub.CreateSegment(segment("First", rule("visit_count", GT, 2), is_dynamic=False))).segment
    assert (made.contact_count, made.is_dynamic) == (3, False)
    # Who would fulfil the rule now is not asked again.
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await uow.execute("UPDATE contact SET visit_count = 9")
    again = await stub.RefreshSegment(pb.RefreshSegmentRequest(segment_id=made.segment_id))
    assert (again.segment.contact_count, again.added_count) == (3, 0)
    ids = [str(one.contact_id) for one in people]
    stranger = str(uuid4())
    adding = pb.AddSegmentMembersRequest(
        segment_id=made.segment_id, contact_ids=[ids[0], ids[5], stranger], idempotency_key="k"
    )
    added = await stub.AddSegmentMembers(adding)
    assert (added.added_count, added.unchanged_count, list(added.unknown_contact_ids)) == (1, 1, [stranger])
    assert added.segment.contact_count == 4
    assert (await stub.AddSegmentMembers(adding)).deduplicated
    removed = await stub.RemoveSegmentMembers(
        pb.RemoveSegmentMembersRequest(segment_id=made.segment_id, contact_ids=[ids[5], ids[1]])
    )
    assert (removed.removed_count, removed.unchanged_count, removed.segment.contact_count) == (1, 1, 3)
    rebuilt = await stub.RefreshSegment(pb.RefreshSegmentRequest(segment_id=made.segment_id, rebuild=True))
    assert (rebuilt.segment.contact_count, rebuilt.added_count, rebuilt.removed_count) == (6, 3, 0)
    plain = (await stub.CreateSegment(segment("By hand", is_dynamic=False))).segment
    assert (plain.contact_count, plain.HasField("rule")) == (0, False)
    hopeless = await refused(
        stub.RefreshSegment(pb.RefreshSegmentRequest(segment_id=plain.segment_id, rebuild=True))
    )
    assert hopeless.reason == "INVALID_SEGMENT_RULE"
    dynamic = (await stub.CreateSegment(segment("By rule", rule("visit_count", GT, 2)))).segment
    closed = await refused(
        stub.AddSegmentMembers(
            pb.AddSegmentMembersRequest(segment_id=dynamic.segment_id, contact_ids=ids[:1])
        )
    )
    assert closed.violations[0].field == "segment_id"
    ruleless = await refused(stub.CreateSegment(segment("Everybody")))
    assert ruleless.reason == "INVALID_SEGMENT_RULE"


@pytest.mark.req("CAM-37", "CAM-136")
async def test_contacts_of_a_segment_come_in_pages_masked_and_within_the_branches_of_the_caller(
    campaign: Served,
) -> None:
    here = readers(
        5, branch_id=str(BRANCHES[0]), email="anna@example.com", email_canonical="anna@example.com"
    )
    there = readers(
        5, branch_id=str(BRANCHES[1]), email="bert@example.com", email_canonical="bert@example.com"
    )
    await have(campaign, [*here, *there])
    stub = campaign.person(SegmentServiceStub)
    either = pb.SegmentRule(operator=pb.SEGMENT_OPERATOR_OR)
    for wanted in (rule("language", EQ, "en"), rule("visit_count", GT, -1)):
        either.conditions.extend(wanted.conditions)
    made = (await stub.CreateSegment(segment("Here", either, branch_ids=[str(BRANCHES[0])]))).segment
    assert made.contact_count == 5
    pages, token = [], ""
    while True:
        page = await stub.ListSegmentContacts(
            pb.ListSegmentContactsRequest(segment_id=made.segment_id, page_size=2, page_token=token)
        )
        pages.append([one.contact_id for one in page.contacts])
        token = page.next_page_token
        if not token:
            break
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == sorted(str(one.contact_id) for one in here)
    assert page.contacts[0].email == "anna@example.com"
    everybody = (await stub.CreateSegment(segment("All", either))).segment
    token_of = issue_person(
        campaign.settings, campaign.tenant_id, "bea", ["branch_manager"], [str(BRANCHES[1])]
    )
    manager = campaign._stub(SegmentServiceStub, token_of, None)
    found = await manager.ListSegmentContacts(pb.ListSegmentContactsRequest(segment_id=everybody.segment_id))
    assert {one.contact_id for one in found.contacts} == {str(one.contact_id) for one in there}
    seen = await manager.PreviewSegment(pb.PreviewSegmentRequest(rule=either))
    assert seen.contact_count == 5


@pytest.mark.req("CAM-41")
async def test_membership_of_one_contact_is_told_for_many_segments_at_once(campaign: Served) -> None:
    people = readers(3)
    await have(campaign, people)
    stub = campaign.person(SegmentServiceStub)
    yes = (await stub.CreateSegment(segment("Yes", rule("visit_count", EQ, 2)))).segment
    no = (await stub.CreateSegment(segment("No", rule("visit_count", EQ, 1)))).segment
    listed = (await stub.CreateSegment(segment("List", is_dynamic=False))).segment
    asked = str(people[2].contact_id)
    await stub.AddSegmentMembers(
        pb.AddSegmentMembersRequest(segment_id=listed.segment_id, contact_ids=[asked])
    )
    ids = [yes.segment_id, no.segment_id, listed.segment_id]
    found = await stub.CheckSegmentMembership(
        pb.CheckSegmentMembershipRequest(contact_id=asked, segment_ids=ids)
    )
    assert dict(found.is_member) == dict(zip(ids, (True, False, True), strict=True))
    for contact, segments in ((str(uuid4()), ids), (asked, [str(uuid4())])):
        unknown = await refused(
            stub.CheckSegmentMembership(
                pb.CheckSegmentMembershipRequest(contact_id=contact, segment_ids=segments)
            )
        )
        assert unknown.reason == "NOT_FOUND"


@pytest.mark.req("CAM-39")
async def test_an_explanation_tells_sql_indexes_and_times_and_nothing_of_people(campaign: Served) -> None:
    secret = "anna.secret@example.com"
    await have(campaign, [*readers(400), person(email_canonical=secret)])
    stub = campaign.person(SegmentServiceStub)
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await uow.execute("SELECT set_config('enable_seqscan', 'off', false)")
    told = await stub.ExplainSegment(pb.ExplainSegmentRequest(rule=rule("email", EQ, secret)))
    assert (told.contact_count, told.is_cut_short) == (1, False)
    assert told.sql.startswith("SELECT count(*) FROM contact c WHERE c.tenant_id = :a_tenant AND c.state = 1")
    assert told.steps[0].node == "Aggregate"
    assert told.indexes
    assert told.execution_milliseconds > 0
    assert "secret" not in str(told)
    made = (await stub.CreateSegment(segment("Mine", rule("email", EQ, secret)))).segment
    saved = await stub.ExplainSegment(pb.ExplainSegmentRequest(segment_id=made.segment_id))
    assert saved.contact_count == 1
    neither = await refused(stub.ExplainSegment(pb.ExplainSegmentRequest()))
    assert neither.violations[0].field == "rule"


@pytest.mark.req("CAM-39")
async def test_an_explanation_that_would_take_too_long_tells_what_was_meant(campaign: Served) -> None:
    await have(campaign, readers(3))
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        found = await of_rule(uow, None, [])
        slow = replace(found, where=f"{found.where} AND pg_sleep(10) IS NOT NULL")
        told = await explain(uow, slow, patience="1ms")
        assert await uow.fetch_value("SELECT 1") == 1
    assert (told.count, told.execution) == (None, None)
    assert told.steps[0].node == "Aggregate"
    assert told.steps[0].rows is None
