"""Laws as data: the files are whole and sourced, every place finds its rules, and no tenant can loosen one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.regions import SUBDIVISIONS, canonical_zone, countries_of, zones_of
from services.consent.decisions.categories import CATEGORIES, Channel
from services.consent.decisions.domain import decide
from services.consent.decisions.facts import Decision, Deployment, Facts, Policy, Question, Usage
from services.consent.decisions.law import Law, easter, rule_opens_at
from services.consent.decisions.lawbook import LawBook, built_in, read_jurisdiction
from services.consent.decisions.locations import area_codes, number_regions
from services.consent.decisions.windows import Window

BOOK = built_in()
START = datetime(2024, 1, 1, tzinfo=UTC)
ALWAYS = Window(time(0), time(0))
EVERYWHERE = frozenset({"email", "sms", "whatsapp", "push", "in_app", "webhook"})
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def law(
    region: str = "",
    number: str = "",
    zone: str = "",
    tenant: str = "",
    channel: str = "sms",
    kind: str = "marketing",
) -> Law:
    numbers = number_regions(number) if number else ()
    return BOOK.binding(channel, kind, region=region, numbers=numbers, zone=zone, tenant_region=tenant)


def ask(
    found: Law,
    at: datetime,
    zone: str = "UTC",
    channel: Channel = "sms",
    category: str = "offer",
    usage: Usage | None = None,
    policy: Policy | None = None,
) -> Decision:
    """The decision about somebody whom nothing but the law holds back."""
    facts = Facts(consent="granted", category_on=True, time_zone=zone, law=found)
    rules = policy or Policy(
        marketing_enabled=True,
        enabled_channels=EVERYWHERE,
        send_window=ALWAYS,
        sms_window=ALWAYS,
        daily_limit=100,
        weekly_limit=100,
        default_time_zone="UTC",
    )
    question = Question(channel, CATEGORIES[category], at, rules, Deployment(EVERYWHERE, ALWAYS, "UTC"))
    return decide(facts, question, usage)


def at(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type, misc]


def open_hours(found: Law, zone: str, day: date, channel: Channel = "sms") -> list[int]:
    """The hours of a local day in which a message may arrive."""
    hours = (datetime.combine(day, time(hour, 30), ZoneInfo(zone)) for hour in range(24))
    return [one.hour for one in hours if ask(found, one.astimezone(UTC), zone, channel).outcome == "allow"]


CENTRAL = ("US", "US-AL", "US-FL", "US-KY", "US-LA", "US-MS", "US-OK", "US-TX")
"""Whose laws bind somebody of whom only Chicago's clock is known."""
WEEKDAY, SATURDAY, SUNDAY = date(2026, 3, 4), date(2026, 3, 7), date(2026, 3, 1)
NEW_YORK, CHICAGO, KOLKATA, SEOUL = "America/New_York", "America/Chicago", "Asia/Kolkata", "Asia/Seoul"


@pytest.mark.req("CON-81", "SEC-50")
@pytest.mark.parametrize(
    ("region", "zone", "day", "first", "last"),
    [
        ("US-CA", "America/Los_Angeles", WEEKDAY, 8, 20),
        ("US-FL", NEW_YORK, WEEKDAY, 8, 19),
        ("US-OK", CHICAGO, SUNDAY, 8, 19),
        ("US-MD", NEW_YORK, WEEKDAY, 8, 19),
        ("US-CT", NEW_YORK, WEEKDAY, 9, 19),
        ("US-TX", CHICAGO, SATURDAY, 9, 20),
        ("US-TX", CHICAGO, SUNDAY, 12, 20),
        ("US-WA", "America/Los_Angeles", WEEKDAY, 8, 19),
        ("US-MA", NEW_YORK, WEEKDAY, 8, 19),
        ("US-KY", NEW_YORK, WEEKDAY, 10, 20),
        ("US-AL", CHICAGO, SATURDAY, 8, 19),
        ("US-LA", CHICAGO, WEEKDAY, 8, 19),
        ("US-MS", CHICAGO, WEEKDAY, 8, 19),
        ("US-MI", "America/Detroit", WEEKDAY, 8, 20),
        ("US-MN", CHICAGO, WEEKDAY, 8, 20),
        ("US-NV", "America/Los_Angeles", SUNDAY, 9, 19),
        ("US-NJ", NEW_YORK, SUNDAY, 8, 20),
        ("US-NM", "America/Denver", WEEKDAY, 9, 20),
        ("US-RI", NEW_YORK, WEEKDAY, 9, 17),
        ("US-RI", NEW_YORK, SATURDAY, 10, 16),
        ("US-VA", NEW_YORK, SUNDAY, 8, 20),
        ("GU", "Pacific/Guam", WEEKDAY, 8, 20),
        ("IN", KOLKATA, SUNDAY, 10, 20),
        ("KR", SEOUL, WEEKDAY, 8, 20),
        ("DE", "Europe/Berlin", SUNDAY, 0, 23),
        ("CA-ON", "America/Toronto", SUNDAY, 0, 23),
        ("FR", "Europe/Paris", SUNDAY, 0, 23),
    ],
)
def test_marketing_texts_keep_the_hours_of_the_place(
    region: str, zone: str, day: date, first: int, last: int
) -> None:
    assert open_hours(law(region, zone=zone), zone, day) == list(range(first, last + 1))


@pytest.mark.req("CON-81")
@pytest.mark.parametrize("region", ["US-AL", "US-LA", "US-MS", "US-RI"])
def test_where_sundays_and_holidays_are_free_of_marketing_texts_wait_for_the_next_day(region: str) -> None:
    zone = NEW_YORK if region == "US-RI" else CHICAGO
    found = law(region, zone=zone)
    assert open_hours(found, zone, SUNDAY) == []
    assert ask(found, at(zone, 2026, 2, 28, 22), zone).defer_until == at(
        zone, 2026, 3, 2, 9 if region == "US-RI" else 8
    )
    # Mississippi gave its holidays up.
    assert bool(open_hours(found, zone, date(2026, 1, 1))) is (region == "US-MS")


@pytest.mark.req("CON-81", "CON-80", "CON-82")
def test_a_law_speaks_under_the_number_and_reason_of_its_check() -> None:
    night = at(NEW_YORK, 2026, 3, 4, 20, 15)
    text = ask(law("US-FL", zone=NEW_YORK), night, NEW_YORK)
    assert (text.reason, text.defer_until) == ("sms_window", at(NEW_YORK, 2026, 3, 5, 8))
    assert text.jurisdictions == ("US", "US-FL")
    details = {one.check: one.finding.detail for one in text.checks}
    assert details[12] == "law: US-FL hours, Fla. Stat. § 501.616(6)(a) (America/New_York)"
    push = ask(law("KR", zone=SEOUL, channel="push"), at(SEOUL, 2026, 3, 4, 22), SEOUL, "push")
    assert (push.reason, push.defer_until) == ("quiet_hours", at(SEOUL, 2026, 3, 5, 8))
    book = LawBook([read_jurisdiction(MADE_UP)])
    mail = book.binding("email", "marketing", region="DE", numbers=(), zone="", tenant_region="")
    held = ask(mail, at("Europe/Berlin", 2026, 3, 1, 12), "Europe/Berlin", "email")
    assert (held.reason, held.defer_until) == ("send_window", at("Europe/Berlin", 2026, 3, 2, 7))


@pytest.mark.req("CON-78")
def test_a_cap_of_the_law_holds_below_the_limit_of_the_tenant_and_is_told() -> None:
    found, noon = law("US-FL", zone=NEW_YORK), at(NEW_YORK, 2026, 3, 4, 12)
    assert ask(found, noon, NEW_YORK, usage=Usage(0, 2, 2, 2)).outcome == "allow"
    full = ask(found, noon, NEW_YORK, usage=Usage(0, 3, 3, 3))
    assert (full.outcome, full.reason, full.daily_limit) == ("deny", "daily_cap_reached", 3)
    counted = "3 of 3 in 24 hours (law: US-FL 24 hours, Fla. Stat. § 501.616(6)(b))"
    assert full.checks[-1].finding.detail == counted
    # Two last evening and one this morning are three, whatever the calendar says.
    assert ask(found, noon, NEW_YORK, usage=Usage(0, 1, 3, 3)).reason == "daily_cap_reached"
    # Three yesterday morning are none any more.
    assert ask(found, noon, NEW_YORK, usage=Usage(0, 0, 3, 0)).outcome == "allow"
    strict = Policy(
        marketing_enabled=True,
        enabled_channels=EVERYWHERE,
        send_window=ALWAYS,
        sms_window=ALWAYS,
        daily_limit=1,
    )
    stricter = ask(found, noon, NEW_YORK, usage=Usage(0, 1, 1, 1), policy=strict)
    assert (stricter.reason, stricter.daily_limit) == ("daily_cap_reached", 1)
    assert ask(law("US-CA"), noon, NEW_YORK, usage=Usage(0, 3, 3, 3)).daily_limit == 100


@pytest.mark.req("CON-112")
def test_laws_on_marketing_hold_nothing_else_back() -> None:
    night = at(NEW_YORK, 2026, 3, 4, 3)
    for category in ("payment", "reservation", "payment_failed", "account", "account_security"):
        kind = CATEGORIES[category].message_class
        assert (
            ask(law("US-FL", zone=NEW_YORK, kind=kind), night, NEW_YORK, category=category).outcome == "allow"
        )


def test_a_tenant_may_be_stricter_and_never_laxer() -> None:
    found = law("US-FL", zone=NEW_YORK)
    narrow = Policy(
        marketing_enabled=True,
        enabled_channels=EVERYWHERE,
        send_window=Window(time(10), time(12)),
        sms_window=Window(time(6), time(23)),
    )
    hours = (datetime.combine(WEEKDAY, time(hour, 30), ZoneInfo(NEW_YORK)) for hour in range(24))
    allowed = [
        one.hour
        for one in hours
        if ask(found, one.astimezone(UTC), NEW_YORK, policy=narrow).outcome == "allow"
    ]
    assert allowed == [10, 11]
    wide = replace(narrow, send_window=ALWAYS, sms_window=ALWAYS)
    late = ask(found, at(NEW_YORK, 2026, 3, 4, 20), NEW_YORK, policy=wide)
    assert late.reason == "sms_window"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"region": "US-FL", "number": "+12065550100", "tenant": "DE"}, ("US", "US-FL")),
        ({"region": "DE", "number": "+13055550100"}, ()),
        ({"number": "+13055550100"}, ("US", "US-FL")),
        ({"number": "+13055550100", "zone": NEW_YORK}, ("US", "US-FL")),
        ({"number": "+13055550100", "zone": "America/Los_Angeles"}, ("US", "US-FL", "US-NV", "US-WA")),
        ({"number": "+12125550100"}, ("US",)),
        ({"number": "+16045550100", "tenant": "US"}, ()),
        ({"number": "+491701234567", "zone": KOLKATA}, ("IN",)),
        ({"number": "+919812345678", "zone": "Europe/Berlin"}, ("IN",)),
        ({"zone": CHICAGO}, CENTRAL),
        ({"zone": "US/Central"}, CENTRAL),
        ({"zone": "America/Los_Angeles"}, ("US", "US-NV", "US-WA")),
        ({"zone": "Etc/UTC", "tenant": "IN"}, ("IN",)),
        ({"tenant": "KR"}, ("KR",)),
        ({"number": "+16715550100"}, ("US",)),
        ({"region": "PR"}, ("US",)),
    ],
)
def test_every_place_somebody_may_be_in_binds_at_once(
    known: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert law(**known).jurisdictions == expected


def test_where_nothing_is_known_every_law_binds() -> None:
    texts = {code for code, one in BOOK.jurisdictions.items() for rule in one.rules if "sms" in rule.channels}
    assert set(law().jurisdictions) == texts
    assert set(law(zone="Etc/UTC").jurisdictions) == texts
    assert set(law(number="+18005550100").jurisdictions) == {code for code in texts if code[:2] == "US"}


def test_a_place_with_several_zones_allows_only_what_all_of_them_allow() -> None:
    # Without a zone a number of Florida may be in its eastern or its central part.
    assert open_hours(law(number="+13055550100"), NEW_YORK, WEEKDAY) == list(range(9, 20))
    assert open_hours(law(number="+13055550100", zone=CHICAGO), CHICAGO, WEEKDAY) == list(range(8, 20))
    # Somewhere in the country: from Honolulu's morning to New York's evening, less what states say.
    assert open_hours(law("US"), NEW_YORK, WEEKDAY) == list(range(13, 18))


@pytest.mark.req("CON-69")
def test_laws_of_two_places_are_moved_through_until_both_allow() -> None:
    found = law(number="+919812345678", zone=SEOUL)
    assert found.jurisdictions == ("IN", "KR")
    decision = ask(found, at(SEOUL, 2026, 3, 4, 21, 30), SEOUL)
    assert decision.defer_until == at(KOLKATA, 2026, 3, 5, 10)
    assert ask(found, decision.defer_until, SEOUL).outcome == "allow"


@settings(max_examples=300)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(["", "US", "US-FL", "US-TX", "IN", "KR", "FR", "GU"]),
    st.sampled_from(["", "+13055550100", "+18005550100", "+919812345678", "+447911123456"]),
    st.integers(0, 7 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
)
def test_in_every_zone_a_law_defers_to_an_instant_at_which_every_bound_is_open(
    zone: str, region: str, number: str, instant: datetime
) -> None:
    found = law(region, number, zone)
    decision = ask(found, instant, zone)
    if decision.outcome == "defer":
        assert decision.defer_until is not None
        until = decision.defer_until
        assert all(
            rule_opens_at(bound.rule, until, one) is None for bound in found.bounds for one in bound.zones
        )
        assert any(
            rule_opens_at(bound.rule, instant, one) is not None
            for bound in found.bounds
            for one in bound.zones
        )
    elif decision.outcome == "allow":
        assert found.opens_at("window", instant) is None


def test_every_zone_of_the_zone_data_finds_its_law() -> None:
    for zone in ZONES:
        found = law(zone=zone, tenant="DE")
        if "US" in countries_of(zone):
            assert "US" in found.jurisdictions
            assert {one.key for bound in found.bounds for one in bound.zones} == {canonical_zone(zone)}
        if not countries_of(zone):
            assert found.jurisdictions == ()


def test_states_and_their_zones_are_whole() -> None:
    parts = BOOK.jurisdictions["US"].zones
    assert set(parts) == {f"US-{state}" for state in SUBDIVISIONS["US"]}
    assert frozenset[str]().union(*parts.values()) == zones_of("US")
    assert {place for places in area_codes().values() for place in places} >= set(parts) - {"US-DC"} | {
        "CA-QC",
        "PR",
    }


def test_numbers_name_their_country_or_state() -> None:
    assert number_regions("+13055550100") == ("US-FL",)
    assert number_regions("+19025550100") == ("CA-NS", "CA-PE")
    assert number_regions("+18765550100") == ("JM",)
    assert number_regions("+491701234567") == ("DE",)
    assert "GB" in number_regions("+447911123456")
    assert number_regions("+88312345678") == ()


def test_every_rule_names_its_law_section_official_text_and_the_day_it_was_looked_up() -> None:
    rules = [rule for one in BOOK.jurisdictions.values() for rule in one.rules]
    assert len(rules) >= 15
    for rule in rules:
        assert rule.source.law
        assert rule.source.section
        assert rule.source.url.startswith(("https://", "http://"))
        assert date(2026, 1, 1) <= rule.source.as_of
        assert len({one.label for one in rules if one.label == rule.label}) == 1


def test_laws_that_set_no_hours_are_on_file_with_their_source_and_bind_nothing() -> None:
    silent = {code: one.silences for code, one in BOOK.jurisdictions.items() if one.silences}
    assert silent.keys() == {"GB", "FR", "ES"}
    for silences in silent.values():
        for source in silences:
            assert source.law
            assert source.url.startswith("https://")
            assert date(2026, 1, 1) <= source.as_of
    for channel in EVERYWHERE:
        assert law("GB", channel=channel) == Law()


def test_rules_on_calls_bind_no_message() -> None:
    calls = {
        code for code, one in BOOK.jurisdictions.items() if all(r.channels == {"call"} for r in one.rules)
    }
    assert calls == {"CA", "ES", "FR", "GB", "US-MI", "US-MN"}
    for code in calls:
        for channel in EVERYWHERE:
            assert code not in law(code, channel=channel).jurisdictions


MADE_UP = """
code = "DE"
name = "Germany, made up"

[[rule]]
name = "hours"
kind = "window"
channels = ["email"]
classes = ["marketing"]
texts = "named"
law = "A law"
section = "§ 1"
url = "https://example.com/law"
as_of = 2026-11-21
read = "text"
open = [{ days = ["mon", "tue", "wed", "thu", "fri", "sat"], from = "07:00", until = "24:00" }]
closed = ["12-25", "easter+1"]
"""


def test_holidays_and_openings_until_midnight() -> None:
    (rule,) = read_jurisdiction(MADE_UP).rules
    berlin = ZoneInfo("Europe/Berlin")
    assert rule_opens_at(rule, at("Europe/Berlin", 2026, 12, 24, 23, 59), berlin) is None
    assert rule_opens_at(rule, at("Europe/Berlin", 2026, 12, 25, 12), berlin) == at(
        "Europe/Berlin", 2026, 12, 26, 7
    )
    # Easter Monday of 2026 is 6 April; the Sunday before it is closed as every Sunday.
    assert rule_opens_at(rule, at("Europe/Berlin", 2026, 4, 5, 12), berlin) == at(
        "Europe/Berlin", 2026, 4, 7, 7
    )


def test_easter_falls_on_the_days_the_churches_print() -> None:
    known = (
        "2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01 2030-04-21 1961-04-02 2038-04-25"
    )
    for day in map(date.fromisoformat, known.split()):
        assert easter(day.year) == day


def broken() -> Iterator[tuple[str, str]]:
    yield MADE_UP.replace('"07:00"', '"24:00"'), "from"
    yield MADE_UP.replace('"07:00"', '"7:00"'), "from"
    yield (
        MADE_UP.replace('from = "07:00", until = "24:00"', 'from = "22:00", until = "08:00"'),
        "crosses midnight",
    )
    yield MADE_UP.replace('"mon"', '"monday"'), "days"
    yield MADE_UP.replace('"email"', '"fax"'), "channels"
    yield MADE_UP.replace('["marketing"]', '["spam"]'), "classes"
    yield MADE_UP.replace('"window"', '"cap"'), "per_24_hours"
    yield MADE_UP.replace('code = "DE"', 'code = "UK"'), "ISO 3166"
    yield MADE_UP.replace('"12-25"', '"02-30"'), "day is out of range"
    yield MADE_UP.replace('"12-25"', '"christmas"'), "closed"
    yield MADE_UP.replace("as_of = 2026-11-21\n", ""), "as_of"
    yield MADE_UP.replace('read = "text"\n', ""), "read"
    yield MADE_UP.replace('url = "https://example.com/law"\n', ""), "url"
    yield MADE_UP.replace('texts = "named"', 'texts = "calls"'), "channel call alone"
    yield MADE_UP + '\n[zones]\nBY = ["Europe/Munich"]\n', "no zone of the zone data"
    yield MADE_UP + "\nsurprise = 1\n", "surprise"
    yield 'code = "DE"\nname = "Germany"\n', "rule"


@pytest.mark.parametrize(("text", "complaint"), list(broken()))
def test_a_file_that_is_not_whole_stops_the_start(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_jurisdiction(text)


def test_every_file_of_the_folder_is_read() -> None:
    folder = files("services.consent.decisions").joinpath("jurisdictions")
    names = {file.name for file in folder.iterdir()} - {"area_codes.toml"}
    assert names == {f"{code.lower()}.toml" for code in BOOK.jurisdictions}


def test_an_hour_that_a_changeover_takes_or_repeats_keeps_the_law() -> None:
    found = law("US-FL", zone=NEW_YORK)
    for day in (date(2026, 3, 8), date(2026, 11, 1)):
        midnight = at(NEW_YORK, day.year, day.month, day.day)
        opened = [
            midnight + timedelta(minutes=minute)
            for minute in range(0, 26 * 60, 15)
            if ask(found, midnight + timedelta(minutes=minute), NEW_YORK).outcome == "allow"
        ]
        assert opened[0] == at(NEW_YORK, day.year, day.month, day.day, 8)
        assert opened[-1] == at(NEW_YORK, day.year, day.month, day.day, 19, 45)


def test_the_page_for_users_names_every_rule_with_its_source() -> None:
    page = (Path(__file__).parents[2] / "docs" / "consent.md").read_text("utf-8")
    for code, one in BOOK.jurisdictions.items():
        assert f"`{code}`" in page
        for source in (*(rule.source for rule in one.rules), *one.silences):
            assert source.section in page, (code, source.section)
