"""What an earlier event said that a later one of the same thing leaves out; read from the inbox."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from services.campaign.intake.sealing import Vault
from services.campaign.rules.domain import Key
from services.common.db.uow import UnitOfWork

_EARLIER: Final = """
SELECT event_id, payload FROM inbound_event
WHERE tenant_id = %s AND fact = %s AND type IN ('group_payment.created', 'payment.succeeded') AND payload IS NOT NULL
ORDER BY occurred_at, event_id LIMIT 1
"""


async def recalled(uow: UnitOfWork, vault: Vault, key: Key, data: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an event's data over that of the earlier event of the fact that the key names.

    Who belongs to a group is what its first event said: the later ones name members by their ids alone.
    """
    values = [str(data.get(name, "")) for name in key.fields]
    row = await uow.fetch_one(_EARLIER, (uow.tenant_id, "/".join((key.word, *values))))
    if row is None:
        return dict(data)
    event_id, payload = row
    [opened] = await vault.open(uow, [event_id], [payload])
    earlier: dict[str, Any] = orjson.loads(opened)
    found = {**earlier, **data}
    if isinstance(earlier.get("members"), list):
        found["members"] = earlier["members"]
    return found
