"""What people are told of at once, and not again within the hour (DEL-72)."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.dispatch.loading import Stop
from services.delivery.messages import announce

log = structlog.get_logger("alerts")

RENDER_FAILED: Final = "template_render_failed"
_ALERTS: Final = telemetry.counter(
    "template_alerts_total", "Alerts of templates that cannot be rendered.", ()
)

_NAMES = """
SELECT DISTINCT ON (template_name, channel) template_name, channel, template_version_id
FROM content WHERE tenant_id = %(tenant_id)s AND content_id = ANY (%(contents)b::uuid[])
ORDER BY template_name, channel, content_id
"""

_MARK = """
INSERT INTO alert_mark (tenant_id, kind, subject_id, hour)
VALUES (%(tenant_id)s, %(kind)s, %(subject)s, date_trunc('hour', %(now)s::timestamptz, 'UTC'))
ON CONFLICT DO NOTHING
"""


async def of_templates(uow: UnitOfWork, stops: Iterable[Stop], now: datetime) -> None:
    """Tells of templates that could not be rendered: each once an hour, whichever worker saw it, by event and log."""
    failed = [stop for stop in stops if stop.reason == RENDER_FAILED]
    if not failed:
        return
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    counts = Counter(stop.item.content.template_version_id for stop in failed)
    codes = {stop.item.content.template_version_id: stop.code for stop in reversed(failed)}
    contents = {stop.item.content.content_id for stop in failed}
    rows = await uow.fetch_all(
        _NAMES, {"tenant_id": uow.tenant_id, "contents": columns.uuids(list(contents))}
    )
    for name, channel, version_id in rows:
        row = {
            "tenant_id": uow.tenant_id,
            "kind": RENDER_FAILED,
            "subject": _subject(name, channel),
            "now": now,
        }
        if await uow.execute(_MARK, row):
            reason = codes[version_id]
            uow.emit(announce.render_failed(uow.tenant_id, version_id, name, reason, now, counts[version_id]))
            _ALERTS.inc()
            log.error(
                "a template cannot be rendered",
                tenant_id=str(uow.tenant_id),
                template=name,
                template_version_id=str(version_id),
                reason=reason,
            )


def _subject(name: str, channel: int) -> UUID:
    """Returns what stands for a template, whichever of its versions fails."""
    return UUID(bytes=hashlib.sha256(f"{channel}/{name}".encode()).digest()[:16])
