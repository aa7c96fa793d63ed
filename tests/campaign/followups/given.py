"""Follow-ups as tests begin with: staff, branches and contacts, and who calls."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import contact_pb2, contact_service_pb2, settings_service_pb2
from angarium.campaign.v1 import followup_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.followup_service_pb2_grpc import FollowupServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from services.campaign.followups import wiring
from services.common.jobs import JobCounts, JobRunner
from services.common.security.jwt import issue_person
from tests.campaign.coupons.given import contact
from tests.house import Served

TOMORROW = "2026-11-22"


def now(shop: Served) -> datetime:
    return shop.service.database.clock.now()


def signed_in(shop: Served, staff_id: str = "mia", role: str = "receptionist", *branches: str) -> Any:
    """The stub of somebody who works here."""
    token = issue_person(shop.settings, shop.tenant_id, staff_id, [role], list(branches))
    return shop._stub(FollowupServiceStub, token, None)


async def staff(shop: Served, staff_id: str, *branches: str, **fields: Any) -> str:
    member = contact_pb2.StaffMember(
        staff_id=staff_id, name=staff_id.title(), roles=["receptionist"], branch_ids=branches, **fields
    )
    request = contact_service_pb2.UpsertStaffMemberRequest(staff_member=member)
    await shop.person(ContactServiceStub).UpsertStaffMember(request)
    return staff_id


async def branch(shop: Served, **fields: Any) -> str:
    made = settings_service_pb2.BranchSettings(branch_id=str(uuid4()), name="Harbour Row", **fields)
    request = settings_service_pb2.CreateBranchRequest(branch=made)
    return str((await shop.person(SettingsServiceStub).CreateBranch(request)).branch.branch_id)


async def made(shop: Served, contact_id: str, who: Any = None, **fields: Any) -> pb.Followup:
    """A follow-up of Mia's about a contact, for tomorrow unless told."""
    wanted = pb.Followup(**{"contact_id": contact_id, "reminder_date": TOMORROW, **fields})
    answer = await (who or signed_in(shop)).CreateFollowup(pb.CreateFollowupRequest(followup=wanted))
    found: pb.Followup = answer.followup
    return found


async def changed(shop: Served, known: pb.Followup, who: Any = None, **fields: Any) -> pb.Followup:
    wanted = pb.Followup(followup_id=known.followup_id, etag=known.etag, **fields)
    request = pb.UpdateFollowupRequest(followup=wanted, update_mask=FieldMask(paths=fields))
    answer = await (who or signed_in(shop)).UpdateFollowup(request)
    found: pb.Followup = answer.followup
    return found


async def listed(who: Any, **filters: Any) -> list[str]:
    """The notes of the follow-ups that a list shows."""
    answer = await who.ListFollowups(pb.ListFollowupsRequest(**filters))
    return [one.note for one in answer.followups]


async def remind(shop: Served) -> JobCounts:
    """Runs the job once."""
    job = wiring.job(shop.settings)  # type: ignore[arg-type]  # campaign's own settings
    assert job.period == timedelta(minutes=1)
    counts = await JobRunner(shop.service.database, [job], shop.service.database.clock).run_now(job.name)
    assert counts is not None
    return counts


__all__ = ["contact"]
