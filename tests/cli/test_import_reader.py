"""CSV from outside: whatever it holds, good rows come through and bad ones are told with their line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cli.contacts.showing import COLUMNS
from cli.importing.header import layout_of
from cli.importing.problems import FileRefused
from cli.importing.reader import DELIMITERS, MOST_LINES, BrokenRow, CsvReader, Row
from cli.importing.seen import SeenIds

HEADER = ("external_id", "email", "first_name")


def read(content: bytes) -> list[Row | BrokenRow]:
    return list(CsvReader(io.BytesIO(content)))


def written(rows: list[list[str]], delimiter: str, ending: str, quoting: int) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=quoting).writerows(rows)
    return text.getvalue().encode()


# Texts as people have them in cells: delimiters, quotes, line breaks and any other character that UTF-8 can write.
CELLS = st.text(
    st.one_of(st.sampled_from(",;\t\"\n\r '|=aé漢🙂"), st.characters(exclude_categories=("Cs",))), max_size=12
)


@pytest.mark.req("REL-24", "REL-15")
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    delimiter=st.sampled_from(DELIMITERS),
    ending=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_a_csv_writer_wrote_is_read_back(
    rows: list[list[str]], delimiter: str, ending: str, mark: bytes, quoting: int
) -> None:
    if quoting == csv.QUOTE_MINIMAL:
        # Python's own writer leaves a lone carriage return unquoted.
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    content = mark + written([list(HEADER), *rows], delimiter, ending, quoting)
    reader = CsvReader(io.BytesIO(content))
    assert tuple(reader.header) == HEADER
    assert reader.delimiter == delimiter
    wanted = [[cell.strip() for cell in row] for row in rows]
    found = [row.cells for row in reader if isinstance(row, Row)]
    assert found == [row for row in wanted if any(row)]


@pytest.mark.req("REL-24", "REL-16")
@given(content=st.binary(max_size=400))
@settings(max_examples=300)
@example(b'"')
@example(b"\x00")
@example(b'"\r"\n')
def test_no_bytes_can_break_the_reader(content: bytes) -> None:
    numbers = [row.line for row in read(b"external_id,email,first_name\n" + content)]
    assert numbers == sorted(set(numbers))
    assert all(2 <= number <= len(content) + 2 for number in numbers)


@pytest.mark.req("REL-24")
@given(
    before=st.lists(st.sampled_from(["a,b,c", "1,2,3"]), max_size=3),
    broken=st.sampled_from(['x,"never closed,3', 'x,"a"b,3', "x,y", "x,1,2,3,4", '"']),
    after=st.lists(st.sampled_from(["a,b,c", "1,2,3"]), min_size=1, max_size=60),
)
def test_a_broken_row_costs_no_other_row(before: list[str], broken: str, after: list[str]) -> None:
    content = "\n".join([",".join(HEADER), *before, broken, *after]) + "\n"
    found = read(content.encode())
    good = [row for row in found if isinstance(row, Row)]
    bad = [row for row in found if isinstance(row, BrokenRow)]
    assert [row.line for row in bad] == [len(before) + 2]
    assert len(good) == len(before) + len(after)


def test_a_row_that_spans_lines_is_known_by_its_first_line() -> None:
    found = read(b'external_id,email,first_name\n1,a@example.com,"two\nlines"\n2,b@example.com,Bo\n')
    assert [row.line for row in found] == [2, 4]


def test_an_endless_quote_gives_up_soon_and_goes_on_with_the_next_line() -> None:
    rows = b"".join(b"%d,a@example.com,Bo\n" % number for number in range(MOST_LINES * 3))
    found = read(b'external_id,email,first_name\nx,"open,Bo\n' + rows)
    assert isinstance(found[0], BrokenRow)
    assert found[0].line == 2
    assert len(found) == 1 + MOST_LINES * 3


def test_a_line_of_megabytes_is_skipped_without_being_held() -> None:
    found = read(b"external_id,email,first_name\n" + b"x" * 3_000_000 + b"\n1,a@example.com,Bo\n")
    assert [type(row) for row in found] == [BrokenRow, Row]
    assert found[1].line == 3


def test_bytes_that_are_not_utf8_reach_the_row_as_such() -> None:
    row = read("external_id,email,first_name\n1,a@example.com,Jürgen\n".encode("latin-1"))[0]
    assert isinstance(row, Row)
    assert "\udcfc" in row.cells[2]


def test_empty_cells_that_a_sheet_adds_at_the_end_are_forgiven() -> None:
    assert read(b"external_id,email,first_name\n1,a@example.com,Bo,,\n") == [
        Row(2, ["1", "a@example.com", "Bo"])
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        ("external_id;email\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest of a workbook", "workbook"),
        (b'"external_id,email\n', "never closed"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_as_a_whole(content: bytes, said: str) -> None:
    with pytest.raises(FileRefused, match=said) as refused:
        read(content)
    assert refused.value.mend


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Email Address", "email"),
        ("E-MAIL", "email"),
        ("first name", "first_name"),
        ("FIRST_NAME", "first_name"),
        ("Customer-ID", "external_id"),
        ("Time Zone", "time_zone"),
        ("Mobile Number", "phone"),
    ],
)
def test_columns_are_known_in_any_spelling(name: str, meant: str) -> None:
    header = [name] if meant == "external_id" else ["external_id", name]
    assert layout_of(header).fields[meant] == len(header) - 1


def test_unknown_columns_are_told_and_the_documented_name_wins_over_other_names() -> None:
    layout = layout_of(["id", "external_id", "shoe size", "attributes.Plan", "consent_sms"])
    assert layout.fields == {"external_id": 1}
    assert layout.unknown == ["shoe size", "id"]
    assert layout.attributes == [("Plan", 3)]
    assert layout.consents == {"sms": 4}


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["email", "name"], "no column external_id"),
        (["external_id", "mail", "Email Address"], "both mean email"),
        (["external_id", "External ID"], "both mean external_id"),
        (["external_id", "attributes.a", "attributes.a"], "stands twice"),
        (["external_id", "attributes." + "x" * 51], "too long"),
    ],
)
def test_a_header_that_cannot_be_understood_is_refused(header: list[str], said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        layout_of(header)


@given(st.lists(st.text(min_size=1, max_size=4), max_size=300))
def test_ids_seen_before_are_known_with_their_line(ids: list[str]) -> None:
    seen = SeenIds()
    first: dict[str, int] = {}
    for line, external_id in enumerate(ids, 2):
        assert seen.line_of(external_id, line) == first.get(external_id, 0)
        first.setdefault(external_id, line)


def test_ids_take_a_bounded_place_each() -> None:
    seen = SeenIds()
    for number in range(50_000):
        assert seen.line_of(f"c-{number}", number + 2) == 0
    assert all(seen.line_of(f"c-{number}", 1) == number + 2 for number in range(0, 50_000, 997))
    assert len(seen._hashes) == 131_072


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "import.md").read_text()
    example = page.partition("```csv\n")[2].partition("```")[0]
    reader = CsvReader(io.BytesIO(example.encode()))
    assert not layout_of(reader.header).unknown
    assert all(isinstance(row, Row) for row in reader)


@pytest.mark.req("CAM-26")
def test_what_an_export_wrote_is_understood_by_an_import() -> None:
    layout = layout_of([*COLUMNS, "attributes.plan"])
    assert {COLUMNS[position]: name for name, position in layout.fields.items()} == {
        "external_id": "external_id",
        "email": "email",
        "phone": "phone",
        "first_name": "first_name",
        "last_name": "last_name",
        "language_code": "language",
        "time_zone": "time_zone",
        "region_code": "region_code",
        "branch_id": "branch",
        "tags": "tags",
        "name": "name",
        "customer_type": "customer_type",
        "birth_date": "birth_date",
        "anniversary_date": "anniversary_date",
        "visit_count": "visit_count",
        "purchase_count": "purchase_count",
        "total_spend_minor": "total_spend_minor",
        "membership_status": "membership_status",
        "loyalty_points": "loyalty_points",
        "points_expiring": "points_expiring",
        "points_expire_date": "points_expire_date",
        "assigned_staff_id": "staff",
        "first_visit_time": "first_visit",
        "last_visit_time": "last_visit",
        "last_purchase_time": "last_purchase",
        "last_activity_time": "last_activity",
        "membership_expire_time": "membership_expires",
    }
