"""Blocks of people: a fixed number of statements, every row by an index, a token for each."""

import re
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import compliance_service_pb2 as pb
from bench.contacts import contact_id, fill
from services.common.db.arrays import hashes, uuids
from services.common.db.connection import ScopedConnection
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.consent.decisions import store
from services.consent.decisions.categories import CATEGORIES, Channel
from services.consent.suppression import store as suppression_store
from tests.consent.kit import ALLOW, PREVIEW, SEND, RunningConsent


@pytest.mark.req("CON-89", "ARC-9")
async def test_a_block_needs_as_many_statements_for_a_thousand_people_as_for_one(
    consent: RunningConsent,
) -> None:
    tenant = await consent.tenant()
    contacts = [await tenant.contact() for _ in range(10)]
    context = pb.EvaluationContext(channel=common.CHANNEL_EMAIL, category=common.CATEGORY_OFFER, purpose=SEND)
    statements: list[str] = []

    run = ScopedConnection.run

    async def counting(self: ScopedConnection, several: Any, *, commit: bool = False) -> Any:
        statements.extend(str(one.query) for one in several)
        return await run(self, several, commit=commit)

    counts = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScopedConnection, "run", counting)
        for size in (1, 10, 1000):
            items = [
                pb.EvaluationItem(contact_id=str(one), address=tenant.address(one), message_id=str(uuid7()))
                for one in (contacts * 100)[:size]
            ]
            statements.clear()
            answer = await tenant.service().evaluate_batch(
                pb.EvaluateSendBatchRequest(context=context, items=items)
            )
            assert len(answer.decisions) == len({one.decision_id for one in answer.decisions}) == size
            counts.append(len(statements))
    assert counts == [6, 6, 6]


@pytest.mark.req("CON-89")
@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_every_row_of_a_block_is_found_by_an_index_among_a_million_contacts(
    consent: RunningConsent, channel: Channel
) -> None:
    tenant = await consent.tenant()
    async with await psycopg.AsyncConnection.connect(consent.owner_url, autocommit=True) as owner:
        await fill(owner, tenant.tenant_id, 5_000)
        # The planner reads how large a table is from its pages; a million rows are claimed, not written.
        await owner.execute(
            "UPDATE pg_class SET reltuples = 1000000, relpages = 25000 WHERE relkind = 'r'"
            " AND relnamespace = 'consent'::regnamespace AND relname = ANY(%s)",
            (["contact", "consent", "preference", "category_preference", "suppression"],),
        )
    category, at = CATEGORIES["offer"], consent.clock.now()
    contacts = uuids([contact_id(number).bytes for number in range(1000)])
    digests = hashes([sha256(str(number).encode()).digest() for number in range(1000)])
    plans: list[str] = []
    run = UnitOfWork._run

    async def explained(self: UnitOfWork, query: Any, params: Any, prepare: bool | None) -> Any:
        if "unnest" in str(query):
            plan = await run(self, f"EXPLAIN {query}", params, False)
            plans.append("\n".join(line for (line,) in plan.rows))
        return await run(self, query, params, prepare)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitOfWork, "_run", explained)
        async with consent.database.tenant(tenant.tenant_id) as uow:
            await uow.fetch_all(*store.people(uow, contacts, channel, category, tenant.tenant_id, at))
            await uow.fetch_all(*store.category_hits(uow, contacts, channel, category))
            places = list(range(1000))
            await uow.fetch_all(*suppression_store.hits(uow, channel, digests, places, at))
            await uow.fetch_all(*store.address_consents(uow, digests, places, channel, category, None, at))
    assert len(plans) == 4
    for plan in plans:
        assert "Index" in plan
        assert "Seq Scan" not in plan
        assert "Hash" not in plan
    used = set(re.findall(r"using (\w+)", "\n".join(plans)))
    assert {"pk_contact", "pk_preference", "uq_consent_subject", "uq_suppression_identifier"} <= used


@pytest.mark.req("CON-47")
async def test_each_person_of_a_block_gets_a_token_of_their_own(consent: RunningConsent) -> None:
    tenant = await consent.tenant()
    contacts = [await tenant.contact() for _ in range(5)]
    for contact in contacts[:3]:
        await tenant.grant(contact)
    context = pb.EvaluationContext(
        channel=common.CHANNEL_EMAIL, category=common.CATEGORY_OFFER, purpose=PREVIEW
    )
    items = [pb.EvaluationItem(contact_id=str(one), address=tenant.address(one)) for one in contacts]
    answer = await tenant.service().evaluate_batch(pb.EvaluateSendBatchRequest(context=context, items=items))
    assert [one.outcome == ALLOW for one in answer.decisions] == [True, True, True, False, False]
    tokens = [one.unsubscribe_token for one in answer.decisions]
    assert len(set(tokens[:3])) == 3
    assert tokens[3:] == ["", ""]
    assert not any(one.checks for one in answer.decisions)


@pytest.mark.req("W2", "CON-86")
async def test_of_a_selection_the_denials_are_kept_and_nobody_gets_a_token(consent: RunningConsent) -> None:
    tenant = await consent.tenant()
    contacts = [await tenant.contact() for _ in range(3)]
    await tenant.grant(contacts[1])
    context = pb.EvaluationContext(
        channel=common.CHANNEL_EMAIL, category=common.CATEGORY_OFFER, purpose=pb.EVALUATION_PURPOSE_SELECTION
    )
    messages = [str(uuid7()) for _ in contacts]
    items = [
        pb.EvaluationItem(contact_id=str(one), address=tenant.address(one), message_id=message)
        for one, message in zip(contacts, messages, strict=True)
    ]
    answer = await tenant.service().evaluate_batch(pb.EvaluateSendBatchRequest(context=context, items=items))
    assert [one.outcome == ALLOW for one in answer.decisions] == [False, True, False]
    assert [bool(one.decision_id) for one in answer.decisions] == [True, False, True]
    assert not any(one.unsubscribe_token for one in answer.decisions)
    kept = []
    delivery = tenant.service()
    for message in messages:
        asked = pb.ListDecisionsRequest(message_id=message)
        listed = await delivery.call(delivery.compliance.ListDecisions, asked)
        kept.append([one.decision.decision_id for one in listed.decisions])
        assert all(one.decision.checks for one in listed.decisions)
    assert kept == [[answer.decisions[0].decision_id], [], [answer.decisions[2].decision_id]]
