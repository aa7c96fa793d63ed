"""Invitations go to people who may be nobody's contacts: few, by links that are theirs alone, and not against their will."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from angarium.campaign.v1 import event_intake_service_pb2 as intake_pb
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from tests.campaign.intake.kit import envelope
from tests.campaign.rules.kit import NOON, Desk, at, person
from tests.campaign.rules.payloads import PAY_URL, group

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def refused(desk: Desk, data: dict[str, Any]) -> list[str]:
    """The fields for which a group is refused."""
    told = envelope(desk.served.tenant_id, "group_payment.created", data=data)
    stub = desk.served.person(EventIntakeServiceStub, "service", subject="orders")
    answer = await stub.IngestEvents(intake_pb.IngestEventsRequest(events_json=orjson.dumps(told)))
    return [one.field for result in answer.results for one in result.violations]


@pytest.mark.req("EVT-63")
@pytest.mark.parametrize(
    ("link", "is_taken"),
    [
        (PAY_URL, True),
        ("https://pay.example/p/eyJhbGciOiJIUzI1NiJ9.eyJnIjoxfQ.c2lnbmF0dXJl1", True),
        ("https://pay.example/p#k=9fQ2vT7xLm4RbZ81cHdY", True),
        ("https://pay.example/groups/7/members/3", False),
        ("https://pay.example/pay/3f2504e0-4f89-41d3-9a0c-0305e82c3301", False),
        ("https://pay.example/pay?t=3f2504e04f8941d39a0c0305e82c3301", True),
        ("https://pay.example/pay/member-00000000000000000001", False),
        ("https://pay.example/pay/mem_9fQ2vT7xLm4RbZ81cHdY", False),
    ],
)
async def test_a_link_that_names_an_id_alone_is_refused(desk: Desk, link: str, is_taken: bool) -> None:
    data = group("g-1")
    data["members"][1] |= {"pay_url": link, "member_id": "mem_9fQ2vT7xLm4RbZ81cHdY"}
    assert await refused(desk, data) == ([] if is_taken else ["data.members[1].pay_url"])


@pytest.mark.req("EVT-63")
async def test_a_group_has_at_most_twenty_members(desk: Desk) -> None:
    member = group("g-1")["members"][0]
    many = [{**member, "member_id": f"m-{n}", "email": f"m{n}@example.com"} for n in range(21)]
    assert await refused(desk, group("g-1", members=many)) == ["data.members"]
    await desk.tell("group_payment.created", group("g-2", members=many[:20]))
    assert len({one.who for one in await desk.notices()}) == 20


@pytest.mark.req("EVT-63")
async def test_an_organiser_invites_to_five_groups_a_day(desk: Desk) -> None:
    one = person("u-busy")
    for n in range(6):
        await desk.tell("group_payment.created", group(f"g-{n}", organizer=one))
    # Told again under another name and id: the same group, counted once.
    await desk.tell("group.invited", group("g-0", organizer=one))
    invited = await desk.notices(rule="group-payment-invitation")
    assert len(invited) == 10
    assert {told.correlation.partition("/")[0] for told in invited} == {f"group:g-{n}" for n in range(5)}
    assert len(await desk.notices(rule="group-payment-reminder-1")) == 10
    await desk.tell("group_payment.created", group("g-7", organizer=person("u-other")))
    assert len(await desk.notices(rule="group-payment-invitation")) == 12
    desk.clock.set(NOON + timedelta(hours=25))
    later = at(timedelta(hours=26))
    await desk.tell("group_payment.created", group("g-8", organizer=one, expires_at=later))
    assert len(await desk.notices(rule="group-payment-invitation")) == 14


@pytest.mark.req("EVT-54", "EVT-87", "EVT-131", "EVT-128")
async def test_a_member_reads_what_is_theirs_and_nothing_of_the_others(desk: Desk) -> None:
    await desk.tell("group_payment.created", group("g-1"))
    first, *_ = await desk.notices(rule="group-payment-reminder-3")
    assert first.variables.pop("stopUrl").startswith("http")
    assert first.variables == {
        "name": "Mo 1",
        "organizerName": "Kim u-g-1",
        "eventName": "Opera",
        "amountDue": {"currency_code": "EUR", "units": 21, "nanos": 0},
        "ticketCount": 1,
        "payUrl": PAY_URL,
        "isFinal": True,
    }
    assert first.countdown == NOON + timedelta(minutes=10)
    early, *_ = await desk.notices(rule="group-payment-reminder-1")
    assert early.variables["isFinal"] is False
