"""Follow-ups: whose they are, when they are due, and that staff is reminded once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import given
from hypothesis import strategies as st

from angarium.campaign.v1 import campaign_events_pb2, contact_service_pb2
from angarium.campaign.v1 import followup_service_pb2 as pb
from angarium.campaign.v1 import settings_service_pb2 as settings_pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.followup_service_pb2_grpc import FollowupServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from services.campaign.followups.domain import Followup, FollowupState, at_another_time, moved
from services.campaign.notices.domain import Notice
from services.campaign.notices.notices import Notices
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from tests.campaign.conftest import create_tenant
from tests.campaign.followups.given import (
    TOMORROW,
    branch,
    changed,
    contact,
    listed,
    made,
    now,
    remind,
    signed_in,
    staff,
)
from tests.campaign.referrals.given import notices, told
from tests.campaign.tenants.test_tenants import update
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

STATE = pb.Followup
DUE = campaign_events_pb2.FollowupDue


async def reason_of(call: Any) -> str:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value.reason


async def due(shop: Served, id: str, ago: timedelta) -> None:
    """Lets a follow-up be due some time ago."""
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE staff_followup SET due_at = %s WHERE tenant_id = %s AND followup_id = %s",
            (now(shop) - ago, uow.tenant_id, UUID(id)),
        )


@pytest.mark.req("LIF-14", "LIF-40", "LIF-85")
async def test_a_follow_up_is_made_for_a_day_and_due_at_nine_in_the_zone_of_the_branch(shop: Served) -> None:
    await staff(shop, "mia")
    lisbon = await branch(shop, time_zone="Europe/Lisbon")
    ben, eve = await contact(shop), await contact(shop, branch_id=lisbon)
    one = await made(shop, ben, note="Call about the gift")
    assert (one.staff_id, one.contact_id, one.note) == ("mia", ben, "Call about the gift")
    assert (one.state, one.created_by, one.reminder_time_of_day) == (STATE.STATE_PENDING, "mia", "")
    assert one.due_time.ToDatetime(UTC) == datetime(2026, 11, 22, 8, tzinfo=UTC)  # 09:00 in Berlin
    other = await made(shop, eve)
    assert other.due_time.ToDatetime(UTC) == datetime(2026, 11, 22, 9, tzinfo=UTC)
    at_four = await made(shop, ben, reminder_time_of_day="16:05")
    assert at_four.due_time.ToDatetime(UTC) == datetime(2026, 11, 22, 15, 5, tzinfo=UTC)


@pytest.mark.req("LIF-14", "GEN-14")
@pytest.mark.parametrize(
    ("day", "moment", "expected"),
    [
        # Berlin goes from 02:00 to 03:00 on 28 March 2027 and from 03:00 back to 02:00 on 31 October 2027.
        ("2027-03-28", "02:30", "2027-03-28T01:00:00"),
        ("2027-03-28", "", "2027-03-28T07:00:00"),
        ("2027-10-31", "02:30", "2027-10-31T00:30:00"),
        ("2027-10-31", "", "2027-10-31T08:00:00"),
    ],
)
async def test_changeovers_neither_lose_nor_double_a_reminder(
    shop: Served, day: str, moment: str, expected: str
) -> None:
    await staff(shop, "mia")
    one = await made(shop, await contact(shop), reminder_date=day, reminder_time_of_day=moment)
    assert one.due_time.ToDatetime().isoformat() == expected


@pytest.mark.req("LIF-14", "GEN-13")
async def test_reminders_keep_their_time_of_day_when_the_tenant_or_the_branch_moves(shop: Served) -> None:
    await staff(shop, "mia")
    lisbon = await branch(shop, time_zone="Europe/Lisbon")
    one = await made(shop, await contact(shop), reminder_time_of_day="16:05")
    other = await made(shop, await contact(shop, branch_id=lisbon))
    done = await made(shop, await contact(shop))
    await changed(shop, done, state=STATE.STATE_COMPLETED)
    await update(shop, default_time_zone="America/New_York")

    async def due(followup: pb.Followup) -> datetime:
        answer = await signed_in(shop).ListFollowups(pb.ListFollowupsRequest())
        [found] = [one for one in answer.followups if one.followup_id == followup.followup_id]
        at: datetime = found.due_time.ToDatetime(UTC)
        return at

    assert await due(one) == datetime(2026, 11, 22, 21, 5, tzinfo=UTC)
    assert await due(other) == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert await due(done) == datetime(2026, 11, 22, 8, tzinfo=UTC)
    owner = shop.person(SettingsServiceStub)
    for zone_name, hour in (("Asia/Tokyo", 0), ("", 14)):
        read = await owner.GetBranchSettings(settings_pb.GetBranchSettingsRequest(branch_id=lisbon))
        wanted = settings_pb.BranchSettings(branch_id=lisbon, etag=read.branch.etag, time_zone=zone_name)
        await owner.UpdateBranchSettings(
            settings_pb.UpdateBranchSettingsRequest(branch=wanted, update_mask=FieldMask(paths=["time_zone"]))
        )
        assert await due(other) == datetime(2026, 11, 22, hour, tzinfo=UTC)


@pytest.mark.req("LIF-85")
async def test_what_cannot_be_a_follow_up_is_refused(shop: Served) -> None:
    await staff(shop, "mia")
    ben = await contact(shop)
    assert await reason_of(made(shop, ben, reminder_date="2026-11-20")) == "VALIDATION_FAILED"
    assert await reason_of(made(shop, ben, reminder_date="tomorrow")) == "VALIDATION_FAILED"
    assert await reason_of(made(shop, ben, reminder_time_of_day="9 o'clock")) == "VALIDATION_FAILED"
    assert await reason_of(made(shop, ben, note="x" * 2001)) == "VALIDATION_FAILED"
    assert await reason_of(made(shop, "")) == "VALIDATION_FAILED"
    assert await reason_of(made(shop, str(uuid4()))) == "NOT_FOUND"
    nobody = signed_in(shop, "nobody")
    assert await reason_of(made(shop, ben, nobody)) == "NOT_FOUND"
    # Today is not the past, though nine o'clock is.
    assert (await made(shop, ben, reminder_date="2026-11-21")).state == STATE.STATE_PENDING


@pytest.mark.req("LIF-40", "LIF-85", "SEC-30", "SEC-6")
async def test_staff_sees_its_own_and_managers_those_of_their_branches(shop: Served) -> None:
    north, south = await branch(shop), await branch(shop)
    await staff(shop, "mia", north)
    await staff(shop, "noah", south)
    here, there = await contact(shop, branch_id=north), await contact(shop, branch_id=south)
    mia = signed_in(shop, "mia", "receptionist", north)
    mine = await made(shop, here, mia, note="mine")
    # A contact outside the staff member's branches is none.
    assert await reason_of(made(shop, there, mia)) == "NOT_FOUND"
    noah = signed_in(shop, "noah", "receptionist", south)
    assert await listed(noah) == []
    assert await reason_of(listed(noah, staff_id="mia")) == "PERMISSION_DENIED"
    assert await reason_of(made(shop, there, noah, staff_id="mia")) == "PERMISSION_DENIED"
    assert await reason_of(changed(shop, mine, noah, note="x")) == "NOT_FOUND"
    boss = signed_in(shop, "bea", "branch_manager", north)
    assert await listed(boss, staff_id="mia") == ["mine"]
    assert (await changed(shop, mine, boss, note="theirs")).note == "theirs"
    other = signed_in(shop, "bob", "branch_manager", south)
    assert await listed(other, staff_id="mia") == []
    delete = pb.DeleteFollowupRequest(followup_id=mine.followup_id)
    assert await reason_of(other.DeleteFollowup(delete)) == "NOT_FOUND"
    assert await reason_of(made(shop, there, other, staff_id="mia")) == "NOT_FOUND"
    given = await made(shop, there, other, staff_id="noah", note="by his boss")
    assert (given.staff_id, given.created_by) == ("noah", "bob")
    elsewhere = shop.person(FollowupServiceStub, tenant_id=uuid4(), subject="mia")
    assert await reason_of(elsewhere.DeleteFollowup(delete)) == "NOT_FOUND"


@pytest.mark.req("LIF-40", "LIF-84")
async def test_a_follow_up_is_completed_dismissed_and_opened_again(shop: Served) -> None:
    await staff(shop, "mia")
    one = await made(shop, await contact(shop))
    done = await changed(shop, one, state=STATE.STATE_COMPLETED)
    assert (done.state, done.complete_time.ToDatetime(UTC), done.etag) == (
        STATE.STATE_COMPLETED,
        now(shop),
        "2",
    )
    assert await reason_of(changed(shop, one, note="stale")) == "VERSION_CONFLICT"
    again = await changed(shop, done, state=STATE.STATE_PENDING, note="Once more")
    assert (again.state, again.HasField("complete_time"), again.note) == (
        STATE.STATE_PENDING,
        False,
        "Once more",
    )
    off = await changed(shop, again, state=STATE.STATE_DISMISSED)
    assert off.state == STATE.STATE_DISMISSED
    assert await reason_of(changed(shop, off, reminder_date="2026-01-01")) == "VALIDATION_FAILED"
    assert await reason_of(changed(shop, off, staff_id="noah")) == "VALIDATION_FAILED"


@pytest.mark.req("LIF-40")
async def test_a_list_goes_by_due_time_and_is_filtered_by_state_days_and_contact(shop: Served) -> None:
    await staff(shop, "mia")
    ben, eve = await contact(shop), await contact(shop)
    late = await made(shop, ben, reminder_date="2026-12-24", note="late")
    await made(shop, ben, note="noon", reminder_time_of_day="12:00")
    await made(shop, eve, note="nine")
    mia = signed_in(shop)
    assert await listed(mia) == ["nine", "noon", "late"]
    assert await listed(mia, contact_id=eve) == ["nine"]
    assert await listed(mia, from_date="2026-11-23") == ["late"]
    assert await listed(mia, to_date=TOMORROW) == ["nine", "noon"]
    await changed(shop, late, state=STATE.STATE_COMPLETED)
    assert await listed(mia, state=STATE.STATE_COMPLETED) == ["late"]
    page = await mia.ListFollowups(pb.ListFollowupsRequest(page_size=2))
    rest = pb.ListFollowupsRequest(page_size=2, page_token=page.next_page_token)
    assert [one.note for one in (await mia.ListFollowups(rest)).followups] == ["late"]
    assert await reason_of(listed(mia, from_date="soon")) == "VALIDATION_FAILED"


@pytest.mark.req("LIF-84", "LIF-119", "JOB-21", "EVT-118")
async def test_staff_is_reminded_once_in_the_app_and_on_their_devices(shop: Served) -> None:
    await staff(shop, "mia")
    one = await made(shop, await contact(shop, name="Ben"), note="Call")
    await remind(shop)
    assert await notices(shop) == []
    await due(shop, one.followup_id, timedelta(hours=23, minutes=59))
    counts = [await remind(shop) for _ in range(2)]
    assert [one.done for one in counts] == [1, 0]
    assert await notices(shop) == [("follow_up", "staff-followup", None, "mia", "waiting")]
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        row = await uow.fetch_one(
            "SELECT channels, mode, category FROM notice WHERE tenant_id = %s", (uow.tenant_id,)
        )
    assert row == ([5, 4], 1, 35)  # in the app and push, all of them, an alert to staff
    [event] = await told(shop, "followup.due", DUE)
    assert (event.followup_id, event.staff_id, event.contact_id) == (
        one.followup_id,
        "mia",
        one.contact_id,
    )
    assert "Ben" not in str(event)


@pytest.mark.req("JOB-4", "JOB-42")
async def test_trouble_with_one_tenant_keeps_no_other_from_being_reminded(
    shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of what other tenants of this service had to be told.
    await remind(shop)
    other = dataclasses.replace(shop, tenant_id=uuid4())
    await create_tenant(other)
    for tenant in (shop, other):
        await staff(tenant, "mia")
        one = await made(tenant, await contact(tenant))
        await due(tenant, one.followup_id, timedelta(minutes=1))
    add = Notices.add

    async def troubled(self: Notices, uow: UnitOfWork, given: Sequence[Notice]) -> int:
        if uow.tenant_id == shop.tenant_id:
            raise RuntimeError("trouble")
        return await add(self, uow, given)

    with monkeypatch.context() as trouble:
        trouble.setattr(Notices, "add", troubled)
        counts = await remind(shop)
    assert (counts.seen, counts.done, counts.failed) == (2, 1, 1)
    assert (len(await notices(shop)), len(await notices(other))) == (0, 1)
    # It is told once the trouble is over.
    assert (await remind(shop)).done == 1
    assert len(await notices(shop)) == 1


@pytest.mark.req("LIF-84", "JOB-21")
async def test_nobody_is_reminded_of_what_is_done_stale_or_about_somebody_erased(shop: Served) -> None:
    await staff(shop, "mia")
    ben, gone = await contact(shop), await contact(shop)
    done, off, stale, erased, deleted = [
        await made(shop, gone if place == 3 else ben, note=str(place)) for place in range(5)
    ]
    await changed(shop, done, state=STATE.STATE_COMPLETED)
    await changed(shop, off, state=STATE.STATE_DISMISSED)
    for one in (done, off, erased, deleted):
        await due(shop, one.followup_id, timedelta(minutes=1))
    await due(shop, stale.followup_id, timedelta(hours=24))
    await signed_in(shop).DeleteFollowup(pb.DeleteFollowupRequest(followup_id=deleted.followup_id))
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE contact SET state = 3, erased_at = now(), external_id = NULL WHERE tenant_id = %s"
            " AND contact_id = %s",
            (uow.tenant_id, UUID(gone)),
        )
    await remind(shop)
    assert await notices(shop) == []
    assert await told(shop, "followup.due", DUE) == []


@pytest.mark.req("LIF-84")
async def test_what_is_completed_before_it_was_told_is_told_no_more_and_another_time_reminds_again(
    shop: Served,
) -> None:
    await staff(shop, "mia")
    one = await made(shop, await contact(shop))
    await due(shop, one.followup_id, timedelta(minutes=1))
    await remind(shop)
    done = await changed(shop, one, state=STATE.STATE_COMPLETED)
    assert [row[4] for row in await notices(shop)] == ["cancelled"]
    again = await changed(shop, done, state=STATE.STATE_PENDING)
    await remind(shop)
    assert len(await notices(shop)) == 1
    later = await changed(shop, again, reminder_date="2026-11-25")
    assert not later.HasField("notify_time")
    await due(shop, one.followup_id, timedelta(minutes=2))
    await remind(shop)
    assert [row[4] for row in await notices(shop)] == ["cancelled", "waiting"]


@pytest.mark.req("LIF-41", "SEC-30")
async def test_contacts_who_did_not_visit_for_long_are_listed_for_whoever_looks_after_them(
    shop: Served,
) -> None:
    north, south = await branch(shop), await branch(shop)
    days = {"Ada": 40, "Ben": 30, "Cleo": 29, "Dora": 90, "Emil": None, "Fritz": 60}
    for name, ago in days.items():
        made_ = await contact(
            shop,
            name=name,
            assigned_staff_id="noah" if name == "Fritz" else "mia",
            branch_id=south if name == "Dora" else north,
        )
        if ago is not None:
            async with shop.service.database.tenant(shop.tenant_id) as uow:
                await uow.execute(
                    "UPDATE contact SET last_visit_at = %s WHERE tenant_id = %s AND contact_id = %s",
                    (now(shop) - timedelta(days=ago, hours=1), uow.tenant_id, UUID(made_)),
                )

    async def found(who: Any, **filters: Any) -> list[tuple[str, int]]:
        answer = await who.ListInactiveContacts(pb.ListInactiveContactsRequest(**filters))
        return [(one.name, one.last_visit_days) for one in answer.contacts]

    mia = signed_in(shop)
    assert await found(mia) == [("Dora", 90), ("Ada", 40), ("Ben", 30)]
    assert await found(mia, days=50) == [("Dora", 90)]
    page = await mia.ListInactiveContacts(pb.ListInactiveContactsRequest(page_size=2))
    rest = await found(mia, page_size=2, page_token=page.next_page_token)
    assert rest == [("Ben", 30)]
    assert await found(signed_in(shop, "mia", "receptionist", north)) == [("Ada", 40), ("Ben", 30)]
    assert await reason_of(found(mia, staff_id="noah")) == "PERMISSION_DENIED"
    assert await found(signed_in(shop, "bea", "branch_manager"), staff_id="noah") == [("Fritz", 60)]


@pytest.mark.req("LIF-14", "CAM-79")
async def test_follow_ups_move_with_a_merged_contact(shop: Served) -> None:
    await staff(shop, "mia")
    kept, merged = await contact(shop), await contact(shop)
    await made(shop, merged, note="moves")
    request = contact_service_pb2.MergeContactsRequest(keep_contact_id=kept, merge_contact_id=merged)
    await shop.person(ContactServiceStub).MergeContacts(request)
    assert await listed(signed_in(shop), contact_id=kept) == ["moves"]


@pytest.mark.req("LIF-84")
@given(st.lists(st.sampled_from(FollowupState), max_size=8))
async def test_only_what_is_completed_has_been_completed(states: list[FollowupState]) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    one = Followup(uuid4(), "mia", uuid4(), at.date(), None, at, "", "mia", at, notified_at=at)
    for state in states:
        one = moved(one, state, at)
        assert (one.completed_at is not None) == (one.state is FollowupState.COMPLETED)
    assert at_another_time(one, at.date(), None, at).notified_at == at
    assert at_another_time(one, at.date(), "10:00", at + timedelta(hours=1)).notified_at is None
