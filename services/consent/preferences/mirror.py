"""Language and zone, which campaign knows too: whichever of the two said it later is believed (CAM-5)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.consent.directory.domain import KnownContact
from services.consent.locks import lock_subjects
from services.consent.preferences import changes
from services.consent.preferences.choices_store import Author
from services.consent.preferences.domain import Update, Value

_FIELDS = {"language": "language_code", "time_zone": "time_zone"}

# What campaign only repeats is no change of campaign's: the directory, still as it was, tells. Each LIMIT keeps the
# planner at one index probe per contact.
_CONTRADICTED = """
SELECT said.contact_id, said.language, said.time_zone, c.language, c.time_zone, p.language, p.time_zone
FROM unnest(%(ids)b::uuid[], %(languages)b::text[], %(zones)b::text[]) AS said (contact_id, language, time_zone)
CROSS JOIN LATERAL (
    SELECT language, time_zone FROM preference
    WHERE tenant_id = %(tenant_id)s AND contact_id = said.contact_id LIMIT 1
) AS p
CROSS JOIN LATERAL (
    SELECT language, time_zone FROM contact
    WHERE tenant_id = %(tenant_id)s AND contact_id = said.contact_id AND seen_at <= %(seen_at)s LIMIT 1
) AS c
WHERE said.language <> p.language OR said.time_zone <> p.time_zone
"""
_SAID_LATER = """
SELECT EXISTS (
    SELECT FROM preference_history
    WHERE tenant_id = %s AND contact_id = %s AND changes ? %s AND created_at >= %s
)
"""


async def follow(uow: UnitOfWork, contacts: Sequence[KnownContact], seen_at: datetime) -> None:
    """Takes over language and zone that campaign changed after the contact said them; runs before the directory learns.

    What the contact said later stands, and campaign is told of it by the contact's own change.
    """
    rows = await uow.fetch_all(
        _CONTRADICTED,
        {
            "tenant_id": uow.tenant_id,
            "ids": [one.contact_id for one in contacts],
            "languages": [one.language for one in contacts],
            "zones": [one.time_zone for one in contacts],
            "seen_at": seen_at,
        },
    )
    wanted: defaultdict[UUID, dict[str, Value]] = defaultdict(dict)
    for contact_id, *found in rows:
        told, known, own = found[:2], found[2:4], found[4:]
        for name, new, old, said in zip(_FIELDS.values(), told, known, own, strict=True):
            if new and said and new not in (old, said):
                wanted[contact_id][name] = new
    if wanted:
        await lock_subjects(uow, [contact_id.bytes for contact_id in wanted])
    for contact_id, values in wanted.items():
        later = {
            name: value
            for name, value in values.items()
            if not await uow.fetch_value(_SAID_LATER, (uow.tenant_id, contact_id, name, seen_at))
        }
        if later:
            await changes.change(uow, contact_id, Update(later), Author("campaign", "system"))
