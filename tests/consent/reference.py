"""The fifteen checks as the requirements' table (CON-69) says them: slow, plain, and a table itself.

Nothing of the service's decision is used here. A case is a dictionary of stored facts; each check is a row of `ROWS`
with what it does for each kind of message; times are found by looking at clocks minute after minute.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

# ---------------------------------------------------------------------------------------------------------------------
# GEN-41, GEN-42: category -> group, kind of message; `critical` and `timely` mark what is not held back.
# ---------------------------------------------------------------------------------------------------------------------
_KINDS = """
payment transactional: payment refund order tax_document payout
payment critical: payment_failed
payment timely: group_payment
event_updates transactional: event_update ticket
event_updates timely: reservation waiting_room
event_reminders transactional: event_reminder appointment
account system: account privacy
account transactional: membership_notice package_notice loyalty_notice
account critical: account_security urgent
marketing marketing: offer newsletter announcement visit_followup rebooking membership_offer package_offer win_back
marketing marketing: birthday anniversary feedback loyalty referral cart
"""
KINDS = {
    name: (head.split()[0], head.split()[1])
    for head, names in (line.split(":") for line in _KINDS.strip().splitlines())
    for name in names.split()
}

# ---------------------------------------------------------------------------------------------------------------------
# CON-69: number of the check -> what it does for marketing, transactional, critical and system messages.
# ---------------------------------------------------------------------------------------------------------------------
ROWS: dict[int, tuple[str, str, str, str]] = {
    1: ("x", "x", "x", "x"),
    2: ("x", "x", "x", "x"),
    3: ("both", "all", "all", "all"),
    4: ("x", "not the toggles", "not the toggles", "not the toggles"),
    5: ("x", "", "", ""),
    6: ("x", "", "", ""),
    7: ("x", "revoked only", "", ""),
    8: ("x", "x", "channel switch only", "x"),
    9: ("x", "", "", ""),
    10: ("x", "x, not time-critical", "", "x"),
    11: ("x", "x, not time-critical", "", "x"),
    12: ("x", "x, not time-critical", "", "x"),
    13: ("x", "", "", ""),
    14: ("x", "x, not time-critical", "", ""),
    15: ("x", "x", "", "x"),
}
COLUMNS = {"marketing": 0, "transactional": 1, "timely": 1, "critical": 2, "system": 3}

# ---------------------------------------------------------------------------------------------------------------------
# The laws of the places the cases are set in, by hand: (first hour, last hour) of Monday to Friday, of Saturday and of
# Sunday, None where texts may not arrive at all.
# ---------------------------------------------------------------------------------------------------------------------
TEXT_HOURS: dict[str, tuple[tuple[int, int] | None, ...]] = {
    "US": ((8, 21), (8, 21), (8, 21)),
    "US-AL": ((8, 20), (8, 20), None),
    "US-CT": ((9, 20), (9, 20), (9, 20)),
    "US-FL": ((8, 20), (8, 20), (8, 20)),
    "US-KY": ((10, 21), (10, 21), (10, 21)),
    "US-LA": ((8, 20), (8, 20), None),
    "US-MA": ((8, 20), (8, 20), (8, 20)),
    "US-MD": ((8, 20), (8, 20), (8, 20)),
    "US-MS": ((8, 20), (8, 20), None),
    "US-NJ": ((8, 21), (8, 21), (8, 21)),
    "US-OK": ((8, 20), (8, 20), (8, 20)),
    "US-RI": ((9, 18), (10, 17), None),
    "US-TX": ((9, 21), (9, 21), (12, 21)),
    "US-VA": ((8, 21), (8, 21), (8, 21)),
    "IN": ((10, 21), (10, 21), (10, 21)),
}
FEDERAL = {(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)}
HOLIDAYS = {"US-AL": FEDERAL, "US-RI": FEDERAL, "US-LA": {(1, 1), (7, 4)}}
OVER_THE_TOP = {"US-CT"}
NIGHTS = {"KR": (8, 21)}
THREE_IN_24_HOURS = {"US-FL", "US-MD", "US-OK"}
NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"
ZONES_OF = {
    "US-FL": [NEW_YORK, CHICAGO],
    "US-TX": [CHICAGO, DENVER],
    "IN": ["Asia/Kolkata"],
    "KR": ["Asia/Seoul"],
    "DE": ["Europe/Berlin"],
}
WITHIN = {
    NEW_YORK: ["US", *(f"US-{state}" for state in ["AL", "CT", "FL", "KY", "MA", "MD", "NJ", "RI", "VA"])],
    CHICAGO: ["US", *(f"US-{state}" for state in ["AL", "FL", "KY", "LA", "MS", "OK", "TX"])],
    "Asia/Kolkata": ["IN"],
    "Asia/Seoul": ["KR"],
}
AROUND = {"US-FL": ["US", "US-FL"], "US-TX": ["US", "US-TX"], "IN": ["IN"], "KR": ["KR"], "DE": []}


@dataclass
class Tenant:
    """What a tenant's settings say."""

    state: str = "active"
    region: str = "DE"
    zone: str = "Europe/Berlin"
    marketing: bool = True
    enabled: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    send_window: tuple[time, time] = (time(9), time(21))
    sms_window: tuple[time, time] = (time(8), time(21))
    quiet: tuple[time, time] | None = None
    daily: int = 2
    weekly: int = 5
    dnd_channels: set[str] = field(default_factory=lambda: {"sms"})
    registries: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    branches: dict[str, tuple[bool, str | None]] = field(default_factory=dict)


@dataclass
class Person:
    """What is stored about somebody; `is_contact` is false for an address of nobody known."""

    is_contact: bool = True
    state: str = "active"
    address_ok: bool = True
    number: str = ""
    region: str = ""
    zone: str | None = None
    home: str | None = None
    consents: dict[tuple[str, str, str | None], tuple[str, datetime | None]] = field(default_factory=dict)
    entries: list[tuple[str, str, datetime | None]] = field(default_factory=list)
    preference: dict[str, Any] | None = None
    grid: dict[tuple[str, str], tuple[bool, str | None]] = field(default_factory=dict)
    listed: dict[str, list[str]] = field(default_factory=dict)
    usage: tuple[int, int, int, int] | None = None


class Asked(NamedTuple):
    """The question."""

    channel: str
    category: str
    branch: str | None
    at: datetime
    expires: datetime | None


class Told(NamedTuple):
    """The answer: the reason or `allow`, until when, the last check that ran, and the caps."""

    word: str
    until: datetime | None
    checks: int
    marketing_daily: int
    channel_daily: int | None
    jurisdictions: tuple[str, ...]


def evaluate(tenant: Tenant, person: Person, asked: Asked) -> Told:
    """What the table says about one person."""
    return _Reading(tenant, person, asked).answer()


class _Reading:
    """One case, read row by row."""

    def __init__(self, tenant: Tenant, person: Person, asked: Asked) -> None:
        self.tenant, self.person, self.asked = tenant, person, asked
        self.group, self.kind = KINDS[asked.category]
        self.marketing = self.kind == "marketing"
        self.said = (person.preference or {}) if person.is_contact else {}
        homes = tenant.branches.get(person.home or "", (True, None))[1] if person.is_contact else None
        self.own_zone = self.said.get("time_zone") or (person.zone if person.is_contact else None) or homes
        of_branch = tenant.branches.get(asked.branch or "", (True, None))[1]
        self.zone = self.own_zone or of_branch or tenant.zone
        self.places = self._places()

    def answer(self) -> Told:
        for number in (1, 2, 3, 4, 5, 6, 7, 8):
            denial = self._deny(number)
            if denial:
                return self._told(denial, None, number)
        until, word = self.asked.at, ""
        if self.tenant.state == "suspended":
            until, word = self.asked.at + timedelta(hours=1), "tenant_suspended"
        instant = self.asked.at
        while True:
            # Deferrals are collected, in the order of the rows; a denial ends it where it stands.
            for number in (9, 10, 11, 12, 13, 14):
                denial, later = self._clock(number, instant)
                if denial:
                    return self._told(denial, None, number)
                if later and later[0] > until:
                    until, word = later
            if until == instant:
                break
            if until > self.asked.at + 14 * DAY:
                return self._told("no_window", None, 14)
            instant = until
        if not word:
            return self._told("allow", None, 15)
        if self._row(15) and self.asked.expires is not None and until >= self.asked.expires:
            return self._told("expires_before_window", None, 15)
        return self._told(word, until, 15)

    def _told(self, word: str, until: datetime | None, checks: int) -> Told:
        cap = None
        if self.person.is_contact and self.asked.channel in ("email", "sms"):
            default = {"email": 10, "sms": 5}[self.asked.channel]
            name = {"email": "max_emails_per_day", "sms": "max_sms_per_day"}[self.asked.channel]
            cap = self.said[name] if self.said else default
        return Told(word, until, checks, self._daily(), cap, self._named())

    def _row(self, number: int) -> str:
        """What a check does for this kind of message; empty when nothing."""
        does = ROWS[number][COLUMNS[self.kind]]
        return "" if self.kind == "timely" and does == "x, not time-critical" else does

    # --- 1 to 8: denials ---------------------------------------------------------------------------------------------

    def _deny(self, number: int) -> str:
        does = self._row(number)
        if not does:
            return ""
        return str(getattr(self, f"_row_{number}")(does))

    def _row_1(self, _: str) -> str:
        usable = self.person.is_contact if self.asked.channel == "in_app" else self.person.address_ok
        if self.asked.channel == "push" and self.person.is_contact:
            # Delivery knows the devices of a contact, and skips one that has none.
            usable = True
        return "" if usable else "no_address"

    def _row_2(self, _: str) -> str:
        return "contact_erased" if self.person.is_contact and self.person.state == "erased" else ""

    def _row_3(self, does: str) -> str:
        if self.person.is_contact and self.person.state == "blocked":
            return "suppressed"
        for channel, scope, ends in self.person.entries:
            holds = channel in (self.asked.channel, "all") and (ends is None or ends > self.asked.at)
            if holds and self.asked.channel != "in_app" and (scope == "all" or does == "both"):
                return "suppressed"
        return ""

    def _row_4(self, does: str) -> str:
        tenant, channel = self.tenant, self.asked.channel
        if channel in tenant.blocked or tenant.state == "closed":
            return "channel_disabled"
        if does == "x":
            branch_on = tenant.branches.get(self.asked.branch or "", (True, None))[0]
            if not (tenant.marketing and branch_on and channel in tenant.enabled):
                return "marketing_disabled"
        return ""

    def _row_5(self, _: str) -> str:
        return "opted_out" if self.said.get("marketing_opted_out") else ""

    def _row_6(self, _: str) -> str:
        if self.asked.channel not in self.tenant.dnd_channels:
            return ""
        if self.said.get("is_dnd"):
            return "dnd_registered"
        if self.asked.channel not in ("sms", "whatsapp"):
            return ""
        for registry in self.tenant.registries:
            named = self.person.listed.get(registry)
            if named is not None and (not named or self.asked.category in named):
                return "dnd_registered"
        country = {"+49": "DE", "+1": "US", "+9": "IN"}[
            self.person.number[: 3 if self.person.number[1] == "4" else 2]
        ]
        return "dnd_stale" if any(one[:2] == country for one in self.tenant.stale) else ""

    def _row_7(self, does: str) -> str:
        if self.asked.channel == "in_app":
            return ""
        kind = "marketing" if self.marketing else "transactional"
        row = self.person.consents.get((self.asked.channel, kind, self.asked.branch))
        row = row or self.person.consents.get((self.asked.channel, kind, None))
        status, ends = row or ("", None)
        if status in ("granted", "pending") and ends is not None and ends <= self.asked.at:
            status = "expired"
        if does == "revoked only":
            return "consent_revoked" if status == "revoked" else ""
        if status == "granted":
            return ""
        return f"consent_{status}" if status else "no_consent"

    def _row_8(self, does: str) -> str:
        name, channel = self.asked.category, self.asked.channel
        if name in ("account_security", "privacy"):
            return ""
        if self.said.get(f"{channel}_enabled") is False:
            return "channel_off"
        if does == "channel switch only" or not self.person.is_contact:
            return ""
        if channel == "sms" and self.said.get("sms_critical_only"):
            return "sms_critical_only"
        on = self._chosen(0)
        if on is None:
            on = not (self.group == "marketing" and channel in ("sms", "push"))
        return "" if on else "category_off"

    def _chosen(self, part: int) -> Any:
        """What the contact said about the category, else about its group: the switch (0) or the frequency (1)."""
        for name in (self.asked.category, f"group:{self.group}"):
            cell = self.person.grid.get((name, self.asked.channel))
            if cell is not None and cell[part] is not None:
                return cell[part]
        return None

    # --- 9 to 14: what depends on the clock --------------------------------------------------------------------------

    def _clock(self, number: int, instant: datetime) -> tuple[str, tuple[datetime, str] | None]:
        """The denial of a check at an instant, or until when it holds back and why."""
        if not self._row(number):
            return "", None
        if number == 9:
            return self._tenant_caps(instant), None
        if number == 10:
            return self._own_cap(instant)
        waits = {11: self._quiet, 12: self._texts, 13: self._sends, 14: self._digest}[number](instant)
        later = [wait for wait in waits if wait is not None]
        word = {11: "quiet_hours", 12: "sms_window", 13: "send_window", 14: "digest"}[number]
        return "", (max(later), word) if later else None

    def _is_today(self, instant: datetime) -> bool:
        zone = ZoneInfo(self.zone)
        return instant.astimezone(zone).date() == self.asked.at.astimezone(zone).date()

    @property
    def _is_capped(self) -> bool:
        """Whether a law counts the texts of 24 hours."""
        return self.marketing and self.asked.channel == "sms" and bool(THREE_IN_24_HOURS & set(self.places))

    def _daily(self) -> int:
        return min(self.tenant.daily, 3) if self._is_capped else self.tenant.daily

    def _tenant_caps(self, instant: datetime) -> str:
        if self.person.usage is None:
            return ""
        _, today, week, recent = self.person.usage
        if (today if self._is_today(instant) else 0) >= self.tenant.daily:
            return "daily_cap_reached"
        if self._is_capped and recent >= 3:
            return "daily_cap_reached"
        return "weekly_cap_reached" if week >= self.tenant.weekly else ""

    def _own_cap(self, instant: datetime) -> tuple[str, tuple[datetime, str] | None]:
        cap = self._told("", None, 0).channel_daily
        if cap is None or self.person.usage is None:
            return "", None
        if (self.person.usage[0] if self._is_today(instant) else 0) < cap:
            return "", None
        if self.marketing:
            return "daily_cap_reached", None
        zone = ZoneInfo(self.zone)
        day = instant.astimezone(zone).date() + DAY
        midnight = first_minute(self.zone, day, time(0))
        return "", (midnight, "daily_cap_reached")

    def _quiet(self, instant: datetime) -> list[datetime | None]:
        own = None
        if self.said.get("quiet_hours_enabled"):
            own = (self.said["quiet_hours_start"], self.said["quiet_hours_end"])
        found = [ends_at(quiet, instant, self.zone) for quiet in (own, self.tenant.quiet) if quiet]
        if self.marketing and self.asked.channel in ("sms", "whatsapp", "push"):
            for code, zones in self.places.items():
                if code in NIGHTS:
                    first, last = NIGHTS[code]
                    found += [opens_at((time(first), time(last)), instant, zone) for zone in zones]
        return found

    def _texts(self, instant: datetime) -> list[datetime | None]:
        channel = self.asked.channel
        if channel != "sms" and not (channel == "whatsapp" and self.marketing):
            return []
        found = [
            opens_at(window, instant, self.zone) for window in ((time(8), time(21)), self.tenant.sms_window)
        ]
        for code, zones in self.places.items():
            if self.marketing and code in TEXT_HOURS and (channel == "sms" or code in OVER_THE_TOP):
                found += [_law_opens(code, instant, zone) for zone in zones]
        return found

    def _sends(self, instant: datetime) -> list[datetime | None]:
        return [opens_at(self.tenant.send_window, instant, self.zone)]

    def _digest(self, instant: datetime) -> list[datetime | None]:
        often = self._chosen(1) or self.said.get(f"{self.asked.channel}_frequency") or "immediate"
        if often == "immediate":
            return []
        at = self.said.get("digest_time", time(9))
        day = self.asked.at.astimezone(ZoneInfo(self.zone)).date()
        for ahead in range(-1, 40):
            one = day + ahead * DAY
            if (
                often == "daily"
                or (often == "weekly" and one.weekday() == 0)
                or (often == "monthly" and one.day == 1)
            ):
                leaves = first_minute(self.zone, one, at)
                if leaves >= self.asked.at:
                    return [leaves] if leaves > instant else []
        raise AssertionError("a month has a first day")

    # --- where the person may be -------------------------------------------------------------------------------------

    def _places(self) -> dict[str, list[str]]:
        """The jurisdictions that bind, each with the zones the person may be in."""
        own = self.own_zone or ""
        region = self.person.region if self.person.is_contact else ""
        number = (
            self.person.number if self.asked.channel in ("sms", "whatsapp") and self.person.address_ok else ""
        )
        named = region or {"+1": "US-FL", "+4": "DE", "+9": "IN", "": ""}[number[:2]]
        found: dict[str, list[str]] = {}
        if named:
            zones = ZONES_OF[named]
            found = {code: [own] if own in zones else list(zones) for code in AROUND[named]}
            if region or own in zones:
                return found
        for code in WITHIN.get(own, []):
            found.setdefault(code, []).append(own)
        if not named and not own:
            found = {code: list(ZONES_OF[self.tenant.region]) for code in AROUND[self.tenant.region]}
        return found

    def _named(self) -> tuple[str, ...]:
        if not self.marketing:
            return ()
        texts = {code for code in self.places if code in TEXT_HOURS}
        held = {"sms": texts, "whatsapp": texts & OVER_THE_TOP, "push": set[str]()}.get(self.asked.channel)
        if held is None:
            return ()
        return tuple(sorted(held | (set(self.places) & set(NIGHTS))))


# ---------------------------------------------------------------------------------------------------------------------
# Clocks: a local time is the first minute that shows it, or a later one (GEN-14); windows start with it and end before
# ---------------------------------------------------------------------------------------------------------------------
@cache
def first_minute(zone: str, day: date, at: time) -> datetime:
    """The first minute whose clock shows a local time, or a later one."""
    local, clock = datetime.combine(day, at), ZoneInfo(zone)
    guess = local.replace(tzinfo=UTC) - (
        local.replace(tzinfo=UTC).astimezone(clock).utcoffset() or timedelta()
    )
    minute = guess - timedelta(hours=3)
    while minute.astimezone(clock).replace(tzinfo=None) < local:
        minute += MINUTE
    return minute


def _spans(window: tuple[time, time], instant: datetime, zone: str) -> list[tuple[datetime, datetime]]:
    start, end = window
    today = instant.astimezone(ZoneInfo(zone)).date()
    days = [today + ahead * DAY for ahead in range(-1, 4)]
    spans = [
        (first_minute(zone, day, start), first_minute(zone, day if start < end else day + DAY, end))
        for day in days
    ]
    return [] if start == end else [span for span in spans if span[0] < span[1]]


def ends_at(window: tuple[time, time], instant: datetime, zone: str) -> datetime | None:
    """When the span that holds the instant ends; None outside of one."""
    return next((end for start, end in _spans(window, instant, zone) if start <= instant < end), None)


def opens_at(window: tuple[time, time], instant: datetime, zone: str) -> datetime | None:
    """When a window opens next; None when it is open, or is none."""
    spans = _spans(window, instant, zone)
    if not spans or any(start <= instant < end for start, end in spans):
        return None
    return min(start for start, _ in spans if start > instant)


def _law_opens(code: str, instant: datetime, zone: str) -> datetime | None:
    weekdays, saturdays, sundays = TEXT_HOURS[code]
    today = instant.astimezone(ZoneInfo(zone)).date()
    starts = []
    for ahead in range(6):
        day = today + ahead * DAY
        hours = {5: saturdays, 6: sundays}.get(day.weekday(), weekdays)
        if hours is None or (day.month, day.day) in HOLIDAYS.get(code, set()):
            continue
        start, end = first_minute(zone, day, time(hours[0])), first_minute(zone, day, time(hours[1]))
        if start <= instant < end:
            return None
        starts.append(start)
    return min(start for start in starts if start > instant)
