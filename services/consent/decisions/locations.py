"""Where a person may be: what was said, else what the phone number and the zone tell."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

import phonenumbers

from services.common.regions import canonical_zone, countries_of, region_code, zones_of

AREA_CODES = "area_codes.toml"
_NANP = "+1"
_NOWHERE_IN_NANP = ("CA", "US")
"""Countries of a number whose area code belongs to no place."""


def number_regions(number: str) -> tuple[str, ...]:
    """Returns the countries, or states and provinces, that an E.164 number was made for; several share some codes."""
    return _prefix_regions(number[:5])


@lru_cache(maxsize=8192)
def _prefix_regions(prefix: str) -> tuple[str, ...]:
    if prefix.startswith(_NANP):
        return area_codes().get(int(prefix[2:]), _NOWHERE_IN_NANP) if prefix[2:].isdecimal() else ()
    for length in (1, 2, 3):
        if (digits := prefix[1 : 1 + length]).isdecimal():
            found = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits), ())
            if found:
                return tuple(code for code in found if code != "001")
    return ()


@cache
def area_codes() -> Mapping[int, tuple[str, ...]]:
    """Returns the places of North American area codes; ValueError for a place that is none."""
    text = files("services.consent.decisions").joinpath("jurisdictions", AREA_CODES).read_text("utf-8")
    found: defaultdict[int, list[str]] = defaultdict(list)
    for place, codes in tomllib.loads(text).items():
        for code in codes:
            found[code].append(region_code(place))
    return {code: tuple(places) for code, places in found.items()}


@lru_cache(maxsize=8192)
def candidates(
    region: str, numbers: tuple[str, ...], zone: str, tenant_region: str, parts: "Zones"
) -> frozenset[str]:
    """Returns every place a person may be in; empty when nothing is known at all.

    What was said decides alone. Else number and zone are both evidence, and the tenant's country stands in when there
    is neither. A zone that fits the part of a country the number names adds nothing to it.
    """
    if region:
        return frozenset({region})
    found = set(numbers)
    known = canonical_zone(zone)
    for country in countries_of(zone) if zone else ():
        named = [code for code in numbers if code.startswith(f"{country}-")]
        if not any(known in parts.of(code) for code in named):
            found.add(country)
    if not found and tenant_region:
        found.add(tenant_region)
    return frozenset(found)


class Zones:
    """The zones of countries, and of parts of countries where it is known which lie in them."""

    def __init__(self, parts: Mapping[str, frozenset[str]]) -> None:
        self._parts = {code: frozenset(map(canonical_zone, zones)) for code, zones in parts.items()}

    def of(self, code: str) -> frozenset[str]:
        """Returns the canonical zones of a place; those of its country when more is not known."""
        return self._parts.get(code) or zones_of(code[:2])
