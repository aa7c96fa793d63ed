"""The decision fails closed: whatever goes wrong is an error that the caller waits out, never an allow (CON-87)."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import psycopg
import pytest

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import compliance_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.rpc.status import from_rpc_error
from services.consent.decisions import handlers
from services.consent.decisions.lawbook import LawBook
from tests.consent.kit import EMAIL, PREVIEW, SEND, SMS, RunningConsent, Tenant, question, reason

Break = Callable[[RunningConsent, Tenant, pytest.MonkeyPatch], Awaitable[None]]


async def _sql(consent: RunningConsent, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(consent.owner_url, autocommit=True) as connection:
        await connection.execute(f"SET search_path TO consent; {statement}")


async def _database_gone(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await consent.database.close()


async def _connections_cut(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(
        consent,
        "REVOKE CONNECT ON DATABASE "
        f'"{consent.owner_url.rsplit("/", 1)[1].split("?")[0]}" FROM PUBLIC, angarium_consent;'
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = 'angarium_consent'",
    )


async def _table_gone(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(consent, "ALTER TABLE suppression RENAME TO suppression_away")


async def _right_gone(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(consent, "REVOKE SELECT ON preference FROM angarium_consent")


async def _malformed_channels(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(consent, "UPDATE tenant_policy SET enabled_channels = NULL")


async def _malformed_window(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(consent, "UPDATE tenant_policy SET sms_window_end = NULL")


async def _malformed_limit(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(consent, "UPDATE tenant_policy SET weekly_message_limit = NULL")


async def _half_of_quiet_hours(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(consent, "UPDATE tenant_policy SET quiet_hours_start = '22:00', quiet_hours_end = NULL")


async def _unknown_zone_of_contact(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(consent, "UPDATE contact SET time_zone = 'Europe/Atlantis'")


async def _unknown_zone_of_tenant(consent: RunningConsent, _: Tenant, __: pytest.MonkeyPatch) -> None:
    await _sql(consent, "UPDATE tenant_policy SET default_time_zone = '../../etc/passwd'")


async def _laws_broken(_: RunningConsent, __: Tenant, patch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the law book cannot be read")

    patch.setattr(LawBook, "binding", broken)


async def _decision_broken(_: RunningConsent, __: Tenant, patch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    patch.setattr(handlers, "decide", broken)


BREAKS: list[Break] = [
    _database_gone,
    _connections_cut,
    _table_gone,
    _right_gone,
    _malformed_channels,
    _malformed_window,
    _malformed_limit,
    _half_of_quiet_hours,
    _unknown_zone_of_contact,
    _unknown_zone_of_tenant,
    _laws_broken,
    _decision_broken,
]


@pytest.mark.req("CON-87", "SEC-63")
@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: one.__name__.strip("_"))
async def test_a_fault_is_unavailable_for_one_and_for_a_block(
    consent: RunningConsent, salon: Tenant, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = await salon.contact()
    await salon.grant(contact, SMS)
    await salon.grant(contact)
    assert reason(await salon.decide(contact, channel=SMS)) == "allow"
    await broken(consent, salon, monkeypatch)
    request = question(salon, contact, channel=SMS, purpose=SEND, message_id=str(uuid7()))
    block = pb.EvaluateSendBatchRequest(
        context=request.context, items=[pb.EvaluationItem(contact_id=str(contact), address=request.address)]
    )
    stub = salon.service().compliance
    for method, message in ((stub.EvaluateSend, request), (stub.EvaluateSendBatch, block)):
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await method(message, metadata=salon.service().metadata, timeout=20)
        assert failed.value.code() == grpc.StatusCode.UNAVAILABLE
        told = from_rpc_error(failed.value, "consent").reason
        # Once the health of the service knows of it, nobody is let in as far as the decision.
        assert told == "COMPLIANCE_UNAVAILABLE" or (
            broken is _connections_cut and told == "DEPENDENCY_UNAVAILABLE"
        )


@pytest.mark.req("CON-14", "CON-87")
async def test_a_directory_that_cannot_be_asked_fails_the_whole_block(salon: Tenant) -> None:
    contact, late = await salon.contact(), uuid7()
    await salon.grant(contact)
    salon.consent.campaign.fails = True
    context = pb.EvaluationContext(channel=EMAIL, category=common.CATEGORY_OFFER, purpose=PREVIEW)
    items = [pb.EvaluationItem(contact_id=str(one), address=salon.address(one)) for one in (contact, late)]
    with pytest.raises(ServiceError) as failed:
        await salon.service().evaluate_batch(pb.EvaluateSendBatchRequest(context=context, items=items))
    assert failed.value.reason == "COMPLIANCE_UNAVAILABLE"
    salon.consent.campaign.fails = False
    answer = await salon.service().evaluate_batch(pb.EvaluateSendBatchRequest(context=context, items=items))
    assert [reason(one) for one in answer.decisions] == ["allow", "no_consent"]
