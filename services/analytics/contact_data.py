"""What analytics knows of a person, and how it forgets them (ANA-74): no figure changes."""

from typing import Final
from uuid import UUID

from services.common.contact_data.collections import Scanned, audit_trail
from services.common.contact_data.person import Person
from services.common.contact_data.servicer import ContactData, Erased
from services.common.contact_data.sweeps import Sweep
from services.common.db.uow import UnitOfWork

_KINDS: Final = {1: "open", 2: "click"}
_CLASSES: Final = {0: "unspecified", 1: "human", 2: "proxy", 3: "privacy_prefetch", 4: "scanner"}

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


async def _erase(uow: UnitOfWork, person: Person) -> list[Erased]:  # noqa: ARG001 - nothing here has an index by person
    return []


async def _remaining(uow: UnitOfWork, contact_id: UUID) -> int:  # noqa: ARG001 - what remains, the sweeps say
    return 0


DATA: Final = ContactData(
    collections=(
        Scanned(
            "message_facts",
            "message_fact",
            "message_id",
            "message_id, channel, message_class, category, template_name, language, provider, campaign_id, run_id,"
            " variant_key, accepted_at, sent_at, delivered_at, read_at, bounced_at, failed_at, skipped_at, expired_at,"
            " cancelled_at, reason, code, first_open_at, first_click_at, unsubscribed_at, complained_at,"
            " costs::text[] AS costs, currency",
        ),
        Scanned(
            "engagement",
            "engagement_event",
            "engagement_id",
            "engagement_id, message_id, campaign_id, kind, engagement_class, url, truncated_ip, user_agent_family,"
            " occurred_at",
            {"kind": _KINDS, "engagement_class": _CLASSES},
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
