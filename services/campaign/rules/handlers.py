"""Use cases of notification rules: how they are for a tenant, and what a tenant changes of them."""

from dataclasses import asdict, replace
from typing import Any

from angarium.campaign.v1 import notification_rule_service_pb2 as pb
from services.campaign.rules import convert, overrides
from services.campaign.rules.domain import Override, Rule, check, overridden
from services.campaign.rules.table import CHANNELS, Table
from services.campaign.templates import resolving
from services.campaign.templates.domain import MessageClass, TemplateType
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, aborted, denied, invalid_many, not_found
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import current_caller, tenant

SERVICE = "NotificationRuleService"


class Rules:
    """The platform's rules, as tenants have them."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    async def page(self, request: pb.ListNotificationRulesRequest) -> pb.ListNotificationRulesResponse:
        """Returns a page of the rules, in the order of the table."""
        size = page_size(request.page_size)
        parameters = parameters_hash(request)
        last = PageToken.decode(request.page_token, parameters, length=1)
        async with self._database.tenant(tenant()) as uow:
            known = await overrides.of_rules(uow, [one.name for one in self._table.rules])
        found = [
            one
            for one in self._table.rules
            if request.event_type in ("", *one.events)
            and request.name in ("", one.name)
            and not (request.changed_only and one.name not in known)
        ]
        start = 0
        if last is not None:
            names = [one.name for one in found]
            if last[0] not in names:
                raise bad_token()
            start = names.index(str(last[0])) + 1
        shown = found[start : start + size]
        is_last = start + size >= len(found)
        return pb.ListNotificationRulesResponse(
            rules=[_shown(one, known.get(one.name, Override())) for one in shown],
            next_page_token="" if is_last else PageToken.encode([shown[-1].name], parameters),
        )

    async def update(self, request: pb.UpdateNotificationRuleRequest) -> pb.UpdateNotificationRuleResponse:
        """Changes what the mask names; everything is checked before anything is written."""
        paths = apply_mask(request.update_mask, convert.MASKABLE)
        rule = self._named(request.rule.name)

        async def effect(uow: UnitOfWork) -> pb.UpdateNotificationRuleResponse:
            await tenants.open_tenant(uow)
            known = await overrides.claim(uow, rule.name)
            if request.rule.etag != str(known.version):
                raise aborted("the rule was changed meanwhile: read it again")
            wanted = convert.changed(known, request.rule, paths)
            if wanted != known:
                check(rule, wanted)
                await _check_templates(uow, overridden(rule, wanted))
                wanted = await _write(uow, rule, known, wanted)
            return pb.UpdateNotificationRuleResponse(rule=_shown(rule, wanted))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{SERVICE}.UpdateNotificationRule", request, pb.UpdateNotificationRuleResponse, effect
            )

    async def reset(self, request: pb.ResetNotificationRuleRequest) -> pb.ResetNotificationRuleResponse:
        """Makes a rule what it is for everybody."""
        rule = self._named(request.name)

        async def effect(uow: UnitOfWork) -> pb.ResetNotificationRuleResponse:
            await tenants.open_tenant(uow)
            known = await overrides.claim(uow, rule.name)
            if not known.says_nothing:
                await _write(uow, rule, known, Override())
            return pb.ResetNotificationRuleResponse(rule=_shown(rule, Override()))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{SERVICE}.ResetNotificationRule", request, pb.ResetNotificationRuleResponse, effect
            )

    def _named(self, name: str) -> Rule:
        found = self._table.named(name)
        if found is None:
            raise not_found("notification rule", name)
        return found


def _shown(rule: Rule, override: Override) -> pb.NotificationRule:
    return convert.rule_to_proto(overridden(rule, override), override)


async def _write(uow: UnitOfWork, rule: Rule, known: Override, wanted: Override) -> Override:
    caller = current_caller()
    if caller.own_branches():
        raise denied("notification rules are the whole tenant's: callers of branches may look at them")
    written = Override() if wanted.says_nothing else replace(wanted, version=known.version + 1)
    await overrides.save(uow, rule.name, written, caller.subject)
    await audit.record(
        uow,
        action="notification_rule.reset" if written.says_nothing else "notification_rule.update",
        resource_type="notification_rule",
        resource_id=rule.name,
        before=_told(known),
        after=_told(written),
    )
    return written


async def _check_templates(uow: UnitOfWork, rule: Rule) -> None:
    """Refuses a rule that would have nothing to send on one of its channels."""
    violations = [
        Violation("rule.template_name", f"{rule.template} on {word} {problem}")
        for word in rule.channels
        if (problem := await _problem(uow, rule, CHANNELS[word]))
    ]
    if violations:
        raise invalid_many(violations)


async def _problem(uow: UnitOfWork, rule: Rule, channel: int) -> str:
    found = await resolving.named(uow, rule.template, channel)
    if found is None or not found[1].is_published:
        return "has no active version"
    template, version = found
    if template.template_type is TemplateType.LAYOUT or template.message_class is MessageClass.MARKETING:
        return "is no template for notifications"
    needed = {one.name for one in version.variables if one.required and one.default is None}
    if missing := sorted(needed - set(rule.variables)):
        return f"needs {missing[0]}, which the rule does not give"
    return ""


def _told(override: Override) -> dict[str, Any] | None:
    """Returns what the audit keeps of a change."""
    if override.says_nothing:
        return None
    told = asdict(override)
    told["delay"] = None if override.delay is None else f"{int(override.delay.total_seconds())}s"
    return {name: value for name, value in told.items() if value is not None}
