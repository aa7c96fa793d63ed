"""What callers are told when something fails, and what they are never told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import grpc
import psycopg
import psycopg_pool
import pytest
import redis

from services.common import errors
from services.common.errors import ServiceError, Violation, invalid_many
from services.common.rpc.status import MAX_VIOLATIONS, from_status, item_status, to_status
from tests.common.rpc.conftest import Echo
from tests.common.rpc.echo import EchoRequest
from tests.common.rpc.faults import details, fault, refusal


def asking(text: str) -> Any:
    return EchoRequest(text=text)


@pytest.mark.req("SEC-51", "API-19", "GEN-30")
async def test_a_domain_error_is_answered_by_its_reason(echo: Echo) -> None:
    found = await fault(echo.stub.Echo(asking("domain"), metadata=echo.metadata()))
    assert found.code() is grpc.StatusCode.FAILED_PRECONDITION
    info = details(found).info
    assert (info.reason, info.domain) == ("INVALID_CAMPAIGN_STATUS", "echo.angarium")
    assert info.metadata["code"] == "MARKETING_020"
    assert info.metadata["status"] == "sent"
    assert details(found).precondition.violations[0].type == "INVALID_CAMPAIGN_STATUS"


@pytest.mark.req("GEN-35", "REL-23")
async def test_an_address_in_an_error_text_reaches_neither_caller_nor_log(echo: Echo) -> None:
    for text in ("domain", "bug"):
        found = await fault(echo.stub.Echo(asking(text), metadata=echo.metadata()))
        assert "jane.doe@" not in str(found)
        assert "jane.doe@" not in str(details(found))
    assert "jane.doe@" not in echo.log.getvalue()


@pytest.mark.req("SEC-110", "SEC-128", "API-23")
async def test_a_bug_is_internal_with_a_request_id_only_and_stands_whole_in_the_log(echo: Echo) -> None:
    metadata = echo.metadata(x_request_id="req-42")
    found = await fault(echo.stub.Echo(asking("bug"), metadata=metadata))
    assert (found.code(), found.details()) == (grpc.StatusCode.INTERNAL, "internal error")
    assert dict(details(found).info.metadata) == {"code": "MARKETING_068", "request_id": "req-42"}
    [line] = echo.lines("rpc failed")
    assert "KeyError" in line["exception"]
    assert "echo.py" in line["exception"]
    assert line["request_id"] == "req-42"


async def test_a_request_id_that_could_forge_log_lines_is_replaced(echo: Echo) -> None:
    await echo.stub.Echo(asking("x"), metadata=echo.metadata(x_request_id="a b{}"))
    assert echo.lines()[0]["request_id"] not in ("", "a b{}")


@pytest.mark.req("API-21", "API-22")
async def test_exhausted_and_unavailable_say_when_to_come_back(echo: Echo) -> None:
    found = await fault(echo.stub.Echo(asking("exhausted"), metadata=echo.metadata()))
    assert found.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert details(found).quota.violations[0].description == "cap reached"

    found = await fault(echo.stub.Echo(asking("unavailable"), metadata=echo.metadata()))
    assert found.code() is grpc.StatusCode.UNAVAILABLE
    assert details(found).retry.retry_delay.ToTimedelta() == timedelta(seconds=1)
    assert details(found).info.metadata["dependency"] == "consent"


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (psycopg.errors.SerializationFailure("SQL text"), "VERSION_CONFLICT"),
        (psycopg.errors.DeadlockDetected("SQL text"), "VERSION_CONFLICT"),
        (psycopg.errors.LockNotAvailable("SQL text"), "VERSION_CONFLICT"),
        (psycopg.OperationalError("password=hunter2"), "DEPENDENCY_UNAVAILABLE"),
        (psycopg_pool.PoolTimeout("no connection"), "DEPENDENCY_UNAVAILABLE"),
        (redis.exceptions.ConnectionError("redis://:pw@host"), "DEPENDENCY_UNAVAILABLE"),
        (redis.exceptions.TimeoutError("late"), "DEPENDENCY_UNAVAILABLE"),
    ],
)
@pytest.mark.req("API-24", "GEN-30", "REL-23", "API-20")
def test_driver_errors_are_known_by_type_and_lose_their_text(raised: Exception, reason: str) -> None:
    known = errors.as_service_error(raised)
    assert known is not None
    assert known.reason == reason
    assert str(raised) not in known.message


def test_what_nobody_foresaw_is_nobody_s_error() -> None:
    assert errors.as_service_error(ValueError("x")) is None
    assert errors.as_service_error(psycopg.errors.UniqueViolation("x")) is None


async def test_our_client_raises_what_the_server_raised(echo: Echo) -> None:
    stub = echo.calling("delivery")
    found = await refusal(stub.Echo(asking("not found")))
    assert found.reason == "NOT_FOUND"
    assert found.status is grpc.StatusCode.NOT_FOUND
    assert found.metadata["resource_type"] == "template"
    assert found.metadata["resource_id"] == "t-1"
    assert found.origin == "echo"

    found = await refusal(stub.Echo(asking("precondition")))
    assert (found.reason, found.metadata["budget"]) == ("BUDGET_EXCEEDED", "b-1")

    found = await refusal(stub.Echo(EchoRequest(text="x" * 101, count=-1)))
    assert sorted(one.field for one in found.violations) == ["count", "text"]

    found = await refusal(stub.Echo(asking("unavailable")))
    assert found.retry_after == timedelta(seconds=1)


async def test_streams_raise_what_the_server_raised(echo: Echo) -> None:
    stub = echo.calling("delivery")

    async def requests() -> Any:
        yield asking("fine")
        yield asking("fail")

    assert (await refusal(stub.Collect(requests()))).reason == "NOT_FOUND"

    async def drain(call: Any) -> None:
        async for _ in call:
            pass

    assert (await refusal(drain(stub.Expand(asking("not found"))))).reason == "NOT_FOUND"


async def test_a_server_that_is_not_there_is_an_unavailable_dependency(echo: Echo) -> None:
    stub = echo.calling("delivery", delivery_address="127.0.0.1:1")
    found = await refusal(stub.Echo(asking("x")))
    assert found.reason == "DEPENDENCY_UNAVAILABLE"
    assert found.metadata["dependency"] == "delivery"


@pytest.mark.req("GEN-31")
def test_violations_beyond_the_limit_of_a_header_are_counted() -> None:
    many = invalid_many([Violation(f"items[{n}].name", "is wrong") for n in range(500)])
    status = to_status(many, "echo")
    assert len(status.SerializeToString()) < 6000
    again = from_status(status, "echo")
    assert len(again.violations) == MAX_VIOLATIONS + 1
    assert again.violations[-1].description == "and 450 more"


def test_an_item_of_a_batch_carries_a_whole_error_or_ok() -> None:
    assert item_status(None, "echo").code == 0
    again = from_status(item_status(errors.not_found("contact", "c-1"), "echo"), "echo")
    assert (again.reason, again.metadata["resource_id"]) == ("NOT_FOUND", "c-1")


@pytest.mark.req("GEN-35")
def test_addresses_in_metadata_and_field_paths_are_masked() -> None:
    error = ServiceError(
        "VALIDATION_FAILED",
        "jane.doe@example.com is unknown",
        metadata={"who": "+14155550123"},
        violations=[Violation('labels["jane.doe@example.com"]', "jane.doe@example.com is taken")],
    )
    text = str(to_status(error, "echo").SerializeToString())
    assert "jane.doe@" not in text
    assert "+14155550123" not in text


@pytest.mark.req("SEC-123")
def test_decision_reasons_become_the_errors_of_single_calls() -> None:
    assert errors.refused("consent_pending", "no consent").code == "MARKETING_010"
    assert errors.refused("dnd_stale", "registry is old").code == "MARKETING_012"
    assert errors.refused("weekly_cap_reached", "cap").code == "MARKETING_051"
    assert errors.refused("no_window", "no window").code == "MARKETING_054"


def test_an_unknown_reason_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        ServiceError("MADE_UP", "x")
