"""What campaign knows of a person, and how it forgets them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Column, DefaultClause
from sqlalchemy.dialects.postgresql import JSONB

from services.campaign.activities import store as activities
from services.campaign.automations import keeping as automations
from services.campaign.automations.domain import RunState
from services.campaign.automations.means import Means, means_of
from services.campaign.carts import store as carts
from services.campaign.carts.domain import CartState
from services.campaign.contacts import facts
from services.campaign.contacts.domain import ContactState
from services.campaign.contacts.tables import CONTACT
from services.campaign.coupons import records as coupons
from services.campaign.feedback import store as feedback
from services.campaign.followups import records as followups
from services.campaign.intake.keeping import InboundEvents
from services.campaign.ledger.domain import RecipientState
from services.campaign.notices import keeping as notice_keeping
from services.campaign.notices import wiring as notice_wiring
from services.campaign.notices.notices import Notices
from services.campaign.orders import store as orders
from services.campaign.passes import store as passes
from services.campaign.referrals import records as referrals
from services.campaign.segments import members
from services.campaign.segments import store as segments
from services.campaign.segments.domain import Activity
from services.campaign.segments.handlers import memberships
from services.campaign.settings import CampaignSettings
from services.campaign.triggers import anchors, people_gone
from services.campaign.triggers.domain import HistoryState, TriggerType
from services.common.contact_data.collections import BLOCK, Rows, Scanned, audit_trail
from services.common.contact_data.erasing import ContactData
from services.common.contact_data.person import Erased, Person
from services.common.contact_data.sweeps import Sweep
from services.common.db.uow import UnitOfWork

_KEPT: Final = ("tenant_id", "contact_id", "state", "version", "created_at", "updated_at", "erased_at")


def _empty(column: Column[object]) -> str:
    """Returns the SQL of nothing in a column."""
    if column.nullable:
        return "NULL"
    if isinstance(column.server_default, DefaultClause):
        return str(column.server_default.arg)
    return "'{}'" if isinstance(column.type, (ARRAY, JSONB)) else "0"


# What follows from other columns is cleared with them, and says nothing of its own in an export.
_TOLD: Final = [column for column in CONTACT.columns if column.computed is None]
_CLEARED: Final = ", ".join(
    f"{column.name} = {_empty(column)}" for column in _TOLD if column.name not in _KEPT
)

# The row stays with its id alone, so that an erased contact is told from one that never was; contacts that became
# part of it are no more than ids that lead to it.
_ERASE: Final = f"""
UPDATE contact SET {_CLEARED}, state = {int(ContactState.ERASED)}, version = version + 1, erased_at = %(now)s,
    created_at = %(now)s, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND (contact_id = %(contact_id)s OR merged_into = %(contact_id)s) AND erased_at IS NULL
"""  # noqa: S608 - names of columns

# A run remembers the contact it stands at: just below is as good a place.
_STEP_BACK: Final = """
UPDATE campaign_run SET after_contact_id = %(below)s WHERE tenant_id = %(tenant_id)s AND after_contact_id = %(contact_id)s
"""

_REPLACE: Final = """
UPDATE campaign_recipient SET contact_id = %(tombstone_id)s
WHERE tenant_id = %(tenant_id)s AND recipient_id > %(after)s AND recipient_id <= %(last)s
  AND contact_id = %(contact_id)s
"""


async def erase(
    uow: UnitOfWork, person: Person, inbound: InboundEvents, notices: Notices, means: Means
) -> list[Erased]:
    """Cuts the person out of inbound events, clears the contact and lets runs that stand at it stand beside it."""
    # First, for the contact's own addresses find the events and what was to be written to them.
    cut = await inbound.erase(uow, person)
    written = await notice_keeping.erase(uow, person, notices)
    reminded = await followups.erase(uow, person, notices)
    referred = await referrals.forget(uow, person)
    values = {"tenant_id": uow.tenant_id, "contact_id": person.contact_id, "now": uow.now()}
    cleared = await uow.execute(_ERASE, values)
    moved = await uow.execute(_STEP_BACK, {**values, "below": UUID(int=person.contact_id.int - 1)})
    did = await activities.erase(uow, person.contact_id)
    left = await members.erase(uow, person.contact_id)
    told = await facts.forget(uow, person.contact_id)
    bought = await orders.forget_buyer(uow, person.contact_id)
    held_passes = await passes.forget(uow, person.contact_id)
    waited = await anchors.erase(uow, person.contact_id)
    fired = await people_gone.forget(uow, person.contact_id, person.tombstone_id)
    ran = await automations.forget(uow, means, person.contact_id)
    held = await carts.forget(uow, person.contact_id)
    used = await coupons.forget(uow, person.contact_id, person.tombstone_id)
    asked, said = await feedback.forget(uow, person.contact_id, person.tombstone_id)
    return [
        cut,
        written,
        Erased("contact", anonymized=cleared),
        Erased("campaign_run", anonymized=moved),
        Erased("contact_activity", deleted=did),
        Erased("segment_member", deleted=left),
        Erased("contact_fact", deleted=told),
        Erased("order_reference", anonymized=bought),
        Erased("pass_order", deleted=held_passes),
        Erased("trigger_anchor", deleted=waited),
        Erased("trigger_history", anonymized=fired),
        Erased("automation_run", anonymized=ran),
        *(Erased(table, deleted=count) for table, count in held.items()),
        *(Erased(table, anonymized=count) for table, count in used.items()),
        reminded,
        Erased("referral_code", deleted=referred["referral_code"]),
        Erased("referral", anonymized=referred["referral"]),
        Erased("feedback_request", deleted=asked),
        Erased("feedback", anonymized=said),
    ]


_NAMED: Final = (
    "notice",
    "contact_activity",
    "segment_member",
    "contact_fact",
    "contact_reach",
    "order_reference",
    "pass_order",
    "trigger_anchor",
    "trigger_history",
    "automation_run",
    "cart",
    "view_counter",
    *coupons.NAMED,
    *feedback.NAMED,
    *followups.NAMED,
)
_REMAINING: Final = " + ".join(
    [
        (
            "(SELECT count(*) FROM contact WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s"
            " AND erased_at IS NULL)"
        ),
        "(SELECT count(*) FROM campaign_run WHERE tenant_id = %(tenant_id)s AND after_contact_id = %(contact_id)s)",
        *referrals.REMAINING,
        "(SELECT count(*) FROM coupon_code WHERE tenant_id = %(tenant_id)s AND last_contact_id = %(contact_id)s)",
        *(
            f"(SELECT count(*) FROM {table} WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)"  # noqa: S608
            for table in _NAMED
        ),
    ]
)


async def remaining(uow: UnitOfWork, contact_id: UUID) -> int:
    """Returns how many rows still name a person."""
    found: int = await uow.fetch_value(
        f"SELECT {_REMAINING}",
        {"tenant_id": uow.tenant_id, "contact_id": contact_id},
    )
    return found


async def _leave_ledger(uow: UnitOfWork, person: Person, after: UUID, last: UUID) -> int:
    return await uow.execute(
        _REPLACE,
        {
            "tenant_id": uow.tenant_id,
            "contact_id": person.contact_id,
            "tombstone_id": person.tombstone_id,
            "after": after,
            "last": last,
        },
    )


@dataclass(frozen=True, slots=True)
class _Memberships:
    """The segments a contact is in at this moment."""

    name: str = "segment_memberships"

    async def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields the segments whose rule or list the contact is in."""
        live = await segments.live(uow)
        holds = await memberships(uow, contact_id, live) or []
        found = [
            orjson.dumps({"segment_id": str(one.segment_id), "name": one.name}).decode()
            for one, is_member in zip(live, holds, strict=False)
            if is_member
        ]
        for start in range(0, len(found), BLOCK):
            yield found[start : start + BLOCK]


def data(settings: CampaignSettings) -> ContactData:
    """Returns what is exported and forgotten of a person."""
    inbound = InboundEvents(settings.encryption_keys, settings.hash_keys)
    notices = notice_wiring.of(settings)
    return ContactData(
        collections=(
            Rows(
                "profile",
                f"SELECT {', '.join(column.name for column in _TOLD if column.name != 'tenant_id')} FROM contact"  # noqa: S608
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
                {"state": {int(state): state.name.lower() for state in ContactState}},
            ),
            Rows(
                "orders",
                "SELECT order_ref, order_number, event_ref, amount_minor, currency_code, status, coupon_codes, paid_at,"
                " refunded_minor FROM order_reference"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
            ),
            Rows(
                "facts",
                "SELECT kind, ref, data FROM contact_fact"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
                {"kind": {int(kind): kind.name.lower() for kind in facts.FactKind}},
            ),
            _Memberships(),
            Rows(
                "activities",
                f"SELECT kind, ref, {activities.OCCURRED_AT} AS occurred_at FROM contact_activity"  # noqa: S608
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND counts",
                {"kind": {int(kind): kind.name.lower() for kind in Activity}},
            ),
            Rows(
                "coupon_codes",
                "SELECT code, coupon_id, state, message_id, campaign_id, updated_at FROM coupon_code"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
            ),
            Rows(
                "coupon_redemptions",
                "SELECT redemption_id, coupon_id, code, invoice_id, branch_id, order_amount::text, discount::text,"
                " currency, campaign_id, message_id, redeemed_at, reversed_at, reversal_reason FROM coupon_redemption"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
            ),
            Rows(
                "feedback_requests",
                "SELECT request_id, branch_id, reference_id, message_id, visited_at, expires_at, responded_at, created_at"
                " FROM feedback_request WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
            ),
            Rows(
                "feedback",
                "SELECT feedback_id, request_id, branch_id, reference_id, rating, comment, source, handled_at,"
                " handled_note, created_at, updated_at FROM feedback"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
            ),
            *referrals.COLLECTIONS,
            followups.TOLD,
            Rows(
                "triggers",
                "SELECT trigger_type, reference_id, occurrence_key, state, skip_reason, message_id, branch_id, campaign_id,"
                " triggered_at FROM trigger_history WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
                {
                    "trigger_type": {int(kind): kind.word for kind in TriggerType},
                    "state": {int(state): state.name.lower() for state in HistoryState},
                },
            ),
            Rows(
                "trigger_anchors",
                "SELECT trigger_type, reference_id, anchor_at, due_at, branch_id, variables FROM trigger_anchor"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND state = 1",
                {"trigger_type": {int(kind): kind.word for kind in TriggerType}},
            ),
            Scanned(
                "campaign_recipients",
                "campaign_recipient",
                "recipient_id",
                "recipient_id AS message_id, run_id, state, reason, sent_at, delivered_at, complained, cost::text AS cost",
                {"state": {int(state): state.name.lower() for state in RecipientState}},
            ),
            notice_keeping.TOLD,
            Rows(
                "automation_runs",
                "SELECT run_id, automation_id, trigger_key, state, error, started_at, finished_at FROM automation_run"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
                {"state": {int(state): state.name.lower() for state in RunState}},
            ),
            Rows(
                "carts",
                "SELECT cart_ref, branch_id, items, amount::text, currency, state, last_activity_at, completed_at FROM cart"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
                {"state": {int(state): state.name.lower() for state in CartState}},
            ),
            Rows(
                "views",
                "SELECT subject_ref, views FROM view_counter"
                " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
            ),
            inbound,
            audit_trail(),
        ),
        erase=lambda uow, person: erase(uow, person, inbound, notices, means_of(settings)),
        remaining=remaining,
        sweeps=(Sweep("campaign_recipient", "recipient_id", _leave_ledger),),
    )
