"""Use cases of rate limits: rules, what they count, and beginning anew (DEL-42, DEL-43)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from angarium.delivery.v1 import limit_service_pb2 as pb
from services.common import audit
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.paging import cut, page_size, position
from services.common.rpc.context import Caller
from services.delivery.limits import convert, ledger, slots, store
from services.delivery.limits.convert import subject_of
from services.delivery.limits.domain import EVERY, LONGEST, RuleSet, Scope, Span, free_at
from services.delivery.limits.gate import Limits
from services.delivery.messages.domain import Channel


@dataclass(frozen=True, slots=True)
class LimitCases:
    """What the use cases need."""

    database: Database
    limits: Limits
    clock: Clock


async def put(
    deps: LimitCases, caller: Caller, request: pb.SetRateLimitRuleRequest
) -> pb.SetRateLimitRuleResponse:
    """Sets a rule, or replaces the one of its place."""

    async def effect(uow: UnitOfWork) -> pb.SetRateLimitRuleResponse:
        return await _put(uow, caller, request.rule)

    async with deps.database.system() as uow:
        return await keyed(uow, "LimitService.SetRateLimitRule", request, pb.SetRateLimitRuleResponse, effect)


async def _put(uow: UnitOfWork, caller: Caller, message: pb.RateLimitRule) -> pb.SetRateLimitRuleResponse:
    owner = _owner(Scope(message.scope), message.subject_id, message.tenant_id)
    wanted = convert.new_rule(message, owner, uuid7(), caller.subject, uow.now())
    if wanted.spans[0].seconds > LONGEST:
        raise invalid("rule.burst_limit", "is more than its maximum allows in 7 days")
    before, after = await store.put(uow, wanted)
    await audit.record(
        uow,
        action="rate_limit.set",
        resource_type="rate_limit_rule",
        resource_id=after.rule_id,
        before=convert.audited(before) if before else None,
        after=convert.audited(after),
    )
    return pb.SetRateLimitRuleResponse(rule=convert.rule(after))


async def delete(deps: LimitCases, request: pb.DeleteRateLimitRuleRequest) -> pb.DeleteRateLimitRuleResponse:
    """Deletes a rule."""

    async def effect(uow: UnitOfWork) -> pb.DeleteRateLimitRuleResponse:
        return await _delete(uow, request.rate_limit_rule_id)

    async with deps.database.system() as uow:
        return await keyed(
            uow, "LimitService.DeleteRateLimitRule", request, pb.DeleteRateLimitRuleResponse, effect
        )


async def _delete(uow: UnitOfWork, rule_id: str) -> pb.DeleteRateLimitRuleResponse:
    found = await store.delete(uow, UUID(rule_id))
    if found is None:
        raise not_found("rate limit rule", rule_id)
    await audit.record(
        uow,
        action="rate_limit.delete",
        resource_type="rate_limit_rule",
        resource_id=found.rule_id,
        before=convert.audited(found),
        after=None,
    )
    return pb.DeleteRateLimitRuleResponse()


async def page(deps: LimitCases, request: pb.ListRateLimitRulesRequest) -> pb.ListRateLimitRulesResponse:
    """Returns a page of rules."""
    size, after = page_size(request.page_size), position(request, request.page_token)
    async with deps.database.system() as uow:
        found = await store.page(uow, request.channel, request.scope, after, size + 1)
    page, token = cut(request, found, size, lambda one: one.rule_id)
    return pb.ListRateLimitRulesResponse(rules=[convert.rule(one) for one in page], next_page_token=token)


async def status(
    deps: LimitCases, caller: Caller, request: pb.GetRateLimitStatusRequest
) -> pb.GetRateLimitStatusResponse:
    """Returns what the windows of a subject count; nothing changes by asking."""
    scope, channel = Scope(request.scope), Channel(request.channel)
    tenant_id, subject_id = _subject(caller, scope, request.subject_id, request.tenant_id)
    async with deps.database.system() as uow:
        rules = await store.in_force(uow, tenant_id)
    now = deps.clock.now()
    by_rule = set(rules.of(scope, channel, subject_id))
    if scope is Scope.CONTACT:
        spans = deps.limits.of_contact(rules, channel, subject_id) if deps.limits.rates.enabled else []
        counted = await _of_contact(deps, tenant_id, subject_id, channel, spans, now)
    else:
        counted = await _shared(deps, scope, rules, channel, tenant_id)
    windows = [
        convert.window(span, count, free, now, is_default=span not in by_rule)
        for span, count, free in counted
    ]
    return pb.GetRateLimitStatusResponse(is_configured=bool(windows), windows=windows)


async def reset(
    deps: LimitCases, caller: Caller, request: pb.ResetRateLimitRequest
) -> pb.ResetRateLimitResponse:
    """Lets the windows of a subject begin anew."""

    async def effect(uow: UnitOfWork) -> pb.ResetRateLimitResponse:
        return await _reset(deps, uow, caller, request)

    async with deps.database.system() as uow:
        return await keyed(uow, "LimitService.ResetRateLimit", request, pb.ResetRateLimitResponse, effect)


async def _reset(
    deps: LimitCases, uow: UnitOfWork, caller: Caller, request: pb.ResetRateLimitRequest
) -> pb.ResetRateLimitResponse:
    scope, channel = Scope(request.scope), Channel(request.channel)
    tenant_id, subject_id = _subject(caller, scope, request.subject_id, request.tenant_id)
    if scope is Scope.CONTACT:
        async with deps.database.tenant(tenant_id) as own:
            await slots.forgive(own, subject_id, channel)
    else:
        await ledger.reset(uow, tenant_id, channel, scope, uow.now())
        rules = await store.in_force(uow, tenant_id)
        limits = deps.limits
        windows = (
            limits.shared(rules, channel)
            if scope is Scope.GLOBAL
            else limits.tenants(rules, channel, tenant_id)
        )
        uow.after_commit(lambda: limits.rates.forget(windows))
    await audit.record(
        uow,
        action="rate_limit.reset",
        resource_type="rate_limit",
        resource_id=subject_id,
        before=None,
        after={
            "channel": channel.name.lower(),
            "scope": scope.name.lower(),
            "tenant_id": "" if tenant_id == EVERY else str(tenant_id),
            "reason": request.reason,
        },
    )
    return pb.ResetRateLimitResponse()


async def _of_contact(
    deps: LimitCases, tenant_id: UUID, contact_id: UUID, channel: Channel, spans: list[Span], now: datetime
) -> list[tuple[Span, int, timedelta | None]]:
    if not spans:
        return []
    async with deps.database.tenant(tenant_id) as uow:
        taken = await slots.taken(uow, contact_id, channel, spans[-1].seconds, now)
    found = []
    for span in spans:
        held = [at for at in taken if at > now - timedelta(seconds=span.seconds)]
        free = free_at(held, span, now)
        found.append((span, len(held), free - now if free else None))
    return found


async def _shared(
    deps: LimitCases, scope: Scope, rules: RuleSet, channel: Channel, tenant_id: UUID
) -> list[tuple[Span, int, timedelta | None]]:
    limits = deps.limits
    windows = (
        limits.shared(rules, channel) if scope is Scope.GLOBAL else limits.tenants(rules, channel, tenant_id)
    )
    used = await limits.rates.used(windows) if limits.rates.enabled else []
    return [
        (Span(one.window.seconds, one.window.limit), one.messages, one.free_after or None) for one in used
    ]


def _owner(scope: Scope, subject: str, tenant: str) -> UUID:
    """Returns whose a rule is: that of the contacts of a tenant, or everybody's."""
    if scope is Scope.GLOBAL and subject:
        raise invalid("rule.subject_id", "must be empty with scope global")
    if scope is not Scope.CONTACT and tenant:
        raise invalid("rule.tenant_id", "belongs to scope contact")
    return subject_of(tenant)


def _subject(caller: Caller, scope: Scope, subject: str, tenant: str) -> tuple[UUID, UUID]:
    """Returns the tenant and the subject a window counts."""
    if scope is Scope.GLOBAL:
        if subject:
            raise invalid("subject_id", "must be empty with scope global")
        return EVERY, EVERY
    if not subject:
        raise invalid("subject_id", f"must name a {scope.name.lower()}")
    if scope is Scope.TENANT:
        return UUID(subject), UUID(subject)
    tenant_id = UUID(tenant) if tenant else caller.tenant_id
    if tenant_id is None:
        raise invalid("tenant_id", "must name the contact's tenant")
    return tenant_id, UUID(subject)
