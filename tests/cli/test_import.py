"""Importing into the real services: counts that add up, repeats that double nothing, interruptions that lose nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.demo import people
from cli.importing import FileRefused, import_contacts
from cli.importing.importer import BLOCK
from services.common.clock import FixedClock
from services.common.errors import ServiceError
from tests.cli.importing import HEADER, Town, town

GOOD = "c-{0},person{0}@example.com,,Ann,en,yes,form,2025-03-01T09:30:00Z,\n"


@pytest.fixture
def owner_url(clone_database: Callable[[Iterable[str]], str]) -> str:
    return clone_database(["campaign", "consent"])


@pytest.fixture
async def place(owner_url: str, redis_url: str, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Town]:
    async with town(owner_url, redis_url, clock, tmp_path) as found:
        yield found


@pytest.fixture
def rows_of(owner_url: str) -> Callable[[str], list[tuple[Any, ...]]]:
    def ask(query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(owner_url) as connection:
            return connection.execute(query).fetchall()

    return ask


Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.mark.req("CAM-5", "CAM-116")
async def test_a_row_of_a_branch_that_is_not_there_is_told_by_its_line_and_all_fields_arrive(
    place: Town, rows_of: Ask
) -> None:
    absent = "0190a1b2-0000-7000-8000-000000000001"
    report = await place.import_text(
        "external_id,branch,birthday,staff,customer_type,visits,last_visit\n"
        f"c-1,{absent},,,,,\n"
        "c-2,,--02-29,ada,regular,3,2024-05-01T10:00:00Z\n"
    )
    assert (report.rows, report.created, report.rejected) == (2, 1, 1)
    [problem] = report.problems
    assert (problem.line, problem.column, problem.code) == (2, "branch", "invalid_branch")
    assert "no branch of the tenant" in problem.reason
    told = rows_of(
        "SELECT birth_month, birth_day, birth_year, assigned_staff_id, customer_type, visit_count,"
        " extract(year FROM last_visit_at)::int FROM campaign.contact"
    )
    assert told == [(2, 29, None, "ada", "regular", 3, 2024)]


@pytest.mark.req("REL-24", "CON-27")
async def test_good_rows_go_in_and_bad_rows_are_told(place: Town, rows_of: Ask) -> None:
    report = await place.import_text(
        HEADER
        + "c-1,maya@example.com,,Maya,en,yes,newsletter form,2025-03-01T09:30:00Z,\n"
        + "c-2,tom@example.com,,Tom,de,revoked,,,\n"
        + "c-3,lea@example.com,030 901820,Léa,fr,,,,hard_bounce\n"
        + "c-4,maya@,,Maya,en,,,,\n"
        + "c-5,,call me,Bo,en,,,,\n"
        + "c-6,,,Nobody,en,no,,,\n"
    )
    assert (report.rows, report.created, report.rejected) == (6, 4, 2)
    assert [(one.line, one.column, one.code) for one in sorted(report.problems)] == [
        (5, "email", "invalid_email"),
        (6, "phone", "invalid_phone"),
    ]
    assert report.consents_changed == 2
    assert report.suppressions_added == 2
    assert rows_of("SELECT external_id, phone FROM campaign.contact ORDER BY 1") == [
        ("c-1", None),
        ("c-2", None),
        ("c-3", "+4930901820"),
        ("c-6", None),
    ]
    assert rows_of("SELECT status, count(*) FROM consent.consent GROUP BY 1 ORDER BY 1") == [
        ("granted", 1),
        ("revoked", 1),
    ]


@pytest.mark.req("REL-24")
async def test_importing_the_same_file_again_changes_nothing(
    place: Town, rows_of: Ask, clock: FixedClock
) -> None:
    text = HEADER + "".join(GOOD.format(number) for number in range(30))
    text += "c-left,left@example.com,,Lee,en,revoked,,2025-04-01T00:00:00Z,\n"
    text += "c-gone,gone@example.com,,Gil,en,,,,hard_bounce\n"
    first = await place.import_text(text)
    clock.advance(timedelta(days=1))
    again = await place.import_text(text)
    assert (first.created, first.consents_changed, first.suppressions_added) == (32, 31, 1)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 32)
    assert (again.consents_changed, again.consents_unchanged, again.suppressions_unchanged) == (0, 31, 1)
    assert rows_of("SELECT count(*) FROM consent.consent_audit WHERE field_changed = 'email_consent'") == [
        (31,)
    ]


async def test_a_later_file_updates_what_it_names(place: Town, rows_of: Ask) -> None:
    await place.import_text(HEADER + GOOD.format(1))
    report = await place.import_text("id,language\nc-1,de\n")
    assert (report.created, report.updated) == (0, 1)
    assert rows_of("SELECT email, language_code FROM campaign.contact") == [("person1@example.com", "de")]


async def test_a_grant_older_than_a_withdrawal_is_overridden(place: Town, rows_of: Ask) -> None:
    await place.import_text(HEADER + "c-1,a@example.com,,A,en,revoked,,2025-04-01T00:00:00Z,\n")
    report = await place.import_text(HEADER + "c-1,a@example.com,,A,en,yes,form,2025-03-01T00:00:00Z,\n")
    assert report.consents_overridden == 1
    assert rows_of("SELECT status FROM consent.consent") == [("revoked",)]


async def test_more_rows_than_a_block_come_in_whole(place: Town, rows_of: Ask) -> None:
    count = 2 * BLOCK + 345
    report = await place.import_text(HEADER + "".join(GOOD.format(number) for number in range(count)))
    assert (report.rows, report.created, report.consents_changed) == (count, count, count)
    assert rows_of("SELECT count(*) FROM consent.consent WHERE status = 'granted'") == [(count,)]


async def test_wide_rows_travel_in_smaller_blocks(place: Town) -> None:
    wide = "x" * 20_000
    rows = "".join(f"c-{number},{wide}\n" for number in range(300))
    report = await place.import_text("external_id,attributes.story\n" + rows)
    assert (report.created, report.rejected) == (300, 0)


async def test_the_example_file_comes_in_with_every_bad_row_told(place: Town) -> None:
    path = place.folder / "contacts.csv"
    people.write(path, recipients=400, bad=2 * people.KINDS, seed="here")
    report = await import_contacts(path, place.channels, clock=place.clock)
    spoiled = list(people.spoiled(2 * people.KINDS, "here"))
    assert report.created == 400
    assert report.rejected == len(spoiled)
    assert report.rows == report.created + report.rejected
    assert report.reasons.total() == report.rejected
    assert not report.incomplete


@pytest.mark.req("REL-24")
async def test_a_service_that_goes_away_in_between_costs_nothing(place: Town, rows_of: Ask) -> None:
    count = 6 * BLOCK
    path = place.folder / "people.csv"
    path.write_text(HEADER + "".join(GOOD.format(number) for number in range(count)))
    settled = 0
    gone = asyncio.Event()

    def on_rows(rows: int) -> None:
        nonlocal settled
        settled += rows
        if settled >= 2 * BLOCK:
            gone.set()

    async def interrupt() -> None:
        await gone.wait()
        place.to_campaign.cut()
        await asyncio.sleep(0.5)
        await place.to_campaign.mend()

    interrupting = asyncio.create_task(interrupt())
    report = await import_contacts(path, place.channels, clock=place.clock, on_rows=on_rows)
    await interrupting
    assert report.rows == report.imported == settled == count
    assert report.consents_changed == count
    assert rows_of("SELECT count(*), count(DISTINCT external_id) FROM campaign.contact") == [(count, count)]


async def test_a_refusal_ends_the_import_with_its_reason(place: Town) -> None:
    place.channels._person = (place.campaign.tenant_id, "anna", ("platform_admin",))
    with pytest.raises(ServiceError) as refused:
        await place.import_text(HEADER + "".join(GOOD.format(number) for number in range(9 * BLOCK)))
    assert refused.value.reason == "PERMISSION_DENIED"


async def test_a_file_that_is_no_list_of_people_imports_nothing(place: Town, rows_of: Ask) -> None:
    with pytest.raises(FileRefused):
        await place.import_text("name,colour\nsky,blue\n")
    assert rows_of("SELECT count(*) FROM campaign.contact") == [(0,)]
