"""What analytics knows of a person, and how it forgets them (ANA-74): no figure changes."""

from typing import Final
from uuid import UUID

from services.common.contact_data.collections import Rows, Scanned, audit_trail
from services.common.contact_data.erasing import ContactData
from services.common.contact_data.person import Erased, Person
from services.common.contact_data.sweeps import Sweep
from services.common.db.uow import UnitOfWork

_KINDS: Final = {1: "open", 2: "click"}
_CLASSES: Final = {0: "unspecified", 1: "human", 2: "proxy", 3: "privacy_prefetch", 4: "scanner"}

_CONVERSIONS: Final = {
    1: "purchase",
    2: "visit",
    3: "coupon_redemption",
    4: "registration",
    5: "feedback",
    6: "custom",
}
_DELETED: Final = ("timeline_entry", "contact_engagement")

_FACTS: Final = """
UPDATE message_fact SET contact_id = %(tombstone_id)s
WHERE tenant_id = %(tenant_id)s AND message_id > %(after)s AND message_id <= %(last)s AND contact_id = %(contact_id)s
"""

_HITS: Final = """
UPDATE engagement_event SET contact_id = %(tombstone_id)s, truncated_ip = '', user_agent_family = ''
WHERE tenant_id = %(tenant_id)s AND engagement_id > %(after)s AND engagement_id <= %(last)s
  AND contact_id = %(contact_id)s
"""


def _sweep(table: str, key: str, statement: str) -> Sweep:
    async def clean(uow: UnitOfWork, person: Person, after: UUID, last: UUID) -> int:
        return await uow.execute(
            statement,
            {
                "tenant_id": uow.tenant_id,
                "contact_id": person.contact_id,
                "tombstone_id": person.tombstone_id,
                "after": after,
                "last": last,
            },
        )

    return Sweep(table, key, clean)


async def _erase(uow: UnitOfWork, person: Person) -> list[Erased]:
    """Deletes what is only about the person, and takes them out of what counts (ANA-74)."""
    params = {
        "tenant_id": uow.tenant_id,
        "contact_id": person.contact_id,
        "tombstone_id": person.tombstone_id,
    }
    anonymized = await uow.execute(
        "UPDATE conversion SET contact_id = %(tombstone_id)s"
        " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
        params,
    )
    deleted = {
        table: await uow.execute(
            f"DELETE FROM {table} WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",  # noqa: S608 - constants
            params,
        )
        for table in _DELETED
    }
    return [
        Erased("conversion", anonymized=anonymized),
        *(Erased(table, deleted=count) for table, count in deleted.items()),
    ]


async def _remaining(uow: UnitOfWork, contact_id: UUID) -> int:
    """Counts what still names the person apart from the tables that are looked through."""
    counts = " + ".join(
        f"(SELECT count(*) FROM {table} WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)"  # noqa: S608 - constants
        for table in ("conversion", *_DELETED)
    )
    found: int = await uow.fetch_value(
        f"SELECT {counts}", {"tenant_id": uow.tenant_id, "contact_id": contact_id}
    )
    return found


DATA: Final = ContactData(
    collections=(
        Scanned(
            "message_facts",
            "message_fact",
            "message_id",
            "message_id, channel, message_class, category, template_name, language, provider, campaign_id, run_id,"
            " variant_key, accepted_at, sent_at, delivered_at, read_at, bounced_at, failed_at, skipped_at, expired_at,"
            " cancelled_at, reason, code, first_open_at, first_click_at, unsubscribed_at, complained_at,"
            " costs::text[] AS costs, currency, rule, trigger_type, opens, clicks, first_conversion_at",
        ),
        Scanned(
            "engagement",
            "engagement_event",
            "engagement_id",
            "engagement_id, message_id, campaign_id, kind, engagement_class, url, truncated_ip, user_agent_family,"
            " occurred_at",
            {"kind": _KINDS, "engagement_class": _CLASSES},
        ),
        Rows(
            "conversions",
            "SELECT conversion_id, conversion_type, order_ref, occurred_at, value::text AS value,"
            " reversed_value::text AS reversed_value, currency, coupon_code, message_id, campaign_id, rating"
            " FROM conversion WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s ORDER BY conversion_id",
            {"conversion_type": _CONVERSIONS},
        ),
        Rows(
            "timeline",
            "SELECT date, channel, status, updated_at FROM timeline_entry"
            " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s ORDER BY date, reference",
        ),
        Rows(
            "engagement_score",
            "SELECT received, delivered, opened, clicked, unsubscribed, score, computed_at FROM contact_engagement"
            " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
        ),
        audit_trail(),
    ),
    erase=_erase,
    remaining=_remaining,
    sweeps=(
        _sweep("message_fact", "message_id", _FACTS),
        _sweep("engagement_event", "engagement_id", _HITS),
    ),
)
