"""SQL of what devices, consents and scores say of contacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final
from uuid import UUID

from services.common.db.arrays import some, uuids
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

CHANNELS: Final = ("email", "sms", "whatsapp", "push")
_FIELDS: Final = {
    "contact_id": "uuid",
    **{f"{channel}_consented": "bool" for channel in CHANNELS},
    "push_reachable": "bool",
    "has_whatsapp": "bool",
}
_COPIED: Final = tuple(name for name in _FIELDS if name != "contact_id")


@dataclass(frozen=True, slots=True)
class Change:
    """What was said of a contact; None where nothing was."""

    consented: Mapping[str, bool] = field(default_factory=dict)
    """By channel."""
    push_reachable: bool | None = None
    has_whatsapp: bool | None = None

    def then(self, later: "Change") -> "Change":
        """Returns both, one after the other."""
        return Change(
            {**self.consented, **later.consented},
            self.push_reachable if later.push_reachable is None else later.push_reachable,
            self.has_whatsapp if later.has_whatsapp is None else later.has_whatsapp,
        )


_CHANGE: Final = f"""
INSERT INTO contact_reach AS known (tenant_id, {", ".join(_FIELDS)}, updated_at)
SELECT %(tenant_id)s, contact_id, {", ".join(f"coalesce({name}, false)" for name in _COPIED)}, %(now)s
FROM {named_unnest(_FIELDS)}
ON CONFLICT (tenant_id, contact_id) DO NOTHING
RETURNING uuid_send(contact_id)
"""  # noqa: S608 - names of columns
_ASSIGNED: Final = ", ".join(f"{name} = coalesce(rows.{name}, known.{name})" for name in _COPIED)
_DIFFERS: Final = " OR ".join(f"rows.{name} <> known.{name}" for name in _COPIED)
_UPDATE: Final = f"""
UPDATE contact_reach AS known SET {_ASSIGNED}, updated_at = %(now)s FROM {named_unnest(_FIELDS)}
WHERE known.tenant_id = %(tenant_id)s AND known.contact_id = rows.contact_id AND ({_DIFFERS})
"""  # noqa: S608 - names of columns
_SCORE: Final = """
UPDATE contact AS c SET engagement_score = rows.score, updated_at = %(now)s
FROM unnest(%(ids)b::uuid[], %(scores)b::int2[]) AS rows (contact_id, score)
WHERE c.tenant_id = %(tenant_id)s AND c.contact_id = rows.contact_id AND c.state < 3
    AND c.engagement_score IS DISTINCT FROM rows.score
"""


async def change(uow: UnitOfWork, changes: Mapping[UUID, Change]) -> None:
    """Copies what was said of contacts, a block in one or two statements; a repeat changes nothing."""
    if not changes:
        return
    made = {contact for (contact,) in await uow.fetch_all(_CHANGE, _values(uow, changes))}
    rest = [one for one in changes if one.bytes not in made] if len(made) < len(changes) else []
    if rest:
        await uow.execute(_UPDATE, _values(uow, {one: changes[one] for one in rest}))


async def score(uow: UnitOfWork, scores: Mapping[UUID, int]) -> None:
    """Copies scores of contacts."""
    ids = sorted(scores)
    await uow.execute(
        _SCORE,
        {
            "tenant_id": uow.tenant_id,
            "now": uow.now(),
            "ids": ids,
            "scores": [min(max(scores[one], 0), 100) for one in ids],
        },
    )


def _values(uow: UnitOfWork, changes: Mapping[UUID, Change]) -> dict[str, object]:
    # In the order of the ids, so that two blocks with the same people do not wait for each other crosswise.
    found = sorted(((one.bytes, change) for one, change in changes.items()), key=itemgetter(0))
    rows = [change for _, change in found]
    return {
        "tenant_id": uow.tenant_id,
        "now": uow.now(),
        "contact_id": uuids([contact for contact, _ in found]),
        **{
            f"{channel}_consented": some([row.consented.get(channel) for row in rows]) for channel in CHANNELS
        },
        "push_reachable": some([row.push_reachable for row in rows]),
        "has_whatsapp": some([row.has_whatsapp for row in rows]),
    }
