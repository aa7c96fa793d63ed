"""Between follow-ups and the contract."""

from datetime import date, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import followup_service_pb2 as pb
from services.campaign.followups.domain import Followup
from services.campaign.followups.store import Absent
from services.common.errors import invalid
from services.common.zones import local_time

MASKABLE: Final = ("reminder_date", "reminder_time_of_day", "note", "state")


def followup_to_proto(one: Followup) -> pb.Followup:
    """Returns a follow-up as the contract shows it."""
    return pb.Followup(
        followup_id=str(one.followup_id),
        staff_id=one.staff_id,
        contact_id=str(one.contact_id),
        reminder_date=one.reminder_date.isoformat(),
        reminder_time_of_day=one.reminder_time or "",
        due_time=_time(one.due_at),
        note=one.note,
        state=f"STATE_{one.state.name}",
        complete_time=_time(one.completed_at),
        notify_time=_time(one.notified_at),
        created_by=one.created_by,
        create_time=_time(one.created_at),
        etag=str(one.version),
    )


def absent_to_proto(one: Absent, now: datetime) -> pb.InactiveContact:
    """Returns a contact that did not visit for some time as the contract shows it."""
    return pb.InactiveContact(
        contact_id=str(one.contact_id),
        name=one.name or "",
        branch_id=str(one.branch_id or ""),
        last_visit_time=_time(one.last_visit_at),
        last_visit_days=(now - one.last_visit_at).days,
    )


def day(field: str, text: str) -> date:
    """Returns a day; invalid for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(field, "must be a day as YYYY-MM-DD") from None


def moment(field: str, text: str) -> str | None:
    """Returns a time of day as it is kept, None for the usual one; invalid for anything else."""
    try:
        return local_time(text).isoformat("minutes") if text else None
    except ValueError as error:
        raise invalid(field, str(error)) from None


def _time(value: datetime | None) -> Timestamp | None:
    if value is None:
        return None
    made = Timestamp()
    made.FromDatetime(value)
    return made
