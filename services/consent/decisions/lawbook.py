"""The jurisdictions this deployment knows: read from their files, checked, and asked what binds whom."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, time
from importlib.resources import files
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.common.regions import canonical_zone, region_code
from services.consent.decisions.law import Bound, Holiday, Jurisdiction, Kind, Law, Opening, Rule, Source
from services.consent.decisions.locations import AREA_CODES, Zones, candidates
from services.consent.decisions.windows import is_zone, zone_of

_CACHED = 65_536

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Channel = Literal["email", "sms", "whatsapp", "push", "in_app", "call"]
"""Channels a rule can speak of; calls are not made here, so rules on calls alone bind nothing."""
Read = Literal["text", "summary"]
"""Whether somebody read the law itself, or a quotation of it, or what others say of it."""
Code = Annotated[str, AfterValidator(region_code)]


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError(f"{name} is no zone of the zone data")
    return canonical_zone(name)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _OpeningFile(_Model):
    days: tuple[Day, ...] = _WEEK
    start: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    end: str = Field(alias="until", pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")

    @model_validator(mode="after")
    def _in_order(self) -> "_OpeningFile":
        if self.start >= self.end:
            raise ValueError("an opening ends later than it starts; split one that crosses midnight")
        return self

    def opening(self) -> Opening:
        end = None if self.end == "24:00" else time.fromisoformat(self.end)
        return Opening(frozenset(map(_WEEK.index, self.days)), time.fromisoformat(self.start), end)


class _RuleFile(_Model):
    name: str = Field(min_length=1, max_length=40)
    kind: Kind
    channels: tuple[Channel, ...] = Field(min_length=1)
    classes: tuple[Literal["marketing", "transactional", "system"], ...] = Field(min_length=1)
    texts: Literal["named", "cautious", "calls"]
    """Whether the law names text messages, they keep it out of caution, or it is about calls only."""
    law: str = Field(min_length=1)
    section: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://[^ ]+$")
    as_of: date
    read: Read
    note: str = ""
    open: tuple[_OpeningFile, ...] = ()
    closed: tuple[Annotated[str, Field(pattern=r"^(\d\d-\d\d|easter[+-]\d{1,2})$")], ...] = ()
    per_24_hours: int | None = Field(default=None, ge=1)
    """How many marketing messages may arrive in any 24 hours; no law that is known counts by calendar days."""

    @model_validator(mode="after")
    def _whole(self) -> "_RuleFile":
        if (self.kind == "cap") != (self.per_24_hours is not None) or (self.kind == "cap") == bool(self.open):
            raise ValueError("a cap has per_24_hours and no openings, every other rule has openings")
        if (self.texts == "calls") != (self.channels == ("call",)):
            raise ValueError("a rule on calls has the channel call alone")
        return self

    def rule(self, jurisdiction: str) -> Rule:
        return Rule(
            jurisdiction,
            self.name,
            self.kind,
            frozenset(self.channels),
            frozenset(self.classes),
            Source(self.law, self.section, self.url, self.as_of, self.read),
            tuple(one.opening() for one in self.open),
            tuple(map(_holiday, self.closed)),
            self.per_24_hours,
        )


class _SilenceFile(_Model):
    """A law on messages that sets no hours, so that nobody looks for them again."""

    law: str = Field(min_length=1)
    section: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://[^ ]+$")
    as_of: date
    read: Read
    note: str = Field(min_length=1)

    def source(self) -> Source:
        return Source(self.law, self.section, self.url, self.as_of, self.read)


class _File(_Model):
    code: Code
    name: str = Field(min_length=1)
    covers: tuple[Code, ...] = ()
    rule: tuple[_RuleFile, ...] = ()
    silent: tuple[_SilenceFile, ...] = ()
    zones: dict[str, tuple[Annotated[str, AfterValidator(_zone)], ...]] = {}

    @model_validator(mode="after")
    def _says_something(self) -> "_File":
        if not self.rule and not self.silent:
            raise ValueError("a jurisdiction has a rule, or a law that is silent")
        return self

    def jurisdiction(self) -> Jurisdiction:
        parts = {region_code(f"{self.code}-{part}"): frozenset(zones) for part, zones in self.zones.items()}
        rules = tuple(one.rule(self.code) for one in self.rule)
        silences = tuple(one.source() for one in self.silent)
        return Jurisdiction(self.code, self.name, rules, frozenset(self.covers), parts, silences)


class LawBook:
    """All jurisdictions, and what binds whom in them; immutable once read."""

    def __init__(self, jurisdictions: Iterable[Jurisdiction]) -> None:
        self.jurisdictions: Mapping[str, Jurisdiction] = {one.code: one for one in jurisdictions}
        parts = [item for one in self.jurisdictions.values() for item in one.zones.items()]
        self._zones = Zones(dict(parts))
        self._found: dict[tuple[object, ...], Law] = {}

    def binding(
        self,
        channel: str,
        message_class: str,
        *,
        region: str,
        numbers: tuple[str, ...],
        zone: str,
        tenant_region: str,
    ) -> Law:
        """Returns what binds a message to somebody of whom these things are known.

        Args:
            channel: The channel it would take.
            message_class: Its class.
            region: Where the person is said to be; empty when nobody said.
            numbers: The places the phone number was made for.
            zone: The zone of the person, else of the person's branch; empty when neither is known.
            tenant_region: The tenant's country.
        """
        key = (channel, message_class, region, numbers, zone, tenant_region)
        law = self._found.get(key)
        if law is None:
            if len(self._found) >= _CACHED:
                self._found.clear()
            places = self._places(region, numbers, zone, tenant_region)
            law = self._found[key] = self._law(channel, message_class, places)
        return law

    def _places(
        self, region: str, numbers: tuple[str, ...], zone: str, tenant_region: str
    ) -> dict[str, set[str]]:
        """Returns the codes of the jurisdictions that may bind, each with the zones the person may be in there."""
        own = canonical_zone(zone) if zone else ""
        places: dict[str, set[str]] = {}
        found = candidates(region, numbers, zone, tenant_region, self._zones)
        for code in found or self.jurisdictions:
            for jurisdiction, zones in self._within(code, own).items():
                places.setdefault(jurisdiction, set()).update(zones)
        return places

    def _within(self, code: str, own: str) -> dict[str, frozenset[str]]:
        """Returns a place's own jurisdiction, those around it and, of a whole country, all those within."""
        zones = self._zones.of(code)
        if own in zones:
            zones = frozenset({own})
        found = {one.code: zones for one in self.jurisdictions.values() if code in (one.code, *one.covers)}
        if "-" in code:
            if code[:2] in self.jurisdictions:
                found[code[:2]] = zones
            return found
        for part in self.jurisdictions:
            if part.startswith(f"{code}-"):
                within = self._zones.of(part)
                if own in within:
                    found[part] = frozenset({own})
                elif own not in zones:
                    found[part] = within
        return found

    def _law(self, channel: str, message_class: str, places: Mapping[str, Iterable[str]]) -> Law:
        bounds: list[Bound] = []
        caps: list[Rule] = []
        for code in sorted(places):
            for rule in self.jurisdictions[code].rules:
                if channel not in rule.channels or message_class not in rule.classes:
                    continue
                if rule.kind == "cap":
                    caps.append(rule)
                else:
                    bounds.append(Bound(rule, tuple(map(_known, sorted(places[code])))))
        codes = {rule.jurisdiction for rule in (*caps, *(bound.rule for bound in bounds))}
        return Law(tuple(sorted(codes)), tuple(bounds), tuple(caps))


def _known(name: str) -> ZoneInfo:
    return zone_of(name)


def _holiday(text: str) -> Holiday:
    if text.startswith("easter"):
        return Holiday(from_easter=int(text.removeprefix("easter")))
    month, day = map(int, text.split("-"))
    date(2024, month, day)  # refuses what is no day of a year
    return Holiday(month, day)


def read_jurisdiction(text: str) -> Jurisdiction:
    """Returns the jurisdiction of a file; ValueError says what is wrong with it."""
    return _File.model_validate(tomllib.loads(text)).jurisdiction()


def built_in() -> LawBook:
    """Returns the jurisdictions that come with the service; ValueError names the file that cannot be read."""
    found: dict[str, Jurisdiction] = {}
    folder = files("services.consent.decisions").joinpath("jurisdictions")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".toml") or file.name == AREA_CODES:
            continue
        try:
            one = read_jurisdiction(file.read_text("utf-8"))
            if file.name != f"{one.code.lower()}.toml":
                raise ValueError(f"belongs into {one.code.lower()}.toml")
        except (ValueError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"jurisdictions/{file.name}: {error}") from error
        found[one.code] = one
    return LawBook(found.values())


EMPTY = LawBook(())
