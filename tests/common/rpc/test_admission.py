"""Who is let in: every refusal comes before any work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest

from services.common.rpc.access import ContractError
from services.common.rpc.client import as_tenant
from services.common.rpc.server import start_server
from services.common.security import jwt
from services.common.service import Registration, Service
from tests.common.given import ReadyDatabase, settings
from tests.common.rpc.conftest import Echo, StartEcho
from tests.common.rpc.echo import EchoRequest, EchoServicer, echo_pb2, echo_pb2_grpc
from tests.common.rpc.faults import details, fault, refusal

HELLO = EchoRequest(text="hello")


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


@pytest.mark.req("SEC-1")
async def test_an_expired_token_is_expired_and_a_late_one_within_the_leeway_is_not(echo: Echo) -> None:
    def aged(seconds: int) -> str:
        ttl = timedelta(seconds=-seconds)
        return jwt.issue_person(echo.settings, uuid4(), "p", ["super_owner"], ttl=ttl)

    assert (await echo.stub.Echo(HELLO, metadata=bearer(aged(30)))).caller == "p"
    found = await fault(echo.stub.Echo(HELLO, metadata=bearer(aged(90))))
    assert found.code() is grpc.StatusCode.UNAUTHENTICATED
    assert details(found).info.metadata["reason"] == "expired"


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic dTpw", "Bearer a.b.c"])
async def test_a_header_that_is_no_bearer_token_is_refused(echo: Echo, header: str) -> None:
    found = await fault(echo.stub.Echo(HELLO, metadata=(("authorization", header),)))
    assert found.code() is grpc.StatusCode.UNAUTHENTICATED
    assert details(found).info.metadata["reason"] in ("invalid", "missing")


@pytest.mark.req("SEC-3")
async def test_roles_of_neighbour_systems_open_nothing(echo: Echo) -> None:
    found = await fault(echo.stub.Echo(HELLO, metadata=echo.metadata("admin", "venue_manager")))
    assert found.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.req("SEC-2")
async def test_a_listed_service_may_call_and_acts_for_the_tenant_it_names(echo: Echo) -> None:
    tenant = uuid4()
    stub = echo.calling("delivery")
    with as_tenant(tenant):
        answer = await stub.OnlyDelivery(HELLO)
    assert (answer.caller, answer.tenant_id) == ("delivery", str(tenant))


@pytest.mark.req("SEC-2")
async def test_a_service_that_is_not_listed_is_denied(echo: Echo) -> None:
    found = await refusal(echo.calling("analytics").OnlyDelivery(HELLO))
    assert found.reason == "PERMISSION_DENIED"
    assert echo.servicer.seen == []


@pytest.mark.req("SEC-2")
async def test_a_service_without_a_tenant_cannot_do_tenant_work(echo: Echo) -> None:
    found = await refusal(echo.calling("delivery").OnlyDelivery(EchoRequest(text="tenant")))
    assert found.reason == "PERMISSION_DENIED"


@pytest.mark.req("GEN-8", "SEC-2", "API-25")
async def test_a_person_may_not_name_another_tenant(echo: Echo) -> None:
    found = await fault(echo.stub.Echo(HELLO, metadata=echo.metadata(x_tenant_id=str(uuid4()))))
    assert found.code() is grpc.StatusCode.PERMISSION_DENIED
    own = await echo.stub.Echo(HELLO, metadata=echo.metadata(x_tenant_id=str(echo.tenant)))
    assert own.tenant_id == str(echo.tenant)


async def test_a_platform_admin_may_name_a_tenant_only_to_manage_it(echo: Echo) -> None:
    other = str(uuid4())
    metadata = echo.metadata("platform_admin", tenant=None, x_tenant_id=other)
    assert (await echo.stub.ManageTenant(HELLO, metadata=metadata)).tenant_id == other

    metadata = echo.metadata("platform_admin", "super_owner", x_tenant_id=other)
    found = await fault(echo.stub.Echo(HELLO, metadata=metadata))
    assert found.code() is grpc.StatusCode.PERMISSION_DENIED

    metadata = echo.metadata("super_owner", x_tenant_id=other)
    found = await fault(echo.stub.ManageTenant(HELLO, metadata=metadata))
    assert found.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_tenant_that_is_no_id_is_denied(echo: Echo) -> None:
    token = jwt.issue_service(echo.settings, "delivery")
    metadata = (*bearer(token), ("x-tenant-id", "everyone"))
    found = await fault(echo.stub.Echo(HELLO, metadata=metadata))
    assert found.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_neighbour_calls_for_its_own_tenant_and_never_as_one_of_our_services(echo: Echo) -> None:
    tenant = uuid4()
    token = jwt.issue_neighbour(echo.settings, tenant, "delivery")
    assert (await echo.stub.NeighbourDoor(HELLO, metadata=bearer(token))).tenant_id == str(tenant)
    for call, metadata in (
        (echo.stub.OnlyDelivery, bearer(token)),
        (echo.stub.NeighbourDoor, (*bearer(token), ("x-tenant-id", str(uuid4())))),
    ):
        found = await fault(call(HELLO, metadata=metadata))
        assert found.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_public_method_needs_no_credential_and_knows_no_caller(echo: Echo) -> None:
    assert (await echo.stub.OpenDoor(HELLO)).text == "hello"
    assert (await echo.stub.OpenDoor(HELLO, metadata=echo.metadata())).text == "hello"


@pytest.mark.req("SEC-7")
async def test_failed_authentication_is_limited_while_known_callers_go_on(start_echo: StartEcho) -> None:
    echo = await start_echo(rate_limit_max_requests=3)
    known = echo.metadata()
    await echo.stub.Echo(HELLO, metadata=known)
    codes = [(await fault(echo.stub.Echo(HELLO, metadata=bearer(f"guess.{n}")))).code() for n in range(5)]
    assert codes == [grpc.StatusCode.UNAUTHENTICATED] * 3 + [grpc.StatusCode.RESOURCE_EXHAUSTED] * 2
    found = await fault(echo.stub.Echo(HELLO, metadata=bearer("guess")))
    assert details(found).info.reason == "RATE_LIMITED"
    assert 0 < details(found).retry.retry_delay.ToTimedelta().total_seconds() <= 60
    assert (await echo.stub.Echo(HELLO, metadata=known)).text == "hello"


async def test_public_methods_are_limited_per_address(start_echo: StartEcho) -> None:
    echo = await start_echo(rate_limit_max_requests=2)
    for _ in range(2):
        await echo.stub.OpenDoor(HELLO)
    assert (await fault(echo.stub.OpenDoor(HELLO))).code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.req("SEC-5")
@pytest.mark.parametrize(
    ("service", "names"),
    [("ForgetfulService", "ForgetfulService.Forget"), ("MisspeltService", "campaign.veiw")],
)
async def test_a_method_that_does_not_say_who_may_call_stops_the_start(service: str, names: str) -> None:
    database: Any = ReadyDatabase()
    registration = Registration(
        echo_pb2.DESCRIPTOR.services_by_name[service],
        getattr(echo_pb2_grpc, f"add_{service}Servicer_to_server"),
        getattr(echo_pb2_grpc, f"{service}Servicer")(),
    )
    with pytest.raises(ContractError, match=names):
        await start_server(Service("echo", database, [registration]), settings())


async def test_a_servicer_registered_under_another_descriptor_stops_the_start() -> None:
    database: Any = ReadyDatabase()
    registration = Registration(
        echo_pb2.DESCRIPTOR.services_by_name["ForgetfulService"],
        echo_pb2_grpc.add_EchoServiceServicer_to_server,
        EchoServicer(),
    )
    with pytest.raises(ContractError, match="another service"):
        await start_server(Service("echo", database, [registration]), settings())


@pytest.mark.req("SEC-1", "GAT-45")
async def test_a_bad_credential_is_refused_also_where_none_is_needed(echo: Echo) -> None:
    assert (await echo.stub.OpenDoor(HELLO)).text == "hello"
    for header in ("Bearer a.b.c", "Basic dTpw", ""):
        found = await fault(echo.stub.OpenDoor(HELLO, metadata=(("authorization", header),)))
        assert found.code() is grpc.StatusCode.UNAUTHENTICATED
