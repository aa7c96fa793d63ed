"""Callers who would rather have no message than a late one are told so, and nothing is stored."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from tests.delivery.kit import House, later, recipient
from tests.delivery.messages.calls import fields_refused
from tests.fakes.neighbours import ALLOW, defer

S = message_pb2.Message


def at_once(house: House, content: Any, key: str = "", to: Any = None) -> Any:
    """A call for a message that is worthless later."""
    request = pb.SendMessageRequest(
        content=content,
        recipient=to or recipient(),
        idempotency_key=key or uuid4().hex,
        refuse_deferral=True,
    )
    return house.messages.SendMessage(request, metadata=house.as_person())


async def error_of(call: Any) -> tuple[grpc.StatusCode, dict[str, str], float]:
    """Status of a refusal, its metadata with the reason, and how many seconds it says to wait."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    status: Any = rpc_status.from_call(caught.value)  # type: ignore[arg-type]  # an aio call has what is read
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(retry)
    found = {"reason": info.reason, "word": info.metadata["reason"], "code": info.metadata["code"]}
    return caught.value.code(), found, retry.retry_delay.ToTimedelta().total_seconds()


@pytest.mark.req("SEC-92", "SEC-130")
@pytest.mark.parametrize("word", ["quiet_hours", "sms_window", "send_window"])
async def test_who_forbids_deferral_is_refused_outside_the_window_and_nothing_is_stored(
    house: House, word: str
) -> None:
    reason = getattr(consent_pb, f"DECISION_REASON_{word.upper()}")
    house.neighbours.consent.rule = lambda *_: defer(reason, later(hours=2))
    given = house.content(), "now", recipient()
    status, told, _ = await error_of(at_once(house, *given))
    assert status is grpc.StatusCode.FAILED_PRECONDITION
    assert told == {"reason": "OUTSIDE_SEND_WINDOW", "word": word, "code": "MARKETING_050"}
    assert await house.states() == {}
    # The same call is good once the window is open: a refusal is not remembered.
    house.neighbours.consent.rule = lambda *_: ALLOW
    assert (await at_once(house, *given)).state == S.STATE_PENDING
    # And what was accepted is answered so again, whatever the hour.
    house.neighbours.consent.rule = lambda *_: defer(reason, later(hours=2))
    assert (await at_once(house, *given)).deduplicated


@pytest.mark.req("SEC-92", "SEC-93")
async def test_who_forbids_deferral_is_told_of_caps_and_of_a_consent_that_cannot_be_asked(
    house: House,
) -> None:
    tomorrow = later(hours=10)
    house.neighbours.consent.rule = lambda *_: defer(consent_pb.DECISION_REASON_DAILY_CAP_REACHED, tomorrow)
    status, told, wait = await error_of(at_once(house, house.content()))
    assert (status, told["reason"]) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "THROTTLE_LIMIT")
    assert 35_000 < wait <= 36_000
    house.neighbours.consent.rule = lambda *_: ALLOW
    house.neighbours.consent.is_down = True
    status, told, _ = await error_of(at_once(house, house.content()))
    assert (status, told["reason"]) == (grpc.StatusCode.UNAVAILABLE, "COMPLIANCE_UNAVAILABLE")
    assert await house.states() == {}


@pytest.mark.req("SEC-99")
async def test_who_forbids_deferral_is_refused_when_the_tenants_volume_is_used_up(house: House) -> None:
    await house.rows(
        "INSERT INTO tenant_limit VALUES (%s, 1, 1, NULL, 'Asia/Kolkata', now())", house.tenant_id
    )
    marketing = house.content(
        house.template(category=enums_pb2.CATEGORY_OFFER), category=enums_pb2.CATEGORY_OFFER
    )
    assert (await at_once(house, marketing)).state == S.STATE_PENDING
    await house.rows(
        "INSERT INTO tenant_volume (tenant_id, channel, period, used, updated_at)"
        " VALUES (%s, 1, to_char(now() AT TIME ZONE 'Asia/Kolkata', 'YYYY-MM-DD'), 1, now())",
        house.tenant_id,
    )
    status, told, wait = await error_of(at_once(house, marketing, to=recipient(1)))
    assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (told["reason"], told["code"]) == ("TENANT_VOLUME_LIMIT", "MARKETING_057")
    assert 0 < wait <= 86_400
    # Others wait for the next day; and what is no marketing is sent (DEL-69).
    assert (await house.send_one(marketing, recipient(2))).state == S.STATE_PENDING
    assert (await at_once(house, house.content(), to=recipient(3))).state == S.STATE_PENDING


@pytest.mark.req("SEC-92")
async def test_what_is_planned_for_later_cannot_forbid_deferral(house: House) -> None:
    content = house.content()
    content.schedule_time.FromDatetime(later(hours=2))
    assert await fields_refused(at_once(house, content)) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "VALIDATION_FAILED",
        ["refuse_deferral"],
    )
