"""What the contract promises about itself, checked over every element, so that a new one is covered on its first day."""

import re

import pytest

from scripts import check_generated
from services.common.security.jwt import NEIGHBOUR
from services.common.security.permissions import ROLE_PERMISSIONS
from tests.contract.descriptors import REPEATABLE, SERVICES, Method, elements, files, methods

CALLERS = {*SERVICES, "gateway", "cli", "sandbox", NEIGHBOUR}
LOCAL_TIMES = {"Preferences.digest_time", "Recurrence.local_time", "TriggerConfig.send_time"}
"""Times of a day in the zone of a contact or tenant, `HH:MM`: no instant and no duration can say them."""
OF_SETS = {"UpdateContactTags", "UpdateContactAttributes"}
"""Named so by the requirements: what they add to and remove from a set, no mask can say."""


@pytest.mark.req("API-3")
def test_committed_stubs_are_those_of_the_contract() -> None:
    assert check_generated.differences() == []


@pytest.mark.req("API-5")
def test_every_element_has_a_comment() -> None:
    silent = [f"{element.kind} {element.name}" for element in elements() if not element.comment]
    assert silent == []


def test_every_service_has_its_package() -> None:
    assert {f"angarium.{name}.v1" for name in SERVICES} <= {file.package for file in files()}


@pytest.mark.req("API-2", "SEC-5")
@pytest.mark.parametrize("method", methods(), ids=str)
def test_every_method_says_who_may_call_it(method: Method) -> None:
    access = method.access
    words = set().union(*ROLE_PERMISSIONS.values())
    assert access.permission or access.services or access.public, "silence means nobody"
    assert not access.permission or access.permission in words
    assert set(access.services) <= CALLERS


@pytest.mark.req("API-6")
@pytest.mark.parametrize("method", methods(), ids=str)
def test_every_method_has_its_own_request_and_response(method: Method) -> None:
    assert method.request.name == f"{method.name}Request"
    assert method.response.name == f"{method.name}Response"


@pytest.mark.req("API-6")
@pytest.mark.parametrize("method", methods(), ids=str)
def test_reads_are_marked_as_such(method: Method) -> None:
    if re.match(r"(Get|List)[A-Z]", method.name):
        assert method.reads_only


@pytest.mark.parametrize("method", [m for m in methods() if not m.reads_only], ids=str)
@pytest.mark.req("API-11")
def test_a_method_that_changes_something_can_be_repeated_safely(method: Method) -> None:
    assert method.keyed or method.path in REPEATABLE, "give the request an idempotency_key"


def test_only_methods_without_a_key_are_excused() -> None:
    assert {
        method.path for method in methods() if not method.reads_only and not method.keyed
    } >= REPEATABLE.keys()


@pytest.mark.req("API-10")
@pytest.mark.parametrize(
    "method", [m for m in methods() if re.match(r"List[A-Z]", m.name) and m.name.endswith("s")], ids=str
)
def test_lists_are_paged_by_token(method: Method) -> None:
    assert {"page_size", "page_token"} <= method.request_fields
    assert "next_page_token" in method.response_fields
    assert "offset" not in method.request_fields


@pytest.mark.req("API-9")
@pytest.mark.parametrize("method", [m for m in methods() if m.name.startswith("Update")], ids=str)
def test_updates_name_the_fields_they_change(method: Method) -> None:
    assert "update_mask" in method.request_fields or method.name in OF_SETS


@pytest.mark.req("API-7")
def test_money_and_time_have_their_types() -> None:
    floats = [
        f"{file.package}.{message.name}.{field.name}"
        for file in files()
        for message in file.message_type
        for field in message.field
        if field.type in {field.TYPE_FLOAT, field.TYPE_DOUBLE}
        and re.search(r"amount|cost|price|budget|money", field.name)
    ]
    times = [
        f"{file.package}.{message.name}.{field.name}"
        for file in files()
        for message in file.message_type
        for field in message.field
        if field.name.endswith("_time")
        and field.type_name not in {".google.protobuf.Timestamp", ".google.protobuf.Duration"}
        and f"{message.name}.{field.name}" not in LOCAL_TIMES
    ]
    assert floats == []
    assert times == []


@pytest.mark.req("API-8")
def test_every_enum_begins_with_unspecified() -> None:
    wrong = [
        f"{file.package}.{enum.name}"
        for file in files()
        for enum in [
            *file.enum_type,
            *(nested for message in file.message_type for nested in message.enum_type),
        ]
        if enum.value[0].number != 0 or not enum.value[0].name.endswith("_UNSPECIFIED")
    ]
    assert wrong == []
