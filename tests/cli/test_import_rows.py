"""What rows mean: contacts, consents and suppressions, or problems that say how to mend them."""

from datetime import UTC, datetime

import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_pb2, suppression_service_pb2
from cli.importing.header import layout_of
from cli.importing.problems import Problem
from cli.importing.reader import Row
from cli.importing.rows import ContactRow, RowReader

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def meant(region: str = "", line: int = 2, **columns: str) -> ContactRow | list[Problem]:
    """What one row with these columns means; double underscores stand for dots."""
    named = {"external_id": "c-1"} | {name.replace("__", "."): value for name, value in columns.items()}
    reader = RowReader(layout_of(list(named)), NOW, region)
    return reader.read(Row(line, list(named.values())))


def contact_of(**columns: str) -> ContactRow:
    found = meant(**columns)
    assert isinstance(found, ContactRow), found
    return found


def problem_of(**columns: str) -> Problem:
    found = meant(**columns)
    assert isinstance(found, list)
    assert len(found) == 1, found
    return found[0]


def test_a_row_becomes_a_contact() -> None:
    row = contact_of(
        email="Maya@Example.com",
        phone="+4930901820",
        first_name="Maya",
        last_name="Iyer",
        language="pt_br",
        time_zone="Asia/Kolkata",
        tags="vip; gold;vip",
        attributes__plan="pro",
        attributes__Shoe_Size="42",
    )
    contact = row.contact
    assert contact.external_id == "c-1"
    assert contact.email == "Maya@Example.com"
    assert contact.language_code == "pt-BR"
    assert list(contact.tags) == ["vip", "gold"]
    assert contact.source == "import"
    assert {key: value.string_value for key, value in contact.attributes.fields.items()} == {
        "plan": "pro",
        "Shoe_Size": "42",
    }
    assert not row.consents
    assert not row.suppressions


@pytest.mark.req("CAM-5")
def test_a_column_may_say_what_its_attribute_is() -> None:
    given = {
        "attributes__size:number": "-4.5",
        "attributes__active: Bool": "yes",
        "attributes__since:date": "2026-01-31",
        "attributes__ratio:1": "x",
    }
    fields = contact_of(**given).contact.attributes.fields
    assert (fields["size"].number_value, fields["active"].bool_value) == (-4.5, True)
    assert (fields["since"].string_value, fields["ratio:1"].string_value) == ("2026-01-31", "x")
    for column, value in (("size:number", "1e9"), ("active:bool", "perhaps"), ("since:date", "31.1.2026")):
        problem = problem_of(**{f"attributes__{column}": value})
        assert (problem.column, problem.code) == (
            f"attributes.{column.partition(':')[0]}",
            "invalid_attribute",
        )


@pytest.mark.req("CAM-5")
def test_every_field_of_a_contact_that_a_cell_can_hold_has_a_column() -> None:
    contact = contact_of(
        name="Maya Iyer",
        birth_date="--02-29",
        anniversary_date="2010-06-01",
        customer_type="regular",
        staff="ada",
        visit_count="3",
        first_visit="2024-01-02T10:00:00Z",
        last_visit="2026-05-01T10:00:00+02:00",
        purchase_count="2",
        last_purchase="2026-04-01T10:00:00Z",
        total_spend_minor="1000000000000",
        last_activity="2026-05-02T10:00:00Z",
        membership_status="Active",
        membership_expires="2027-01-01T00:00:00Z",
        loyalty_points="120",
        points_expiring="20",
        points_expire_date="2026-12-31",
    ).contact
    assert (contact.name, contact.birth_date, contact.anniversary_date) == (
        "Maya Iyer",
        "--02-29",
        "2010-06-01",
    )
    assert (contact.customer_type, contact.assigned_staff_id) == ("regular", "ada")
    assert (contact.visit_count, contact.purchase_count, contact.total_spend_minor) == (3, 2, 10**12)
    assert contact.last_visit_time.ToDatetime(UTC) == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert contact.first_visit_time.ToDatetime(UTC) == datetime(2024, 1, 2, 10, tzinfo=UTC)
    assert contact.last_purchase_time.ToDatetime(UTC) == datetime(2026, 4, 1, 10, tzinfo=UTC)
    assert contact.last_activity_time.ToDatetime(UTC) == datetime(2026, 5, 2, 10, tzinfo=UTC)
    assert contact.membership_status == "active"
    assert contact.membership_expire_time.ToDatetime(UTC) == datetime(2027, 1, 1, tzinfo=UTC)
    assert (contact.loyalty_points, contact.points_expiring) == (120, 20)
    assert contact.points_expire_date == "2026-12-31"
    written = {field.name for field, _ in contact.ListFields()} | {
        "contact_id",
        "branch_id",
        "email",
        "phone",
    }
    written |= {"first_name", "last_name", "language_code", "time_zone", "region_code", "tags", "attributes"}
    read_only = {"state", "etag", "create_time", "update_time", "engagement_score", "push_reachable"}
    read_only |= {"has_whatsapp", "consented_channels"}
    many = {"packages", "attended_event_refs"}
    assert {field.name for field in contact.DESCRIPTOR.fields} - read_only - many == written


@pytest.mark.req("CAM-5", "REL-24")
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("birth_date", "31.1.1990", "write 1990-03-14, or --03-14 without the year"),
        ("birth_date", "1990-02-30", "is not a day"),
        ("birth_date", "--02-30", "is not a day"),
        ("anniversary_date", "0000-01-01", "is not a day"),
        ("customer_type", "x" * 51, "at most 50 are allowed"),
        ("staff", "ada\nb", "control character"),
        ("name", "x" * 201, "at most 200 are allowed"),
        ("visit_count", "-1", "is not a whole number from 0 to 2,147,483,647"),
        ("visit_count", "2147483648", "is not a whole number"),
        ("visit_count", "3.0", "is not a whole number"),
        ("last_visit", "2026-05-01", "is not a time with its zone"),
        ("last_visit", "2027-05-01T00:00:00Z", "lies in the future"),
        ("first_visit", "0001-01-01T00:00:00+14:00", "is not a time with its zone"),
        ("membership_status", "gold", "use none, active, expired, cancelled"),
        ("points_expire_date", "--12-31", "write 2026-03-01"),
    ],
)
def test_a_cell_that_is_no_such_value_is_named_with_its_column(column: str, value: str, said: str) -> None:
    problem = problem_of(**{column: value})
    assert problem.column == column
    assert said in problem.reason


def test_a_branch_is_an_id_and_a_name_is_kept_as_an_attribute() -> None:
    by_id = contact_of(branch="0190A1B2-0000-7000-8000-000000000001").contact
    assert by_id.branch_id == "0190a1b2-0000-7000-8000-000000000001"
    by_name = contact_of(branch="North").contact
    assert not by_name.branch_id
    assert by_name.attributes.fields["branch"].string_value == "North"


def test_a_yes_grants_marketing_with_its_source_time_and_evidence() -> None:
    row = contact_of(
        consent_email="Yes",
        consent_sms="no",
        consent_source="newsletter form",
        consent_at="2026-03-01T10:30:00+01:00",
        consent_evidence="wording v3\nbox ticked",
    )
    (consent,) = row.consents
    assert consent.channel == enums_pb2.CHANNEL_EMAIL
    assert consent.message_class == enums_pb2.MESSAGE_CLASS_MARKETING
    assert consent.state == consent_pb2.Consent.STATE_GRANTED
    assert consent.source == consent_pb2.CONSENT_SOURCE_IMPORT
    assert consent.event_time.ToDatetime(UTC) == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert consent.evidence["source"] == "newsletter form"
    assert consent.evidence["evidence"] == "wording v3\nbox ticked"


def test_a_withdrawal_needs_no_time_and_then_counts_from_now() -> None:
    (consent,) = contact_of(consent_email="revoked").consents
    assert consent.state == consent_pb2.Consent.STATE_REVOKED
    assert consent.event_time.ToDatetime(UTC) == NOW


def test_a_suppression_covers_both_addresses_and_a_stop_word_the_number_only() -> None:
    addresses = {"email": "a@example.com", "phone": "+4930901820"}
    both = contact_of(**addresses, suppressed="complaint").suppressions
    assert {(one.address, one.channel) for one in both} == {
        ("a@example.com", enums_pb2.CHANNEL_EMAIL),
        ("+4930901820", enums_pb2.CHANNEL_UNSPECIFIED),
    }
    (stopped,) = contact_of(**addresses, suppressed="sms_stop").suppressions
    assert stopped.address == "+4930901820"
    (left, _) = contact_of(**addresses, suppressed="customer_unsubscribe").suppressions
    assert left.scope == suppression_service_pb2.SUPPRESSION_SCOPE_MARKETING


@pytest.mark.req("REL-24")
@pytest.mark.parametrize(
    ("columns", "column", "code", "said"),
    [
        ({"external_id": ""}, "external_id", "missing_external_id", "is missing"),
        ({"external_id": "x" * 101}, "external_id", "invalid_external_id", "101 characters"),
        ({"email": "maya@"}, "email", "invalid_email", "'maya@' is not an e-mail address"),
        ({"email": "maya iyer@example.com"}, "email", "invalid_email", "m***@example.com"),
        ({"phone": "+12"}, "phone", "invalid_phone", "write +49"),
        ({"first_name": "Ma\x07ya"}, "first_name", "invalid_first_name", "control character"),
        ({"language": "english"}, "language", "invalid_language", "use en, de or a tag"),
        ({"language": "xx"}, "language", "invalid_language", "use en, de or a tag"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "invalid_time_zone", "Europe/Lisbon"),
        ({"tags": "t" * 51}, "tags", "invalid_tags", "50 characters"),
        ({"consent_email": "maybe"}, "consent_email", "invalid_consent_email", "use yes, no or revoked"),
        ({"consent_in_app": "revoked"}, "consent_in_app", "no_such_consent", "switch the channel off"),
        (
            {"consent_email": "yes", "consent_source": "", "consent_at": "2026-03-01T09:30:00Z"},
            "consent_source",
            "missing_consent_source",
            "newsletter form",
        ),
        (
            {"consent_email": "yes", "consent_source": "x", "consent_at": ""},
            "consent_at",
            "missing_consent_at",
            "2026-03-01T09:30:00Z",
        ),
        (
            {"consent_email": "yes", "consent_source": "x", "consent_at": "1.3.2026"},
            "consent_at",
            "invalid_consent_at",
            "with its zone",
        ),
        (
            {"consent_email": "yes", "consent_source": "x", "consent_at": "2026-06-01T12:00:01Z"},
            "consent_at",
            "future_consent_at",
            "lies in the future",
        ),
        (
            {"suppressed": "because", "email": "a@example.com"},
            "suppressed",
            "invalid_suppressed",
            "hard_bounce",
        ),
        ({"suppressed": "manual"}, "suppressed", "nothing_to_suppress", "needs an email"),
        ({"first_name": "J\udcfcrgen"}, "first_name", "not_utf8", "save the file in UTF-8"),
    ],
)
def test_a_bad_value_is_refused_with_its_column_and_the_mend(
    columns: dict[str, str], column: str, code: str, said: str
) -> None:
    problem = problem_of(**columns)
    assert (problem.line, problem.column, problem.code) == (2, column, code)
    assert said in problem.reason


@pytest.mark.req("REL-24")
def test_everything_that_is_wrong_with_a_row_is_told_at_once() -> None:
    found = meant(email="maya@", time_zone="Mars/Olympus", suppressed="because")
    assert isinstance(found, list)
    assert [problem.column for problem in found] == ["email", "time_zone", "suppressed"]


@pytest.mark.req("GEN-35")
def test_addresses_are_masked_in_what_is_reported() -> None:
    assert "maya.iyer" not in problem_of(email="maya.iyer@example.com, tom@example.com").reason
    assert "901820" not in problem_of(phone="+4930901820901820901820").reason


def test_a_national_number_is_read_with_the_country_where_it_is_known() -> None:
    assert isinstance(meant(region="DE", phone="030 901820"), ContactRow)
    assert isinstance(meant(region="DE", phone="call me"), list)
    assert isinstance(meant(region="", phone="030 901820"), ContactRow)


def test_the_first_of_two_rows_with_one_id_counts() -> None:
    reader = RowReader(layout_of(["external_id"]), NOW)
    assert isinstance(reader.read(Row(2, ["c-1"])), ContactRow)
    again = reader.read(Row(9, ["c-1"]))
    assert isinstance(again, list)
    assert again[0].code == "duplicate_external_id"
    assert "line 2" in again[0].reason


def test_a_region_is_a_code_and_a_name_of_a_country_is_none() -> None:
    assert contact_of(region_code="us-fl").contact.region_code == "US-FL"
    assert contact_of(Country_Code="DE").contact.region_code == "DE"
    problem = problem_of(region_code="Germany")
    assert (problem.column, problem.code) == ("region_code", "invalid_region_code")
    assert "US-FL" in problem.reason


def test_rows_of_one_file_that_say_the_same_of_a_consent_mean_the_same_and_a_bad_one_teaches_nothing() -> (
    None
):
    header = ["external_id", "email", "consent_email", "consent_source", "consent_at", "consent_evidence"]
    reader = RowReader(layout_of(header), NOW)
    said = ("yes", "form", "2026-01-02T03:04:05Z", "page 1")
    bad = reader.read(Row(2, ["c-1", "no address", *said]))
    first = reader.read(Row(3, ["c-2", "b@example.com", *said]))
    second = reader.read(Row(4, ["c-3", "c@example.com", *said]))
    other = reader.read(Row(5, ["c-4", "d@example.com", *said[:3], "page 2"]))
    assert isinstance(bad, list)
    assert [problem.column for problem in bad] == ["email"]
    found = [one for one in (first, second, other) if isinstance(one, ContactRow)]
    assert [len(one.consents) for one in found] == [1, 1, 1]
    pages = [one.consents[0].evidence["evidence"] for one in found]
    assert pages == ["page 1", "page 1", "page 2"]
    assert {one.consents[0].event_time.seconds for one in found} == {1767323045}
