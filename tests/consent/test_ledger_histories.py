"""The ledger against what happened: random histories, and several processes that write at once."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.message import Message
from psycopg.conninfo import make_conninfo

from angarium.consent.v1 import consent_pb2, consent_service_pb2, ledger_service_pb2
from services.common.errors import ServiceError
from services.common.jobs import JobRunner
from services.consent.jobs import jobs
from tests.consent.chaining import verify
from tests.consent.kit import EMAIL, MARKETING, SMS, TRANSACTIONAL, Tenant, evidence, stamp

SOURCES = (
    consent_pb2.CONSENT_SOURCE_WEB_FORM,
    consent_pb2.CONSENT_SOURCE_STAFF,
    consent_pb2.CONSENT_SOURCE_PREFERENCE_PAGE,
    consent_pb2.CONSENT_SOURCE_SMS_KEYWORD,
)
REFUSALS = ("EVIDENCE_REQUIRED", "VALIDATION_FAILED", "RATE_LIMITED")


class History:
    """One tenant's random acts about two people, and what was answered meanwhile."""

    def __init__(self, tenant: Tenant, seed: int) -> None:
        self.tenant = tenant
        self.chance = random.Random(seed)
        self.people: list[consent_pb2.Subject] = []
        self.branches = ["", str(uuid4())]
        self.said: list[tuple[Message, datetime, bool, int]] = []
        self.consent_ids: list[str] = []

    async def begin(self) -> None:
        contact_id = await self.tenant.contact()
        self.people = [
            consent_pb2.Subject(contact_id=str(contact_id)),
            consent_pb2.Subject(address=f"{uuid4().hex}@example.com"),
        ]

    async def act(self) -> None:
        """Does one act; those that the rules refuse change nothing."""
        acts = [
            self.grant,
            self.grant,
            self.grant,
            self.revoke,
            self.opt_out,
            self.take,
            self.expire,
            self.resend,
        ]
        try:
            await self.chance.choice(acts)()
        except ServiceError as error:
            if error.reason not in REFUSALS:
                raise

    def scope(self) -> dict[str, Any]:
        subject = self.chance.choice(self.people)
        channel = EMAIL if subject.address else self.chance.choice([EMAIL, SMS])
        return {
            "subject": subject,
            "channel": channel,
            "message_class": self.chance.choice([MARKETING, MARKETING, TRANSACTIONAL]),
            "branch_id": self.chance.choice(self.branches),
        }

    async def grant(self) -> None:
        ends = self.chance.choice([None, timedelta(minutes=30), timedelta(days=5)])
        request = consent_service_pb2.GrantConsentRequest(
            **self.scope(),
            source=self.chance.choice(SOURCES),
            double_opt_in=self.chance.random() < 0.3,
            evidence=evidence() if self.chance.random() < 0.7 else None,
            expire_time=stamp(self.now() + ends) if ends else None,
        )
        calls = self.tenant.service("campaign") if self.chance.random() < 0.5 else self.tenant.staff()
        self.consent_ids.append((await calls.grant(request)).consent.consent_id)

    async def revoke(self) -> None:
        calls = self.tenant.staff()
        request = consent_service_pb2.RevokeConsentRequest(**self.scope(), source=self.chance.choice(SOURCES))
        await calls.call(calls.consents.RevokeConsent, request)

    async def opt_out(self) -> None:
        calls = self.tenant.staff()
        scope = self.scope()
        request = consent_service_pb2.OptOutRequest(
            subject=scope["subject"],
            channel=self.chance.choice([scope["channel"], 0]),
            source=consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST,
        )
        await calls.call(calls.consents.OptOut, request)

    async def take(self) -> None:
        rows = [
            consent_service_pb2.ConsentImportRow(
                **self.scope(),
                state=self.chance.choice(
                    [consent_pb2.Consent.STATE_GRANTED, consent_pb2.Consent.STATE_REVOKED]
                ),
                source=consent_pb2.CONSENT_SOURCE_IMPORT,
                evidence=evidence(),
                event_time=stamp(self.now() - timedelta(minutes=self.chance.randint(0, 4000))),
            )
            for _ in range(3)
        ]
        calls = self.tenant.staff()
        await calls.stream(
            calls.consents.ImportConsents,
            [consent_service_pb2.ImportConsentsRequest(block_number=1, rows=rows)],
        )

    async def expire(self) -> None:
        database = self.tenant.consent.database
        await JobRunner(database, jobs(), self.tenant.consent.clock).run_now("consent_expiry")

    async def resend(self) -> None:
        if not self.consent_ids:
            return
        calls = self.tenant.staff()
        request = consent_service_pb2.ResendConsentConfirmationRequest(
            consent_id=self.chance.choice(self.consent_ids)
        )
        await calls.call(calls.consents.ResendConsentConfirmation, request)

    async def ask(self) -> None:
        """Asks for everything as it stands now, and keeps the answers."""
        calls = self.tenant.staff()
        for subject in self.people:
            for channel in (EMAIL,) if subject.address else (EMAIL, SMS):
                for message_class in (MARKETING, TRANSACTIONAL):
                    for branch_id in self.branches:
                        request = consent_service_pb2.CheckConsentRequest(
                            subject=subject, channel=channel, message_class=message_class, branch_id=branch_id
                        )
                        found = await calls.call(calls.consents.CheckConsent, request)
                        self.said.append((request, self.now(), found.has_consent, found.consent.state))

    def now(self) -> datetime:
        return self.tenant.consent.clock.now()


@pytest.mark.parametrize("seed", range(8))
async def test_the_trail_alone_tells_what_was_answered_at_every_instant(salon: Tenant, seed: int) -> None:
    history = History(salon, seed)
    await history.begin()
    for _ in range(16):
        await history.act()
        await history.ask()
        salon.consent.clock.advance(timedelta(minutes=history.chance.choice([1, 11, 45, 2000])))
        await history.ask()
        salon.consent.clock.advance(timedelta(seconds=1))
    assert {state for _, _, _, state in history.said} >= {0, consent_pb2.Consent.STATE_GRANTED}
    calls = salon.staff()
    for check, at, has_consent, state in history.said:
        request = ledger_service_pb2.GetConsentAtRequest(
            subject=check.subject,  # type: ignore[attr-defined]
            channel=check.channel,  # type: ignore[attr-defined]
            message_class=check.message_class,  # type: ignore[attr-defined]
            branch_id=check.branch_id,  # type: ignore[attr-defined]
            at_time=stamp(at),
        )
        found = await calls.call(calls.ledger.GetConsentAt, request)
        assert (found.has_consent, found.state) == (has_consent, state), (check, at, found)
    assert not (await verify(salon)).findings


async def test_chains_stay_whole_while_processes_write_to_the_same_people_and_one_is_killed(
    salon: Tenant,
) -> None:
    people = [uuid4() for _ in range(20)]
    settings = salon.consent.settings
    given = {
        "tenant_id": str(salon.tenant_id),
        "people": [str(one) for one in people],
        "keys": ",".join(f"{name}:{_base64(key)}" for name, key in settings.hash_keys),
        "conninfo": make_conninfo(
            host=settings.db_host,
            port=settings.db_port,
            dbname=settings.db_name,
            user=settings.db_user,
            password=settings.db_password.get_secret_value(),
        ),
    }
    processes = [await _appender({**given, "seed": seed, "rounds": 20}) for seed in range(3)]
    doomed = await _appender({**given, "seed": 99, "rounds": 100_000})
    assert doomed.stdout is not None
    await doomed.stdout.readline()
    verified = await verify(salon)
    assert not verified.findings
    await asyncio.gather(*(process.wait() for process in processes))
    os.kill(doomed.pid, signal.SIGKILL)
    await doomed.wait()
    found = await verify(salon)
    assert not found.findings
    assert found.checked_chains == 20
    [(entries, writers)] = await salon.consent.rows(
        "SELECT count(*), count(DISTINCT new_value) FROM consent_audit WHERE tenant_id = %s", salon.tenant_id
    )
    assert (entries, writers) == (found.checked_entries, 4)
    told = [int((await process.stdout.read()).split()[-1]) for process in processes if process.stdout]
    # How often they lose to each other is chance; nobody loses every round.
    assert min(told) > 0
    assert entries >= sum(told)


async def _appender(given: dict[str, Any]) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.consent.appending",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    return process


def _base64(key: bytes) -> str:
    return b64encode(key).decode()


async def test_a_verification_that_nobody_reads_any_more_ends(salon: Tenant) -> None:
    calls = salon.staff()
    call = calls.ledger.VerifyConsentLedger(
        ledger_service_pb2.VerifyConsentLedgerRequest(), metadata=calls.metadata, timeout=20
    )
    call.cancel()
    await asyncio.sleep(0.1)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "verify-ledger"]
