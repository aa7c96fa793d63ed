"""What stood at an instant of the past, with the entry of the ledger that decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from angarium.consent.v1 import consent_pb2, ledger_service_pb2
from services.common.errors import ServiceError
from tests.consent.chaining import opt_out, revoke
from tests.consent.kit import (
    HOUR,
    MARKETING,
    SMS,
    Tenant,
    evidence,
    stamp,
)


async def at(
    tenant: Tenant, contact_id: UUID, when: Any, channel: int = SMS, branch: UUID | None = None
) -> Any:
    calls = tenant.staff()
    request = ledger_service_pb2.GetConsentAtRequest(
        subject=consent_pb2.Subject(contact_id=str(contact_id)),
        channel=channel,
        message_class=MARKETING,
        branch_id=str(branch or ""),
        at_time=stamp(when),
    )
    return await calls.call(calls.ledger.GetConsentAt, request)


async def test_the_past_is_told_with_the_entry_that_decided(salon: Tenant) -> None:
    clock = salon.consent.clock
    contact_id = await salon.contact()
    start = clock.now()
    clock.advance(HOUR)
    await salon.grant(contact_id, SMS, wording_version="v7", jurisdiction="DE", evidence=evidence(form="f1"))
    granted = clock.now()
    clock.advance(HOUR)
    await opt_out(salon, contact_id)
    clock.advance(HOUR)
    before, held, after = (
        await at(salon, contact_id, start),
        await at(salon, contact_id, granted + timedelta(minutes=1)),
        await at(salon, contact_id, clock.now()),
    )
    assert (before.has_consent, before.state, len(before.entries)) == (False, 0, 0)
    assert not before.HasField("deciding_entry")
    assert held.has_consent
    assert (held.deciding_entry.wording_version, held.deciding_entry.jurisdiction) == ("v7", "DE")
    assert dict(held.deciding_entry.evidence) == {"form": "f1"}
    assert not held.marketing_opted_out
    assert (after.has_consent, after.marketing_opted_out) == (False, True)
    assert [entry.new_value for entry in after.entries] == ["granted", "revoked"]
    with pytest.raises(ServiceError, match="at_time"):
        await at(salon, contact_id, clock.now() + HOUR)


async def test_a_contact_reads_its_own_past_and_no_other(salon: Tenant) -> None:
    contact_id, other = await salon.contact(), await salon.contact()
    await salon.grant(contact_id, SMS)
    calls = salon.as_contact(other)
    request = ledger_service_pb2.GetConsentAtRequest(
        subject=consent_pb2.Subject(contact_id=str(contact_id)),
        channel=SMS,
        message_class=MARKETING,
        at_time=stamp(salon.consent.clock.now()),
    )
    with pytest.raises(ServiceError):
        await calls.call(calls.ledger.GetConsentAt, request)


async def test_entries_are_never_dated_before_those_they_follow(salon: Tenant) -> None:
    contact_id = await salon.contact()
    await salon.grant(contact_id, SMS)
    salon.consent.clock.advance(-HOUR)
    await revoke(salon, contact_id, SMS)
    [(first, second)] = await salon.consent.rows(
        "SELECT min(created_at) FILTER (WHERE sequence = 1), min(created_at) FILTER (WHERE sequence = 2)"
        " FROM consent_audit"
    )
    assert first == second
