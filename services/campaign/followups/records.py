"""What follow-ups keep of a person, and how it is forgotten."""

from typing import Final

from services.campaign.followups import store
from services.campaign.notices.notices import Notices
from services.common.contact_data.collections import Rows
from services.common.contact_data.person import Erased, Person
from services.common.db.uow import UnitOfWork

NAMED: Final = ("staff_followup",)
TOLD: Final = Rows(
    "followups",
    "SELECT followup_id, staff_id, reminder_date::text, reminder_time, due_at, note, state, completed_at, notified_at,"
    " created_at FROM staff_followup WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s"
    " ORDER BY followup_id",
    {"state": {1: "pending", 2: "completed", 3: "dismissed"}},
)


async def erase(uow: UnitOfWork, person: Person, notices: Notices) -> Erased:
    """Removes what staff noted about a person, and reminders of it that are on their way."""
    for one in await store.told_about(uow, person.contact_id):
        await notices.cancel(uow, one.correlation_key, "contact_erased")
    return Erased("staff_followup", deleted=await store.forget_contact(uow, person.contact_id))
