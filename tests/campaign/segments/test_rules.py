"""A rule as SQL and as plain Python agree, whatever the rule and whoever the contacts."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1 import segment_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from services.campaign.segments import convert, store
from services.campaign.segments.audience import of_rule
from services.campaign.segments.domain import (
    ATTRIBUTES,
    CURRENT,
    FIELDS,
    Condition,
    Field,
    Join,
    Kind,
    Op,
    Rule,
    field_of,
    problems,
)
from services.common.clock import FixedClock
from services.common.errors import ServiceError
from services.common.ids import uuid7
from tests.house import Served

ZONE = ZoneInfo("Europe/Berlin")
BRANCHES = [uuid7() for _ in range(2)]
WORDS = ["alpha", "Beta", "gamma ray", "O'Neil", "100%", "a_b", ""]
COLUMNS = {
    "visit_count": "visit_count",
    "purchase_count": "purchase_count",
    "loyalty_points": "loyalty_points",
    "total_spend": "total_spend_minor",
    "customer_type": "customer_type",
    "source": "source",
    "language": "language_code",
    "name": "name",
    "email": "email",
    "phone": "phone",
}
SINCE = {
    "last_visit_days": "last_visit_time",
    "first_visit_days": "first_visit_time",
    "last_purchase_days": "last_purchase_time",
    "last_activity_days": "last_activity_time",
}


@dataclass(frozen=True)
class Person:
    """A contact as a plain mapping; the reference evaluator knows nothing of SQL."""

    external_id: str
    facts: Mapping[str, Any]


def value_of(person: Person, name: str, now: datetime) -> Any:
    facts = person.facts
    today = now.astimezone(ZONE).date()
    if name.startswith(ATTRIBUTES):
        return facts["attributes"].get(name.removeprefix(ATTRIBUTES))
    if name in SINCE:
        at = facts.get(SINCE[name])
        return None if at is None else (today - at.astimezone(ZONE).date()).days
    if name == "membership_expires_in_days":
        at = facts.get("membership_expire_time")
        return None if at is None else (at.astimezone(ZONE).date() - today).days
    if name == "membership_status":
        return facts.get("membership_status") or "none"
    if name == "has_active_membership":
        expires = facts.get("membership_expire_time")
        return facts.get("membership_status") == "active" and (expires is None or expires > datetime.now(UTC))
    if name in ("birthday_month", "anniversary_month"):
        text = facts.get("birth_date" if name == "birthday_month" else "anniversary_date")
        return int(text[-5:-3]) if text else None
    if name == "tags":
        return facts["tags"]
    if name == "branch_id":
        return facts.get("branch_id") or None
    if name == "engagement_score":
        return None
    found = facts.get(COLUMNS[name])
    return None if found == "" else found


def holds(rule: Rule, person: Person, now: datetime) -> bool:
    answers = [meets(one, person, now) for one in rule.conditions]
    answers += [holds(group, person, now) for group in rule.groups]
    return all(answers) if rule.join is Join.AND else any(answers)


def meets(condition: Condition, person: Person, now: datetime) -> bool:
    value = value_of(person, condition.field, now)
    wanted = condition.value if condition.op is Op.IN else [condition.value]
    entry = field_of(condition.field)
    assert entry is not None
    if entry.kind is Kind.SET:
        return any(one in value for one in wanted)
    if value is None:
        return False
    if entry.kind is Kind.MONTH:
        month = now.astimezone(ZONE).month
        return value in [month if one == CURRENT else one for one in wanted]
    if entry.kind is Kind.ATTRIBUTE and kind_of(value) is not kind_of(wanted[0]):
        return False
    if entry.kind is Kind.FOLDED or condition.op is Op.CONTAINS:
        if condition.op is Op.CONTAINS:
            return wanted[0].lower() in value.lower()
        if entry.kind is Kind.FOLDED:
            return bool(value.lower() == wanted[0].lower())
    return compare(condition.op, value, wanted)


def kind_of(value: Any) -> type:
    return bool if isinstance(value, bool) else float if isinstance(value, (int, float)) else str


def compare(op: Op, value: Any, wanted: list[Any]) -> bool:
    one = wanted[0]
    return bool(
        {
            Op.EQ: lambda: value == one,
            Op.NE: lambda: value != one,
            Op.GT: lambda: value > one,
            Op.GTE: lambda: value >= one,
            Op.LT: lambda: value < one,
            Op.LTE: lambda: value <= one,
            Op.IN: lambda: value in wanted,
        }[op]()
    )


numbers = st.integers(-3, 60)
attributes = st.one_of(
    st.sampled_from(WORDS[:-1]), st.integers(-5, 5), st.booleans(), st.floats(-2, 2, width=16)
)


def values(entry: Field, op: Op) -> st.SearchStrategy[Any]:
    single: st.SearchStrategy[Any]
    if entry.kind in (Kind.NUMBER, Kind.DAYS):
        single = numbers
    elif entry.kind is Kind.FLAG:
        single = st.booleans()
    elif entry.kind is Kind.MONTH:
        single = st.one_of(st.integers(1, 12), st.just(CURRENT))
    elif entry.kind is Kind.UUID:
        single = st.sampled_from([str(branch) for branch in BRANCHES])
    elif entry.kind is Kind.ATTRIBUTE:
        return attribute_values(op)
    else:
        single = st.sampled_from(entry.choices or WORDS[:-1])
    return st.lists(single, min_size=1, max_size=4) if op is Op.IN else single


def attribute_values(op: Op) -> st.SearchStrategy[Any]:
    text = st.sampled_from(WORDS[:-1])
    if op is Op.CONTAINS:
        return text
    number = st.one_of(st.integers(-5, 5), st.floats(-2, 2, width=16))
    if op is Op.IN:
        return st.one_of(*(st.lists(one, min_size=1, max_size=3) for one in (text, number, st.booleans())))
    return st.one_of(text, number, st.booleans()) if op in (Op.EQ, Op.NE) else st.one_of(text, number)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from([*FIELDS, f"{ATTRIBUTES}plan", f"{ATTRIBUTES}age"]))
    entry = field_of(name)
    assert entry is not None
    op = draw(st.sampled_from(sorted(entry.ops)))
    return Condition(name, op, draw(values(entry, op)))


rules = st.recursive(
    st.builds(Rule, st.sampled_from(Join), st.lists(conditions(), min_size=1, max_size=4).map(tuple)),
    lambda inner: st.builds(
        Rule,
        st.sampled_from(Join),
        st.lists(conditions(), max_size=2).map(tuple),
        st.lists(inner, min_size=1, max_size=2).map(tuple),
    ),
    max_leaves=4,
)


def people(now: datetime) -> list[Person]:
    """A fixed, motley crowd: every field known and unknown, every kind of attribute."""
    found = []
    for number in range(60):
        known = number % 3
        facts: dict[str, Any] = {
            "visit_count": number % 4,
            "purchase_count": number % 5,
            "loyalty_points": number,
            "total_spend_minor": number * 7 % 50,
            "customer_type": WORDS[number % 7],
            "source": WORDS[(number + 1) % 7],
            "language_code": ["en", "de", ""][known],
            "name": WORDS[number % 7],
            "email": f"p{number}@example.com" if known else "",
            "phone": f"+49301234{number:03d}" if number % 2 else "",
            "tags": [WORDS[number % 6], "alpha"][: number % 3],
            "attributes": {
                "plan": [WORDS[number % 6], number % 5 - 2, number % 2 == 0, number / 4 - 2][number % 4],
                **({"age": number - 30} if number % 3 else {}),
            },
            "membership_status": ["active", "expired", "cancelled", ""][number % 4],
            "branch_id": str(BRANCHES[known]) if known < 2 else "",
            "birth_date": f"--{number % 12 + 1:02d}-15" if known else "",
            "anniversary_date": f"2001-{number % 12 + 1:02d}-01" if number % 2 else "",
        }
        for offset, name in enumerate((*SINCE.values(), "membership_expire_time")):
            if (number + offset) % 4:
                sign = 1 if name == "membership_expire_time" and number % 2 else -1
                facts[name] = now + sign * timedelta(hours=11 * number + offset)
        found.append(Person(f"p{number}", facts))
    return found


async def import_people(served: Served, crowd: list[Person]) -> None:
    rows = []
    for person in crowd:
        facts = dict(person.facts)
        extra = facts.pop("attributes")
        row = contact_pb2.Contact(external_id=person.external_id, **facts)
        row.attributes.update(extra)
        rows.append(row)

    async def requests() -> AsyncIterator[contact_service_pb2.BatchUpsertContactsRequest]:
        yield contact_service_pb2.BatchUpsertContactsRequest(block_number=1, contacts=rows)

    stub = served.person(ContactServiceStub)
    [response] = [one async for one in stub.BatchUpsertContacts(requests())]
    assert response.created_count == len(crowd), response.errors


@pytest.mark.req("CAM-82", "CAM-83", "CAM-84", "CAM-135", "CAM-136")
async def test_sql_and_the_reference_agree_on_any_rule(campaign: Served, clock: FixedClock) -> None:
    crowd = people(clock.now())
    await import_people(campaign, crowd)
    database = campaign.service.database
    drawn: list[Rule] = []

    @settings(max_examples=250, deadline=None, database=None, derandomize=True)
    @given(rules)
    def draw(rule: Rule) -> None:
        drawn.append(rule)

    draw()
    for rule in drawn:
        assert list(problems(rule)) == []
        async with database.tenant(campaign.tenant_id) as uow:
            found = await of_rule(uow, rule, [])
            rows = await uow.fetch_all(
                f"SELECT c.external_id FROM contact c WHERE {found.where}", found.params, prepare=False
            )
        expected = {person.external_id for person in crowd if holds(rule, person, clock.now())}
        assert {external_id for (external_id,) in rows} == expected, rule
        assert store.rule_from_json(store.rule_to_json(rule)) == rule
        assert convert.rule_from_proto(convert.rule_to_proto(rule), "rule") == rule


def rule_of(field: str, operator: int, value: Any) -> pb.SegmentRule:
    rule = pb.SegmentRule(operator=pb.SEGMENT_OPERATOR_AND)
    condition = rule.conditions.add(field=field, operator=operator)
    if isinstance(value, list):
        condition.value.list_value.SetInParent()
        condition.value.list_value.extend(value)
    elif isinstance(value, str):
        condition.value.string_value = value
    else:
        condition.value.number_value = value
    return rule


@pytest.mark.req("CAM-111", "SEC-111", "SEC-112")
@pytest.mark.parametrize(
    ("rule", "reason", "place"),
    [
        (
            rule_of("shoe_size", pb.CONDITION_OPERATOR_EQ, 4),
            "UNKNOWN_SEGMENT_FIELD",
            "segment.rule.conditions[0].field",
        ),
        (
            rule_of("visit_count", pb.CONDITION_OPERATOR_CONTAINS, 4),
            "INVALID_SEGMENT_RULE",
            "segment.rule.conditions[0].operator",
        ),
        (
            rule_of("visit_count", pb.CONDITION_OPERATOR_EQ, "four"),
            "INVALID_SEGMENT_RULE",
            "segment.rule.conditions[0].value",
        ),
        (
            rule_of("membership_status", pb.CONDITION_OPERATOR_EQ, "gold"),
            "INVALID_SEGMENT_RULE",
            "segment.rule.conditions[0].value",
        ),
        (
            rule_of("language", pb.CONDITION_OPERATOR_IN, []),
            "INVALID_SEGMENT_RULE",
            "segment.rule.conditions[0].value",
        ),
        (pb.SegmentRule(operator=pb.SEGMENT_OPERATOR_OR), "INVALID_SEGMENT_RULE", "segment.rule"),
    ],
)
async def test_a_wrong_rule_is_refused_with_its_place(
    campaign: Served, rule: pb.SegmentRule, reason: str, place: str
) -> None:
    stub = campaign.person(SegmentServiceStub)
    with pytest.raises(ServiceError) as refused:
        await stub.CreateSegment(pb.CreateSegmentRequest(segment=pb.Segment(name="Some", rule=rule)))
    assert refused.value.reason == reason
    assert [violation.field for violation in refused.value.violations] == [place]


@pytest.mark.req("CAM-86")
async def test_a_new_tenant_has_the_system_segments_and_cannot_touch_them(campaign: Served) -> None:
    stub = campaign.person(SegmentServiceStub)
    found = await stub.ListSegments(pb.ListSegmentsRequest(kind=pb.Segment.KIND_SYSTEM))
    assert {segment.name for segment in found.segments} >= {"New Customers", "Birthday This Month"}
    with pytest.raises(ServiceError) as refused:
        await stub.DeleteSegment(pb.DeleteSegmentRequest(segment_id=found.segments[0].segment_id))
    assert refused.value.reason == "SYSTEM_OBJECT_READ_ONLY"


@pytest.mark.req("CAM-34", "CAM-39")
async def test_a_segment_is_counted_when_it_is_made_and_previewed_without_being_kept(
    campaign: Served,
) -> None:
    await import_people(campaign, people(datetime.combine(date(2026, 1, 15), datetime.min.time(), UTC)))
    stub = campaign.person(SegmentServiceStub)
    rule = rule_of("language", pb.CONDITION_OPERATOR_IN, ["en", "de"])
    made = await stub.CreateSegment(pb.CreateSegmentRequest(segment=pb.Segment(name="Readers", rule=rule)))
    assert made.segment.contact_count == 40
    seen = await campaign.person(SegmentServiceStub, "branch_manager").PreviewSegment(
        pb.PreviewSegmentRequest(rule=rule, sample_size=3)
    )
    assert (seen.contact_count, len(seen.sample)) == (40, 3)
    with pytest.raises(ServiceError) as refused:
        await stub.CreateSegment(pb.CreateSegmentRequest(segment=pb.Segment(name="Readers", rule=rule)))
    assert refused.value.reason == "ALREADY_EXISTS"
