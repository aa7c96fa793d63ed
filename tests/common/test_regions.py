"""Places: ISO 3166 codes, and the countries and zones that the zone data itself names."""

from zoneinfo import available_timezones

import pytest

from services.common.regions import canonical_zone, countries, countries_of, region_code, zones_of


def test_countries_and_their_parts_are_read_in_any_case() -> None:
    assert region_code("de") == "DE"
    assert region_code(" us-fl ") == "US-FL"
    assert region_code("DE-BY") == "DE-BY"
    assert region_code("CA-QC") == "CA-QC"


@pytest.mark.parametrize(
    "text", ["", "UK", "D", "Germany", "US-ZZ", "CA-FL", "DE-", "DE-ABCD", "US_FL", "１２"]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be an ISO 3166 code|names no part of"):
        region_code(text)


def test_a_zone_names_every_country_whose_clocks_run_like_it() -> None:
    assert countries_of("America/New_York") == countries_of("US/Eastern") == {"US"}
    assert "DE" in countries_of("Europe/Berlin")
    assert countries_of("Europe/Stockholm") == {"SE"}
    assert countries_of("Asia/Calcutta") == countries_of("Asia/Kolkata") == {"IN"}
    assert countries_of("Etc/UTC") == countries_of("EST5EDT") == frozenset()


def test_every_zone_of_a_country_leads_back_to_it() -> None:
    for country in countries():
        for zone in zones_of(country):
            assert canonical_zone(zone) == zone
            assert country in countries_of(zone)
    assert {"America/New_York", "Pacific/Honolulu"} <= zones_of("US")
    assert zones_of("XX") == frozenset()


def test_every_zone_but_those_without_a_place_has_a_country() -> None:
    placeless = {name for name in available_timezones() if not countries_of(name)}
    assert all(
        name.startswith("Etc/") or name.isupper() or name in {"Factory", "localtime"} or "GMT" in name or "DT" in name
        or name in {"Greenwich", "Universal", "Zulu"}
        for name in placeless
    )  # fmt: skip
