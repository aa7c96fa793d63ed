"""Whose ids are which: ours are UUIDs that services make, those of neighbours are texts (GEN-7)."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import FieldDescriptor
from sqlalchemy import Table, Uuid

from tests.contract.descriptors import SERVICES
from tests.contract.test_texts import fields_of_requests, rules_of

NEIGHBOURS = re.compile(
    r"external_id|invoice_id|order_id|(.*_)?service_ids?|category_ids?|.*_refs?|first_invoice_id"
)
LIMITED_ELSEWHERE = {
    "angarium.campaign.v1.InboundEnvelope.branch_ref": "with the rest of the envelope, by the door",
    "angarium.campaign.v1.Contact.attended_event_refs": "with its row, by the reader of contacts",
    "angarium.campaign.v1.CompleteCartRequest.cart_ref": "carts of orders have their kind before it",
}
OF_NEIGHBOURS = {
    # What a neighbour's own thing is to us: one row for each, found by what the neighbour calls it.
    "cart",
    "contact_fact",
    "conversion_reversal",
    "order_reference",
    "trigger_anchor",
    "view_counter",
}


def tables() -> Iterator[Table]:
    for service in SERVICES:
        package = importlib.import_module(f"services.{service}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith(".tables"):
                importlib.import_module(found.name)
        yield from importlib.import_module(f"services.{service}.schema").META.sorted_tables


@pytest.mark.req("GEN-7")
def test_ids_of_neighbours_are_texts_of_at_most_a_hundred_characters() -> None:
    found = [field for field in fields_of_requests() if NEIGHBOURS.fullmatch(field.name)]
    assert len(found) > 20
    assert all(field.type == FieldDescriptor.TYPE_STRING for field in found)
    assert not [field.full_name for field in found if rules_of(field).string.uuid]
    unlimited = {
        field.full_name
        for field in found
        if not 0 < rules_of(field).string.max_len <= 100 and "{1,100}" not in rules_of(field).string.pattern
    }
    assert unlimited == set(LIMITED_ELSEWHERE)


@pytest.mark.req("GEN-7")
def test_ids_of_neighbours_are_kept_as_texts_and_are_no_keys_of_ours() -> None:
    kept = [
        (table.name, column)
        for table in tables()
        for column in table.columns
        if NEIGHBOURS.fullmatch(column.name) or column.name == "ref"
    ]
    assert len(kept) > 20
    # Lists of them are arrays and documents.
    ours = [f"{name}.{column.name}" for name, column in kept if isinstance(column.type, Uuid)]
    # What delivery is told about passes is an order of ours.
    assert ours == ["pass_order.order_id"]
    assert {name for name, column in kept if column.primary_key} <= {*OF_NEIGHBOURS, "pass_order"}


@pytest.mark.req("GEN-7")
def test_the_database_makes_no_ids() -> None:
    made = {
        f"{table.name}.{column.name}"
        for table in tables()
        for column in table.primary_key.columns
        if isinstance(column.type, Uuid) and column.server_default is not None
    }
    # Of what belongs to no branch, the branch is zero.
    assert made == {"budget_period.branch_id", "budget_reservation.branch_id"}
