"""P7: segments counted and brought up to date over a million contacts, beside statements written by hand."""

import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from bench.figures import Figure, Floor, Target
from bench.given import tenant
from bench.processes import Meter, own_seconds
from bench.scripts import run_floor
from bench.stack import Stack
from services.campaign.segments import handlers, store
from services.campaign.segments.audience import of_segment
from services.campaign.segments.catalogue import Op
from services.campaign.segments.days import begin
from services.campaign.segments.domain import Condition, Join, Rule, Segment
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.ids import uuid7
from services.common.settings import read
from services.common.zones import zone

NAME = "segments"
CONTACTS = 1_000_000
ROUNDS = 5
FIVE_COUNTED = "Five conditions count"
FIVE = Rule(
    Join.AND,
    (
        Condition("language", Op.IN, ["en", "de"]),
        Condition("visit_count", Op.GTE, 2),
        Condition("last_visit_days", Op.LTE, 180),
        Condition("total_spend", Op.GT, 5_000),
        Condition("tags", Op.IN, ["vip"]),
    ),
)

# A list as it is: half were here once or never, a third lately; few spent much, have packages or memberships.
_FILL = """
INSERT INTO campaign.contact (tenant_id, contact_id, external_id, name, email, email_canonical, language_code, tags,
    attributes, birth_month, birth_day, visit_count, first_visit_at, last_visit_at, purchase_count, total_spend_minor,
    last_activity_at, membership_status, membership_expires_at, packages, loyalty_points, state, version, created_at,
    updated_at)
SELECT %(tenant)s, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'b-' || n, 'Ada Wolf ' || n,
    'silent+' || n || '@example.com', 'silent+' || n || '@example.com', (ARRAY['en', 'de', 'fr', 'es'])[1 + n %% 4],
    CASE WHEN n %% 50 = 0 THEN ARRAY['vip', 'city'] WHEN n %% 3 = 0 THEN ARRAY['city'] ELSE '{}' END,
    jsonb_build_object('city', 'Gent', 'size', n %% 50), (1 + n %% 12)::int2, (1 + n %% 28)::int2, (n * 7919 %% 13 / 3)::int,
    now() - interval '2 years', CASE WHEN n %% 5 > 0 THEN now() - make_interval(hours => (n * 31 %% 9000)::int) END,
    (n %% 4)::int, (n * 7919 %% 1050000), now() - make_interval(hours => (n * 17 %% 5000)::int),
    CASE WHEN n %% 20 = 0 THEN 'active' WHEN n %% 20 = 1 THEN 'expired' END,
    CASE WHEN n %% 20 < 2 THEN now() + make_interval(days => (n %% 400)::int - 100) END,
    CASE WHEN n %% 25 = 0 THEN jsonb_build_array(jsonb_build_object('package_ref', 'p', 'name', 'ten', 'remaining',
        n %% 3, 'expires_at', now() + make_interval(days => (n %% 300)::int - 50))) ELSE '[]'::jsonb END,
    0, CASE WHEN n %% 100 = 99 THEN 2 ELSE 1 END, 1, now(), now()
FROM generate_series(0::bigint, %(count)s - 1) AS n
"""


async def measure(stack: Stack, scale: float) -> Figure:
    """Makes people, then counts and refreshes each segment by the product and by hand."""
    contacts = max(10_000, int(CONTACTS * scale))
    async with tenant(stack) as cast:
        tenant_id = cast.tenant_id
    await stack.database.execute(_FILL.encode(), {"tenant": tenant_id, "count": contacts})
    for table in ("contact", "segment_member"):
        await stack.database.execute(f"VACUUM ANALYZE campaign.{table}".encode())
    installation = stack.installation
    environment = installation.environments.service(
        "campaign", installation.database(), installation.redis_url
    )
    known = {name.lower(): value for name, value in environment.items()}
    settings = read(
        CampaignSettings, **{name: known[name] for name in CampaignSettings.model_fields if name in known}
    )
    database = await Database.open(settings, "campaign")
    try:
        return await _compare(stack, database, settings, tenant_id, contacts)
    finally:
        await database.close()


async def _compare(
    stack: Stack, database: Database, settings: CampaignSettings, tenant_id: UUID, contacts: int
) -> Figure:
    segments = await _segments(database, tenant_id)
    postgres = stack.supervisor.pid("postgres")
    meter = Meter({"postgres": lambda: postgres})
    # By hand first, so that what is read once is read for both.
    meter.start()
    floor = await _by_hand(stack, settings, tenant_id, segments)
    by_hand = floor["cpu_seconds"] + sum(meter.cpu().values())
    own = own_seconds()
    meter.start()
    seconds: dict[str, float] = {}
    for segment in segments:
        name = segment.name
        seconds[f"{name} first"] = await _time(lambda: _refresh(database, tenant_id, segment), 1)  # noqa: B023
        seconds[f"{name} count"] = await _time(lambda: _count(database, tenant_id, segment), ROUNDS)  # noqa: B023
        seconds[f"{name} refresh"] = await _time(lambda: _refresh(database, tenant_id, segment), ROUNDS)  # noqa: B023
        found = await _count(database, tenant_id, segment)
        if found != floor["counts"][name]:
            raise RuntimeError(f"{name}: {found} contacts, {floor['counts'][name]} by hand")
    cpu = {"postgres": sum(meter.cpu().values()), "campaign": own_seconds() - own}
    work = [name for name in seconds if not name.endswith("first")]
    mine, theirs = sum(seconds[name] for name in work), sum(floor["seconds"][name] for name in work)
    items = contacts * len(segments) * 2
    return Figure(
        number="P7",
        name=NAME,
        title=f"segments counted and refreshed over {contacts:,} contacts",
        items=items,
        rate=items / mine,
        floor=Floor(
            items / theirs, by_hand / items * 1e6, "a hand-written statement each, within the same policies"
        ),
        target=Target(ratio=1 / 1.2),
        cpu_seconds=cpu,
        seconds={
            "counted": sum(seconds[name] for name in work if name.endswith("count")),
            "counted by hand": sum(floor["seconds"][name] for name in work if name.endswith("count")),
            "refreshed": sum(seconds[name] for name in work if name.endswith("refresh")),
            "refreshed by hand": sum(floor["seconds"][name] for name in work if name.endswith("refresh")),
            "written down first": sum(one for name, one in seconds.items() if name.endswith("first")),
            "written down first by hand": sum(
                one for name, one in floor["seconds"].items() if name.endswith("first")
            ),
        },
        notes=(
            "the seven system segments and a rule of five conditions; an item is a contact looked at",
            f"seconds are sums over the segments of the median of {ROUNDS}",
            "slowest beside its hand-written form: " + _worst(seconds, floor["seconds"], work),
            (
                f"five conditions counted: {seconds[FIVE_COUNTED] * 1000:.0f} ms, by hand within the policies"
                f" {floor['seconds'][FIVE_COUNTED] * 1000:.0f} ms, without them {floor['unheld'] * 1000:.0f} ms:"
                " they keep indexes of tags from being used"
            ),
        ),
    )


def _worst(seconds: dict[str, float], by_hand: dict[str, float], work: list[str]) -> str:
    worst = max(work, key=lambda name: seconds[name] / by_hand[name])
    return f"{worst}, {seconds[worst] / by_hand[worst]:.2f} times"


async def _segments(database: Database, tenant_id: UUID) -> list[Segment]:
    async with database.tenant(tenant_id) as uow:
        await store.insert(uow, Segment(uuid7(), "Five conditions", FIVE))
        live = await store.live(uow)
    # Five conditions last: the floor counts them once more at its end.
    return sorted(live, key=lambda segment: segment.kind)


async def _by_hand(
    stack: Stack, settings: CampaignSettings, tenant_id: UUID, segments: list[Segment]
) -> dict[str, Any]:
    async with await psycopg.AsyncConnection.connect(stack.database_url) as connection:
        row = await (
            await connection.execute(
                "SELECT default_time_zone FROM campaign.tenant WHERE tenant_id = %s", (tenant_id,)
            )
        ).fetchone()
    assert row is not None
    local = zone(row[0])
    now = datetime.now(UTC)
    today = now.astimezone(local).date()
    return await run_floor(
        "segments",
        database_url=stack.database_url,
        login=make_conninfo(
            host=settings.db_host,
            port=settings.db_port,
            dbname=settings.db_name,
            user=settings.db_user,
            password=settings.db_password.get_secret_value(),
        ),
        tenant_id=str(tenant_id),
        segments={one.name: str(one.segment_id) for one in segments},
        now=now.isoformat(),
        a_month_ago=begin(today - timedelta(days=30), local).isoformat(),
        half_a_year_ago=begin(today - timedelta(days=180), local).isoformat(),
        month=today.month,
        rounds=ROUNDS,
    )


async def _count(database: Database, tenant_id: UUID, segment: Segment) -> int:
    async with database.tenant(tenant_id) as uow:
        found = await of_segment(uow, segment)
        count, _, _ = await store.count(uow, found.where, found.params)
    return count


async def _refresh(database: Database, tenant_id: UUID, segment: Segment) -> None:
    async with database.tenant(tenant_id) as uow:
        await uow.execute("SELECT set_config('statement_timeout', '5min', true)")
        locked = await store.by_id(uow, segment.segment_id, lock=True)
        assert locked is not None  # nobody archives it
        await handlers.refreshed(uow, locked)


async def _time(work: Callable[[], Awaitable[Any]], rounds: int) -> float:
    """Returns the median of the seconds a piece of work takes."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)
