"""Use cases around accounts: deleting, new webhook paths, what is known of their health (DEL-35, DEL-37, DEL-38)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.delivery.accounts import condition, convert, handlers, records, store, warmup
from services.delivery.accounts.condition import Condition
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.webhooks import aad_of_token
from services.delivery.enums import wire
from services.delivery.messages.announce import timestamp

OLD_PATH_KEPT: Final = timedelta(hours=24)


async def delete(uow: UnitOfWork, account_id: str) -> None:
    """Deletes an account: from now on nothing leaves by it."""
    record = await handlers.get(uow, account_id)
    if not await records.delete(uow, record.account_id):
        raise not_found("provider account", account_id)
    await audit.record(
        uow,
        action="provider_account.delete",
        resource_type="provider_account",
        resource_id=account_id,
        before=convert.audited(record),
        after=None,
    )


async def rotate(
    deps: Accounts, uow: UnitOfWork, account_id: str, *, end_old_now: bool
) -> pb.RotateWebhookTokenResponse:
    """Gives the webhook of an account a new path; it is not part of the answer, which is stored."""
    record = await handlers.get(uow, account_id)
    token = deps.tokens.make()
    sealed = await deps.envelope.seal(uow, token.encode(), aad_of_token(record.account_id))
    until = None if end_old_now else uow.now() + OLD_PATH_KEPT
    if not await records.rotate(uow, record.account_id, sealed, deps.tokens.hash(token), until):
        raise not_found("provider account", account_id)
    await audit.record(
        uow,
        action="provider_account.rotate_webhook",
        resource_type="provider_account",
        resource_id=account_id,
        before=None,
        after={"old_path_until": until.isoformat() if until else "now"},
    )
    changed = replace(record, webhook_token=sealed, version=record.version + 1)
    answer = pb.RotateWebhookTokenResponse(provider_account=convert.to_proto(changed))
    if until is not None:
        answer.old_path_end_time.CopyFrom(timestamp(until))
    return answer


async def health(
    deps: Accounts, tenant_id: UUID, request: pb.ListProviderHealthRequest
) -> pb.ListProviderHealthResponse:
    """Returns a page of accounts by priority, the platform's that serve the tenant after its own."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    key = PageToken.decode(request.page_token, parameters, length=3)
    try:
        after = (key[0] == "True", int(key[1]), UUID(key[2])) if key else None
    except ValueError:
        raise bad_token() from None
    async with deps.database.system() as uow:
        found = await condition.page(uow, tenant_id, request.channel, after, size + 1)
        now = uow.now()
    answer = pb.ListProviderHealthResponse(provider_health=[shown(one, now) for one in found[:size]])
    if len(found) > size:
        last = found[size - 1]
        answer.next_page_token = PageToken.encode(
            [last.is_platform, last.priority, last.account_id], parameters
        )
    return answer


async def reset(deps: Accounts, tenant_id: UUID, account_id: str) -> pb.ProviderHealth:
    """Closes the circuit of an account, and returns what is known of it then."""
    account = await store.by_id(deps.database, tenant_id, UUID(account_id))
    async with deps.database.tenant(tenant_id) as uow:
        await handlers.get(uow, account_id)
        await audit.record(
            uow,
            action="provider_account.reset_health",
            resource_type="provider_account",
            resource_id=account_id,
            before=None,
            after={},
        )
    if account is None:
        raise not_found("provider account", account_id)
    await deps.circuits.reset(account)
    async with deps.database.system() as uow:
        found = await condition.one(uow, tenant_id, UUID(account_id))
        if found is None:
            raise not_found("provider account", account_id)
        return shown(found, uow.now())


def shown(found: Condition, now: datetime) -> pb.ProviderHealth:
    """Returns what is known of an account as the contract shows it."""
    answer = pb.ProviderHealth(
        provider_account_id=str(found.account_id),
        channel=wire(found.channel),
        provider=found.provider,
        name=found.name,
        is_disabled=not found.is_enabled,
        is_platform=found.is_platform,
        circuit=wire(found.circuit),
        consecutive_failure_count=found.failures,
        success_count=found.success_count,
        failure_count=found.failure_count,
        last_error=found.last_error,
        warm_up_used_count=found.used_today,
        deferrals=[
            pb.ProviderHealth.Deferral(
                domain=domain,
                level=one.level,
                resume_time=timestamp(one.resume_at.astimezone(UTC)),
                code=one.code,
            )
            for domain, one in found.deferrals
        ],
    )
    times = {
        "open_time": found.opened_at,
        "probe_time": found.probe_at,
        "check_time": found.checked_at,
    }
    for name, at in times.items():
        if at is not None:
            getattr(answer, name).CopyFrom(timestamp(at.astimezone(UTC)))
    if found.quota is not None:
        answer.quota_remaining = found.quota
    maximum = found.warm_up.maximum(warmup.today(now)) if found.warm_up else None
    if maximum is not None:
        answer.warm_up_maximum = maximum
    return answer
