"""Ten thousand random cases: the service on its real database says what the requirements' table says.

The seed is fixed; CONSENT_CASES_SEED and CONSENT_CASES change it and the number of cases.
"""

import os
import random
from collections import Counter
from datetime import UTC
from time import perf_counter

import pytest

from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1 import consent_pb2
from services.common.ids import uuid7
from tests.consent.kit import PREVIEW, SEND, RunningConsent, reason, stamp
from tests.consent.kit import Tenant as Caller
from tests.consent.reference import Asked, Told, evaluate
from tests.consent.worlds import Somebody, World, load, load_registries, question, world

SEED = int(os.environ.get("CONSENT_CASES_SEED", "20261121"))
CASES = int(os.environ.get("CONSENT_CASES", "10000"))
_REASONS = """
allow no_address contact_erased suppressed channel_disabled marketing_disabled tenant_suspended opted_out dnd_registered
dnd_stale no_consent consent_pending consent_expired consent_revoked channel_off sms_critical_only category_off
daily_cap_reached weekly_cap_reached quiet_hours sms_window send_window digest expires_before_window no_window
"""
PEOPLE, BLOCK = 200, 100


@pytest.mark.req("CON-47", "CON-48", "CON-69", "CON-85", "CON-86", "CON-88", "CON-112", "CON-121", "CON-122")
@pytest.mark.req("CON-70", "CON-71", "CON-72", "CON-73", "CON-74", "CON-75", "CON-76", "CON-77")
@pytest.mark.req("CON-78", "CON-79", "CON-80", "CON-81", "CON-82", "CON-83", "CON-84")
@pytest.mark.timeout(180)
async def test_ten_thousand_random_cases_are_decided_as_the_table_says(consent: RunningConsent) -> None:
    draw = random.Random(SEED)
    worlds = [world(draw, PEOPLE) for _ in range(max(1, CASES // PEOPLE))]
    await load(consent.owner_url, consent.hasher, worlds)
    began, cases, seen = perf_counter(), 0, Counter[str]()
    turn = 0
    while cases < CASES:
        one = worlds[turn % len(worlds)]
        if turn < len(worlds) or turn % 7 == 0 or one.tenant.registries:
            await load_registries(consent.owner_url, consent.hasher, one)
        consent.clock.set(one.now)
        asked = question(draw, one.now)
        people = draw.sample(one.people, BLOCK)
        told = [evaluate(one.tenant, somebody.person, asked) for somebody in people]
        answers = await _block(consent, one, asked, people, send=turn % 3 == 0)
        for somebody, expected, decision in zip(people, told, answers, strict=True):
            assert _told(decision) == expected, (SEED, turn, one.tenant, somebody.person, asked, decision)
            seen[expected.word] += 1
        for place in draw.sample(range(BLOCK), 3):
            if not people[place].person.is_contact and not _address(people[place], asked):
                continue  # alone, somebody is a contact or an address
            single = await _single(consent, one, asked, people[place])
            assert _told(single) == told[place], (SEED, turn, place)
        cases += BLOCK
        turn += 1
    print(f"{cases} cases in {perf_counter() - began:.1f} s: {dict(seen.most_common())}")
    if CASES >= 10_000:
        assert set(seen) == set(_REASONS.split())


def _told(decision: pb.Decision) -> Told:
    return Told(
        reason(decision),
        decision.defer_time.ToDatetime(UTC) if decision.HasField("defer_time") else None,
        decision.checks[-1].check,
        decision.caps.marketing_daily,
        decision.caps.channel_daily if decision.caps.HasField("channel_daily") else None,
        tuple(decision.jurisdictions),
    )


def _context(asked: Asked, *, send: bool) -> pb.EvaluationContext:
    return pb.EvaluationContext(
        channel=f"CHANNEL_{asked.channel.upper()}",
        category=f"CATEGORY_{asked.category.upper()}",
        branch_id=asked.branch or "",
        evaluate_time=stamp(asked.at),
        expire_time=stamp(asked.expires) if asked.expires else None,
        purpose=SEND if send else PREVIEW,
        explain=True,
    )


def _address(somebody: Somebody, asked: Asked) -> str:
    if asked.channel == "in_app":
        return ""
    address = somebody.address(asked.channel)
    return (
        address
        if somebody.person.address_ok
        else {"email": "no address", "push": ""}.get(asked.channel, "+1")
    )


def _usage(somebody: Somebody) -> pb.Usage | None:
    if somebody.person.usage is None:
        return None
    sent, today, week, recent = somebody.person.usage
    return pb.Usage(sent_today=sent, marketing_today=today, marketing_week=week, marketing_24_hours=recent)


async def _block(
    consent: RunningConsent, one: World, asked: Asked, people: list[Somebody], *, send: bool
) -> list[pb.Decision]:
    items = [
        pb.EvaluationItem(
            contact_id=str(somebody.contact_id) if somebody.person.is_contact else "",
            address=_address(somebody, asked),
            message_id=str(uuid7()) if send else "",
            usage=_usage(somebody),
        )
        for somebody in people
    ]
    request = pb.EvaluateSendBatchRequest(context=_context(asked, send=send), items=items)
    caller = Caller(consent, one.tenant_id).service()
    return list((await caller.evaluate_batch(request)).decisions)


async def _single(consent: RunningConsent, one: World, asked: Asked, somebody: Somebody) -> pb.Decision:
    address = _address(somebody, asked)
    contact_id = str(somebody.contact_id) if somebody.person.is_contact else ""
    subject = (
        consent_pb2.Subject(contact_id=contact_id) if contact_id else consent_pb2.Subject(address=address)
    )
    request = pb.EvaluateSendRequest(
        subject=subject,
        address=address if contact_id else "",
        context=_context(asked, send=False),
        usage=_usage(somebody),
    )
    return (await Caller(consent, one.tenant_id).service().evaluate(request)).decision
