"""`angarium contacts` against the services as they are served."""

import csv
import io
import json
from pathlib import Path
from uuid import UUID

import pytest
from google.protobuf.struct_pb2 import Struct

from angarium.campaign.v1 import contact_pb2
from cli.spelling import spelled
from tests.campaign.conftest import create_tenant
from tests.campaign.contacts.given import batch
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


def contact(external_id: str, **fields: object) -> contact_pb2.Contact:
    return contact_pb2.Contact(external_id=external_id, **fields)


@pytest.fixture
async def ask(angarium: Angarium, house: dict[str, Served]) -> Ask:
    """Runs a command about the tenant of the house."""
    campaign = house["campaign"]
    await create_tenant(campaign)
    attributes = Struct()
    attributes.update({"plan": "pro", "size": 4})
    people = [
        contact("a", first_name="Anna", last_name="Ott", email="anna@example.com", tags=["vip", "new"]),
        contact("b", name="Ben", attributes=attributes, visit_count=1),
        contact("=c", name="=HYPERLINK(1)"),
    ]
    await batch(campaign, people)
    addresses = {name: served.address for name, served in house.items()}
    return asking(angarium, tenant=str(campaign.tenant_id), **addresses)


async def test_contacts_are_shown_listed_tagged_merged_and_written_out(ask: Ask, tmp_path: Path) -> None:
    answer = await ask("contacts", "show", "b", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["contact"]["attributes"] == {"plan": "pro", "size": 4}
    assert answer.document["segments"] == ["New Customers"]
    answer = await ask("contacts", "list", "--name", "ann", "--json")
    [listed] = answer.document["contacts"]
    assert (listed["external_id"], listed["email"]) == ("a", "anna@example.com")
    answer = await ask("contacts", "tag", listed["contact_id"], "--add", "gold", "--remove", "new", "--json")
    assert answer.document["contact"]["tags"] == ["vip", "gold"]
    answer = await ask("contacts", "tag", "a")
    assert (answer.code, "--add" in answer.err) == (2, True)

    file = tmp_path / "people.csv"
    answer = await ask("contacts", "export", "--file", str(file), "--json")
    assert answer.document == {"contacts": 3, "file": str(file)}
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [(one["external_id"], one["tags"], one["attributes.plan"]) for one in rows] == [
        ("'=c", "", ""),
        ("a", "vip;gold", ""),
        ("b", "", "pro"),
    ]
    answer = await ask("contacts", "export", "--format", "jsonl", "--tag", "vip")
    [line] = answer.out.splitlines()
    assert UUID(json.loads(line)["contact_id"])

    answer = await ask("contacts", "merge", "a", "b", "--json")
    assert (answer.code, "--yes" in answer.err) == (2, True)
    answer = await ask("contacts", "merge", "a", "b", "--yes", "--json")
    assert (answer.document["contact"]["external_id"], answer.document["contact"]["visit_count"]) == ("a", 1)
    answer = await ask("contacts", "show", "b", "--json")
    assert answer.document["contact"]["external_id"] == "a"


@pytest.mark.req("CAM-26", "CAM-27", "CAM-29")
async def test_one_contact_is_made_and_changed_field_by_field(ask: Ask) -> None:
    answer = await ask("contacts", "save", "d", "email=dora@example.com")
    assert (answer.code, "There is no contact d." in answer.err, "--new" in answer.err) == (1, True, True)
    answer = await ask(
        "contacts", "save", "d", "--new", "first_name=Dora", "birthday=--03-14", "tags=vip;gold", "visits=2",
        "attributes.size:number=42", "attributes.plan=pro", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    made = answer.document["contact"]
    assert (answer.document["created"], made["external_id"], made["birth_date"]) == (True, "d", "--03-14")
    assert (made["tags"], made["visit_count"]) == (["vip", "gold"], 2)
    assert made["attributes"] == {"size": 42, "plan": "pro"}
    again = await ask("contacts", "save", "d", "--new")
    assert (again.code, "is a contact already" in again.err) == (1, True)
    answer = await ask(
        "contacts", "save", made["contact_id"], "email=dora@example.com", "birth_date=", "attributes.plan=",
        "attributes.city=Bonn", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    saved = answer.document["contact"]
    assert (saved["email"], saved["birth_date"], saved["first_name"]) == ("dora@example.com", "", "Dora")
    assert (saved["attributes"], saved["tags"]) == ({"size": 42, "city": "Bonn"}, ["vip", "gold"])
    shown = (await ask("contacts", "show", "d", "--json")).document["contact"]
    assert shown == saved


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ("email=dora@", 1, "'dora@' is not an e-mail address"),
        ("shoe=42", 2, "'shoe' is no field of a contact"),
        ("email", 2, "'email' is no change"),
        ("consent_email=yes", 2, "angarium consent"),
        ("branch=Harbour", 2, "A branch is named by its id"),
        ("branch=0190a1b2-0000-7000-8000-000000000001", 1, "is no branch of the tenant"),
    ],
)
async def test_a_change_that_cannot_be_is_told_with_its_mend(
    ask: Ask, change: str, code: int, said: str
) -> None:
    answer = await ask("contacts", "save", "a", change)
    assert answer.code == code, answer.err
    assert spelled(said) in " ".join(answer.err.split())
