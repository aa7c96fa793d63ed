"""Chains of the ledger: what lengthens them, what a verification finds in them, and receipts of them."""

from __future__ import annotations

from uuid import UUID

from angarium.consent.v1 import consent_pb2, consent_service_pb2, ledger_service_pb2
from tests.consent.kit import (
    EMAIL,
    MARKETING,
    SMS,
    Tenant,
    evidence,
)


async def verify(
    tenant: Tenant, contact_id: UUID | None = None
) -> ledger_service_pb2.VerifyConsentLedgerResponse:
    """The last response of a verification, with the findings of all."""
    request = ledger_service_pb2.VerifyConsentLedgerRequest(contact_id=str(contact_id or ""))
    calls = tenant.staff()
    responses = [
        one async for one in calls.ledger.VerifyConsentLedger(request, metadata=calls.metadata, timeout=60)
    ]
    assert [one.is_finished for one in responses] == [False] * (len(responses) - 1) + [True]
    last = responses[-1]
    found = [finding for one in responses for finding in one.findings]
    del last.findings[:]
    last.findings.extend(found)
    return last


def faults(found: ledger_service_pb2.VerifyConsentLedgerResponse) -> list[tuple[int, int]]:
    return sorted((finding.fault, finding.sequence) for finding in found.findings)


async def opt_out(tenant: Tenant, contact_id: UUID) -> None:
    calls = tenant.staff()
    request = consent_service_pb2.OptOutRequest(
        subject=consent_pb2.Subject(contact_id=str(contact_id)),
        source=consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST,
    )
    await calls.call(calls.consents.OptOut, request)


async def revoke(tenant: Tenant, contact_id: UUID, channel: int = EMAIL) -> None:
    calls = tenant.staff()
    request = consent_service_pb2.RevokeConsentRequest(
        subject=consent_pb2.Subject(contact_id=str(contact_id)),
        channel=channel,
        message_class=MARKETING,
        source=consent_pb2.CONSENT_SOURCE_STAFF,
        reason="asked on the phone",
    )
    await calls.call(calls.consents.RevokeConsent, request)


async def long_chain(tenant: Tenant) -> UUID:
    """A contact with a chain of six entries."""
    contact_id = await tenant.contact()
    for _ in range(3):
        await tenant.grant(
            contact_id, SMS, ip_address="203.0.113.7", user_agent="Browser", evidence=evidence()
        )
        await revoke(tenant, contact_id, SMS)
    return contact_id


async def receipt(
    tenant: Tenant, subject: consent_pb2.Subject
) -> ledger_service_pb2.ExportConsentReceiptResponse:
    calls = tenant.staff()
    return await calls.call(
        calls.ledger.ExportConsentReceipt, ledger_service_pb2.ExportConsentReceiptRequest(subject=subject)
    )
