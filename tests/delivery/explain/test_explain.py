from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import explain_service_pb2 as pb
from angarium.delivery.v1 import explain_service_pb2_grpc as grpc_pb
from angarium.delivery.v1 import message_pb2
from services.delivery.explain import domain
from services.delivery.explain.domain import Said
from tests.delivery.kit import House, later, recipient
from tests.fakes.neighbours import ALLOW, defer, deny

ACCEPTANCE, SENDING, WHAT_IF = 1, 2, 3
PASSED, REFUSED, DEFERRED, NOT_REACHED = 1, 2, 3, 4


def stub(house: House) -> grpc_pb.ExplainServiceStub:
    return grpc_pb.ExplainServiceStub(house.channel)


async def explain(house: House, message_id: str) -> pb.ExplainSendResponse:
    return await stub(house).ExplainSend(
        pb.ExplainSendRequest(message_id=message_id), metadata=house.as_person()
    )


def gate(decision: pb.SendDecision, check: str) -> tuple[int, str]:
    (found,) = [one for one in decision.gates if one.check == check]
    return found.outcome, found.fact


async def what_if(house: House, **fields: Any) -> pb.SendDecision:
    asked = pb.WhatIf(
        **{
            "channel": enums_pb2.CHANNEL_EMAIL,
            "category": enums_pb2.CATEGORY_OFFER,
            "address": "a@example.com",
            **fields,
        }
    )
    answer = await stub(house).ExplainSend(pb.ExplainSendRequest(what_if=asked), metadata=house.as_person())
    (decision,) = answer.decisions
    return decision


@pytest.mark.req("DEL-126")
async def test_a_sent_message_is_explained_by_every_gate_it_passed_and_what_each_saw(house: House) -> None:
    await house.add_account(config={"rules": [{"result": "retryable", "code": "unavailable", "times": 1}]})
    contact = str(uuid4())
    async with house.worker(retry_delay_ms=1):
        await house.send_one(house.content(), recipient(1, contact_id=contact))
        await house.until_states({"sent": 1})
        second = await house.send_one(house.content(), recipient(1, contact_id=contact))
        await house.until_states({"sent": 2})
    found = await explain(house, second.message_id)
    assert (found.state, found.reason) == (message_pb2.Message.STATE_SENT, "")
    (decision,) = found.decisions
    assert (decision.moment, decision.outcome) == (SENDING, PASSED)
    assert [one.check for one in decision.gates] == [
        *(word for _, word in domain.CHECKS.values()), *(word for _, word in domain.LAST),
    ]  # fmt: skip
    assert {one.outcome for one in decision.gates} == {PASSED}
    assert gate(decision, "suppression") == (PASSED, "fact 3")
    assert gate(decision, "rates") == (
        PASSED,
        "had 1 on the channel today, 0 marketing today and 0 in seven days",
    )
    assert gate(decision, "provider") == (PASSED, "recording took it")
    first = await house.value("SELECT min(message_id::text) FROM message")
    tries = (await explain(house, first)).decisions
    assert [gate(one, "provider") for one in tries] == [
        (DEFERRED, "recording refused it for now: unavailable"),
        (PASSED, "recording took it"),
    ]


@pytest.mark.req("DEL-126")
async def test_a_refusal_names_its_gate_those_before_it_and_what_they_saw(house: House) -> None:
    await house.add_account()
    until = later(hours=3)
    rules = {
        "person0": deny(consent_pb.DECISION_REASON_OPTED_OUT),
        "person1": defer(consent_pb.DECISION_REASON_QUIET_HOURS, until),
        "person2": deny(consent_pb.DECISION_REASON_SUPPRESSED),
    }
    house.neighbours.consent.rule = lambda context, item: rules.get(item.address.partition("@")[0], ALLOW)
    template = house.template(category=enums_pb2.CATEGORY_OFFER, text="On {{ formatDate(name) }}")
    async with house.worker():
        people = [recipient(n) for n in range(4)]
        answer = await house.send_block(house.campaign_content(template), people)
        await house.until_states({"skipped": 2, "deferred": 1, "failed": 1})
        at_once = await house.send_one(house.content(), recipient(2))
    opted_out, quiet, suppressed, broken = [
        (await explain(house, id)).decisions[0] for id in answer.message_ids
    ]
    assert (opted_out.moment, opted_out.outcome, opted_out.reason) == (SENDING, REFUSED, "opted_out")
    assert gate(opted_out, "opt_out") == (REFUSED, "what stopped it")
    assert [one.outcome for one in opted_out.gates[:4]] == [PASSED] * 4
    assert {one.outcome for one in opted_out.gates[5:]} == {NOT_REACHED}
    assert (quiet.outcome, quiet.reason) == (DEFERRED, "quiet_hours")
    assert gate(quiet, "quiet_hours") == (DEFERRED, "what stopped it")
    (held,) = [one for one in quiet.gates if one.outcome == DEFERRED]
    assert held.defer_time.ToDatetime(tzinfo=until.tzinfo) == until
    assert gate(suppressed, "suppression")[0] == REFUSED
    assert gate(broken, "template")[0] == REFUSED
    assert gate(broken, "consent") == (PASSED, "fact 7")
    assert gate(broken, "provider") == (NOT_REACHED, "")
    # Refused when it was accepted: nobody asks again, so what was seen is kept with it.
    (refused,) = (await explain(house, at_once.message_id)).decisions
    assert (refused.moment, refused.reason) == (ACCEPTANCE, "suppressed")
    assert gate(refused, "suppression") == (REFUSED, "what stopped it")
    assert gate(refused, "erasure") == (PASSED, "fact 2")
    # One row for a block, whatever its size.
    assert await house.value("SELECT count(*) FROM gate_record") == 2
    assert await house.value("SELECT max(octet_length(record)) FROM gate_record") < 400


async def test_only_who_may_see_a_message_is_told_why(house: House) -> None:
    sent = await house.send_one(house.content(), recipient())
    with pytest.raises(grpc.aio.AioRpcError) as foreign:
        await stub(house).ExplainSend(
            pb.ExplainSendRequest(message_id=sent.message_id), metadata=house.as_person(tenant_id=uuid4())
        )
    assert foreign.value.code() is grpc.StatusCode.NOT_FOUND
    assert list((await explain(house, sent.message_id)).decisions) == []


@pytest.mark.req("DEL-126")
async def test_a_message_nobody_sends_is_explained_without_a_trace(house: House) -> None:
    contact = str(uuid4())
    assert gate(await what_if(house, contact_id=contact), "provider") == (
        REFUSED,
        "no account for the channel",
    )
    await house.add_account()
    template = house.template(category=enums_pb2.CATEGORY_OFFER)
    lacking = await what_if(house, contact_id=contact, template_version_id=str(template))
    assert (lacking.outcome, lacking.reason) == (REFUSED, "template_render_failed")
    assert gate(lacking, "template")[0] == REFUSED
    variables = recipient(1).variables
    going = await what_if(house, contact_id=contact, template_version_id=str(template), variables=variables)
    assert (going.moment, going.outcome) == (WHAT_IF, PASSED)
    assert gate(going, "template") == (PASSED, "hello renders in en")
    assert gate(going, "provider") == (PASSED, "recording")
    await house.rows(
        "INSERT INTO send_slot (tenant_id, contact_id, taken_at, message_id, channel, is_marketing)"
        " VALUES (%s, %s, now(), gen_random_uuid(), 1, true)",
        house.tenant_id,
        contact,
    )
    house.neighbours.consent.rule = lambda context, item: (
        deny(consent_pb.DECISION_REASON_DAILY_CAP_REACHED) if item.usage.marketing_week else ALLOW
    )
    capped = await what_if(house, contact_id=contact)
    assert (capped.outcome, capped.reason) == (REFUSED, "daily_cap_reached")
    assert gate(capped, "marketing_caps") == (REFUSED, "what stopped it")
    assert (
        await house.value("SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM gate_record)") == 0
    )
    house.neighbours.consent.is_down = True
    with pytest.raises(grpc.aio.AioRpcError) as down:
        await what_if(house)
    assert down.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_the_account_of_a_run_says_who_may_be_written_to_again_and_never_names_who_was(
    house: House,
) -> None:
    content = house.campaign_content()
    answer = await house.send_block(content, [recipient(n) for n in range(9)])
    ids = [UUID(id) for id in answer.message_ids]
    stand: list[tuple[int, str | None, bool]] = [
        (7, None, False), (8, None, False), (10, "bounce_hard", False), (11, "content_refused", True),
        (11, "outcome_unknown", False), (12, "opted_out", True), (14, "cancelled", True), (15, "timeout", False),
        (1, None, False),
    ]  # fmt: skip
    for id, (state, why, _) in zip(ids, stand, strict=True):
        sent = "now()" if state in (7, 8, 10) else "NULL"
        await house.rows(
            f"UPDATE message SET state = %s, reason = %s, sent_at = {sent} WHERE message_id = %s",
            state,
            why,
            id,
        )
    run_id = content.run_id
    account = await stub(house).GetRunAccount(
        pb.GetRunAccountRequest(run_id=run_id), metadata=house.as_service("campaign")
    )
    counts: dict[int, int] = {}
    for line in account.lines:
        counts[line.standing] = counts.get(line.standing, 0) + line.count
    assert counts == {1: 1, 2: 3, 3: 2, 4: 1, 5: 2}
    assert (account.total_count, account.resendable_count) == (9, 3)

    async def page(**fields: Any) -> pb.ListRunMessagesResponse:
        request = pb.ListRunMessagesRequest(run_id=run_id, **fields)
        return await stub(house).ListRunMessages(request, metadata=house.as_person())

    again = [str(id) for id, (_, _, may) in zip(ids, stand, strict=True) if may]
    assert [one.message_id for one in (await page(resendable_only=True)).messages] == sorted(again)
    assert [one.reason for one in (await page(standing=pb.RUN_STANDING_UNKNOWN)).messages] == [
        "outcome_unknown",
        "timeout",
    ]
    assert len((await page(reason="opted_out")).messages) == 1
    first = await page(page_size=5)
    rest = await page(page_size=5, page_token=first.next_page_token)
    assert [one.message_id for one in (*first.messages, *rest.messages)] == sorted(map(str, ids))
    # What took the place of a failed message is no line of the run, and the failed one is not sent again.
    await house.rows(
        "UPDATE message SET fallback_message_id = gen_random_uuid() WHERE message_id = %s", ids[3]
    )
    await house.rows("UPDATE message SET fallback_of = %s WHERE message_id = %s", ids[3], ids[8])
    account = await stub(house).GetRunAccount(
        pb.GetRunAccountRequest(run_id=run_id), metadata=house.as_service("campaign")
    )
    assert (account.total_count, account.resendable_count) == (8, 2)


def test_a_reason_alone_still_names_its_gate() -> None:
    gates = domain.behind(domain.of_reason("no_consent", Said.REFUSED), {}, "no_consent", Said.REFUSED)
    assert [one.said for one in gates[:8]] == [Said.PASSED] * 6 + [Said.REFUSED, Said.NOT_REACHED]
    early = domain.behind(domain.of_reason("expired", Said.REFUSED), {}, "expired", Said.REFUSED)
    assert (early[0].check, early[0].said) == ("expiry", Said.REFUSED)
    assert {one.said for one in early[1:]} == {Said.NOT_REACHED}
    full = domain.behind(domain.of_reason("tenant_volume", Said.DEFERRED), {}, "tenant_volume", Said.DEFERRED)
    assert [(one.check, one.said) for one in full[15:]] == [
        ("volume", Said.DEFERRED), ("rates", Said.NOT_REACHED), ("template", Said.NOT_REACHED), ("provider", Said.NOT_REACHED),
    ]  # fmt: skip
