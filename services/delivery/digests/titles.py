"""What messages are called in their digest: their subjects, or how their texts begin."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from services.common.errors import ServiceError
from services.common.templating import PlainTrail, TemplateError
from services.delivery.digests.domain import LONGEST_TITLE, Entry
from services.delivery.dispatch.loading import Item
from services.delivery.dispatch.rendering import variables_of
from services.delivery.templates.cache import TemplateCache

log = structlog.get_logger("digests")

_TRAIL: Final = PlainTrail()
_LONGEST_TEXT: Final = 300


async def entries(
    templates: TemplateCache,
    tenant_id: UUID,
    items: Sequence[Item],
    created: dict[bytes, datetime],
    zone: ZoneInfo,
) -> dict[bytes, Entry]:
    """Returns what is shown of messages; those that cannot be rendered are left out, for they fail on their own."""
    found: dict[bytes, Entry] = {}
    for item in items:
        try:
            parts = await _parts(templates, tenant_id, item, zone)
        except TemplateError as error:
            log.warning("a message cannot be shown in a digest", reason=error.reason)
            continue
        except ServiceError as error:
            if error.reason != "NOT_FOUND":
                raise
            continue
        subject, text = " ".join(parts.get("subject", "").split()), " ".join(parts.get("text", "").split())
        found[item.message_id] = Entry(
            item.message_id,
            item.content.category,
            item.content.lane,
            created[item.message_id],
            (subject or text)[:LONGEST_TITLE],
            text[:_LONGEST_TEXT] if subject else "",
        )
    return found


async def _parts(templates: TemplateCache, tenant_id: UUID, item: Item, zone: ZoneInfo) -> dict[str, str]:
    template = await templates.get(tenant_id, item.content.template_version_id)
    language = template.language_of(item.recipient.language_code)
    if language is None:
        return {}
    content = await template.compiled(
        language, subject_override=item.content.subject_override, marketing=False
    )
    slots = content.render_slots(variables_of(item, template), _TRAIL, zone)
    return {name: content.join(slots, name) for name in ("subject", "text") if name in content.parts}
