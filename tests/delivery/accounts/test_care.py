"""Caring for accounts: new and old webhook paths, deletion, health that can be seen and reset."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.clock import FixedClock
from services.common.jobs import JobContext
from services.delivery import retention
from services.delivery.accounts import records, store
from services.delivery.accounts.circuits import Circuits, HealthJob
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.health import Lesson, Observation
from services.delivery.messages.domain import Channel, MessageClass
from services.delivery.providers import Verification
from tests.delivery.outside import API_KEY, Outside, event, sendgrid_account, struct

FAULT = Observation(0, 1, "timeout")


async def listed(outside: Outside, **fields: Any) -> list[pb.ProviderHealth]:
    found: list[pb.ProviderHealth] = []
    token = ""
    while True:
        answer = await outside.providers.ListProviderHealth(
            pb.ListProviderHealthRequest(page_size=1, page_token=token, **fields),
            metadata=outside.house.as_person(),
        )
        found += answer.provider_health
        token = answer.next_page_token
        if not token:
            return found


async def account_of(outside: Outside, account_id: UUID | None = None) -> store.ProviderAccount:
    found = await store.by_id(
        outside.house.service.database, outside.house.tenant_id, account_id or outside.account_id
    )
    assert found is not None
    return found


async def of_tenant(outside: Outside, tenant_id: UUID) -> list[store.ProviderAccount]:
    return await store.suitable(
        outside.house.service.database, tenant_id, Channel.EMAIL, MessageClass.MARKETING
    )


@pytest.mark.req("DEL-38")
async def test_a_rotated_webhook_is_heard_on_both_paths_for_a_day_or_on_the_new_one_only(
    outside: Outside,
) -> None:
    from angarium.delivery.v1 import receipt_service_pb2

    async def heard(path: str) -> bool:
        token = path.rpartition("/")[2]
        try:
            await outside.receipts.ResolveWebhookAccount(
                receipt_service_pb2.ResolveWebhookAccountRequest(provider="sendgrid", account_token=token),
                metadata=outside.as_gateway(tenant=False),
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            return False
        return True

    async def rotate(key: str = "", *, end_old_now: bool = False) -> pb.RotateWebhookTokenResponse:
        request = pb.RotateWebhookTokenRequest(
            provider_account_id=str(outside.account_id), end_old_now=end_old_now, idempotency_key=key
        )
        return await outside.providers.RotateWebhookToken(request, metadata=outside.house.as_person())

    first = outside.webhook_path
    answer = await rotate("once")
    second = answer.provider_account.webhook_path
    assert second != first
    assert timedelta(hours=23) < answer.old_path_end_time.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
    assert (await rotate("once")).provider_account.webhook_path == second
    assert (await heard(first), await heard(second)) == (True, True)
    await outside.house.rows("UPDATE provider_account SET old_webhook_token_until = now() - interval '1 s'")
    assert (await heard(first), await heard(second)) == (False, True)
    answer = await rotate(end_old_now=True)
    assert not answer.HasField("old_path_end_time")
    assert (await heard(second), await heard(answer.provider_account.webhook_path)) == (False, True)
    stored = await outside.house.value("SELECT string_agg(encode(response, 'escape'), '') FROM idempotency")
    assert second.rpartition("/")[2] not in stored


@pytest.mark.req("DEL-35")
async def test_a_deleted_account_carries_nothing_is_heard_for_three_days_and_then_keeps_no_secret(
    outside: Outside,
) -> None:
    house = outside.house
    [id] = await outside.left()
    request = pb.DeleteProviderAccountRequest(
        provider_account_id=str(outside.account_id), idempotency_key="k"
    )
    await outside.providers.DeleteProviderAccount(request, metadata=house.as_person())
    again = await outside.providers.DeleteProviderAccount(request, metadata=house.as_person())
    assert again.deduplicated
    with pytest.raises(grpc.aio.AioRpcError) as gone:
        await outside.providers.DeleteProviderAccount(
            pb.DeleteProviderAccountRequest(provider_account_id=str(outside.account_id)),
            metadata=house.as_person(),
        )
    assert gone.value.code() is grpc.StatusCode.NOT_FOUND
    assert await of_tenant(outside, house.tenant_id) == []
    assert await listed(outside) == []
    # What it sent before is still told of.
    await outside.post([event(id, "delivered")])
    await outside.applied()
    assert await outside.message(id, "state") == (8,)
    now = datetime.now(UTC)
    async with house.service.database.system() as uow:
        assert await records.wipe(uow, now, 10) == 0
        assert await records.wipe(uow, now + timedelta(hours=73), 10) == 1
    assert await house.rows(
        "SELECT credentials, webhook_token, webhook_token_hash FROM provider_account"
    ) == [(None, None, None)]
    assert records.wipe in retention._STEPS
    assert await house.value("SELECT count(*) FROM audit WHERE action = 'provider_account.delete'") == 1


@pytest.mark.req("DEL-37", "DEL-5")
async def test_health_shows_circuit_counters_errors_and_what_comes_next(outside: Outside) -> None:
    house = outside.house
    circuits = Circuits(house.service.database, FixedClock(datetime.now(UTC)))
    for _ in range(3):
        await circuits.observe(await account_of(outside), FAULT)
    await circuits.observe(
        await account_of(outside), FAULT, Lesson((), {"gmail.com": "rate_limited", "gmx.de": "smtp_451"})
    )
    shared = await house.add_account("sendgrid", tenant_id=PLATFORM)
    own, platform = await listed(outside)
    assert (own.provider_account_id, platform.provider_account_id) == (str(outside.account_id), str(shared))
    assert (own.circuit, own.consecutive_failure_count) == (pb.ProviderAccount.CIRCUIT_OPEN, 3)
    assert (own.failure_count, own.last_error, own.is_platform) == (4, "timeout", False)
    assert own.HasField("open_time")
    assert own.probe_time.seconds - own.open_time.seconds == 60
    assert {one.domain: (one.level, one.code) for one in own.deferrals} == {
        "gmail.com": (1, "rate_limited"),
        "gmx.de": (1, "smtp_451"),
    }
    assert (platform.is_platform, platform.circuit) == (True, pb.ProviderAccount.CIRCUIT_CLOSED)
    answer = await outside.providers.ResetProviderHealth(
        pb.ResetProviderHealthRequest(provider_account_id=str(outside.account_id)),
        metadata=house.as_person(),
    )
    found = answer.provider_health
    assert (found.circuit, found.failure_count, found.last_error) == (
        pb.ProviderAccount.CIRCUIT_CLOSED, 0, "",
    )  # fmt: skip
    assert list(found.deferrals) == []
    assert len(await outside.told("provider.recovered")) == 1
    assert await house.value("SELECT count(*) FROM audit WHERE action = 'provider_account.reset_health'") == 1
    with pytest.raises(grpc.aio.AioRpcError) as foreign:
        await outside.providers.ResetProviderHealth(
            pb.ResetProviderHealthRequest(provider_account_id=str(shared)), metadata=house.as_person()
        )
    assert foreign.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.req("DEL-76", "W4")
async def test_a_circuit_of_the_platforms_account_is_each_tenants_own_and_tells_who_carries_on(
    outside: Outside,
) -> None:
    house, one, other = outside.house, uuid4(), uuid4()
    first = await house.add_account("sendgrid", tenant_id=PLATFORM, priority=1)
    second = await house.add_account("sendgrid", tenant_id=PLATFORM, priority=2)
    clock = FixedClock(datetime.now(UTC))
    replicas = [Circuits(house.service.database, clock) for _ in range(2)]
    for number in range(3):
        [account, _] = await of_tenant(outside, one)
        await replicas[number % 2].observe(account, FAULT)
    now = clock.now()
    assert [each.is_usable(now) for each in await of_tenant(outside, one)] == [False, True]
    assert [each.is_usable(now) for each in await of_tenant(outside, other)] == [True, True]
    [told] = await outside.told("provider.unhealthy")
    assert told.provider_account_id == str(first)
    assert told.replacement_provider_account_id == str(second)
    assert await house.value("SELECT tenant_id FROM outbox WHERE type = 'provider.unhealthy'") == one
    # A refused key is everybody's matter.
    [account, _] = await of_tenant(outside, other)
    await replicas[0].observe(account, Observation(0, 1, "credentials"))
    assert [each.is_usable(now) for each in await of_tenant(outside, other)] == [False, True]
    # Without traffic the health job closes both.
    asked = 0

    class Adapter:
        async def of(self, account: store.ProviderAccount) -> Any:
            return self

        async def verify(self) -> Verification:
            nonlocal asked
            asked += 1
            return Verification(True, "fine", quota=1234)

    clock.advance(timedelta(seconds=61))
    context: JobContext = None  # type: ignore[assignment]
    job = HealthJob(house.service.database, Adapter(), replicas[0], clock)  # type: ignore[arg-type]
    await job.run(context)
    await job.run(context)
    assert [each.circuit for each in await of_tenant(outside, other)] == [store.CLOSED] * 2
    assert [each.circuit for each in await of_tenant(outside, one)] == [store.CLOSED] * 2
    assert asked >= 2
    assert (
        await house.value("SELECT quota_remaining FROM provider_account WHERE account_id = %s", first) == 1234
    )


@pytest.mark.req("DEL-5", "DEL-6")
async def test_what_an_account_is_told_of_countries_days_and_domains_is_checked_and_shown(
    outside: Outside,
) -> None:
    house = outside.house

    async def create(wanted: pb.ProviderAccount, credentials: dict[str, str]) -> pb.ProviderAccount:
        answer = await outside.providers.CreateProviderAccount(
            pb.CreateProviderAccountRequest(provider_account=wanted, credentials=credentials),
            metadata=house.as_person(),
        )
        return answer.provider_account

    smtp = pb.ProviderAccount(
        channel=enums_pb2.CHANNEL_EMAIL,
        provider="smtp",
        name="relay",
        config=struct(
            host="mail.bazaar.example",
            from_address="news@bazaar.example",
            return_path_domain="bounces.bazaar.example",
        ),
        warm_up=pb.WarmUp(
            steps=[pb.WarmUp.Step(day=1, daily_maximum=50), pb.WarmUp.Step(day=5, daily_maximum=450)]
        ),
        domain_limits=[pb.DomainLimit(domain="gmail.com", max_concurrency=2), pb.DomainLimit(domain="*", max_per_minute=60)],
    )  # fmt: skip
    made = await create(smtp, {})
    assert (list(made.warm_up.steps), list(made.domain_limits)) == (
        list(smtp.warm_up.steps),
        list(smtp.domain_limits),
    )
    assert made.warm_up.start_time.ToDatetime().date() == datetime.now(UTC).date()
    health = next(one for one in await listed(outside) if one.provider == "smtp")
    assert (health.warm_up_maximum, health.warm_up_used_count) == (50, 0)
    for wrong in (
        sendgrid_account(countries=["DE"]),
        sendgrid_account(domain_limits=smtp.domain_limits),
        sendgrid_account(warm_up=pb.WarmUp(steps=[pb.WarmUp.Step(day=2, daily_maximum=1)])),
        sendgrid_account(domain_limits=[pb.DomainLimit(domain="no domain")]),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await create(wrong, API_KEY)
        assert refused.value.code() in (
            grpc.StatusCode.INVALID_ARGUMENT,
            grpc.StatusCode.FAILED_PRECONDITION,
        )
    changed = await outside.providers.UpdateProviderAccount(
        pb.UpdateProviderAccountRequest(
            provider_account=pb.ProviderAccount(provider_account_id=made.provider_account_id, etag=made.etag),
            update_mask=FieldMask(paths=["warm_up", "domain_limits"]),
        ),
        metadata=house.as_person(),
    )
    assert not changed.provider_account.HasField("warm_up")
    assert list(changed.provider_account.domain_limits) == []
    await asyncio.sleep(0)
