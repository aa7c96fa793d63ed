"""Places people live in: ISO 3166 codes, and the zones that lie in them, as the zone data itself says."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

_CODE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?", re.ASCII)

_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR"
    " PA RI SC SD TN TX UT VT VA WA WV WI WY"
)
_PROVINCES = "AB BC MB NB NL NS NT NU ON PE QC SK YT"

SUBDIVISIONS: Mapping[str, frozenset[str]] = {
    "US": frozenset(_STATES.split()),
    "CA": frozenset(_PROVINCES.split()),
}
"""Subdivisions of the countries within which rules differ; those of other countries are taken as they are written."""


def region_code(text: str) -> str:
    """Returns a code of ISO 3166-1 (`DE`) or 3166-2 (`US-FL`) in capitals; ValueError for anything else."""
    code = text.strip().upper()
    match = _CODE.fullmatch(code)
    if match is None or match[1] not in countries():
        raise ValueError("must be an ISO 3166 code such as DE or US-FL")
    if match[2] and match[2] not in SUBDIVISIONS.get(match[1], {match[2]}):
        raise ValueError(f"names no part of {match[1]} in ISO 3166-2")
    return code


def country_code(text: str) -> str:
    """Returns a code of ISO 3166-1 (`DE`); ValueError for anything else."""
    if text not in countries():
        raise ValueError("must be a country of ISO 3166, such as DE")
    return text


@cache
def countries() -> frozenset[str]:
    """Returns every code of ISO 3166-1 that the zone data knows."""
    return frozenset(code for code, _ in _rows("iso3166.tab"))


@cache
def zones_of(country: str) -> frozenset[str]:
    """Returns the canonical names of the zones that lie in a country; empty for one without any."""
    return _by_country().get(country, frozenset())


@cache
def countries_of(zone: str) -> frozenset[str]:
    """Returns the countries in which clocks run like a zone; empty for zones that are no place, such as UTC.

    A name of its own for a country (`Europe/Stockholm`) names that country alone, whatever zone it is a link to.
    """
    own = _by_name().get(zone)
    if own is not None:
        return own
    return frozenset(country for country, zones in _by_country().items() if canonical_zone(zone) in zones)


@cache
def canonical_zone(name: str) -> str:
    """Returns the zone that a name is a link to; the name itself when it is none."""
    links = _links()
    while name in links:
        name = links[name]
    return name


@cache
def _by_name() -> Mapping[str, frozenset[str]]:
    """The countries of names that stand for places in them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for country, _, zone, *_ in _rows("zone.tab"):
        found[zone].add(country)
    # A zone that several countries share is one of them by name, and any of them by its clock.
    for shared, _, zone, *_ in _rows("zone1970.tab"):
        found[zone].update(shared.split(","))
    return {zone: frozenset(codes) for zone, codes in found.items()}


@cache
def _by_country() -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for zone, codes in _by_name().items():
        for country in codes:
            found[country].add(canonical_zone(zone))
    return {country: frozenset(zones) for country, zones in found.items()}


@cache
def _links() -> Mapping[str, str]:
    """Every link of the zone data by its name."""
    lines = files("tzdata.zoneinfo").joinpath("tzdata.zi").read_text("utf-8").splitlines()
    return {
        name: target for kind, target, name in (line.split() for line in lines if line[:2] == "L ") if kind
    }


def _rows(name: str) -> Iterator[list[str]]:
    text = files("tzdata.zoneinfo").joinpath(name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
