"""`angarium contacts` against the services as they are served."""

import csv
import io
import json
from pathlib import Path
from uuid import UUID

import pytest
from google.protobuf.struct_pb2 import Struct

from angarium.campaign.v1 import contact_pb2
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
