"""Which runs led to an event: what they brought about is written down, so that chains are seen (LIF-72)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.db.sets import columns, unnest
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=30)

_OF: Final = """
SELECT cause_id, ancestry FROM automation_cause WHERE tenant_id = %(tenant_id)s AND cause_id = ANY(%(ids)s)
UNION ALL
SELECT run_id::text, ancestry || automation_id FROM automation_run
WHERE tenant_id = %(tenant_id)s AND run_id = ANY(%(runs)s::uuid[])
"""
_NOTE: Final = f"""
INSERT INTO automation_cause (tenant_id, cause_id, ancestry, created_at)
SELECT %s, cause_id, ancestry::uuid[], %s FROM {unnest({"cause_id": "text", "ancestry": "text"})} ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants


async def ancestries(uow: UnitOfWork, ids: Iterable[str]) -> dict[str, list[UUID]]:
    """Returns the automations whose runs led to what has these ids, the first one first; others are left out."""
    wanted = sorted({one for one in ids if one})
    if not wanted:
        return {}
    rows = await uow.fetch_all(
        _OF, {"tenant_id": uow.tenant_id, "ids": wanted, "runs": [one for one in wanted if _is_uuid(one)]}
    )
    return {cause_id: list(ancestry) for cause_id, ancestry in rows}


async def note(uow: UnitOfWork, brought: Sequence[tuple[str, Sequence[UUID]]]) -> None:
    """Writes down what runs brought about."""
    if brought:
        rows = [(cause_id, "{" + ",".join(map(str, ancestry)) + "}") for cause_id, ancestry in brought]
        await uow.execute(_NOTE, (uow.tenant_id, uow.now(), *columns(rows, 2)))


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes what is too old to lead to anything; a step of the cleanup."""
    return await uow.execute(
        "DELETE FROM automation_cause WHERE (tenant_id, cause_id) IN (SELECT tenant_id, cause_id FROM automation_cause"
        " WHERE created_at < %s LIMIT %s)",
        (now - KEPT, limit),
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
