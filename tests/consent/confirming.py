"""Consents that wait to be confirmed: their links, following them, and what is told."""

from datetime import timedelta
from typing import Any

from angarium.consent.v1 import consent_events_pb2, consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from angarium.consent.v1 import preference_service_pb2 as preference_pb
from services.common.jobs import JobRunner
from services.consent.jobs import jobs
from tests.consent.kit import (
    Calls,
    RunningConsent,
    Tenant,
)
from tests.consent.test_consents import (
    events,
)

EXPIRED = consent_pb2.Consent.STATE_EXPIRED


MINUTES = timedelta(minutes=1)


def gateway(tenant: Tenant) -> Calls:
    """The gateway names no tenant: only the link says whose it is."""
    calls = tenant.service("gateway")
    calls.metadata = calls.metadata[:1]
    return calls


async def link(tenant: Tenant, consent_id: str) -> pb.GetConfirmationLinkResponse:
    caller = tenant.service("campaign")
    request = pb.GetConfirmationLinkRequest(consent_id=consent_id)
    return await caller.call(caller.consents.GetConfirmationLink, request)  # type: ignore[no-any-return]


async def token_of(tenant: Tenant, consent_id: str) -> str:
    return (await link(tenant, consent_id)).url.rpartition("/")[2]


async def confirm(tenant: Tenant, token: str, **changes: Any) -> pb.ConfirmConsentResponse:
    calls = gateway(tenant)
    request = pb.ConfirmConsentRequest(token=token, **changes)
    return await calls.call(calls.consents.ConfirmConsent, request)  # type: ignore[no-any-return]


async def resend(calls: Calls, consent_id: str, **changes: Any) -> consent_pb2.Consent:
    request = pb.ResendConsentConfirmationRequest(consent_id=consent_id, **changes)
    return (await calls.call(calls.consents.ResendConsentConfirmation, request)).consent  # type: ignore[no-any-return]


async def asked(consent: RunningConsent) -> list[consent_events_pb2.ConsentConfirmationRequested]:
    return await events(
        consent, "consent.confirmation_requested", consent_events_pb2.ConsentConfirmationRequested
    )


async def end_what_is_over(consent: RunningConsent) -> int:
    """Runs the job that ends consents, and returns how many it ended."""
    counts = await JobRunner(consent.database, jobs(), consent.clock).run_now("consent_expiry")
    assert counts is not None
    return counts.done


async def trail(consent: RunningConsent) -> list[tuple[str | None, str | None]]:
    return await consent.rows(  # type: ignore[return-value]
        "SELECT old_value, new_value FROM consent_audit WHERE field_changed = 'email_consent' ORDER BY sequence"
    )


async def resolve(tenant: Tenant, token: str) -> preference_pb.ResolveTokenResponse:
    calls = gateway(tenant)
    return await calls.call(calls.preferences.ResolveToken, preference_pb.ResolveTokenRequest(token=token))  # type: ignore[no-any-return]
