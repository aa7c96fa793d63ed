"""What a call to another service carries."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.common import telemetry
from services.common.rpc import context
from services.common.rpc.client import Channels, as_tenant
from services.common.rpc.method_config import service_config
from tests.common.given import settings
from tests.common.rpc.conftest import Echo
from tests.common.rpc.echo import EchoRequest

HELLO = EchoRequest(text="hello")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_the_tenant_of_the_work_in_hand_goes_along(echo: Echo) -> None:
    stub, own, other = echo.calling("delivery"), uuid4(), uuid4()
    with context.bind(context.Caller.of_service("delivery", own)):
        assert (await stub.Echo(HELLO)).tenant_id == str(own)
        with as_tenant(other):
            assert (await stub.Echo(HELLO)).tenant_id == str(other)
        assert (await stub.Echo(HELLO)).tenant_id == str(own)


async def test_the_callers_own_credential_is_never_forwarded(echo: Echo) -> None:
    person = context.Caller("person", "person-1", uuid4(), frozenset({"super_owner"}))
    with context.bind(person):
        assert (await echo.calling("delivery").Echo(HELLO)).caller == "delivery"


async def test_consequences_share_the_correlation_id(echo: Echo) -> None:
    stub = echo.calling("delivery")
    with context.bind(context.Caller.of_service("delivery"), request_id="r-1", correlation_id="chain-7"):
        assert (await stub.Echo(HELLO)).correlation_id == "chain-7"
    answer = await echo.stub.Echo(HELLO, metadata=echo.metadata(x_request_id="r-2"))
    assert answer.correlation_id == "r-2"


async def test_a_trace_goes_through_even_where_nobody_records_it(echo: Echo) -> None:
    stub = echo.calling("delivery")
    with telemetry.span("provider call", parent=TRACE):
        assert (await stub.Echo(HELLO)).traceparent == TRACE
    assert (await stub.Echo(HELLO)).traceparent == ""
    malformed = await echo.stub.Echo(HELLO, metadata=echo.metadata(traceparent="00-zz-1"))
    assert malformed.traceparent == ""


async def test_the_credential_is_used_for_half_its_life(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("services.common.rpc.client.time.monotonic", lambda: now)
    channels = Channels(settings(), name="delivery")
    first = channels.credential()
    now += 149
    assert channels.credential() is first
    now += 2
    assert channels.credential() is not first


def test_a_process_that_calls_has_a_name() -> None:
    with pytest.raises(ValueError, match="SERVICE_NAME"):
        Channels(settings(service_name=""))


async def test_an_unknown_service_has_no_channel() -> None:
    channels = Channels(settings(), name="delivery")
    with pytest.raises(LookupError):
        channels.stub(lambda channel: channel, "billing")


@pytest.mark.req("GEN-4")
@pytest.mark.parametrize("service", ["consent", "campaign", "delivery", "analytics"])
def test_time_outs_and_retries_come_from_the_contract(service: str) -> None:
    methods = service_config(service)["methodConfig"]
    names = {name["service"] for entry in methods for name in entry["name"]}
    assert any(name.startswith(f"angarium.{service}.v1.") for name in names)
    assert "angarium.common.v1.AuditService" in names
