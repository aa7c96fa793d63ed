"""Every type of the contract is translated, checked, refused or taken at the door as its line of the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.campaign.intake.catalogue import CANONICAL, INTERNAL, KINDS, RESTRICTED, Kind
from services.campaign.intake.door import Admitted, Refused, Terms, admit
from services.campaign.intake.fields import PEOPLE, camel, check_of
from services.campaign.intake.notation import Field
from tests.campaign.intake.kit import envelope, sample
from tests.contract.descriptors import ROOT

TENANT = UUID("0192f0c1-2a3b-7c4d-8e5f-60718293a4b6")
PAGE = ROOT / "docs" / "requirements" / "events.md"
EVERY = [pytest.param(kind, id=kind.type) for kind in KINDS.values()]


def valued(one: Field, *, optional: bool) -> Any:
    """A value that a field may hold."""
    if one.is_list:
        return [filled(one.fields, optional=optional)]
    if one.name in PEOPLE:
        return {"user_id": "u-1", **filled(one.fields, optional=optional)}
    if one.fields:
        return filled(one.fields, optional=optional)
    return sample(one, check_of(one.name).__name__)


def filled(fields: tuple[Field, ...], *, optional: bool) -> dict[str, Any]:
    """Data with all required fields, and the optional ones too where asked for."""
    return {one.name: valued(one, optional=optional) for one in fields if one.required or optional}


def example(kind: Kind, *, optional: bool = False, **changes: Any) -> dict[str, Any]:
    return envelope(TENANT, kind.type, data=filled(kind.fields, optional=optional), **changes)


def taken(given: dict[str, Any]) -> Admitted:
    found = admit(given, Terms(TENANT))
    assert isinstance(found, Admitted), found
    return found


def refused(given: dict[str, Any]) -> Refused:
    found = admit(given, Terms(TENANT))
    assert isinstance(found, Refused), found
    return found


def cameled(value: Any) -> Any:
    if isinstance(value, list):
        return [cameled(one) for one in value]
    if isinstance(value, dict):
        return {camel(name): cameled(one) for name, one in value.items()}
    return value


def documented() -> Iterator[tuple[str, set[str]]]:
    """Requirement and the types and aliases its row names."""
    page = PAGE.read_text().partition("## 2.")[2].partition("## 3.")[0]
    for row in re.findall(r"^\| (EVT-\d+) \| ([^|]+) \|", page, re.MULTILINE):
        first = row[1].strip()
        prefix = first.partition(".")[0]
        names = [word for word in re.split(r"[\s,()]+", first) if word]
        # A row such as `transfer.offered, accepted` says the first word once.
        yield row[0], {name if "." in name or "_" in name else f"{prefix}.{name}" for name in names}


@pytest.mark.req("EVT-5", "EVT-121")
def test_the_catalogue_holds_every_type_and_alias_of_the_page() -> None:
    missing = {row: names - CANONICAL.keys() for row, names in documented()}
    assert {row: names for row, names in missing.items() if names} == {}
    assert len(list(documented())) > 60


@pytest.mark.req("EVT-1", "EVT-5")
@pytest.mark.parametrize("kind", EVERY)
def test_a_type_is_taken_with_its_required_fields_alone_and_with_all(kind: Kind) -> None:
    assert taken(example(kind)).is_known
    whole = taken(example(kind, optional=True))
    assert set(filled(kind.fields, optional=True)) <= set(orjson.loads(whole.data))


@pytest.mark.req("EVT-5")
@pytest.mark.parametrize("kind", EVERY)
def test_a_type_without_one_of_its_required_fields_is_refused_and_names_it(kind: Kind) -> None:
    for one in kind.fields:
        if one.required:
            given = example(kind)
            del given["data"][one.name]
            found = refused(given)
            assert found.reason == "invalid"
            assert f"data.{one.name}" in {wrong.field for wrong in found.violations}


@pytest.mark.req("EVT-5")
@pytest.mark.parametrize("kind", EVERY)
def test_a_field_of_the_wrong_kind_is_refused_and_named(kind: Kind) -> None:
    for one in kind.fields:
        if check_of(one.name).__name__ == "anything" and not one.fields:
            continue
        given = example(kind, optional=True)
        given["data"][one.name] = 1.5
        fields = {wrong.field for wrong in refused(given).violations}
        assert any(name.startswith(f"data.{one.name}") for name in fields)


@pytest.mark.req("EVT-1", "EVT-6")
@pytest.mark.parametrize("kind", EVERY)
def test_camel_case_names_mean_the_same_fields(kind: Kind) -> None:
    given = example(kind, optional=True)
    other = cameled(given)
    assert ("orderId" in other["data"]) == ("order_id" in given["data"])
    assert orjson.loads(taken(other).data) == orjson.loads(taken(given).data)


@pytest.mark.req("EVT-6", "EVT-121")
@pytest.mark.parametrize("kind", [param for param in EVERY if param.values[0].aliases])  # type: ignore[attr-defined]
def test_an_alias_is_the_same_type_and_the_same_fact(kind: Kind) -> None:
    plain = taken(example(kind))
    for alias in kind.aliases:
        found = taken({**example(kind), "type": alias})
        assert (found.type, found.named_type) == (kind.type, alias)
        if kind.fact:
            assert found.fact == plain.fact


@pytest.mark.req("EVT-6")
def test_two_names_of_one_fact_share_its_natural_key() -> None:
    def fact(kind: str, **data: Any) -> str:
        return taken(envelope(TENANT, kind, data={**example(KINDS[CANONICAL[kind]])["data"], **data})).fact

    assert fact("payment.confirmed", order_id="o") == fact("order.paid", order_id="o")
    assert fact("payment.succeeded", order_id="o") != fact("payment.succeeded", order_id="p")
    assert fact("payment.failed", order_id="o", attempt=1) != fact("payment.failed", order_id="o", attempt=2)
    assert fact("refund.processed", refund_id="r") == fact("refund.completed", refund_id="r")
    assert fact("reservation.created", reservation_id="r") == fact("reservation.expiring", reservation_id="r")
    assert fact("ticket.transfer.sender") == fact("ticket.transfer.receiver")
    tickets = [{"ticket_ref": "t"}]
    assert fact("order.completed", order_id="o", tickets=tickets) == fact("ticket.purchased", order_id="o")
    assert fact("order.completed", order_id="o") != fact("ticket.purchased", order_id="o")
    assert fact("receipt.requested") != fact("receipt.requested")


@pytest.mark.req("EVT-9")
@pytest.mark.parametrize("kind", [f"{start}{rest}" for start in RESTRICTED for rest in ("alert", "x.y")])
@pytest.mark.parametrize("spelled", [str, str.upper, str.title, lambda text: f" {text} "])
def test_what_a_messaging_system_must_not_know_is_refused_however_it_is_spelled(
    kind: str, spelled: Any
) -> None:
    found = refused(envelope(TENANT, spelled(kind), data={"note": "secret"}))
    assert found.reason == "restricted"
    assert found.violations == ()
    # Before anything else, so that nothing is told of it either.
    assert refused({"type": kind}).reason == "restricted"


@pytest.mark.req("EVT-7")
@pytest.mark.parametrize("start", INTERNAL)
def test_work_orders_of_neighbours_are_taken_without_their_data(start: str) -> None:
    found = taken(envelope(TENANT, f"{start}x".replace("..", "."), data={"email": "anna@example.com"}))
    assert found.is_internal
    assert not found.is_known
    assert (found.data, found.people) == (b"{}", ())


@pytest.mark.req("EVT-5")
def test_an_unknown_type_is_taken_as_it_is() -> None:
    found = taken(envelope(TENANT, "lottery.drawn", data={"winNumber": 4, "list": [1.5]}))
    assert not found.is_known
    assert orjson.loads(found.data) == {"winNumber": 4, "list": [1.5]}


@pytest.mark.req("EVT-1")
@pytest.mark.parametrize("name", ["event_id", "type", "tenant_id", "source", "occurred_at", "aggregate_id"])
def test_an_envelope_without_a_required_field_is_refused_and_nothing_is_invented(name: str) -> None:
    given = envelope(TENANT)
    del given[name]
    found = refused(given)
    assert (found.reason, [wrong.field for wrong in found.violations]) == ("invalid", [name])


@pytest.mark.req("EVT-1")
def test_everything_wrong_with_an_event_is_said_at_once() -> None:
    given = envelope(
        TENANT,
        "payment.succeeded",
        event_id="17",
        version=2,
        occurred_at="yesterday",
        sequence=-1,
        data={"person": {"user_id": "u", "email": "nobody", "time_zone": "Mars/Base"}, "amount": 9.99},
    )
    assert {wrong.field for wrong in refused(given).violations} == {
        "event_id",
        "version",
        "occurred_at",
        "sequence",
        "data.person.email",
        "data.person.time_zone",
        "data.order_id",
        "data.payment_id",
        "data.amount",
        "data.currency",
    }


@pytest.mark.req("EVT-1")
@pytest.mark.parametrize("value", ["2026-01-15T12:00:00", "2026-01-15", 1768478400, "2026-13-01T00:00:00Z"])
def test_a_time_without_its_offset_is_none(value: Any) -> None:
    assert refused(envelope(TENANT, occurred_at=value)).violations[0].field == "occurred_at"


@pytest.mark.req("EVT-1")
def test_times_become_utc_and_currencies_upper_case() -> None:
    found = taken(
        example(KINDS["payment.succeeded"], optional=True, occurred_at="2026-01-15T13:00:00+02:00")
        | {"data": {**filled(KINDS["payment.succeeded"].fields, optional=True), "currency": "usd"}}
    )
    assert found.occurred_at.isoformat() == "2026-01-15T11:00:00+00:00"
    assert orjson.loads(found.data)["currency"] == "USD"


@pytest.mark.req("EVT-2")
@pytest.mark.parametrize("name", ["user_id", "userId", "customer_id", "customerId", "recipient"])
def test_who_an_event_is_about_may_stand_beside_its_own_fields(name: str) -> None:
    data = {name: "u-9", "email": "anna@example.com", "firstName": "Anna", "order_id": "o-1"}
    found = taken(envelope(TENANT, "order.expired", data=data))
    assert orjson.loads(found.data) == {
        "person": {"user_id": "u-9", "email": "anna@example.com", "first_name": "Anna"},
        "order_id": "o-1",
    }
    assert found.people == (("email", "anna@example.com"), ("id", "u-9"))
    person = envelope(TENANT, "order.expired", data={"person": {name: "u-9"}, "order_id": "o-1"})
    assert orjson.loads(taken(person).data)["person"] == {"user_id": "u-9"}


@pytest.mark.req("EVT-122")
def test_an_event_that_is_about_somebody_must_say_who() -> None:
    found = refused(envelope(TENANT, "order.expired", data={"email": "a@example.com", "order_id": "o-1"}))
    assert [wrong.field for wrong in found.violations] == ["data.person"]


@pytest.mark.req("EVT-123")
def test_a_refunds_user_is_not_taken_for_its_buyer() -> None:
    data = {**example(KINDS["refund.completed"])["data"], "user_id": "operator-3"}
    assert "person" not in orjson.loads(taken(envelope(TENANT, "refund.completed", data=data)).data)


@pytest.mark.req("GAT-54")
def test_events_of_another_tenant_source_or_type_than_the_keys_are_refused() -> None:
    def reason(**changes: Any) -> str:
        terms = Terms(TENANT, "orders", frozenset({"order.expired"}))
        found = admit(envelope(TENANT, **changes), terms)
        return found.reason if isinstance(found, Refused) else ""

    assert reason() == ""
    assert reason(tenant_id=str(uuid4())) == "tenant_mismatch"
    assert reason(source="payments") == "source_mismatch"
    assert reason(kind="order.cancelled") == "type_not_allowed"


@pytest.mark.parametrize("given", [None, 7, "text", []])
def test_what_is_no_object_is_refused(given: Any) -> None:
    assert refused(given).reason == "invalid"


def test_a_group_has_at_most_twenty_members() -> None:
    kind = KINDS["group_payment.created"]
    data = filled(kind.fields, optional=True)
    for count, is_taken in ((1, True), (20, True), (0, False), (21, False)):
        given = envelope(TENANT, kind.type, data={**data, "members": data["members"] * count})
        assert isinstance(admit(given, Terms(TENANT)), Admitted) is is_taken


def test_too_much_data_is_refused() -> None:
    found = refused(envelope(TENANT, "lottery.drawn", data={"text": "x" * 1_100_000}))
    assert found.reason == "too_large"
