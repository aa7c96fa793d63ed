"""Random tenants and people: as the reference reads them, and as rows of the service's own tables."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from services.common.ids import uuid7
from services.consent.addresses import ANY_CHANNEL, EVERYBODY, Hasher
from tests.consent.reference import KINDS, Asked, Person, Tenant

CHANNELS = ("email", "sms", "whatsapp", "push", "in_app")
CONSENT_CHANNELS = CHANNELS[:4]
BRANCH, OTHER = "0190b3a0-0000-7000-8000-00000000000b", "0190b3a0-0000-7000-8000-00000000000c"
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "Australia/Lord_Howe",
)
# Los Angeles is a place of its own laws that the reference does not list; people there say where they are.
_PLAIN_ZONES = tuple(zone for zone in ZONES if zone != "America/Los_Angeles")
# Instants beside changeovers, ends of months, and plain ones.
INSTANTS = (
    datetime(2026, 3, 8, 6, 40, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 20, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 50, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 10, tzinfo=UTC),
    datetime(2026, 4, 4, 14, 45, tzinfo=UTC),
    datetime(2026, 1, 31, 22, 5, tzinfo=UTC),
)


@dataclass
class Somebody:
    """One person of a world, with the ids and addresses of its rows."""

    person: Person
    contact_id: UUID = field(default_factory=uuid7)
    number: str = ""

    def address(self, channel: str) -> str:
        if channel == "email":
            return f"{self.contact_id.hex[-16:]}@example.com"
        return f"token-{self.contact_id.hex}" if channel == "push" else self.number


@dataclass
class World:
    """A tenant with people, and the instant it is looked at."""

    tenant: Tenant
    now: datetime
    people: list[Somebody]
    tenant_id: UUID = field(default_factory=uuid4)


def world(draw: random.Random, size: int) -> World:
    now = draw.choice(INSTANTS) + timedelta(minutes=draw.randrange(-900, 900))
    tenant = _tenant(draw)
    return World(tenant, now, [_somebody(draw, tenant, now, number) for number in range(size)])


def question(draw: random.Random, now: datetime) -> Asked:
    kind = draw.choices(["marketing", "transactional", "timely", "critical", "system"], [6, 2, 1, 1, 2])[0]
    category = draw.choice([name for name, (_, one) in KINDS.items() if one == kind])
    hours = draw.choice([None, None, None, 1, 5, 14])
    return Asked(
        draw.choices(CHANNELS, [3, 4, 2, 1, 1])[0],
        category,
        draw.choice([None, None, BRANCH, OTHER]),
        now,
        now + timedelta(hours=hours) if hours else None,
    )


def _tenant(draw: random.Random) -> Tenant:
    registries = draw.choice([(), ("DE_LIST",), ("DE_LIST", "IN_NCPR")])
    return Tenant(
        state=draw.choices(["active", "suspended", "closed"], [14, 2, 1])[0],
        region=draw.choice(["DE", "DE", "IN", "KR"]),
        zone=draw.choice(_PLAIN_ZONES),
        marketing=draw.random() < 0.93,
        enabled={channel for channel in CHANNELS if draw.random() < 0.93},
        blocked={channel for channel in CHANNELS if draw.random() < 0.04},
        send_window=draw.choice(
            [(time(9), time(21)), (time(0), time(0)), (time(18), time(2)), (time(2, 30), time(11))]
        ),
        sms_window=draw.choice([(time(8), time(21)), (time(0), time(0)), (time(10), time(12))]),
        quiet=draw.choice([None, None, (time(22), time(8)), (time(12), time(14))]),
        daily=draw.choice([0, 1, 2, 2, 50]),
        weekly=draw.choice([5, 5, 100]),
        dnd_channels=set(draw.choice([["sms"], ["sms", "whatsapp"], ["email", "sms"], []])),
        registries=registries,
        stale=tuple(one for one in registries if draw.random() < 0.3),
        branches={
            BRANCH: (draw.random() < 0.8, draw.choice([None, "Asia/Tokyo"])),
            OTHER: (True, draw.choice([None, "Asia/Kathmandu"])),
        },
    )


def _somebody(draw: random.Random, tenant: Tenant, now: datetime, place: int) -> Somebody:
    number = draw.choice([f"+49151{place:08d}", f"+1305{2_000_000 + place}", f"+9198{place:08d}"])
    person = Person(is_contact=draw.random() < 0.92, number=number, address_ok=draw.random() < 0.97)
    if person.is_contact:
        person.state = draw.choices(["active", "blocked", "erased"], [40, 1, 1])[0]
        person.region = draw.choice(["", "", "DE", "US-FL", "US-TX", "IN", "KR"])
        person.zone = draw.choice([None, *(_PLAIN_ZONES if not person.region else ZONES)])
        person.home = draw.choice([None, BRANCH, OTHER])
        if draw.random() < 0.5:
            person.preference = _preference(draw, person)
        _grid(draw, person)
    for channel in CONSENT_CHANNELS:
        for kind in ("marketing", "transactional"):
            for branch in (None, BRANCH):
                if draw.random() < (0.85 if branch is None and kind == "marketing" else 0.12):
                    status = draw.choices(["granted", "revoked", "pending", "expired"], [12, 2, 1, 1])[0]
                    ends = draw.choice(
                        [None, None, None, now - timedelta(hours=1), now, now + timedelta(hours=1)]
                    )
                    person.consents[channel, kind, branch] = (status, ends if status != "revoked" else None)
    while draw.random() < 0.08:
        ends = draw.choice([None, now - timedelta(hours=1), now, now + timedelta(days=1)])
        entry = (draw.choice([*CONSENT_CHANNELS, "all"]), draw.choice(["all", "marketing"]), ends)
        if entry[:2] not in [one[:2] for one in person.entries]:
            person.entries.append(entry)
    for registry in ("DE_LIST", "IN_NCPR"):
        if draw.random() < 0.06:
            person.listed[registry] = draw.choice([[], ["offer"], ["newsletter", "birthday"]])
    if draw.random() < 0.7:
        person.usage = (
            draw.choice([0, 0, 1, 3, 10]),
            draw.choice([0, 0, 0, 1, 2, 3]),
            draw.choice([0, 1, 4, 5]),
            draw.choice([0, 1, 2, 3]),
        )
    return Somebody(person, number=number)


def _preference(draw: random.Random, person: Person) -> dict[str, Any]:
    often = ["immediate", "daily", "weekly", "monthly"]
    return {
        **{f"{channel}_enabled": draw.random() < 0.93 for channel in CHANNELS},
        **{f"{channel}_frequency": draw.choices(often, [12, 1, 1, 1])[0] for channel in CONSENT_CHANNELS},
        "sms_critical_only": draw.random() < 0.07,
        "time_zone": draw.choice([None, None, *(_PLAIN_ZONES if not person.region else ZONES)]),
        "quiet_hours_enabled": draw.random() < 0.4,
        "quiet_hours_start": time(draw.randrange(24), draw.choice([0, 30])),
        "quiet_hours_end": time(draw.randrange(24), draw.choice([0, 30])),
        "digest_time": draw.choice([time(9), time(2, 30), time(0)]),
        "max_emails_per_day": draw.choice([None, 0, 1, 10]),
        "max_sms_per_day": draw.choice([None, 0, 2, 5]),
        "marketing_opted_out": draw.random() < 0.06,
        "is_dnd": draw.random() < 0.06,
    }


def _grid(draw: random.Random, person: Person) -> None:
    groups = sorted({group for group, _ in KINDS.values()})
    for channel in CHANNELS:
        if channel in ("sms", "push") and draw.random() < 0.75:
            person.grid["group:marketing", channel] = (True, None)
        for name in (f"group:{draw.choice(groups)}", draw.choice(sorted(KINDS))):
            if draw.random() < 0.3:
                often = draw.choice([None, None, None, "daily", "weekly", "immediate"])
                person.grid[name, channel] = (draw.random() < 0.75, often)


# ---------------------------------------------------------------------------------------------------------------------
# Rows
# ---------------------------------------------------------------------------------------------------------------------
async def load(owner_url: str, hasher: Hasher, worlds: Sequence[World]) -> None:
    """Writes the rows of every world, set-wise, as the owner of the tables."""
    async with await psycopg.AsyncConnection.connect(owner_url) as connection:
        await connection.execute("SET search_path TO consent")
        for one in worlds:
            for table, rows in _rows(one, hasher).items():
                await _copy(connection, table, rows)


async def _copy(connection: psycopg.AsyncConnection[Any], table: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    names = list(rows[0])
    async with connection.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            await copy.write_row([row[name] for name in names])


def _rows(world: World, hasher: Hasher) -> dict[str, list[dict[str, Any]]]:
    tenant, now, owner = world.tenant, world.now, {"tenant_id": world.tenant_id}
    times = {"created_at": now, "updated_at": now}
    contacts = [one for one in world.people if one.person.is_contact]
    return {
        "tenant_policy": [
            {
                **owner,
                "state": tenant.state,
                "name": "Salon",
                "region_code": tenant.region,
                "default_time_zone": tenant.zone,
                "default_language": "en",
                "tenant_seen_at": now,
                "marketing_enabled": tenant.marketing,
                "enabled_channels": sorted(tenant.enabled),
                "blocked_channels": sorted(tenant.blocked),
                "send_window_start": tenant.send_window[0],
                "send_window_end": tenant.send_window[1],
                "sms_window_start": tenant.sms_window[0],
                "sms_window_end": tenant.sms_window[1],
                "quiet_hours_start": tenant.quiet[0] if tenant.quiet else None,
                "quiet_hours_end": tenant.quiet[1] if tenant.quiet else None,
                "daily_message_limit": tenant.daily,
                "weekly_message_limit": tenant.weekly,
                "dnd_channels": sorted(tenant.dnd_channels),
                "dnd_registries": list(tenant.registries),
                "double_opt_in_channels": [],
                "settings_seen_at": now,
                **times,
            }
        ],
        "branch_policy": [
            {
                **owner,
                "branch_id": branch,
                "marketing_enabled": on,
                "time_zone": zone,
                "seen_at": now,
                **times,
            }
            for branch, (on, zone) in tenant.branches.items()
        ],
        "contact": [
            {
                **owner,
                "contact_id": one.contact_id,
                "state": one.person.state,
                "branch_id": one.person.home,
                "time_zone": one.person.zone,
                "region_code": one.person.region or None,
                "email_hash": hasher.one(world.tenant_id, "email", one.address("email")),
                "sms_hash": hasher.one(world.tenant_id, "sms", one.number),
                "seen_at": now,
                **times,
            }
            for one in contacts
        ],
        "consent": [row for one in world.people for row in _consents(one, world, hasher)],
        "suppression": [
            {
                **owner,
                "suppression_id": uuid7(),
                "channel": channel,
                "identifier_hash": digest,
                "key_id": hasher.key_id,
                "scope": scope,
                "reason": "manual",
                "suppressed_at": now,
                "expires_at": ends,
                "updated_at": now,
            }
            for one in world.people
            for channel, scope, ends in one.person.entries
            for digest in _identifiers(one, channel, world, hasher)
        ],
        "preference": [
            {**owner, "contact_id": one.contact_id, **one.person.preference, "opted_out_at": now, **times}
            for one in contacts
            if one.person.preference
        ],
        "category_preference": [
            {
                **owner,
                "contact_id": one.contact_id,
                "category_or_group": _cell(name),
                "channel": channel,
                "enabled": on,
                "frequency": often,
                "updated_at": now,
            }
            for one in contacts
            for (name, channel), (on, often) in one.person.grid.items()
        ],
    }


def _cell(name: str) -> str:
    """The name a cell of the grid is kept under: a category that is named like its group says so."""
    if name.startswith("group:"):
        return name.removeprefix("group:")
    return f"{name}/{name}" if KINDS[name][0] == name else name


def _consents(one: Somebody, world: World, hasher: Hasher) -> Iterable[dict[str, Any]]:
    for (channel, kind, branch), (status, ends) in one.person.consents.items():
        yield {
            "tenant_id": world.tenant_id,
            "consent_id": uuid7(),
            "contact_id": one.contact_id if one.person.is_contact else None,
            "address_hash": None
            if one.person.is_contact
            else hasher.one(world.tenant_id, channel, one.address(channel)),
            "branch_id": branch,
            "channel": channel,
            "message_class": kind,
            "status": status,
            "source": "staff",
            "granted_at": world.now - timedelta(days=9),
            "expires_at": ends if status == "granted" else None,
            "confirmation_expires_at": (ends or world.now + timedelta(days=1))
            if status == "pending"
            else None,
            "created_at": world.now,
            "updated_at": world.now,
        }


def _identifiers(one: Somebody, channel: str, world: World, hasher: Hasher) -> list[bytes]:
    """The hashes of an entry: one for its channel, those of all addresses when it is for every channel."""
    if channel != ANY_CHANNEL:
        return [hasher.one(world.tenant_id, channel, one.address(channel))]
    return [hasher.one(world.tenant_id, channel, one.address(each)) for each in ("email", "sms", "push")]


async def load_registries(owner_url: str, hasher: Hasher, world: World) -> None:
    """Writes what the registries that all tenants share hold while one world is looked at."""
    async with await psycopg.AsyncConnection.connect(owner_url) as connection:
        await connection.execute("SET search_path TO consent")
        await connection.execute("DELETE FROM dnd_entry")
        await connection.execute("DELETE FROM dnd_import")
        entries = [
            {
                "registry": registry,
                "phone_hash": hasher.one(EVERYBODY, "sms", one.number),
                "key_id": hasher.key_id,
                "country": registry[:2],
                "categories": categories,
                "listed_at": world.now,
            }
            for one in world.people
            for registry, categories in one.person.listed.items()
        ]
        await _copy(connection, "dnd_entry", entries)
        imports = [
            {
                "dnd_import_id": uuid7(),
                "registry": registry,
                "checksum": registry.encode(),
                "mode": "full",
                "status": "completed",
                "started_at": world.now,
                "finished_at": world.now - timedelta(days=8 if registry in world.tenant.stale else 2),
            }
            for registry in world.tenant.registries
        ]
        await _copy(connection, "dnd_import", imports)
