"""`angarium import contacts` and `angarium reconcile` at the command line: what they refuse, print and write."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cli.commands import imports
from cli.output import CommandError
from cli.spelling import spelled
from tests.cli.conftest import Angarium

GOOD_AND_BAD = """external_id,email,time_zone,shoe size
c-1,maya@example.com,Europe/Lisbon,42
c-2,maya@,Mars/Olympus,43
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(GOOD_AND_BAD)
    return path


@pytest.mark.req("REL-24")
def test_a_dry_run_needs_no_stack_and_says_what_is_wrong(angarium: Angarium, people: Path) -> None:
    answer = angarium("import", "contacts", str(people), "--dry-run")
    assert answer.code == 0
    assert "1 good rows   1 to be rejected" in answer.out
    assert "line 3" in answer.out
    assert "'Mars/Olympus' is not an IANA time zone; use a name such as Europe/Lisbon" in answer.out
    assert "shoe size is not known and was ignored" in answer.out


def test_programs_get_one_document(angarium: Angarium, people: Path) -> None:
    document = angarium("import", "contacts", str(people), "--dry-run", "--json").document
    assert document["rows"] == 2
    assert document["rejected"] == 1
    assert [(error["line"], error["column"]) for error in document["errors"]] == [
        (3, "email"),
        (3, "time_zone"),
    ]
    assert document["unknown_columns"] == ["shoe size"]


def test_every_problem_can_be_written_into_a_file(angarium: Angarium, people: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    angarium("import", "contacts", str(people), "--dry-run", "--errors", str(errors))
    with errors.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["column"], row["code"]) for row in rows] == [
        ("3", "email", "invalid_email"),
        ("3", "time_zone", "invalid_time_zone"),
    ]


@pytest.mark.req("REL-24")
def test_an_import_that_is_interrupted_says_how_far_it_came_and_how_it_goes_on(
    people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*given: Any) -> None:
        given[4](2000)
        raise KeyboardInterrupt

    monkeypatch.setattr(imports, "_import", stopped)
    with pytest.raises(CommandError) as found:
        imports.contacts(people, dry_run=True)
    assert (found.value.code, "Stopped after 2,000 rows" in found.value.message) == (130, True)
    assert "again" in found.value.mend


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("import", "contacts", "nowhere.csv", "--dry-run"), 2, "There is no file nowhere.csv"),
        (("import", "contacts", "PEOPLE"), 2, "--tenant <id>"),
        (("import", "contacts", "PEOPLE", "--tenant", "mine"), 2, "'mine' is no id"),
        (
            ("import", "contacts", "PEOPLE", "--tenant", "01905e6c-8b1a-7cc0-8000-000000000000"),
            1,
            "Start one: angarium up",
        ),
        (("reconcile", "--campaign", "x"), 2, "--campaign 'x' is no id"),
        (("reconcile", "--campaign", "01905e6c-8b1a-7cc0-8000-000000000000"), 2, "--tenant <id>"),
        (("demo", "--contacts", "nowhere.csv"), 2, "There is no file nowhere.csv"),
        (("demo", "--contacts", "PEOPLE", "--recipients", "5"), 2, "not both"),
        (("demo", "--kill", "Worker 1"), 2, "delivery-worker-1@2.5"),
    ],
)
def test_what_cannot_work_is_refused_with_the_mend(
    angarium: Angarium, people: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    answer = angarium(*(str(people) if one == "PEOPLE" else one for one in arguments))
    assert answer.code == code, answer.err
    assert spelled(said) in answer.err


def test_a_file_without_ids_is_refused_for_programs_too(angarium: Angarium, tmp_path: Path) -> None:
    path = tmp_path / "colours.csv"
    path.write_text("name,colour\nsky,blue\n")
    answer = angarium("import", "contacts", str(path), "--dry-run", "--json")
    assert answer.code == 1
    assert "external_id" in json.loads(answer.err)["error"]["mend"]


def test_a_file_of_nothing_but_bad_rows_fails(angarium: Angarium, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("external_id,email\n,\n,x@example.com\n")
    assert angarium("import", "contacts", str(path), "--dry-run").code == 1
