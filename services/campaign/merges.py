"""What follows a contact that becomes part of another: each table that names contacts, in the merge's transaction."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from services.common.db.uow import UnitOfWork

# Table -> what, beside the contact, makes a row unique: of two such rows the kept contact's stays.
MOVED: Final[Mapping[str, tuple[str, ...]]] = {
    "automation_run": ("automation_id", "trigger_key"),
    "cart": (),
    "contact_activity": ("kind", "activity_id"),
    "coupon": (),
    "coupon_code": (),
    "coupon_redemption": (),
    "coupon_reservation": (),
    "feedback": ("reference_id",),
    "feedback_request": ("reference_id",),
    "notice": (),
    "pass_order": (),
    "segment_member": ("segment_id",),
    "trigger_anchor": ("trigger_type", "reference_id"),
    "trigger_history": ("trigger_type", "occurrence_key"),
    "staff_followup": (),
    "view_counter": ("subject_ref",),
}
ELSEWHERE: Final[Mapping[str, str]] = {
    "campaign_recipient": "too many lines for one transaction: the job contact_merges moves them",
    "contact": "is what is merged",
    "contact_fact": "knows which facts are about the contact itself",
    "contact_reach": "copies of what consent and delivery say of the kept contact",
    "order_reference": "its fold names the buyer too",
    "referral_code": "a contact has one; referrals.merging moves it, and the referrals that name two people",
}
"""Tables with contacts that other code looks after, and why."""


async def move(uow: UnitOfWork, merged_id: UUID, kept_id: UUID) -> None:
    """Moves the rows of one contact to another."""
    values = {"tenant_id": uow.tenant_id, "merged": merged_id, "kept": kept_id}
    for table, unique in MOVED.items():
        if unique:
            same = " AND ".join(f"other.{name} = mine.{name}" for name in unique)
            await uow.execute(
                f"DELETE FROM {table} AS mine WHERE tenant_id = %(tenant_id)s AND contact_id = %(merged)s"  # noqa: S608
                f" AND EXISTS (SELECT FROM {table} AS other WHERE other.tenant_id = mine.tenant_id"
                f" AND other.contact_id = %(kept)s AND {same})",
                values,
            )
        await uow.execute(
            f"UPDATE {table} SET contact_id = %(kept)s"  # noqa: S608 - names of tables
            " WHERE tenant_id = %(tenant_id)s AND contact_id = %(merged)s",
            values,
        )
