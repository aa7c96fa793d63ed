"""Blocks of people: a fixed number of statements, every row by an index, a token for each."""

from typing import Any

import pytest

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import compliance_service_pb2 as pb
from services.common.ids import uuid7
from tests.consent.kit import ALLOW, PREVIEW, SEND, RunningConsent


@pytest.mark.req("CON-89")
async def test_a_block_needs_as_many_statements_for_a_thousand_people_as_for_ten(
    consent: RunningConsent,
) -> None:
    tenant = await consent.tenant()
    contacts = [await tenant.contact() for _ in range(10)]
    context = pb.EvaluationContext(channel=common.CHANNEL_EMAIL, category=common.CATEGORY_OFFER, purpose=SEND)
    statements: list[str] = []

    from services.common.db.uow import UnitOfWork

    run = UnitOfWork._run

    async def counting(self: UnitOfWork, query: Any, params: Any, prepare: bool | None) -> Any:
        statements.append(str(query))
        return await run(self, query, params, prepare)

    counts = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitOfWork, "_run", counting)
        for repeats in (1, 100):
            items = [
                pb.EvaluationItem(contact_id=str(one), address=tenant.address(one), message_id=str(uuid7()))
                for one in contacts * repeats
            ]
            statements.clear()
            answer = await tenant.service().evaluate_batch(
                pb.EvaluateSendBatchRequest(context=context, items=items)
            )
            assert len(answer.decisions) == 10 * repeats
            assert len({one.decision_id for one in answer.decisions}) == 10 * repeats
            counts.append(len(statements))
    assert counts == [5, 5]


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
