"""What contacts do, or have not done for a while, starts runs; what they do then ends them (LIF-66, JOB-16, JOB-17)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.automations import runs, starting, store
from services.campaign.automations.domain import Automation, Behaviour, Kind, OnBehaviour
from services.campaign.automations.means import Means
from services.campaign.automations.moving import cancel
from services.campaign.automations.records import Run
from services.campaign.automations.starting import Cause
from services.campaign.carts.domain import Cart
from services.common.db.uow import UnitOfWork

AT_ONCE: Final = 500
LONGEST_REST: Final = timedelta(hours=72)
"""How long a cart may have rested when a job that was missed finds it."""
CATCH_UP: Final = timedelta(days=3)
"""How long ago a quiet period may have become too long when a job that was missed finds it."""

BOUGHT: Final = "cart_completed"
ACTIVE: Final = "was_active"
PURCHASED: Final = "purchased"

_COLUMN: Final[Mapping[int, str]] = {
    Behaviour.INACTIVE: "last_activity_at",
    Behaviour.NO_PURCHASE: "last_purchase_at",
}

_GROUNDLESS: Final = """
SELECT r.run_id, CASE
    WHEN r.behaviour = 1 AND NOT EXISTS (SELECT FROM cart k WHERE k.tenant_id = r.tenant_id
        AND k.cart_ref = r.reference AND k.state = 1) THEN 'cart_completed'
    WHEN r.behaviour = 2 AND c.last_activity_at > r.started_at THEN 'was_active'
    WHEN r.behaviour = 3 AND c.last_purchase_at > r.started_at THEN 'purchased' END
FROM automation_run r LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.contact_id = r.contact_id
WHERE r.tenant_id = %s AND r.run_id = ANY(%b::uuid[]) AND r.behaviour > 0
"""


async def groundless(uow: UnitOfWork, found: Sequence[Run]) -> dict[str, list[Run]]:
    """Returns runs whose reason is gone, by what took it away."""
    watched = {run.run_id: run for run in found if run.behaviour}
    if not watched:
        return {}
    rows = await uow.fetch_all(_GROUNDLESS, (uow.tenant_id, list(watched)))
    gone: dict[str, list[Run]] = defaultdict(list)
    for run_id, reason in rows:
        if reason:
            gone[reason].append(watched[run_id])
    return gone


async def recheck(uow: UnitOfWork, means: Means, contact_ids: Sequence[UUID]) -> int:
    """Ends runs of contacts whose reason is gone."""
    if not contact_ids:
        return 0
    ids = await uow.fetch_all(
        "SELECT DISTINCT contact_id FROM automation_run WHERE tenant_id = %s AND contact_id = ANY(%b::uuid[])"
        " AND state <= 2 AND behaviour > 0",
        (uow.tenant_id, list(contact_ids)),
    )
    ended = 0
    for (contact_id,) in ids:
        found = await runs.open_of(uow, contact_id=contact_id)
        for reason, gone in (await groundless(uow, found)).items():
            ended += await cancel(uow, means, gone, reason)
    return ended


_RESTING: Final = """
SELECT k.cart_ref, k.contact_id, k.items, k.amount::text, k.currency FROM cart k
WHERE k.tenant_id = %(tenant_id)s AND k.state = 1 AND k.contact_id IS NOT NULL
    AND k.last_activity_at <= %(before)s AND k.last_activity_at > %(since)s
    AND EXISTS (SELECT FROM contact c WHERE c.tenant_id = k.tenant_id AND c.contact_id = k.contact_id AND c.state < 3)
    AND NOT EXISTS (SELECT FROM automation_run r WHERE r.tenant_id = k.tenant_id
        AND r.automation_id = %(automation_id)s AND r.trigger_key = k.cart_ref AND r.contact_id = k.contact_id)
ORDER BY k.last_activity_at LIMIT %(limit)s
"""


async def start_carts(uow: UnitOfWork, means: Means, automation: Automation) -> int:
    """Starts runs for carts that rest for so long, once for each cart; returns how many carts were looked at."""
    hours = timedelta(hours=_watched(automation).hours)
    now = uow.now()
    rows = await uow.fetch_all(
        _RESTING,
        {
            "tenant_id": uow.tenant_id,
            "automation_id": automation.automation_id,
            "before": now - hours,
            "since": now - max(LONGEST_REST, hours + timedelta(hours=24)),
            "limit": AT_ONCE,
        },
    )
    causes = [
        Cause(ref, contact_id, _cart_data(ref, items, amount, currency), reference=ref)
        for ref, contact_id, items, amount, currency in rows
    ]
    await starting.start(uow, means, automation, causes)
    return len(rows)


# Exactly those whose quiet period became too long since, by the index on the instant.
_QUIET: Final = """
SELECT c.contact_id, c.{column} FROM contact c
WHERE c.tenant_id = %(tenant_id)s AND c.state = 1 AND c.{column} <= %(before)s AND c.{column} > %(since)s
    AND NOT EXISTS (SELECT FROM automation_run r WHERE r.tenant_id = c.tenant_id
        AND r.automation_id = %(automation_id)s AND r.contact_id = c.contact_id
        AND r.trigger_key = to_char(c.{column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
ORDER BY c.contact_id LIMIT %(limit)s
"""


async def start_quiet(uow: UnitOfWork, means: Means, automation: Automation) -> int:
    """Starts runs for contacts newly quiet for so long, once for each quiet period; returns how many there were."""
    watched = _watched(automation)
    now = uow.now()
    days = timedelta(days=watched.days)
    rows = await uow.fetch_all(
        _QUIET.format(column=_COLUMN[watched.behaviour]),
        {
            "tenant_id": uow.tenant_id,
            "automation_id": automation.automation_id,
            "before": now - days,
            "since": now - days - CATCH_UP,
            "limit": AT_ONCE,
        },
    )
    word = "days_inactive" if watched.behaviour == Behaviour.INACTIVE else "days_without_purchase"
    causes = [
        Cause(_instant(since), contact_id, {word: (now - since).days, "since": _instant(since)})
        for contact_id, since in rows
    ]
    await starting.start(uow, means, automation, causes)
    return len(rows)


async def viewed(
    uow: UnitOfWork,
    means: Means,
    contact_id: UUID,
    subject_ref: str,
    views: Sequence[datetime],
    ancestry: Sequence[UUID] = (),
) -> None:
    """Starts runs for somebody who looked at one thing so often; views before the last run count no more."""
    for automation in await store.started_by(uow, Kind.BEHAVIOUR, str(int(Behaviour.EVENT_VIEWED))):
        watched = _watched(automation)
        last = await uow.fetch_value(
            "SELECT max(started_at) FROM automation_run WHERE tenant_id = %s AND automation_id = %s AND contact_id = %s"
            " AND reference = %s AND state <> 6",
            (uow.tenant_id, automation.automation_id, contact_id, subject_ref),
        )
        since = max(filter(None, (uow.now() - timedelta(days=watched.days), last)))
        counted = [view for view in views if view > since]
        if len(counted) < watched.views:
            continue
        data = {"subject_ref": subject_ref, "view_count": len(counted)}
        key = f"{subject_ref}@{_instant(counted[-1])}"
        cause = Cause(key, contact_id, data, reference=subject_ref, ancestry=ancestry)
        await starting.start(uow, means, automation, [cause])


async def dropped(uow: UnitOfWork, means: Means, cart: Cart) -> int:
    """Ends runs about a cart that is active no more."""
    return await recheck(uow, means, [cart.contact_id]) if cart.contact_id else 0


def _watched(automation: Automation) -> OnBehaviour:
    assert isinstance(automation.definition.trigger, OnBehaviour)  # noqa: S101 - it was found as such
    return automation.definition.trigger


def _cart_data(ref: str, items: Any, amount: str | None, currency: str | None) -> dict[str, Any]:
    return {"cart_ref": ref, "items": items, "total": amount, "currency": currency}


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
