"""Rules of limits over their RPCs, and what they do to messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import limit_service_pb2 as pb
from angarium.delivery.v1 import limit_service_pb2_grpc as grpc_pb
from tests.delivery.kit import House, open_house, recipient

EMAIL = enums_pb2.CHANNEL_EMAIL
CONTACT, TENANT, GLOBAL = (
    pb.RATE_LIMIT_SCOPE_CONTACT,
    pb.RATE_LIMIT_SCOPE_TENANT,
    pb.RATE_LIMIT_SCOPE_GLOBAL,
)


class Limits:
    """The RPCs, as an operator calls them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.stub = grpc_pb.LimitServiceStub(house.channel)
        self.admin = house.as_person("platform_admin")

    async def set(self, key: str = "", **fields: Any) -> pb.RateLimitRule:
        request = pb.SetRateLimitRuleRequest(
            rule=pb.RateLimitRule(channel=EMAIL, **fields), idempotency_key=key
        )
        return (await self.stub.SetRateLimitRule(request, metadata=self.admin)).rule

    async def status(self, **fields: Any) -> pb.GetRateLimitStatusResponse:
        request = pb.GetRateLimitStatusRequest(channel=EMAIL, **fields)
        return await self.stub.GetRateLimitStatus(request, metadata=self.admin)

    async def reset(self, **fields: Any) -> None:
        request = pb.ResetRateLimitRequest(channel=EMAIL, reason="a test", **fields)
        await self.stub.ResetRateLimit(request, metadata=self.admin)

    async def listed(self, **fields: Any) -> list[pb.RateLimitRule]:
        found: list[pb.RateLimitRule] = []
        token = ""
        while True:
            request = pb.ListRateLimitRulesRequest(page_size=1, page_token=token, **fields)
            answer = await self.stub.ListRateLimitRules(request, metadata=self.admin)
            found += answer.rules
            token = answer.next_page_token
            if not token:
                return found


@pytest.fixture
async def limits(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[Limits]:
    async with open_house(clone_database(["delivery"]), redis_url, rate_limit_email_per_hour=20) as house:
        yield Limits(house)


def counts(answer: pb.GetRateLimitStatusResponse) -> list[tuple[float, int, int, int, bool]]:
    return [
        (one.period.ToTimedelta().total_seconds(), one.max_count, one.current_count, one.remaining_count, one.is_default)
        for one in answer.windows
    ]  # fmt: skip


@pytest.mark.req("DEL-42", "DEL-7")
async def test_a_rule_is_set_replaced_listed_and_deleted(limits: Limits) -> None:
    first = await limits.set(scope=CONTACT, max_per_minute=2, max_per_hour=10, burst_limit=3, key="once")
    again = await limits.set(scope=CONTACT, max_per_minute=2, max_per_hour=10, burst_limit=3, key="once")
    assert again == first
    replaced = await limits.set(scope=CONTACT, max_per_hour=4)
    assert replaced.rate_limit_rule_id == first.rate_limit_rule_id
    assert (replaced.max_per_minute, replaced.max_per_hour, replaced.burst_limit) == (0, 4, 0)
    assert (replaced.changed_by, replaced.create_time) == ("person-1", first.create_time)
    tenant = await limits.set(scope=TENANT, subject_id=str(uuid4()), max_per_day=9)
    assert [one.rate_limit_rule_id for one in await limits.listed()] == [
        first.rate_limit_rule_id,
        tenant.rate_limit_rule_id,
    ]
    assert await limits.listed(scope=TENANT) == [tenant]
    assert await limits.listed(channel=enums_pb2.CHANNEL_SMS) == []
    delete = pb.DeleteRateLimitRuleRequest(rate_limit_rule_id=tenant.rate_limit_rule_id)
    await limits.stub.DeleteRateLimitRule(delete, metadata=limits.admin)
    with pytest.raises(grpc.aio.AioRpcError) as gone:
        await limits.stub.DeleteRateLimitRule(delete, metadata=limits.admin)
    assert gone.value.code() is grpc.StatusCode.NOT_FOUND
    actions = await limits.house.rows("SELECT action, count(*) FROM audit GROUP BY 1 ORDER BY 1")
    assert actions == [("rate_limit.delete", 1), ("rate_limit.set", 3)]


@pytest.mark.req("DEL-42")
async def test_a_rule_that_says_nothing_or_contradicts_itself_is_refused(limits: Limits) -> None:
    wrong: list[dict[str, Any]] = [
        {"scope": CONTACT},
        {"scope": CONTACT, "burst_limit": 3},
        {"scope": CONTACT, "max_per_minute": -1},
        {"scope": GLOBAL, "subject_id": str(UUID(int=7)), "max_per_hour": 1},
        {"scope": TENANT, "tenant_id": str(UUID(int=7)), "max_per_hour": 1},
        {"scope": CONTACT, "max_per_day": 1, "burst_limit": 8},
        {"scope": 9, "max_per_hour": 1},
    ]
    for fields in wrong:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await limits.set(**fields)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT, fields
    assert await limits.house.value("SELECT count(*) FROM rate_limit_rule") == 0


@pytest.mark.req("DEL-42")
async def test_only_operators_set_limits(limits: Limits) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await limits.stub.ListRateLimitRules(
            pb.ListRateLimitRulesRequest(), metadata=limits.house.as_person("super_owner")
        )
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.req("DEL-70", "DEL-43", "DEL-8")
async def test_a_contact_is_held_by_the_narrowest_of_its_rules_and_critical_is_counted_only(
    limits: Limits,
) -> None:
    house, contact = limits.house, str(uuid4())
    await house.add_account()
    await limits.set(scope=CONTACT, max_per_hour=5)
    await limits.set(
        scope=CONTACT, subject_id=contact, tenant_id=str(house.tenant_id), max_per_minute=2, burst_limit=3
    )
    template = house.template()
    urgent = house.template(category=enums_pb2.CATEGORY_URGENT)
    async with house.worker():
        people = [recipient(1, contact_id=contact) for _ in range(4)] + [recipient(n) for n in range(4)]
        await house.send_block(house.content(template), people)
        await house.until_states({"sent": 7, "deferred": 1})
        rows = await house.rows(
            "SELECT reason, wake_at - now() BETWEEN '80 s' AND '91 s', attempt_count FROM message WHERE state = 3"
        )
        assert rows == [("rate_limited", True, 0)]
        content = house.content(urgent, category=enums_pb2.CATEGORY_URGENT)
        await house.send_one(content, recipient(1, contact_id=contact))
        await house.until_states({"sent": 8, "deferred": 1})
    who = {"scope": CONTACT, "subject_id": contact}
    found = await limits.status(**who)
    assert counts(found) == [(90, 3, 4, 0, False), (3600, 5, 4, 1, False)]
    assert found.windows[0].HasField("reset_time")
    assert not found.windows[1].HasField("reset_time")
    assert counts(await limits.status(**who)) == counts(found)
    # Caps of consent go on counting what the rate limits forget.
    await limits.reset(**who)
    assert [one[2] for one in counts(await limits.status(**who))] == [0, 0]
    assert await house.value("SELECT count(*) FROM send_slot WHERE contact_id = %s", contact) == 4
    assert await house.value("SELECT count(*) FROM audit WHERE action = 'rate_limit.reset'") == 1


@pytest.mark.req("DEL-70", "DEL-43")
async def test_a_tenant_sends_so_many_and_other_tenants_are_not_held(limits: Limits) -> None:
    house, other = limits.house, uuid4()
    await house.add_account()
    await house.add_account(tenant_id=other)
    await limits.set(scope=TENANT, subject_id=str(house.tenant_id), max_per_hour=10)
    template = house.neighbours.templates.add(other, category=enums_pb2.CATEGORY_OFFER)
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(15)])
        await house.send_block(
            house.campaign_content(template), [recipient(n) for n in range(15)], tenant_id=other
        )
        await house.until_states({"sent": 25, "pending": 5})
        await house.assert_every_waiting_message_stands_in_one_place()
        # What is refused has no slot, no try and no place in any other window.
        assert await house.value("SELECT count(*) FROM send_slot") == 25
        assert await house.value("SELECT max(attempt_count) FROM message WHERE state = 1") == 0
    who = {"scope": TENANT, "subject_id": str(house.tenant_id)}
    found = await limits.status(**who)
    assert counts(found) == [(3600, 10, 10, 0, False)]
    assert (found.is_configured, found.windows[0].HasField("reset_time")) == (True, True)
    assert counts(await limits.status(scope=GLOBAL)) == [(60, 10_000_000, 25, 9_999_975, True)]
    assert not (await limits.status(scope=TENANT, subject_id=str(other))).is_configured
    await limits.reset(**who)
    await house.rows("UPDATE dispatch_block SET due_at = now()")
    async with house.worker():
        await house.until_states({"sent": 30})
    assert counts(await limits.status(**who)) == [(3600, 10, 5, 5, False)]


@pytest.mark.req("DEL-71", "DEL-70")
async def test_losing_the_store_neither_lets_more_through_nor_holds_anything_back(
    limits: Limits, redis: Redis
) -> None:
    house = limits.house
    await house.add_account()
    await limits.set(scope=TENANT, subject_id=str(house.tenant_id), max_per_day=30)
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(20)])
        await house.until_states({"sent": 20})
        await redis.flushall()
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(20)])
        await house.until_states({"sent": 30, "pending": 10})
    who = {"scope": TENANT, "subject_id": str(house.tenant_id)}
    assert counts(await limits.status(**who)) == [(86_400, 30, 30, 0, False)]
    # What began anew stays so, also when the store forgets it.
    await limits.reset(**who)
    await redis.flushall()
    await house.rows("UPDATE dispatch_block SET due_at = now()")
    async with house.worker():
        await house.until_states({"sent": 40})
    assert counts(await limits.status(**who)) == [(86_400, 30, 10, 20, False)]


@pytest.mark.req("DEL-43")
async def test_what_is_counted_must_be_named(limits: Limits) -> None:
    for fields in ({"scope": CONTACT}, {"scope": TENANT}, {"scope": GLOBAL, "subject_id": str(uuid4())}):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await limits.status(**fields)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.req("CAM-100", "DEL-150")
async def test_a_campaign_leaves_in_slices_of_a_second_and_not_at_once(limits: Limits) -> None:
    house = limits.house
    await house.add_account()
    await house.add_account(tenant_id=(other := uuid4()))
    template = house.neighbours.templates.add(other, category=enums_pb2.CATEGORY_OFFER)
    async with house.worker(rate_limit_per_second=20):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(60)])
        await house.send_block(
            house.campaign_content(template), [recipient(n) for n in range(15)], tenant_id=other
        )
        await house.until_states({"sent": 75}, seconds=15)
    rows = await house.rows(
        "SELECT accepted_count, started_at FROM handover WHERE tenant_id = %s ORDER BY 2", house.tenant_id
    )
    assert sum(count for count, _ in rows) == 60
    for _, first in rows:
        assert sum(count for count, at in rows if 0 <= (at - first).total_seconds() < 0.95) <= 20
    # It is slow, not idle: three slices take two pauses of about a second.
    assert 1.9 < (rows[-1][1] - rows[0][1]).total_seconds() < 5
    assert await house.value("SELECT max(attempt_count) FROM message") == 1
