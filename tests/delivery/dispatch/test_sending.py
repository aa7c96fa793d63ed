from __future__ import annotations

import asyncio
import socket
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.common.v1 import enums_pb2, events_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import delivery_events_pb2
from services.common.ids import uuid7
from tests.delivery.kit import House, later, now, recipient
from tests.fakes.neighbours import ALLOW, defer, deny


def rules(*given: dict[str, Any]) -> dict[str, Any]:
    return {"rules": list(given)}


async def payloads(house: House, type: str, message: Any) -> list[Any]:
    found = []
    for (envelope,) in await house.rows("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", type):
        payload = message()
        events_pb2.EventEnvelope.FromString(envelope).payload.Unpack(payload)
        found.append(payload)
    return found


@pytest.mark.req("DEL-65", "DEL-66", "EVT-94")
async def test_a_block_is_asked_about_rendered_handed_over_and_recorded(house: House) -> None:
    account = await house.add_account()
    content = house.campaign_content()
    people = [recipient(n) for n in range(30)]
    async with house.worker():
        await house.send_block(content, people)
        await house.until_states({"sent": 30})
    request = house.neighbours.consent.requests[-1]
    assert request.context.purpose == consent_pb.EVALUATION_PURPOSE_SEND
    assert request.context.campaign_id == content.campaign_id
    assert all(item.HasField("usage") and item.message_id for item in request.items)
    [sent] = await payloads(house, "message.sent", delivery_events_pb2.MessagesSent)
    assert (sent.campaign_id, sent.provider_account_id) == (content.campaign_id, str(account))
    assert {one.attempt for one in sent.messages} == {1}
    assert all(one.provider_message_id for one in sent.messages)
    row = await house.rows(
        "SELECT DISTINCT state, attempt_count, provider, account_id, sent_at IS NOT NULL FROM message"
    )
    assert row == [(7, 1, "recording", account, True)]
    assert await house.value("SELECT count(*) FROM send_slot") == 30
    assert await house.rows("SELECT accepted_count, finished_at IS NOT NULL FROM handover") == [(30, True)]


@pytest.mark.req("DEL-66", "DEL-67", "DEL-68", "CON-85")
async def test_what_consent_denies_or_defers_does_not_leave_and_frees_its_slot(house: House) -> None:
    await house.add_account()
    until = later(hours=3)

    def rule(context: Any, item: Any) -> Any:
        number = int(item.address.removeprefix("person").partition("@")[0])
        if number % 3 == 0:
            return deny(consent_pb.DECISION_REASON_OPTED_OUT)
        return defer(consent_pb.DECISION_REASON_QUIET_HOURS, until) if number % 3 == 1 else ALLOW

    house.neighbours.consent.rule = rule
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(30)])
        await house.until_states({"sent": 10, "skipped": 10, "deferred": 10})
        await house.assert_every_waiting_message_stands_in_one_place()
    assert await house.value("SELECT count(*) FROM send_slot") == 10
    assert await house.value("SELECT count(*) FROM message_wait WHERE due_at = %s", until) == 10
    assert dict(await house.events()) == {
        "message.accepted": 30, "message.skipped": 10, "message.deferred": 10, "message.sent": 10,
    }  # fmt: skip


@pytest.mark.req("DEL-67", "GEN-5")
async def test_nothing_leaves_while_consent_cannot_be_asked_and_no_try_is_used(house: House) -> None:
    await house.add_account()
    content, people = house.campaign_content(), [recipient(n) for n in range(5)]
    house.neighbours.consent.is_down = True
    async with house.worker():
        await house.send_block(content, people)
        await house.until(lambda: house.rows("SELECT 1 FROM dispatch_block WHERE status = 0"), seconds=30)
        due = await house.value("SELECT due_at FROM dispatch_block")
        assert timedelta(seconds=15) < due - now() <= timedelta(seconds=31)
        assert await house.states() == {"pending": 5}
        assert await house.value("SELECT count(*) FROM send_slot") == 0
        assert await house.value("SELECT max(attempt_count) FROM message") == 0
        house.neighbours.consent.is_down = False
        await house.rows("UPDATE dispatch_block SET due_at = now()")
        await house.until_states({"sent": 5})


@pytest.mark.req("DEL-81", "DEL-83", "DEL-123", "DEL-2")
async def test_a_refused_message_is_tried_again_after_its_stored_delay_and_given_up_after_its_retries(
    house: House,
) -> None:
    await house.add_account(
        config=rules(
            {"address": "person1@*", "result": "retryable", "code": "unavailable", "times": 2},
            {"address": "person2@*", "result": "retryable", "code": "unavailable"},
        )
    )
    async with house.worker(retry_delay_ms=20):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(4)])
        await house.until_states({"sent": 3, "failed": 1}, seconds=30)
    tries = await house.rows("SELECT message_id, count(*), max(number) FROM attempt GROUP BY 1 ORDER BY 2")
    assert [row[1:] for row in tries] == [(2, 2), (4, 4)]
    assert await house.rows("SELECT attempt_count, state FROM message WHERE attempt_count > 1 ORDER BY 1") == [
        (3, 7), (4, 11),
    ]  # fmt: skip
    assert await house.rows("SELECT reason, attempt_count FROM dead_letter") == [("unavailable", 4)]
    assert await house.value("SELECT count(*) FROM message_wait") == 0
    assert await house.value("SELECT count(*) FROM dispatch_block") == 0
    assert await house.value("SELECT count(*) FROM send_slot") == 3


@pytest.mark.req("DEL-81")
async def test_a_retry_waits_for_its_instant(house: House) -> None:
    await house.add_account(config=rules({"result": "retryable", "code": "unavailable", "times": 1}))
    async with house.worker(retry_delay_ms=2000):
        await house.send_one(house.content(), recipient())
        await house.until_states({"retrying": 1})
        due = await house.value("SELECT due_at FROM message_wait")
        assert timedelta(seconds=1) < due - now() <= timedelta(seconds=2.4)
        await house.assert_every_waiting_message_stands_in_one_place()
        await house.until_states({"sent": 1})
    assert await house.value("SELECT sent_at FROM message") >= due


@pytest.mark.req("DEL-83", "EVT-97")
async def test_a_bad_address_fails_without_dead_letter_and_is_reported(house: House) -> None:
    await house.add_account(
        config=rules(
            {
                "result": "permanent",
                "code": "invalid_recipient",
                "recipient_fault": True,
                "address": "person1@*",
            },
            {"result": "permanent", "code": "content_refused", "address": "person2@*"},
        )
    )
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(3)])
        await house.until_states({"sent": 1, "failed": 2})
    [report] = await payloads(house, "recipient.invalid", delivery_events_pb2.RecipientsReported)
    [one] = report.reports
    assert len(one.address_hash) == 32
    assert one.address_hint.startswith("p***")
    assert one.channel == enums_pb2.CHANNEL_EMAIL
    assert await house.rows("SELECT reason FROM dead_letter") == [("content_refused",)]
    assert await house.value("SELECT count(*) FROM send_slot") == 1


@pytest.mark.req("DEL-77", "DEL-75", "REL-6")
async def test_after_a_refusal_the_next_account_is_tried(house: House) -> None:
    first = await house.add_account(config=rules({"result": "retryable", "code": "unavailable"}), priority=1)
    second = await house.add_account(priority=2)
    async with house.worker(retry_delay_ms=20):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(10)])
        await house.until_states({"sent": 10})
    assert await house.rows("SELECT DISTINCT account_id, attempt_count FROM message") == [(second, 2)]
    assert await house.rows("SELECT DISTINCT account_id, number FROM attempt") == [(first, 1)]


@pytest.mark.req("DEL-77")
async def test_bad_credentials_cost_the_message_no_try(house: House) -> None:
    await house.add_account(config=rules({"result": "retryable", "code": "credentials"}), priority=1)
    second = await house.add_account(priority=2)
    async with house.worker():
        await house.send_one(house.content(), recipient())
        await house.until_states({"sent": 1})
    assert await house.rows("SELECT account_id, attempt_count FROM message") == [(second, 1)]


@pytest.mark.req("DEL-75")
async def test_without_any_account_messages_fail_at_once(house: House) -> None:
    async with house.worker():
        await house.send_one(house.content(), recipient())
        await house.until_states({"failed": 1})
    assert await house.value("SELECT reason FROM message") == "provider_not_configured"


@pytest.mark.req("DEL-74", "DEL-120")
async def test_a_channel_that_is_off_fails_its_messages(house: House) -> None:
    await house.add_account()
    async with house.worker(enable_email=False):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(3)])
        await house.until_states({"failed": 3})
    assert await house.rows("SELECT DISTINCT reason FROM message") == [("channel_disabled",)]
    assert await house.value("SELECT count(*) FROM handover") == 0


@pytest.mark.req("DEL-73", "DEL-147")
async def test_a_contact_without_an_address_is_skipped(house: House) -> None:
    await house.add_account()
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(0), recipient(1, address="")])
        await house.until_states({"sent": 1, "skipped": 1})
    assert await house.value("SELECT reason FROM message WHERE state = 12") == "no_address"


@pytest.mark.req("DEL-72")
async def test_a_message_that_cannot_be_rendered_fails_and_the_others_go(house: House) -> None:
    await house.add_account()
    template = house.template(
        category=enums_pb2.CATEGORY_OFFER, text="On {{ formatDate(name) }}", subject="Hello"
    )
    people = [recipient(n) for n in range(3)]
    people[1].variables["name"] = "2026-01-15"
    async with house.worker():
        await house.send_block(house.campaign_content(template), people)
        await house.until_states({"sent": 1, "failed": 2})
    assert await house.rows("SELECT DISTINCT reason, failure_code FROM message WHERE state = 11") == [
        ("template_render_failed", "template_render_failed")
    ]
    # Whoever looks after it reads what is wrong with the template, and nothing of a person.
    assert await house.rows("SELECT DISTINCT last_error FROM dead_letter") == [
        ("formatDate needs a date or a time in ISO 8601",)
    ]


@pytest.mark.req("DEL-125", "DEL-61")
async def test_a_scheduled_message_waits_for_its_instant(house: House) -> None:
    await house.add_account()
    content = house.content()
    due = later(seconds=1.5)
    content.schedule_time.FromDatetime(due)
    async with house.worker():
        await house.send_one(content, recipient())
        await asyncio.sleep(0.6)
        assert await house.states() == {"scheduled": 1}
        await house.assert_every_waiting_message_stands_in_one_place()
        await house.until_states({"sent": 1})
    assert await house.value("SELECT sent_at FROM message") >= due


@pytest.mark.req("DEL-125")
async def test_a_message_whose_time_passes_first_expires(house: House) -> None:
    await house.add_account(config=rules({"result": "retryable", "code": "unavailable"}))
    content = house.content()
    content.expire_time.FromDatetime(later(seconds=1.2))
    async with house.worker(retry_delay_ms=60_000):
        await house.send_one(content, recipient())
        await house.until_states({"retrying": 1})
        await house.until_states({"expired": 1})
    assert ("message.expired", 1) in await house.events()


@pytest.mark.req("DEL-71")
async def test_nothing_leaves_when_the_limits_cannot_be_asked(house: House) -> None:
    await house.add_account()
    async with house.worker(redis_url="redis://127.0.0.1:1/0"):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(3)])
        await house.until(lambda: house.rows("SELECT 1 FROM dispatch_block WHERE status = 0"))
        assert await house.states() == {"pending": 3}
        due = await house.value("SELECT due_at FROM dispatch_block")
        assert timedelta(seconds=50) < due - now() <= timedelta(seconds=61)


@pytest.mark.req("DEL-70")
async def test_the_global_limit_lets_only_so_many_leave_in_a_minute(house: House) -> None:
    await house.add_account()
    async with house.worker(rate_limit_global_email_per_min=100):
        for _ in range(3):
            await house.send_block(house.campaign_content(), [recipient(n) for n in range(80)])
        await house.until_states({"sent": 100, "pending": 140})
        await asyncio.sleep(1)
        assert await house.states() == {"sent": 100, "pending": 140}
        await house.assert_every_waiting_message_stands_in_one_place()
    assert await house.value("SELECT count(*) FROM send_slot") == 100
    assert await house.value("SELECT max(attempt_count) FROM message WHERE state = 1") == 0


@pytest.mark.req("DEL-70")
async def test_a_contact_gets_so_many_an_hour_except_what_is_critical(house: House) -> None:
    await house.add_account()
    contact = str(uuid4())
    template = house.template()
    async with house.worker(rate_limit_email_per_hour=3):
        for _ in range(5):
            await house.send_one(house.content(template), recipient(1, contact_id=contact))
        await house.until_states({"sent": 3, "deferred": 2})
        rows = await house.rows(
            "SELECT DISTINCT reason, wake_at - now() > '50 min' FROM message WHERE state = 3"
        )
        assert rows == [("rate_limited", True)]
        critical = house.content(
            house.template(category=enums_pb2.CATEGORY_URGENT), category=enums_pb2.CATEGORY_URGENT
        )
        await house.send_one(critical, recipient(1, contact_id=contact))
        await house.until_states({"sent": 4, "deferred": 2})


@pytest.mark.req("DEL-69")
async def test_a_tenants_daily_volume_holds_marketing_back_and_not_transactions(house: House) -> None:
    await house.add_account()
    await house.rows(
        "INSERT INTO tenant_limit VALUES (%s, 1, 10, NULL, 'Asia/Kolkata', now())", house.tenant_id
    )
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(15)])
        await house.until_states({"sent": 10, "deferred": 5})
        await house.send_one(house.content(), recipient())
        await house.until_states({"sent": 11, "deferred": 5})
        await house.assert_every_waiting_message_stands_in_one_place()
    assert await house.value("SELECT used FROM tenant_volume") == 11
    wakes = await house.rows(
        "SELECT DISTINCT reason, (wake_at AT TIME ZONE 'Asia/Kolkata')::time::text FROM message WHERE state = 3"
    )
    assert wakes == [("tenant_volume", "00:00:00")]


@pytest.mark.req("DEL-68", "CON-85")
async def test_caps_hold_while_several_workers_send_to_the_same_people(house: House) -> None:
    await house.add_account()
    house.neighbours.consent.daily_cap = 2
    house.neighbours.consent.delay = 0.02
    contacts = [str(uuid4()) for _ in range(50)]
    template = house.template(category=enums_pb2.CATEGORY_OFFER)
    async with house.worker(), house.worker(), house.worker():
        await asyncio.gather(
            *(
                house.send_block(
                    house.campaign_content(template),
                    [recipient(n, contact_id=contact) for n, contact in enumerate(contacts)],
                )
                for _ in range(6)
            )
        )
        await house.until(lambda: _settled(house, 300))
    per_contact = Counter(
        contact for (contact,) in await house.rows("SELECT contact_id FROM message WHERE state = 7")
    )
    assert max(per_contact.values()) <= 2
    assert sum(per_contact.values()) == await house.value("SELECT count(*) FROM send_slot")
    assert (await house.states()).keys() == {"sent", "skipped"}


@pytest.mark.req("CON-78", "CON-85")
async def test_consent_hears_what_somebody_got_in_the_last_24_hours_whatever_the_calendar_says(
    house: House,
) -> None:
    await house.add_account()
    told, contact = [], str(uuid4())

    def rule(_: Any, item: Any) -> Any:
        told.append((item.usage.marketing_24_hours, item.usage.marketing_week))
        return ALLOW

    house.neighbours.consent.rule = rule
    await house.rows(
        "INSERT INTO send_slot (tenant_id, contact_id, taken_at, message_id, channel, is_marketing)"
        " SELECT %s, %s, now() - age, gen_random_uuid(), 1, true"
        " FROM unnest(ARRAY['1 hour', '23 hours', '25 hours']::interval[]) AS age",
        house.tenant_id,
        contact,
    )
    template = house.template(category=enums_pb2.CATEGORY_OFFER)
    async with house.worker():
        await house.send_block(house.campaign_content(template), [recipient(1, contact_id=contact)])
        await house.until_states({"sent": 1})
    assert told[-1] == (2, 3)


async def _settled(house: House, count: int) -> bool:
    states = await house.states()
    return sum(states.values()) == count and not states.keys() & {"pending", "deferred", "retrying"}


@pytest.mark.req("DEL-63")
async def test_small_blocks_of_one_content_are_worked_on_together(house: House) -> None:
    await house.add_account()
    template = house.template()
    for n in range(60):
        await house.send_one(house.content(template, correlation_id=f"order-{n}"), recipient(n))
    assert await house.value("SELECT count(*) FROM dispatch_block") == 60
    async with house.worker():
        await house.until_states({"sent": 60})
    assert await house.value("SELECT count(*) FROM handover") == 1


@pytest.mark.req("DEL-63", "ARC-8", "ARC-15")
async def test_workers_side_by_side_send_each_message_once(house: House) -> None:
    await house.add_account()
    template = house.template(category=enums_pb2.CATEGORY_OFFER)
    for _ in range(10):
        await house.send_block(house.campaign_content(template), [recipient(n) for n in range(100)])
    async with house.worker(), house.worker(), house.worker():
        await house.until_states({"sent": 1000})
    assert await house.value("SELECT sum(accepted_count) FROM handover") == 1000
    assert await house.value("SELECT sum(cardinality(message_ids)) FROM handover") == 1000
    sent = await payloads(house, "message.sent", delivery_events_pb2.MessagesSent)
    ids = [one.message_id for payload in sent for one in payload.messages]
    assert len(ids) == len(set(ids)) == 1000


async def test_a_repeated_template_is_asked_for_once(house: House) -> None:
    await house.add_account()
    template = house.template(category=enums_pb2.CATEGORY_OFFER)
    async with house.worker():
        for _ in range(5):
            await house.send_block(house.campaign_content(template), [recipient(n) for n in range(3)])
        await house.until_states({"sent": 15})
    assert house.neighbours.templates.asked <= 2


async def test_a_template_that_cannot_be_had_puts_the_block_back(house: House) -> None:
    await house.add_account()
    content = house.campaign_content()
    await house.send_block(content, [recipient()])
    house.neighbours.templates.is_down = True
    async with house.worker():
        await house.until(lambda: house.rows("SELECT 1 FROM dispatch_block WHERE status = 0"), seconds=30)
        assert await house.states() == {"pending": 1}
        await house.assert_every_waiting_message_stands_in_one_place()


@pytest.mark.req("DEL-88", "EVT-99")
async def test_what_a_provider_took_costs_by_the_rate_card(house: House) -> None:
    await house.add_account("sendgrid")
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(3)])
        await house.until_states({"sent": 3})
    assert {str(cost) for (cost,) in await house.rows("SELECT cost FROM message")} == {"0.000100"}
    [costs] = await payloads(house, "message.cost_recorded", delivery_events_pb2.CostsRecorded)
    assert {(one.cost.units, one.cost.nanos, one.is_actual) for one in costs.costs} == {(0, 100_000, False)}
    assert costs.costs[0].billing_period == f"{now():%Y-%m}"


@pytest.mark.req("CAM-75", "CAM-77", "EVT-99")
async def test_a_cost_says_its_branch_and_whether_it_counts_against_budgets(house: House) -> None:
    await house.add_account("sendgrid")
    branch, plain = str(uuid4()), house.template(category=enums_pb2.CATEGORY_PAYMENT)
    async with house.worker():
        await house.send_block(house.campaign_content(branch_id=branch), [recipient(1)])
        await house.send_one(house.content(plain, category=enums_pb2.CATEGORY_PAYMENT), recipient(2))
        await house.until_states({"sent": 2})
    told = await payloads(house, "message.cost_recorded", delivery_events_pb2.CostsRecorded)
    found = {(one.branch_id, one.is_budgeted) for payload in told for one in payload.costs}
    assert found == {(branch, True), ("", False)}


async def test_tenants_do_not_see_each_others_messages(house: House) -> None:
    await house.add_account()
    other = uuid4()
    async with house.worker():
        answer = await house.send_one(house.content(), recipient())
        await house.until_states({"sent": 1})
    import grpc

    from angarium.delivery.v1 import message_service_pb2 as pb

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await house.messages.GetMessage(
            pb.GetMessageRequest(message_id=answer.message_id), metadata=house.as_person(tenant_id=other)
        )
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    listed = await house.messages.ListMessages(
        pb.ListMessagesRequest(), metadata=house.as_person(tenant_id=other)
    )
    assert list(listed.messages) == []
    assert UUID(answer.message_id) < uuid7()


@pytest.mark.req("DEL-76", "DEL-81")
async def test_a_provider_that_is_away_costs_no_tries_once_its_circuit_is_open(house: House) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        config = {"host": "127.0.0.1", "port": closed.getsockname()[1], "security": "none"}
        await house.add_account("smtp", config=config | {"from_address": "shop@example.com"})
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(1000)])
        async with house.worker(provider_mode="live", retry_delay_ms=60_000):
            # Each hand-over takes 200 messages, and the third failure opens the circuit.
            await house.until_states({"retrying": 600, "pending": 400})
            await asyncio.sleep(1)
            assert await house.states() == {"retrying": 600, "pending": 400}
        assert await house.rows("SELECT attempt_count, count(*) FROM message GROUP BY 1 ORDER BY 1") == [
            (0, 400),
            (1, 600),
        ]
        assert await house.value("SELECT count(*) FROM send_slot") == 0
        await house.assert_every_waiting_message_stands_in_one_place()
