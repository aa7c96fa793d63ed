"""How consent refuses: each reason with its code and status, as callers in any language see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
import pytest

from angarium.consent.v1 import preference_service_pb2 as preference_pb
from services.common.rpc.status import from_rpc_error
from services.common.security.tokens import Purpose
from services.consent.settings import ConsentSettings
from tests.consent.kit import EMAIL, RunningConsent, Tenant, grant_request
from tests.consent.preferring import switch, update
from tests.consent.test_consents import STAFF, opt_out

Refused = Callable[[RunningConsent, Tenant], Awaitable[Any]]
STATUS = grpc.StatusCode


async def malformed_link(_: RunningConsent, salon: Tenant) -> None:
    gateway = salon.service("gateway")
    await gateway.preferences.Unsubscribe(
        preference_pb.UnsubscribeRequest(token="none of ours", method=1), metadata=gateway.metadata[:1]
    )


async def late_link(consent: RunningConsent, salon: Tenant) -> None:
    now, gateway = consent.clock.now(), salon.service("gateway")
    token = consent.signer.sign(
        Purpose.UNSUBSCRIBE, salon.tenant_id, b"", issued=now - timedelta(days=366), expires=now
    )
    consent.clock.advance(timedelta(seconds=1))
    await gateway.preferences.Unsubscribe(
        preference_pb.UnsubscribeRequest(token=token, method=1), metadata=gateway.metadata[:1]
    )


async def grant(salon: Tenant, about: Any, **changes: Any) -> Any:
    staff = salon.staff()
    request = grant_request(about, **changes)
    return await staff.consents.GrantConsent(request, metadata=staff.metadata)


async def erased(_: RunningConsent, salon: Tenant) -> None:
    await grant(salon, await salon.contact(state="erased"))


async def no_evidence(_: RunningConsent, salon: Tenant) -> None:
    contact = await salon.contact()
    own = salon.as_contact(contact)
    await own.call(own.consents.OptOut, opt_out(contact))
    await grant(salon, contact, source=STAFF)


async def bad_address(_: RunningConsent, salon: Tenant) -> None:
    await grant(salon, "nobody")


async def unknown(_: RunningConsent, salon: Tenant) -> None:
    await grant(salon, uuid4())


async def stale(_: RunningConsent, salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    await update(salon, contact, "time_zone", time_zone="Asia/Tokyo")
    request = preference_pb.UpdatePreferencesRequest(
        preferences=preference_pb.Preferences(contact_id=str(contact), etag="0", time_zone="Asia/Seoul")
    )
    request.update_mask.paths.append("time_zone")
    await staff.preferences.UpdatePreferences(request, metadata=staff.metadata)


async def invalid(_: RunningConsent, salon: Tenant) -> None:
    await grant(salon, await salon.contact(), channel=0)


async def forbidden(_: RunningConsent, salon: Tenant) -> None:
    desk = salon.staff("receptionist")
    await desk.consents.GrantConsent(grant_request(await salon.contact()), metadata=desk.metadata)


async def anonymous(_: RunningConsent, salon: Tenant) -> None:
    await salon.staff().consents.GrantConsent(grant_request(await salon.contact()))


async def other_body(_: RunningConsent, salon: Tenant) -> None:
    await grant(salon, await salon.contact(), idempotency_key="one")
    await grant(salon, await salon.contact(), idempotency_key="one")


async def too_often(_: RunningConsent, salon: Tenant) -> None:
    contact, own = await salon.contact(), preference_pb.SubscribeToChannelRequest
    for number in range(3):
        await switch(salon, contact, EMAIL, on=True, address=f"{number}@example.com")
    staff = salon.staff()
    request = own(contact_id=str(contact), channel=EMAIL, address="3@example.com", source=1)  # type: ignore[arg-type]
    await staff.preferences.SubscribeToChannel(request, metadata=staff.metadata)


@pytest.mark.req(
    "SEC-51", "SEC-61", "SEC-62", "SEC-64", "SEC-65", "SEC-97", "SEC-101", "SEC-102", "SEC-104", "SEC-105",
    "SEC-106", "SEC-107", "SEC-108", "REL-23", "API-16", "API-18", "API-20",
)  # fmt: skip
@pytest.mark.parametrize(
    ("call", "reason", "code", "status"),
    [
        (malformed_link, "INVALID_TOKEN", "015", STATUS.INVALID_ARGUMENT),
        (late_link, "TOKEN_EXPIRED", "016", STATUS.FAILED_PRECONDITION),
        (erased, "CONTACT_ERASED", "018", STATUS.FAILED_PRECONDITION),
        (no_evidence, "EVIDENCE_REQUIRED", "019", STATUS.INVALID_ARGUMENT),
        (other_body, "IDEMPOTENCY_CONFLICT", "055", STATUS.INVALID_ARGUMENT),
        (bad_address, "INVALID_RECIPIENT", "059", STATUS.INVALID_ARGUMENT),
        (unknown, "NOT_FOUND", "060", STATUS.NOT_FOUND),
        (stale, "VERSION_CONFLICT", "062", STATUS.ABORTED),
        (invalid, "VALIDATION_FAILED", "063", STATUS.INVALID_ARGUMENT),
        (forbidden, "PERMISSION_DENIED", "064", STATUS.PERMISSION_DENIED),
        (anonymous, "UNAUTHENTICATED", "065", STATUS.UNAUTHENTICATED),
        (too_often, "RATE_LIMITED", "066", STATUS.RESOURCE_EXHAUSTED),
    ],
)
async def test_every_refusal_carries_its_reason_code_and_status(
    consent: RunningConsent, salon: Tenant, call: Refused, reason: str, code: str, status: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(consent, salon)
    assert caught.value.code() is status
    error = from_rpc_error(caught.value, "consent")
    assert (error.reason, error.code) == (reason, f"MARKETING_{code}")
    assert "select" not in (caught.value.details() or "").lower()


@pytest.mark.req("GEN-44", "CON-124")
def test_no_setting_switches_consent_or_suppression_off() -> None:
    switches = {name for name in ConsentSettings.model_fields if name.startswith(("enable_", "disable"))}
    assert not {
        name for name in switches if "consent" in name or "suppression" in name or "compliance" in name
    }
