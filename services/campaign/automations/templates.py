"""Which automations send by a template: those that are on, and older versions whose runs are under way."""

from typing import Final

from services.campaign.automations import store
from services.campaign.automations.domain import Send
from services.common.db.uow import UnitOfWork

_EMAIL: Final = 1
"""The channel of a step that names none."""

_NAMING: Final = """
SELECT v.automation_id, v.version FROM automation_version v JOIN automation a USING (tenant_id, automation_id)
WHERE v.tenant_id = %(tenant_id)s
    AND jsonb_path_exists(v.definition, '$.**.template_name ? (@ == $name)', jsonb_build_object('name', %(name)s::text))
    AND (a.state = 1 AND a.version = v.version OR EXISTS (
        SELECT FROM automation_run r WHERE r.tenant_id = v.tenant_id AND r.automation_id = v.automation_id
            AND r.version = v.version AND r.state <= 2))
"""


async def sends_by(uow: UnitOfWork, name: str, channel: int) -> bool:
    """Returns whether runs send, or would send, by the template of a name on a channel."""
    rows = await uow.fetch_all(_NAMING, {"tenant_id": uow.tenant_id, "name": name})
    programs = await store.programs(uow, [(automation_id, version) for automation_id, version in rows])
    deeds = (node.deed for _, program in programs.values() for node in program)
    return any(
        isinstance(deed, Send)
        and deed.template == name
        and channel in (deed.channel or _EMAIL, deed.fallback_channel)
        for deed in deeds
    )
