from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import dead_letter_service_pb2 as pb
from angarium.delivery.v1 import dead_letter_service_pb2_grpc as grpc_pb
from services.common.db.partitions import uuid7_floor
from services.delivery import retention
from tests.delivery.kit import House, later, now, recipient
from tests.fakes.neighbours import deny

REFUSED = {"result": "permanent", "code": "content_refused", "reason": "no such thing", "times": 1}


def stub(house: House) -> grpc_pb.DeadLetterServiceStub:
    return grpc_pb.DeadLetterServiceStub(house.channel)


async def letters(house: House, **request: Any) -> list[pb.DeadLetter]:
    answer = await stub(house).ListDeadLetters(
        pb.ListDeadLettersRequest(**request), metadata=house.as_person()
    )
    return list(answer.dead_letters)


async def retry(house: House, message_id: str, **more: Any) -> pb.RetryDeadLetterResponse:
    request = pb.RetryDeadLetterRequest(message_id=message_id, **more)
    return await stub(house).RetryDeadLetter(request, metadata=house.as_person())


def reason(error: grpc.aio.AioRpcError) -> str:
    details = dict(error.trailing_metadata() or ())["grpc-status-details-bin"]
    return details.decode("utf-8", "replace")


async def bury(house: House, **columns: Any) -> list[str]:
    """Messages of one campaign that were given up a moment ago, without a worker."""
    count = columns.pop("count", 1)
    answer = await house.send_block(
        columns.pop("content", house.campaign_content()), [recipient(n) for n in range(count)]
    )
    ids = [UUID(id) for id in answer.message_ids]
    why = columns.pop("reason", "content_refused")
    await house.rows(
        "UPDATE message SET state = 11, attempt_count = 4, reason = %s, failure_code = %s, failed_at = now(),"
        " provider = 'sendgrid' WHERE message_id = ANY (%s)",
        why,
        why,
        ids,
    )
    await house.rows(
        "INSERT INTO dead_letter (tenant_id, message_id, reason, attempt_count, last_error, created_at)"
        " SELECT tenant_id, message_id, %s, 4, 'no', now() + position * interval '1 ms' FROM message"
        " WHERE message_id = ANY (%s)",
        why,
        ids,
    )
    await house.rows("DELETE FROM dispatch_block")
    return [str(id) for id in ids]


@pytest.mark.req("DEL-9", "DEL-30", "DEL-81", "DEL-83")
async def test_a_dead_letter_that_is_retried_gets_a_fresh_series_and_is_sent(house: House) -> None:
    await house.add_account(
        config={
            "rules": [
                REFUSED,
                # After it was given up: twice refused for now, which is less than a whole series.
                {"result": "retryable", "code": "unavailable", "times": 2},
            ]
        }
    )
    async with house.worker(retry_delay_ms=1, max_retry_attempts=2):
        sent = await house.send_one(house.content(), recipient())
        await house.until_states({"failed": 1})
        (found,) = await letters(house)
        assert (found.message_id, found.reason, found.attempt_count) == (
            sent.message_id,
            "content_refused",
            1,
        )
        assert (found.last_error, found.provider) == ("no such thing", "recording")
        assert found.resolution == pb.DeadLetter.RESOLUTION_OPEN
        answer = await retry(house, sent.message_id, idempotency_key="once")
        assert answer.dead_letter.resolution == pb.DeadLetter.RESOLUTION_RETRIED
        assert answer.dead_letter.resolved_by == "person-1"
        await house.until_states({"sent": 1})
        await house.until(
            lambda: house.rows("SELECT 1 FROM handover GROUP BY () HAVING bool_and(finished_at IS NOT NULL)")
        )
    assert (await retry(house, sent.message_id, idempotency_key="once")).deduplicated
    assert await house.rows("SELECT attempt_count, series_start, failed_at, reason FROM message") == [
        (4, 1, None, None)
    ]
    assert await house.rows("SELECT number, outcome, code FROM attempt ORDER BY number") == [
        (1, 3, "content_refused"),
        (2, 2, "unavailable"),
        (3, 2, "unavailable"),
    ]
    assert [type for type, _ in await house.events()] == [
        "message.accepted", "message.dead_lettered", "message.failed", "message.retried",
        "message.retry_scheduled", "message.retry_scheduled", "message.sent",
    ]  # fmt: skip
    assert await house.rows("SELECT action, actor FROM audit WHERE resource_type = 'message'") == [
        ("dead_letter.retry", "person-1")
    ]
    assert await letters(house) == []


@pytest.mark.req("SEC-96", "DEL-30", "DEL-66")
async def test_a_retry_asks_consent_again_and_an_expired_message_stays_dead(house: House) -> None:
    await house.add_account()
    (denied,) = await bury(house)
    content = house.content(expire_time=later(hours=1))
    (expired,) = await bury(house, content=content)
    await house.rows("UPDATE content SET expire_at = now() WHERE campaign_id IS NULL")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await retry(house, expired)
    assert "MESSAGE_EXPIRED" in reason(refused.value)
    house.neighbours.consent.rule = lambda context, item: deny(consent_pb.DECISION_REASON_OPTED_OUT)
    async with house.worker():
        await retry(house, denied)
        await house.until_states({"skipped": 1, "failed": 1})
    assert await house.rows("SELECT reason FROM message WHERE message_id = %s", denied) == [("opted_out",)]
    with pytest.raises(grpc.aio.AioRpcError) as gone:
        await retry(house, str(uuid4()))
    assert gone.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.req("DEL-30")
async def test_a_selection_is_retried_together_without_what_is_expired_or_in_doubt(house: House) -> None:
    content = house.campaign_content()
    mine = await bury(house, content=content, count=3)
    in_doubt = await bury(house, content=content, reason="outcome_unknown")
    others = await bury(house)
    await house.rows("UPDATE message SET expire_at = now() WHERE message_id = %s", mine[2])

    async def retry_all(**fields: Any) -> pb.BatchRetryDeadLettersResponse:
        request = pb.BatchRetryDeadLettersRequest(**fields)
        return await stub(house).BatchRetryDeadLetters(request, metadata=house.as_person())

    with pytest.raises(grpc.aio.AioRpcError) as everything:
        await retry_all(filter=pb.DeadLetterFilter())
    assert everything.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    chosen = pb.DeadLetterFilter(run_id=content.run_id)
    first = await retry_all(filter=chosen, max_count=1, idempotency_key="a")
    assert (first.retried_count, first.has_more) == (1, True)
    rest = await retry_all(filter=chosen)
    assert (rest.retried_count, rest.expired_count, rest.in_doubt_count, rest.has_more) == (1, 1, 1, False)
    await house.assert_every_waiting_message_stands_in_one_place()
    assert await house.states() == {"pending": 2, "failed": 3}
    assert {one.message_id for one in await letters(house)} == {mine[2], *in_doubt, *others}
    with pytest.raises(grpc.aio.AioRpcError) as doubted:
        await retry(house, in_doubt[0])
    assert "accept_duplicate" in reason(doubted.value)
    await retry(house, in_doubt[0], accept_duplicate=True)
    assert (await house.states())["pending"] == 3


@pytest.mark.req("DEL-30", "DEL-9")
async def test_dead_letters_are_listed_by_what_they_are_and_discarded_with_a_reason(house: House) -> None:
    content = house.campaign_content()
    mine = await bury(house, content=content, count=3)
    await bury(house, reason="template_render_failed")
    by_campaign = pb.DeadLetterFilter(campaign_id=content.campaign_id)
    assert [one.message_id for one in await letters(house, filter=by_campaign)] == mine[::-1]
    assert len(await letters(house, filter=pb.DeadLetterFilter(reason="template_render_failed"))) == 1
    assert len(await letters(house, filter=pb.DeadLetterFilter(provider="smtp"))) == 0
    assert len(await letters(house, filter=pb.DeadLetterFilter(channel=enums_pb2.CHANNEL_SMS))) == 0
    first = await stub(house).ListDeadLetters(
        pb.ListDeadLettersRequest(filter=by_campaign, page_size=2), metadata=house.as_person()
    )
    second = await stub(house).ListDeadLetters(
        pb.ListDeadLettersRequest(filter=by_campaign, page_size=2, page_token=first.next_page_token),
        metadata=house.as_person(),
    )
    assert [one.message_id for one in (*first.dead_letters, *second.dead_letters)] == mine[::-1]
    assert second.next_page_token == ""

    async def discard(message_id: str) -> pb.DeadLetter:
        request = pb.DiscardDeadLetterRequest(message_id=message_id, reason="the offer is over")
        return (await stub(house).DiscardDeadLetter(request, metadata=house.as_person())).dead_letter

    discarded = await discard(mine[0])
    assert (discarded.resolution, discarded.note) == (pb.DeadLetter.RESOLUTION_DISCARDED, "the offer is over")
    assert await discard(mine[0]) == discarded
    assert await house.rows("SELECT action FROM audit WHERE resource_id = %s", mine[0]) == [
        ("dead_letter.discard",)
    ]
    (listed,) = await letters(house, resolution=pb.DeadLetter.RESOLUTION_DISCARDED)
    assert listed == discarded
    # A receipt told that it arrived: nothing is left to look after.
    await house.rows("UPDATE message SET state = 8 WHERE message_id = %s", mine[1])
    for act in (discard, lambda id: retry(house, id)):
        with pytest.raises(grpc.aio.AioRpcError) as settled:
            await act(mine[1])
        assert settled.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.req("SEC-36")
async def test_dead_letters_are_the_business_of_owners(house: House) -> None:
    (mine,) = await bury(house)
    for person in (house.as_person("branch_manager"), house.as_person("regional_manager")):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub(house).ListDeadLetters(pb.ListDeadLettersRequest(), metadata=person)
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(grpc.aio.AioRpcError) as foreign:
        await stub(house).RetryDeadLetter(
            pb.RetryDeadLetterRequest(message_id=mine), metadata=house.as_person(tenant_id=uuid4())
        )
    assert foreign.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.req("W4", "DEL-30", "DEL-78")
@pytest.mark.parametrize("accepts", [False, True])
async def test_a_retried_message_in_doubt_goes_by_its_account_until_somebody_accepts_a_duplicate(
    house: House, accepts: bool
) -> None:
    first = await house.add_account(priority=1)
    second = await house.add_account(priority=2)
    (message_id,) = await bury(house, content=house.content(), reason="outcome_unknown")
    await house.rows(
        "INSERT INTO attempt (tenant_id, message_id, number, provider, account_id, started_at, finished_at, outcome,"
        " code, detail, provider_message_id) SELECT tenant_id, message_id, 4, 'recording', %s, now(), now(), 4,"
        " 'timeout', '', '' FROM message",
        second,
    )
    await retry(house, message_id, accept_duplicate=accepts)
    async with house.worker():
        await house.until_states({"sent": 1})
    assert await house.rows("SELECT account_id FROM message") == [(first if accepts else second,)]


@pytest.mark.req("DEL-30", "GEN-47")
async def test_a_letter_that_outlives_its_message_says_so_and_is_closed_with_a_reason(house: House) -> None:
    old, young = await bury(house, count=2)
    ancient = uuid7_floor(now() - retention.MESSAGES_KEPT - timedelta(days=1))
    await house.rows("UPDATE dead_letter SET message_id = %s WHERE message_id = %s", ancient, old)
    request = pb.DiscardDeadLetterRequest(message_id=str(ancient), reason="why not")
    for act in (
        retry(house, str(ancient)),
        stub(house).DiscardDeadLetter(request, metadata=house.as_person()),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await act
        assert "MESSAGE_EXPIRED" in reason(refused.value)
        assert "no longer kept" in (refused.value.details() or "")
    for step in retention.steps(house.settings.content_kept):
        async with house.service.database.system() as uow:
            await step(uow, now(), 500)
    assert await house.rows(
        "SELECT message_id, resolution, resolved_by, note FROM dead_letter ORDER BY 1"
    ) == [
        (ancient, "discarded", "retention", "the message is no longer kept"),
        (UUID(young), None, None, ""),
    ]
