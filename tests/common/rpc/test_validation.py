"""Field paths of violations, and which messages are checked at all."""

from __future__ import annotations

import pytest
from google.protobuf.empty_pb2 import Empty

from angarium.campaign.v1 import automation_service_pb2
from angarium.common.v1 import audit_pb2
from services.common.errors import ServiceError
from services.common.rpc.validation import check, check_of
from tests.common.rpc.echo import EchoRequest, EchoResponse, echo_pb2


def paths(request: object) -> set[str]:
    with pytest.raises(ServiceError) as caught:
        check(request)  # type: ignore[arg-type]
    return {violation.field for violation in caught.value.violations}


def test_paths_lead_into_lists_and_maps() -> None:
    request = EchoRequest(
        text="x" * 101,
        items=[echo_pb2.Item(name="fine"), echo_pb2.Item(name="too long")],
        labels={"a.b": echo_pb2.Item()},
    )
    assert paths(request) == {"text", "items[1].name", 'labels["a.b"].name'}


def test_a_list_that_is_too_long_is_named_itself() -> None:
    assert paths(EchoRequest(items=[echo_pb2.Item(name="a")] * 1001)) == {"items"}


def test_a_good_message_passes_and_one_without_rules_is_not_checked() -> None:
    check(EchoRequest(text="fine", items=[echo_pb2.Item(name="a")]))
    assert check_of(Empty) is None
    assert check_of(audit_pb2.ListAuditEntriesRequest) is not None


def test_no_text_may_hold_what_no_text_can_be_stored_with() -> None:
    look = check_of(EchoResponse)
    assert look is not None
    look(EchoResponse(text="two\nlines"))
    with pytest.raises(ServiceError) as caught:
        look(EchoResponse(text="a\0b"))
    assert [one.field for one in caught.value.violations] == ["text"]


@pytest.mark.parametrize(
    ("seconds", "nanos"),
    [(-62_135_596_801, 0), (253_402_300_800, 0), (2**62, 0), (0, -1), (0, 1_000_000_000)],
)
def test_a_time_that_cannot_be_told_is_refused_by_its_field(seconds: int, nanos: int) -> None:
    request = audit_pb2.ListAuditEntriesRequest()
    request.start_time.seconds, request.start_time.nanos = seconds, nanos
    look = check_of(audit_pb2.ListAuditEntriesRequest)
    assert look is not None
    with pytest.raises(ServiceError) as caught:
        look(request)
    assert [one.field for one in caught.value.violations] == ["start_time"]
    request.start_time.seconds, request.start_time.nanos = 253_402_300_799, 999_999_999
    look(request)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_an_object_with_a_number_that_json_lacks_is_refused_by_its_field(number: float) -> None:
    request = automation_service_pb2.TriggerAutomationRequest(
        automation_id="0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
    )
    request.data.update({"visits": [1, number]})
    look = check_of(automation_service_pb2.TriggerAutomationRequest)
    assert look is not None
    with pytest.raises(ServiceError) as caught:
        look(request)
    assert "data" in {one.field for one in caught.value.violations}
